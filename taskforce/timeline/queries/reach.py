"""Whom a mailing has reached and whom it still will, at once or in a daily mail; and who so knows what it says."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.queries import TAKEN_BACK
from taskforce.timeline.enums import Frequency
from taskforce.timeline.models import DigestMark, Subscription
from taskforce.timeline.queries import digests

# With these the key of every daily mail begins; the index of the keys finds them by it.
_DAILY = "digest:"
_ON_THE_WAY = (MessageState.QUEUED, MessageState.SENDING)
# Has arrived, or may have.
_GONE = (MessageState.SENT, MessageState.UNKNOWN)


class Reach(NamedTuple):
    """How many readers a mailing has had or will have, by how far it is with each of them.

    At once: `unwritten` have no row yet while it is being written, `queued` wait, `sending` is in a sender's hands,
    `sent`, `unknown` may have arrived, `failed` has not and goes again only by staff. In a daily mail: `daily` wait for
    one that is to be written, `daily_queued` for one that is and has not left, `daily_sent` have had it.
    """

    unwritten: int
    queued: int
    sending: int
    sent: int
    unknown: int
    failed: int
    daily: int
    daily_queued: int
    daily_sent: int

    @property
    def at_once(self) -> int:
        """Wait for a mail of its own."""
        return self.unwritten + self.queued + self.sending

    @property
    def at_rest(self) -> int:
        """Wait for it, and no sender has it in its hands."""
        return self.unwritten + self.queued

    @property
    def in_daily(self) -> int:
        """Wait for it in a daily mail."""
        return self.daily + self.daily_queued

    @property
    def waiting(self) -> int:
        """Have not had it yet."""
        return self.at_once + self.in_daily


def of(mailing: Mailing, at: datetime) -> Reach:
    """The numbers at a moment of the portal's clock, in a number of statements that no size of a mailing changes."""
    is_off = mailing.state in TAKEN_BACK
    counted = mailing.messages.order_by().values_list("state").annotate(Count("pk"))
    own, together = Counter(dict(counted)), _together(mailing)
    return Reach(
        unwritten=_unwritten(mailing, at),
        queued=0 if is_off else own[MessageState.QUEUED],
        sending=own[MessageState.SENDING],
        sent=own[MessageState.SENT],
        unknown=own[MessageState.UNKNOWN],
        failed=own[MessageState.FAILED],
        daily=waiting(mailing, at).count(),
        daily_queued=0 if is_off else together.filter(state__in=_ON_THE_WAY).count(),
        daily_sent=together.filter(state__in=_GONE).count(),
    )


def waiting(mailing: Mailing, at: datetime) -> QuerySet[Subscription]:
    """Whose next daily mail is to be written and will tell it: they followed then, and were not told it yet."""
    followers = _readers(mailing, at).filter(frequency=Frequency.DAILY, confirmed_at__lte=mailing.created_at)
    if not digests.tellable(at).filter(pk=mailing.pk).exists():
        return followers.none()
    behind = DigestMark.objects.annotate(begins=Coalesce("since", "through")).filter(begins__lte=mailing.created_at)
    told = OutboxMessage.objects.exclude(state=MessageState.SUPERSEDED)
    alone, together = told.filter(mailing=mailing), _together(mailing).exclude(state=MessageState.SUPERSEDED)
    return (
        followers.filter(mailbox__in=behind.values("mailbox"))
        .exclude(mailbox__in=alone.values("mailbox"))
        .exclude(mailbox__in=together.values("mailbox"))
    )


def in_daily_mails(mailing: Mailing, language: str, at: datetime) -> int:
    """How many readers of the language have it, or will have it, in a daily mail."""
    daily = _together(mailing).filter(language=language, state__in=(*_GONE, *_ON_THE_WAY))
    return daily.count() + waiting(mailing, at).filter(language=language).count()


def _unwritten(mailing: Mailing, at: datetime) -> int:
    """Who hears of it at once and has no mail yet, while it is being written or could be."""
    if mailing.state not in (MailingState.QUEUED, MailingState.FAILED):
        return 0
    followers = _readers(mailing, at).filter(frequency=Frequency.IMMEDIATE)
    return followers.exclude(mailbox__in=mailing.messages.values("mailbox")).count()


def _readers(mailing: Mailing, at: datetime) -> QuerySet[Subscription]:
    """Who follows its topic and is meant by it, at whatever pace."""
    followers = Subscription.objects.filter(
        task_force_id=mailing.task_force_id, topic=mailing.topic, confirmed_at__isnull=False
    )
    return narrowed(followers, mailing.params.get("readers_of", ()), at)


def _together(mailing: Mailing) -> QuerySet[OutboxMessage]:
    """The daily mails that tell it."""
    told_in = {"groups": [{"entries": [{"mailing": mailing.pk}]}]}
    daily = OutboxMessage.objects.filter(key__startswith=_DAILY, created_at__gte=mailing.created_at)
    return daily.filter(context__contains=told_in)


# --- who knows what it says ------------------------------------------------------------------------------------------


def line(mailing: Mailing) -> list[int]:
    """The mailing and what it corrects, and what that corrects, and so on: whoever knows one of them has been told."""
    found: list[int] = []
    one: Mailing | None = mailing
    while one is not None:
        found.append(one.pk)
        one = one.corrects
    return found


def narrowed(followers: QuerySet[Subscription], readers_of: Collection[int], at: datetime) -> QuerySet[Subscription]:
    """Those of the followers that know one of these mailings, or will; all of them where none is named.

    Who has had it, at once or in a daily mail; who may have had it, since the outcome is unknown; who will, since their
    mail waits or their next daily mail tells it. Not who came later, nor whose mail failed, was stopped or is over.
    """
    if not readers_of:
        return followers
    knows = Q(pk__in=[])
    for mailing in Mailing.objects.filter(pk__in=readers_of):
        knows |= _knows(mailing, at)
    return followers.filter(knows)


def _knows(mailing: Mailing, at: datetime) -> Q:
    has = _GONE if mailing.state in TAKEN_BACK else (*_GONE, MessageState.QUEUED)
    # What a sender has in its hands may arrive, whatever has become of its mailing.
    mails = Q(state__in=(*has, MessageState.SENDING))
    alone, together = mailing.messages.filter(mails), _together(mailing).filter(mails)
    found = Q(mailbox__in=alone.values("mailbox")) | Q(mailbox__in=together.values("mailbox"))
    if mailing.state == MailingState.QUEUED:
        # While it is being written nobody can say who will have it: they all may.
        found |= Q(frequency=Frequency.IMMEDIATE)
    return found | Q(pk__in=waiting(mailing, at).values("pk"))


def heard(mailbox: str, readers_of: Iterable[int], *, prefix: str) -> set[int]:
    """Which of these mailings the mailbox has had or will have of its own or in a written daily mail.

    The keys of its daily mails begin with `prefix`.
    """
    wanted = set(readers_of)
    mails = OutboxMessage.objects.filter(state__in=(*_GONE, *_ON_THE_WAY))
    alone = mails.filter(mailing__in=wanted, mailbox=mailbox).exclude(
        state=MessageState.QUEUED, mailing__state__in=TAKEN_BACK
    )
    found = set(alone.values_list("mailing_id", flat=True))
    for context in mails.filter(key__startswith=prefix).values_list("context", flat=True):
        found |= {entry["mailing"] for group in context.get("groups", []) for entry in group["entries"]}
    return found & wanted
