"""Portal: whatever joins the apps — home, pages of a task force, the sweep, scenarios and the demo."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "taskforce.portal"
    label = "portal"

    def ready(self) -> None:
        """Say what is kept about people; not before the models are loaded."""
        from taskforce.portal import personal_data  # noqa: PLC0415 - imports models

        personal_data.register()
