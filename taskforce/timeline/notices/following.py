"""The mails to those who ask to follow, or are asked whether they want to. Nothing in them was typed by a visitor."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language

from taskforce.core import labels
from taskforce.notifications import kinds, preferences, services
from taskforce.notifications.enums import MailClass
from taskforce.timeline import asking
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import Frequency, Topic
from taskforce.timeline.models import TaskForce
from taskforce.timeline.notices.links import absolute

CONFIRM = "subscription-confirm"
KNOWN = "subscription-known"
INVITATION = "subscription-invitation"
# Stands for a token in an address that many mails share; no token has these signs.
_TOKEN = "~~"  # noqa: S105 - no secret


def confirm(task_force: TaskForce, ask: Ask, *, at: datetime) -> None:
    """Ask a mailbox whether it was its owner who wants to follow."""
    _enqueue(CONFIRM, ask, {**_context(task_force, ask), "url": _confirm_url(ask.language, asking.token(ask))}, at)


def known(task_force: TaskForce, ask: Ask, *, at: datetime) -> None:
    """Tell a mailbox that it follows already what was asked for, and where its choices are."""
    own = preferences.address(ask.mailbox, ask.language)
    _enqueue(KNOWN, ask, {**_context(task_force, ask), "url": own}, at)


def invite(task_force: TaskForce, asks: Iterable[Ask], *, at: datetime) -> None:
    """Ask mailboxes that staff have named whether they want to follow; all asks are about the same topics."""
    contexts: dict[str, dict[str, Any]] = {}
    mails = []
    for ask in asks:
        if ask.language not in contexts:
            # Worked out once: what differs from mail to mail is the token.
            contexts[ask.language] = {**_context(task_force, ask), "url": _confirm_url(ask.language, _TOKEN)}
        context = dict(contexts[ask.language])
        context["url"] = context["url"].replace(_TOKEN, asking.token(ask))
        mails.append(services.Single(_key(INVITATION), (ask.mailbox, ask.language, ask.zone), context))
    services.enqueue_all(INVITATION, mails, at=at, valid_until=at + asking.WORKS_FOR, task_force_id=task_force.pk)


def take_back_questions(task_force_id: int) -> None:
    """What still waits to ask whether somebody wants to follow what has ended does not go, and is not sent again."""
    for kind in (CONFIRM, INVITATION):
        services.take_back_singles(f"{kind}:", task_force_id=task_force_id, failed_too=True)


def _key(kind: str) -> str:
    """Each of these mails is an act of its own."""
    return f"{kind}:{secrets.token_hex(16)}"


def _enqueue(kind: str, ask: Ask, context: dict[str, Any], at: datetime) -> None:
    services.enqueue(
        kind,
        key=_key(kind),
        mailbox=ask.mailbox,
        language=ask.language,
        zone=ask.zone,
        context=context,
        at=at,
        valid_until=at + asking.WORKS_FOR,
        task_force_id=ask.task_force_id,
    )


def _confirm_url(language: str, token: str) -> str:
    return absolute("subscriptions:confirm", language, token=token)


def _context(task_force: TaskForce, ask: Ask) -> dict[str, Any]:
    """What all of these mails say: the task force, the topics and how soon, in the mail's language."""
    with translation.override(ask.language):
        return {
            "task_force": labels.label(task_force, "name")._asdict(),
            "topics": [str(Topic(topic).label) for topic in ask.topics],
            "how_soon": str(Frequency(ask.frequency).label),
            "days": asking.WORKS_FOR.days,
        }


def _sample() -> dict[str, Any]:
    return {
        "task_force": kinds.example(kinds.EXAMPLE_NAMES),
        "topics": [str(Topic.DEADLINES.label), str(Topic.UPDATES.label)],
        "how_soon": str(Frequency.IMMEDIATE.label),
        "days": asking.WORKS_FOR.days,
        "url": f"{settings.SITE_URL}/{get_language() or 'en'}/subscriptions/",
    }


def register() -> None:
    """Make the mails about following known to the outbox."""
    for name in (CONFIRM, KNOWN, INVITATION):
        kinds.register(kinds.MailKind(name, MailClass.TRANSACTIONAL, sample=_sample, secrets=("url",)))
