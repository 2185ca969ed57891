"""Notifications: what must be sent is a row; the broker may lose everything and nothing is lost."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "taskforce.notifications"
    label = "notifications"
    verbose_name = _("Mail")

    def ready(self) -> None:
        """Say what is kept about people; not before the models are loaded."""
        from taskforce.notifications import personal_data  # noqa: PLC0415 - imports models

        personal_data.register()
