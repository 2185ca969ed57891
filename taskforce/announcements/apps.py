"""Announcements: who is a member, and what is told about it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights


class AnnouncementsConfig(AppConfig):
    name = "taskforce.announcements"
    label = "announcements"
    verbose_name = _("Announcements")

    def ready(self) -> None:
        """Register rights, mail and what is kept about people; not before the models are loaded."""
        from taskforce.announcements import notices, personal_data, rules  # noqa: PLC0415 - imports models

        notices.register()
        rights.register(self.name, self.verbose_name, rules.WHO)
        personal_data.register()
