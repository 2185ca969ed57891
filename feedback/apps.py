"""Feedback: windows in which a community says what it thinks of a text."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rights


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        """Make known to lower rooms what each room of this app adds to them: rights, places on pages, mails, the map
        of personal data, what a phase asks about."""
        # Models exist only once the apps are loaded.
        from feedback import final_slot, notices, personal_data, revision_slot, rules, sent, slots  # noqa: PLC0415

        rights.register(self.name, self.verbose_name, rules.WHO)
        for room in (slots, final_slot, revision_slot, notices, personal_data, sent):
            room.register()
