"""Feedback: windows in which a community says what it thinks of a text."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from taskforce.core import slots


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        """Fill the places that texts leave on their pages."""
        from feedback.slots import on_proposal  # noqa: PLC0415 - models exist only once the apps are loaded

        slots.fill("proposal.page", on_proposal)
