"""The outbox's only writer: every state of a mail and of a mailing is set here, through the transition tables.

Nobody's act is decided here, so there are no rules and, but for mailings, no audit rows: the outbox is its own record.
"""

import hashlib
import logging
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from taskforce.audit import log
from taskforce.core import languages, text
from taskforce.core.clock import real_now
from taskforce.core.states import step
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass, MailingState, MessageState
from taskforce.notifications.kinds import Context, MailKind, Recipient
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.transitions import MAILING, MESSAGE

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# Within this time a sender answers for a row; longer than one mail may take (EMAIL_TIMEOUT), so that a living sender
# never loses a row, and short, since a sign-in code of a killed sender waits for its end.
LEASE = timedelta(seconds=settings.EMAIL_TIMEOUT + 15)
# Sign-in codes and receipts do not wait behind a mailing to everybody.
_ORDER = (MailClass.TRANSACTIONAL, MailClass.ANNOUNCEMENT)


@transaction.atomic
def enqueue(
    kind: str,
    *,
    key: str,
    mailbox: str,
    language: str,
    zone: str = "UTC",
    context: Context,
    at: datetime,
    valid_until: datetime | None = None,
    task_force_id: int | None = None,
) -> OutboxMessage:
    """Write a mail to one person, in the transaction of the act that causes it; the same key gives the same row.

    `context` is plain JSON and frozen here. `at` and `valid_until` are on the portal's clock; after `valid_until` the
    mail is not sent. Raises `kinds.UnknownKind`. An unusable mailbox is no error of the act: the mail fails, visibly.
    """
    known = kinds.get(kind)
    row = _row(known, key, (mailbox, language, zone), context, at, valid_until)
    row.task_force_id = task_force_id
    OutboxMessage.objects.bulk_create([row], ignore_conflicts=True)
    return OutboxMessage.objects.get(key=key)


@transaction.atomic
def publish_mailing(
    kind: str,
    *,
    key: str,
    params: kinds.Params,
    at: datetime,
    valid_until: datetime | None = None,
    task_force_id: int | None = None,
) -> Mailing:
    """Write a mailing to everybody in the kind's audience; costs the same for five and for 50,000 people.

    The same key gives the same mailing. Raises `kinds.UnknownKind`, and ValueError for a kind without audience.
    """
    known = kinds.get(kind)
    if known.audience is None or known.context is None:
        raise ValueError(f"{kind} is no mail to many: it has no audience or no context")
    mailing, made = Mailing.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "params": params,
            "created_at": at,
            "valid_until": valid_until,
            "not_before": real_now(),
            "task_force_id": task_force_id,
        },
    )
    if made:
        log.record("mailing.published", mailing, at=at, actor_id=None, task_force_id=task_force_id, kind=kind, key=key)
    return mailing


@transaction.atomic
def supersede(key_prefix: str) -> int:
    """Take back every mail and mailing under this prefix that is still queued; returns how many mails that were.

    Mails of a mailing stand under the mailing's own key.
    """
    if not key_prefix:
        raise ValueError("an empty prefix would take back every mail")
    Mailing.objects.filter(state=MailingState.QUEUED, key__startswith=key_prefix).update(
        state=step(MAILING, MailingState.QUEUED, "supersede")
    )
    return OutboxMessage.objects.filter(state=MessageState.QUEUED, key__startswith=key_prefix).update(
        state=step(MESSAGE, MessageState.QUEUED, "supersede"), context={}
    )


# --- delivery ------------------------------------------------------------------------------------------------------


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
    message.error = _line(error)
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


# --- expansion -----------------------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def claim_mailing() -> Mailing | None:
    """Take the next mailing to expand, committed when this returns; another pass leaves it alone for a while."""
    now = real_now()
    due = Mailing.objects.select_for_update(skip_locked=True).filter(state=MailingState.QUEUED, not_before__lte=now)
    mailing = due.order_by("not_before", "id").first()
    if mailing is not None:
        mailing.not_before = now + LEASE
        mailing.save(update_fields=["not_before"])
    return mailing


@transaction.atomic
def add_recipients(
    mailing_id: int, recipients: Sequence[Recipient], context_for: Callable[[str], Context], *, at: datetime
) -> int | None:
    """Write the mails of one batch; who has one already gets no second. Returns how many are new.

    `context_for(language)` makes the context that is frozen here. None: the mailing was taken back meanwhile.
    """
    mailing = _queued(mailing_id)
    if mailing is None:
        return None
    kind = kinds.get(mailing.kind)
    rows = {}
    for recipient in recipients:
        key = f"{mailing.key}:{hashlib.sha256(recipient[0].strip().lower().encode()).hexdigest()[:32]}"
        context = context_for(_offered(recipient[1]))
        rows[key] = _row(kind, key, recipient, context, at, mailing.valid_until)
        rows[key].mailing = mailing
        rows[key].task_force_id = mailing.task_force_id
    for known in OutboxMessage.objects.filter(key__in=list(rows)).values_list("key", flat=True):
        del rows[known]
    OutboxMessage.objects.bulk_create(rows.values(), ignore_conflicts=True)
    mailing.not_before = real_now() + LEASE
    mailing.save(update_fields=["not_before"])
    return len(rows)


@transaction.atomic
def finish_mailing(mailing_id: int, *, at: datetime) -> None:
    """Every recipient has a row."""
    mailing = _queued(mailing_id)
    if mailing is not None:
        mailing.state = step(MAILING, mailing.state, "finish")
        mailing.save(update_fields=["state"])
        log.record(
            "mailing.expanded",
            mailing,
            at=at,
            actor_id=None,
            task_force_id=mailing.task_force_id,
            count=mailing.messages.count(),
        )


@transaction.atomic
def expire_mailing(mailing_id: int) -> None:
    """Its time is over before anybody got it."""
    mailing = _queued(mailing_id)
    if mailing is not None:
        mailing.state = step(MAILING, mailing.state, "expire")
        mailing.save(update_fields=["state"])


@transaction.atomic
def put_off_mailing(mailing_id: int, *, error: str) -> None:
    """Its recipients or its text could not be worked out: later again, and after many times for staff to see."""
    mailing = _queued(mailing_id)
    if mailing is not None:
        mailing.failures += 1
        mailing.error = _line(error)
        mailing.not_before = real_now() + backoff(mailing.failures)
        if mailing.failures >= MAX_ATTEMPTS:
            mailing.state = step(MAILING, mailing.state, "park")
        mailing.save(update_fields=["failures", "error", "not_before", "state"])


def _queued(mailing_id: int) -> Mailing | None:
    return Mailing.objects.select_for_update().filter(pk=mailing_id, state=MailingState.QUEUED).first()


# --- rows ----------------------------------------------------------------------------------------------------------


def _row(
    kind: MailKind, key: str, recipient: Recipient, context: Context, at: datetime, valid_until: datetime | None
) -> OutboxMessage:
    mailbox, language, zone = recipient
    return OutboxMessage(
        key=key,
        kind=kind.name,
        mail_class=kind.mail_class,
        mailbox=mailbox.strip(),
        language=_offered(language),
        zone=_known_zone(zone),
        context=context,
        message_id=f"<{uuid.uuid4().hex}@{_domain()}>",
        not_before=real_now(),
        created_at=at,
        valid_until=valid_until,
    )


def _offered(language: str) -> str:
    return language if languages.is_offered(language) else settings.LANGUAGE_CODE


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):  # unknown, or no name but a path
        return "UTC"
    return zone


def _domain() -> str:
    """The right side of Message-IDs: the sender's domain, else the portal's host."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or urlsplit(settings.SITE_URL).hostname
    return (domain or "localhost").encode("idna").decode("ascii")


def _line(error: str) -> str:
    return text.clean_name(error)[:300]
