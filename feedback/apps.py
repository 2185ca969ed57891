"""Feedback: windows in which a community says what it thinks of a text."""

from django.apps import AppConfig

from taskforce.core import slots


class FeedbackConfig(AppConfig):
    name = "feedback"

    def ready(self) -> None:
        """Fill the places that texts leave on their pages."""
        from feedback.slots import on_proposal  # noqa: PLC0415 - models exist only once the apps are loaded

        slots.fill("proposal.page", on_proposal)
