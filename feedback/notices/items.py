"""The mail that asks whoever has said something to confirm it. Nothing in it was typed by a visitor."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language

from feedback import earlier
from feedback.models import FeedbackUnconfirmed
from taskforce.core import labels
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline.notices.links import absolute

CONFIRM = "feedback-confirm"


def confirm(row: FeedbackUnconfirmed, mailbox: str, language: str, *, at: datetime) -> None:
    """Ask a mailbox whether what waits is its owner's. The key names no row: the mail has the address, the row none."""
    window = row.window
    with translation.override(language):
        names = {
            "task_force": labels.label(window.phase.task_force, "name")._asdict(),
            "window": labels.label(window, "title")._asdict(),
        }
    url = absolute(
        "feedback:confirm",
        language,
        task_force=window.phase.task_force.slug,
        window=window.slug,
        token=earlier.confirm_token(row, mailbox),
    )
    services.enqueue(
        CONFIRM,
        key=f"{CONFIRM}:{secrets.token_hex(16)}",
        mailbox=mailbox,
        language=language,
        context={**names, "days": earlier.CONFIRMABLE.days, "url": url},
        at=at,
        valid_until=earlier.confirmable_until(window),
        task_force_id=window.phase.task_force_id,
    )


def _sample() -> dict[str, Any]:
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "window": kinds.example(_TITLE),
        "days": earlier.CONFIRMABLE.days,
        "url": f"{settings.SITE_URL}/{get_language() or 'en'}/tf/leadership-development/feedback/responsibilities/",
    }


# The words of the sample.
_TITLE = {
    "ar": "المسؤوليات",
    "de": "Aufgaben",
    "en": "Responsibilities",
    "es": "Responsabilidades",
    "zh-hant": "職責",
}


def register() -> None:
    """Make the mail known to the outbox."""
    kinds.register(kinds.MailKind(CONFIRM, MailClass.TRANSACTIONAL, sample=_sample, secrets=("url",)))
