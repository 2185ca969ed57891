"""What a revision answers of what was said, on its page and in the history of its text; the same for everybody."""

from typing import Any

from django.urls import reverse

from feedback import answering
from feedback.models import FeedbackWindow
from proposals.chronicle import Told
from taskforce.core import slots

_KNOWN = "feedback.answered"


def on_revision(told: Told, language: str) -> tuple[str, dict[str, Any]] | None:
    """How many texts of what was said it answers, window by window, with the way to them, and which themes; one
    query for all revisions of a page, five where one of them answers anything."""
    if _KNOWN not in told.known:
        told.known[_KNOWN] = answering.answered_in(told.proposal, told.numbers)
    found: list[answering.Answered] = told.known[_KNOWN].get(told.number, [])
    lines = [
        {
            "window": one.window,
            "count": one.items,
            "url": f"{_url('items', one.window)}?revision={told.number}",
            "themes": [(theme, f"{_url('themes', one.window)}#theme-{theme.pk}") for theme in one.themes],
        }
        for one in found
    ]
    return ("feedback/slot_revision.html", {"lines": lines}) if lines else None


def register() -> None:
    """Fill its place; called once, when the apps are ready."""
    slots.fill("proposal.revision", on_revision)


def _url(page: str, window: FeedbackWindow) -> str:
    return reverse(f"feedback:{page}", args=[window.phase.task_force.slug, window.slug])
