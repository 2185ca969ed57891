"""Limits: atomic counters against abuse."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "taskforce.limits"
    label = "limits"

    def ready(self) -> None:
        """Say what is kept about people; not before the models are loaded."""
        from taskforce.limits import personal_data  # noqa: PLC0415 - imports models

        personal_data.register()
