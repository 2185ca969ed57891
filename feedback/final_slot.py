"""What the page of a text says once it was called final; the same for everybody."""

from typing import Any

from django.conf import settings

from feedback import answering
from feedback.models import FinalCall
from proposals import addresses
from proposals.current import Page
from taskforce.core import labels, slots, small_groups
from taskforce.core.together import instances
from taskforce.timeline import describe

FINAL = "feedback.final"


def on_final(page: Page, language: str) -> tuple[str, dict[str, Any]] | None:
    """Which revision was called final and when, whether the text has changed since, and how much of what was said was
    not answered then: what everybody may read exactly, the rest in steps, since nobody else can count that. What was
    published since, by moderators or by a mail, shows in how much is not answered now."""
    call: Any = next(iter(instances(FinalCall, page.rows[FINAL])), None)
    if call is None:
        return None
    readable = call.readable or 0
    context = {
        "call": call,
        "readable": readable,
        "now": call.now,
        "others": small_groups.step(call.left - readable, settings.SMALL_GROUP),
        "number": call.revision_number,
        "revision_url": addresses.revision_url(page.proposal, call.revision_number),
        "is_changed": page.revision is not None and page.revision.number > call.revision_number,
        "statement": describe.told_in(*labels.chosen(call.statements)) if call.statements else "",
    }
    return "feedback/slot_final.html", context


def register() -> None:
    """Fill its place; called once, when the apps are ready."""
    slots.fill("proposal.page", on_final, {FINAL: answering.final_on_text})
