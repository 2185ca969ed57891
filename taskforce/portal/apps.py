"""Portal: whatever joins the apps — home, pages of a task force, the sweep, scenarios and the demo."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "taskforce.portal"
    label = "portal"
