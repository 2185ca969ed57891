"""Announcements: who is a member, and what is told about it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnnouncementsConfig(AppConfig):
    name = "taskforce.announcements"
    label = "announcements"
    verbose_name = _("Announcements")

    def ready(self) -> None:
        """Register the mail and what is kept about people; not before the models are loaded."""
        from taskforce.announcements import notices, personal_data  # noqa: PLC0415 - imports models

        notices.register()
        personal_data.register()
