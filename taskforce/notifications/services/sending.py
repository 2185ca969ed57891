"""Sending as the rows see it: who works on which mail, what became of it, and what is tried again."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from taskforce.core.clock import real_now
from taskforce.core.states import step
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass, MessageState
from taskforce.notifications.models import OutboxMessage
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


@transaction.atomic(durable=True)
def claim() -> OutboxMessage | None:
    """Take the next due mail for sending, committed when this returns; None where nothing is due.

    One row at a time: a killed sender then leaves one mail of unknown outcome, not several.
    """
    now = real_now()
    for mail_class in _ORDER:
        due = OutboxMessage.objects.select_for_update(skip_locked=True).filter(
            state=MessageState.QUEUED, mail_class=mail_class, not_before__lte=now
        )
        message = due.order_by("not_before", "id").first()
        if message is not None:
            message.state = step(MESSAGE, message.state, "claim")
            message.attempts += 1
            message.lease_until = now + LEASE
            message.save(update_fields=["state", "attempts", "lease_until"])
            return message
    return None


@transaction.atomic
def settle(claimed: OutboxMessage, action: str, *, at: datetime, error: str = "") -> bool:
    """Write what became of a claimed mail: `accept`, `defer`, `refuse`, `expire` or `lose`.

    `at` is the portal's moment of the answer. False, and nothing written, where the row is no longer the claimer's:
    its lease ran out and another pass has decided.
    """
    mine = OutboxMessage.objects.select_for_update().filter(pk=claimed.pk, attempts=claimed.attempts)
    message = mine.first()
    if message is None or (message.state, action) not in MESSAGE:
        return False
    if action == "defer" and message.attempts >= MAX_ATTEMPTS:
        action = "refuse"
    message.state = step(MESSAGE, message.state, action)
    message.error = one_line(error)
    if action == "accept":
        message.sent_at = at
    elif action == "defer":
        message.not_before = real_now() + backoff(message.attempts)
    elif action == "lose":
        _try_again(message, backoff(message.attempts))
    _close(message)
    return True


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
        message.state = step(MESSAGE, message.state, "lose")
        message.error = "the sender ended before the mail server's answer was known"
        _try_again(message, timedelta())
        _close(message)
    return len(rows)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, capped, and spread so that rows do not come back at once."""
    doubled: int = 2 ** (attempts - 1)
    wait = min(FIRST_WAIT * doubled, LONGEST_WAIT)
    return wait * (1 + secrets.randbelow(200) / 1000)


def _try_again(message: OutboxMessage, wait: timedelta) -> None:
    """Of unknown outcome: a transactional mail goes again under the same Message-ID, an announcement waits."""
    if message.mail_class == MailClass.TRANSACTIONAL and message.attempts < MAX_ATTEMPTS:
        message.state = step(MESSAGE, message.state, "retry")
        message.not_before = real_now() + wait


def _close(message: OutboxMessage) -> None:
    message.lease_until = None
    if message.state in (MessageState.SENT, MessageState.FAILED, MessageState.EXPIRED):
        _forget_secrets(message)
    message.save(update_fields=["state", "error", "sent_at", "not_before", "lease_until", "context"])


def _forget_secrets(message: OutboxMessage) -> None:
    """Codes are of no use after the mail, and of use to a thief; the demo keeps them for its mailbox."""
    if settings.DEMO:
        return
    try:
        names = kinds.get(message.kind).secrets
    except kinds.UnknownKind:
        names = tuple(message.context)
    message.context = {name: "" if name in names else value for name, value in message.context.items()}
