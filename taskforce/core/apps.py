"""Core: what every room of the portal stands on; it has no models."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "taskforce.core"
    label = "core"
