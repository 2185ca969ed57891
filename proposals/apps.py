"""Proposals: texts with a memory, in many languages."""

from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "proposals"

    def ready(self) -> None:
        """Say what is kept about people; not before the models are loaded."""
        from proposals import personal_data  # noqa: PLC0415 - imports models

        personal_data.register()
