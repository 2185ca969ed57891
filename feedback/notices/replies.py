"""The mail about an answer of staff. No text of anybody stands in it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from feedback import reaching
from feedback.models import FeedbackReply
from taskforce.core import labels
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass
from taskforce.notifications.services import enqueue

ANSWERED = "feedback-answered"
_WINDOW = {"ar": "ما رأيك في المقترح؟", "en": "What do you think of the proposal?", "zh-hant": "您對提案有何看法？"}


def register() -> None:
    """Tell the outbox about the mail; called once, when the apps are ready."""
    kinds.register(
        kinds.MailKind(name=ANSWERED, mail_class=MailClass.TRANSACTIONAL, context=None, audience=None, sample=_sample)
    )


def answered(reply: FeedbackReply, *, at: datetime) -> None:
    """To whoever said what staff have answered, where their account is known: in their language, once an answer."""
    item = reply.item
    author = reaching.of_user(item.author_id) if item.author_id != reply.author_id else None
    if author is None:
        return
    window, task_force = item.window, item.window.phase.task_force
    with translation.override(author.language):
        path = reverse("feedback:one_reply", args=[task_force.slug, window.slug, item.reference, reply.reference])
    enqueue(
        ANSWERED,
        # Whoever looks after the outbox reads keys, and learns from none what text a mail is about.
        key=f"{ANSWERED}:{reaching.mark(f'answer {reply.pk}')}",
        mailbox=author.mailbox,
        language=author.language,
        zone=author.zone,
        context={
            "task_force": labels.label(task_force, "name", author.language)._asdict(),
            "window": labels.label(window, "title", author.language)._asdict(),
            "reference": item.reference,
            "url": f"{settings.SITE_URL}{path}",
        },
        at=at,
        task_force_id=task_force.pk,
    )


def _sample() -> dict[str, Any]:
    place = f"{translation.get_language() or 'en'}/tf/leadership-development/feedback/responsibilities"
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "window": kinds.example(_WINDOW),
        "reference": "F-2345-BCDF",
        "url": f"{settings.SITE_URL}/{place}/items/F-2345-BCDF/replies/R-2345-BCDF/",
    }
