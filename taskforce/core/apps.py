"""Core: what every room of the portal stands on; it has no models."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "taskforce.core"
    label = "core"

    def ready(self) -> None:
        """Before any page: catalogues that may be damaged."""
        from taskforce.core import catalogues  # noqa: PLC0415 - once the apps are there

        catalogues.install()
