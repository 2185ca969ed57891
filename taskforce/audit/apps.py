"""Audit: the append-only log of every change that matters."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "taskforce.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        """Say what is kept about people; not before the models are loaded."""
        from taskforce.audit import personal_data  # noqa: PLC0415 - imports models

        personal_data.register()
