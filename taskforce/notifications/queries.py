"""Reading the outbox."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, Min, Q, QuerySet

from taskforce.core.clock import real_now
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass, MailingState, MessageState
from taskforce.notifications.models import Hold, Mailing, OutboxMessage, Suppression

# A mailing of which nothing leaves any more, and what its mails say of it.
TAKEN_BACK: dict[str, str] = {
    MailingState.STOPPED: "the mailing was stopped",
    MailingState.SUPERSEDED: "what it says was taken back",
}


def taken_back(message: OutboxMessage) -> str:
    """Why nothing of the mail's mailing leaves any more, as it is at this moment; "" where it does, or it has none."""
    if message.mailing_id is None:
        return ""
    state = Mailing.objects.filter(pk=message.mailing_id).values_list("state", flat=True).first()
    return TAKEN_BACK.get(state or "", "")


def may_go() -> QuerySet[OutboxMessage]:
    """Queued mails that no hold keeps: none is in force, staff released the mail, or somebody waits at the door."""
    queued = OutboxMessage.objects.filter(state=MessageState.QUEUED)
    released = Q(released_at__isnull=False)
    if settings.MAIL_HOLD:
        return queued.filter(released)
    passes = Q(kind__in=kinds.that_pass_a_hold())
    return queued.filter(released | passes | ~Exists(Hold.objects.filter(lifted_at=None)))


def hold_in_force() -> Hold | None:
    """The hold that staff have put and not lifted; `MAIL_HOLD` of the environment is none of these."""
    return Hold.objects.filter(lifted_at=None).first()


def is_held(kind: str = "") -> bool:
    """Whether mail is on hold, by staff or by the environment; a `kind` that passes staff's hold only by the latter."""
    if kind in kinds.that_pass_a_hold():
        return bool(settings.MAIL_HOLD)
    return settings.MAIL_HOLD or hold_in_force() is not None


def due_count(at: datetime) -> int:
    """How many mails wait for nothing but a sender or the end of a hold.

    Not what was taken back or is over at the portal's moment `at`, whatever its row still says.
    """
    queued = OutboxMessage.objects.filter(state=MessageState.QUEUED, not_before__lte=real_now())
    of_use = Q(mailing=None) & _lasts("valid_until", at) | Q(mailing__isnull=False) & _lasts("mailing__valid_until", at)
    return queued.filter(of_use).exclude(mailing__state__in=TAKEN_BACK).count()


def _lasts(end: str, at: datetime) -> Q:
    return Q(**{end: None}) | Q(**{f"{end}__gt": at})


def anything_due() -> bool:
    """Whether a pass of delivery would find a mail to send."""
    return may_go().filter(not_before__lte=real_now()).exists()


def next_due(now: datetime) -> datetime | None:
    """The first moment after `now` (the real clock) at which a mail may go; None where none waits for one."""
    waiting = may_go().filter(not_before__gt=now)
    firsts = [waiting.filter(mail_class=one).aggregate(first=Min("not_before"))["first"] for one in MailClass]
    return min(filter(None, firsts), default=None)


def by_message_id(message_ids: Iterable[str]) -> dict[str, OutboxMessage]:
    """The rows of these Message-IDs, by Message-ID."""
    rows = OutboxMessage.objects.filter(message_id__in=list(message_ids))
    return {row.message_id: row for row in rows}


def refused_mailboxes(mailboxes: Iterable[str]) -> frozenset[str]:
    """Which of these have refused mail for good, in lower case."""
    asked = {mailbox.lower() for mailbox in mailboxes}
    return frozenset(Suppression.objects.filter(mailbox__in=asked, lifted_at=None).values_list("mailbox", flat=True))


def corrected(mailing_ids: Iterable[int]) -> frozenset[int]:
    """Which of these mailings another one puts right, that was not taken back."""
    found = Mailing.objects.filter(corrects__in=list(mailing_ids)).exclude(state__in=TAKEN_BACK)
    return frozenset(pk for pk in found.values_list("corrects_id", flat=True) if pk)


def earlier_message_id(message: OutboxMessage) -> str:
    """The Message-ID of the mail that this one corrects; "" where its mailing corrects none or this reader got none.

    `message.mailing.corrects` is at hand.
    """
    corrected = message.mailing.corrects if message.mailing else None
    if corrected is None:
        return ""
    key = mail_key(corrected.key, message.mailbox)
    gone = OutboxMessage.objects.filter(key=key, state__in=(MessageState.SENT, MessageState.UNKNOWN))
    return gone.values_list("message_id", flat=True).first() or ""


def mail_key(mailing_key: str, mailbox: str) -> str:
    """The key of a mailbox's mail of a mailing, the same however the mailbox is spelled."""
    return f"{mailing_key}:{hashlib.sha256(mailbox.strip().lower().encode()).hexdigest()[:32]}"
