"""Core: what every room of the portal stands on; it has no models."""

from django.apps import AppConfig
from django.conf import settings

from taskforce.core import faults


class CoreConfig(AppConfig):
    name = "taskforce.core"
    label = "core"

    def ready(self) -> None:
        """Before any page: whoever hears of faults, from every kind of process; catalogues that may be damaged."""
        from taskforce.core import catalogues  # noqa: PLC0415 - once the apps are there

        faults.begin(settings.SENTRY_DSN, "demo" if settings.DEMO else "production")
        catalogues.install()
