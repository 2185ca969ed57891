"""Sending as the rows see it: who works on which mail, what became of it, and what is tried again."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from taskforce.core.clock import real_now
from taskforce.core.states import step
from taskforce.notifications import kinds, queries
from taskforce.notifications.enums import MailClass, MessageState
from taskforce.notifications.models import OutboxMessage, Suppression
from taskforce.notifications.services import pacing
from taskforce.notifications.services.rows import one_line
from taskforce.notifications.transitions import MESSAGE

MAX_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# Within this time a sender answers for a row; longer than one mail may take (EMAIL_TIMEOUT), so that a living sender
# never loses a row, and short, since a sign-in code of a killed sender waits for its end.
LEASE = timedelta(seconds=settings.EMAIL_TIMEOUT + 15)
# Sign-in codes and receipts do not wait behind a mailing to everybody.
_ORDER = (MailClass.TRANSACTIONAL, MailClass.ANNOUNCEMENT)
_ENDS = (MessageState.SENT, MessageState.FAILED, MessageState.EXPIRED, MessageState.SUPERSEDED)


@transaction.atomic(durable=True)
def claim() -> OutboxMessage | None:
    """Take the next due mail for sending, committed when this returns; None where nothing may go at this moment.

    One row at a time: a killed sender then leaves one mail of unknown outcome, not several. The row comes with its
    mailing and with `is_suppressed`, both as they are at this moment.
    """
    return _claim()


@transaction.atomic(durable=True)
def settle_and_claim(
    claimed: OutboxMessage, action: str, *, at: datetime, error: str = ""
) -> tuple[bool, OutboxMessage | None]:
    """`settle` one mail and `claim` the next in one commit, which is what a mail costs the disk.

    A sender that dies before it leaves the first one of unknown outcome and the second one queued.
    """
    return settle(claimed, action, at=at, error=error), _claim()


def _claim() -> OutboxMessage | None:
    now = real_now()
    for mail_class in _ORDER:
        while (message := _first_due(mail_class, now)) is not None:
            if pacing.take_turn(message.domain, now):
                return _taken(message, now)
            pacing.postpone(message.domain, mail_class, now)
    return None


def _first_due(mail_class: MailClass, now: datetime) -> OutboxMessage | None:
    refused = Suppression.objects.filter(mailbox=Lower(OuterRef("mailbox")), lifted_at=None)
    due = queries.may_go().filter(mail_class=mail_class, not_before__lte=now)
    due = due.select_for_update(skip_locked=True, of=("self",)).select_related("mailing__corrects")
    return due.annotate(is_suppressed=Exists(refused)).order_by("not_before", "id").first()


def _taken(message: OutboxMessage, now: datetime) -> OutboxMessage:
    message.state = step(MESSAGE, message.state, "claim")
    message.attempts += 1
    message.lease_until = now + LEASE
    OutboxMessage.objects.filter(pk=message.pk).update(
        state=message.state, attempts=message.attempts, lease_until=message.lease_until
    )
    return message


@transaction.atomic
def settle(claimed: OutboxMessage, action: str, *, at: datetime, error: str = "") -> bool:
    """Write what became of a claimed mail: `accept`, `defer`, `refuse`, `expire`, `drop` or `lose`.

    `at` is the portal's moment of the answer. False, and nothing written, where the row is no longer the claimer's:
    its lease ran out and another pass has decided.
    """
    if action == "defer" and claimed.attempts >= MAX_ATTEMPTS:
        action = "refuse"
    values: dict[str, Any] = {"error": one_line(error), "lease_until": None}
    values["state"] = step(MESSAGE, MessageState.SENDING, action)
    if action == "accept":
        values["sent_at"] = at
    elif action == "defer":
        values["not_before"] = real_now() + backoff(claimed.attempts)
    elif action == "lose":
        values |= _again(claimed, backoff(claimed.attempts))
    if values["state"] in _ENDS:
        values |= _without_secrets(claimed)
    mine = OutboxMessage.objects.filter(pk=claimed.pk, attempts=claimed.attempts, state__in=_before(action))
    return bool(mine.update(**values))


@transaction.atomic(durable=True)
def release_dead(limit: int = 200) -> int:
    """Rows whose sender has not answered within its lease: unknown, and queued again if that is harmless.

    Returns how many there were.
    """
    now = real_now()
    dead = OutboxMessage.objects.select_for_update(skip_locked=True).filter(
        state=MessageState.SENDING, lease_until__lt=now
    )
    rows = list(dead.order_by("lease_until")[:limit])
    for message in rows:
        lost = step(MESSAGE, message.state, "lose")
        values = {"state": lost, "error": "the sender ended before the mail server's answer was known"}
        OutboxMessage.objects.filter(pk=message.pk).update(lease_until=None, **(values | _again(message, timedelta())))
    return len(rows)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, capped, and spread so that rows do not come back at once."""
    doubled: int = 2 ** min(attempts - 1, 16)
    wait = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    return wait * (1 + secrets.randbelow(200) / 1000)


def _before(action: str) -> list[str]:
    return [status for status, known in MESSAGE if known == action]


def _again(message: OutboxMessage, wait: timedelta) -> dict[str, Any]:
    """Of unknown outcome: a transactional mail goes again under the same Message-ID, an announcement waits."""
    if message.mail_class != MailClass.TRANSACTIONAL or message.attempts >= MAX_ATTEMPTS:
        return {}
    return {"state": step(MESSAGE, MessageState.UNKNOWN, "retry"), "not_before": real_now() + wait}


def _without_secrets(message: OutboxMessage) -> dict[str, Any]:
    """Codes are of no use after the mail, and of use to a thief; the demo keeps them for its mailbox."""
    if settings.DEMO:
        return {}
    try:
        names = kinds.get(message.kind).secrets
    except kinds.UnknownKind:
        names = tuple(message.context)
    if not names:
        return {}
    return {"context": {name: "" if name in names else value for name, value in message.context.items()}}
