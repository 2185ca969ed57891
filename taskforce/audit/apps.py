"""Audit: the append-only log of every change that matters."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "taskforce.audit"
    label = "audit"

    def ready(self) -> None:
        """Say what is kept about people; not before the models are loaded."""
        from taskforce.audit import personal_data  # noqa: PLC0415 - imports models

        personal_data.register()
