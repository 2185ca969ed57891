"""Sending as the rows see it: who works on which mail, what became of it, and what is tried again."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from taskforce.core.clock import app_now, real_now
from taskforce.core.states import step
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass, MessageState
from taskforce.notifications.kinds import Context
from taskforce.notifications.models import OutboxMessage
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
# Written out, since a mail's way through here is what a long queue costs: the first due mail of each class, in the
# order of the classes, that no hold keeps (as `queries.may_go`). A row that another sender has is passed over.
_DUE = """
SELECT * FROM notifications_outboxmessage
WHERE state = %(queued)s AND not_before <= %(now)s AND (
    released_at IS NOT NULL
    OR NOT %(held)s AND (
        kind = ANY(%(passing)s) OR NOT EXISTS (SELECT 1 FROM notifications_hold WHERE lifted_at IS NULL)
    )
)
"""
_ONE = "ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED"
_FIRST_DUE = f"""
WITH first AS ({_DUE} AND mail_class = %(first)s {_ONE}),
second AS ({_DUE} AND mail_class = %(second)s AND NOT EXISTS (SELECT 1 FROM first) {_ONE})
SELECT found.*, mailing.state AS mailing_state,
    coalesce(
        CASE WHEN mailing.id IS NULL THEN found.valid_until ELSE mailing.valid_until END <= app_now(), false
    ) AS is_over,
    EXISTS (
        SELECT 1 FROM notifications_suppression WHERE mailbox = lower(found.mailbox) AND lifted_at IS NULL
    ) AS is_suppressed
FROM (SELECT * FROM first UNION ALL SELECT * FROM second) AS found
LEFT JOIN notifications_mailing AS mailing ON mailing.id = found.mailing_id
"""  # noqa: S608 - put together from the two constants above
_TAKE = "UPDATE notifications_outboxmessage SET state = %s, attempts = %s, lease_until = %s WHERE id = %s"
_ACCEPT = """
UPDATE notifications_outboxmessage SET state = %s, sent_at = app_now(), error = '', lease_until = NULL
WHERE id = %s AND attempts = %s AND state = ANY(%s)
"""
_ENDS = (MessageState.SENT, MessageState.FAILED, MessageState.EXPIRED, MessageState.SUPERSEDED)


@transaction.atomic(durable=True)
def claim() -> OutboxMessage | None:
    """Take the next due mail for sending, committed when this returns; None where nothing may go at this moment.

    One row at a time: a killed sender then leaves one mail of unknown outcome, not several. The row comes with
    `mailing_state`, `is_over` (its mailing is of no use any more, or itself where it has none) and `is_suppressed`, all
    as they are at this moment.
    """
    return _claim()


@transaction.atomic(durable=True)
def settle_and_claim(claimed: OutboxMessage, action: str, *, error: str = "") -> tuple[bool, OutboxMessage | None]:
    """`settle` one mail and `claim` the next in one commit, which is what a mail costs the disk.

    A sender that dies before it leaves the first one of unknown outcome and the second one queued.
    """
    return _settle(claimed, action, error), _claim()


def _claim() -> OutboxMessage | None:
    now = real_now()
    while (message := _first_due(now)) is not None:
        if pacing.take_turn(message.domain, now):
            return _taken(message, now)
        pacing.postpone(message.domain, message.mail_class, now)
    return None


def _first_due(now: datetime) -> OutboxMessage | None:
    values: dict[str, Any] = {"now": now, "first": _ORDER[0].value, "second": _ORDER[1].value}
    values |= {"queued": MessageState.QUEUED.value, "held": settings.MAIL_HOLD, "passing": kinds.that_pass_a_hold()}
    return next(iter(OutboxMessage.objects.raw(_FIRST_DUE, values)), None)


def _taken(message: OutboxMessage, now: datetime) -> OutboxMessage:
    message.state = step(MESSAGE, message.state, "claim")
    message.attempts += 1
    message.lease_until = now + LEASE
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [message.state, message.attempts, message.lease_until, message.pk])
    return message


def rewrite(claimed: OutboxMessage, context: Context) -> None:
    """A claimed mail says something else than when it was written: the row keeps what really goes."""
    claimed.context = context
    OutboxMessage.objects.filter(pk=claimed.pk, attempts=claimed.attempts).update(context=context)


@transaction.atomic
def settle(claimed: OutboxMessage, action: str, *, error: str = "") -> bool:
    """Write what became of a claimed mail: `accept`, `defer`, `refuse`, `expire`, `drop` or `lose`.

    What was accepted was sent at the portal's moment of this mark. False, and nothing written, where the row is no
    longer the claimer's: its lease ran out and another pass has decided.
    """
    return _settle(claimed, action, error)


def _settle(claimed: OutboxMessage, action: str, error: str) -> bool:
    if action == "accept" and not _without_secrets(claimed):
        return _accepted(claimed)
    if action == "defer" and claimed.attempts >= MAX_ATTEMPTS:
        action = "refuse"
    values: dict[str, Any] = {"error": one_line(error), "lease_until": None}
    values["state"] = step(MESSAGE, MessageState.SENDING, action)
    if action == "accept":
        values["sent_at"] = app_now()
    elif action == "defer":
        values["not_before"] = real_now() + backoff(claimed.attempts)
    elif action == "lose":
        values |= _again(claimed, backoff(claimed.attempts))
    if values["state"] in _ENDS:
        values |= _without_secrets(claimed)
    mine = OutboxMessage.objects.filter(pk=claimed.pk, attempts=claimed.attempts, state__in=_before(action))
    return bool(mine.update(**values))


def _accepted(claimed: OutboxMessage) -> bool:
    """The usual end, in one plain statement."""
    state = step(MESSAGE, MessageState.SENDING, "accept")
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPT, [state, claimed.pk, claimed.attempts, _before("accept")])
        return bool(cursor.rowcount)


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
