"""Who gets a daily mail, and what happened that it could tell."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce

from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.queries import mail_key
from taskforce.timeline.enums import Frequency, Topic
from taskforce.timeline.models import DigestMark, Subscription

_TAKEN_BACK = (MailingState.STOPPED, MailingState.SUPERSEDED, MailingState.EXPIRED)
# What was valid at six is told by the mail of that morning, even if it is over when the mail is written and sent.
LATE = timedelta(hours=1)


def daily() -> QuerySet[Subscription]:
    """The confirmed subscriptions of those who want one mail a day."""
    return Subscription.objects.filter(frequency=Frequency.DAILY, confirmed_at__isnull=False)


def without_mark() -> list[str]:
    """Mailboxes that want a daily mail and have no mark yet."""
    found = daily().exclude(mailbox__in=DigestMark.objects.values("mailbox"))
    return list(found.values_list("mailbox", flat=True).distinct())


def marks_of_nobody() -> QuerySet[DigestMark]:
    """The marks of mailboxes that want no daily mail any more."""
    return DigestMark.objects.exclude(mailbox__in=daily().values("mailbox"))


def daily_zones() -> list[str]:
    """The zones of those who want a daily mail."""
    return list(daily().order_by("zone").values_list("zone", flat=True).distinct())


def due_mailboxes(zones: Collection[str], boundary: datetime, *, after: str, limit: int) -> list[str]:
    """Mailboxes in these zones, in order and `after` one, whose last daily mail tells of less than up to `boundary`."""
    behind = DigestMark.objects.filter(through__lt=boundary).values("mailbox")
    found = daily().filter(zone__in=zones, mailbox__in=behind, mailbox__gt=after).order_by("mailbox")
    return list(found.values_list("mailbox", flat=True).distinct()[:limit])


def daily_of(mailboxes: Iterable[str]) -> dict[str, list[Subscription]]:
    """{mailbox: what it wants told daily, the youngest choice last}, with the task forces; in one statement."""
    found: dict[str, list[Subscription]] = {mailbox: [] for mailbox in mailboxes}
    for one in daily().filter(mailbox__in=found).select_related("task_force").order_by("confirmed_at", "id"):
        found[one.mailbox].append(one)
    return found


def marks(mailboxes: Iterable[str]) -> dict[str, DigestMark]:
    """{mailbox: its mark}."""
    return {mark.mailbox: mark for mark in DigestMark.objects.filter(mailbox__in=list(mailboxes))}


def oldest_mark() -> datetime | None:
    """From when on anybody may have something to be told; None where nobody waits for a daily mail."""
    oldest: datetime | None = DigestMark.objects.aggregate(oldest=Min(Coalesce("since", "through")))["oldest"]
    return oldest


def tellable(at: datetime) -> QuerySet[Mailing]:
    """The mailings to followers that a daily mail could tell at the moment, in the order in which they were made.

    Not what was taken back, nor what has not been valid for a while.
    """
    valid = Q(valid_until=None) | Q(valid_until__gt=at - LATE)
    found = Mailing.objects.filter(valid, task_force_id__isnull=False, topic__in=Topic.values)
    return found.exclude(state__in=_TAKEN_BACK).order_by("created_at", "id")


def told_already(mailbox: str, mailings: Collection[Mailing], *, digests: str) -> set[int]:
    """Which of these the mailbox was told: alone, by a mail of the mailing or one of its own with the same key, or in
    one of its daily mails, whose keys begin with `digests`.

    A mail that was taken back before it went has told nothing.
    """
    mails = OutboxMessage.objects.exclude(state=MessageState.SUPERSEDED)
    keys = {mail_key(each.key, mailbox): each.pk for each in mailings}
    alone = [keys[key] for key in mails.filter(key__in=list(keys)).values_list("key", flat=True)]
    oldest = min(each.created_at for each in mailings)
    together = mails.filter(key__startswith=digests, created_at__gte=oldest).values_list("context", flat=True)
    return set(alone) | {
        entry["mailing"] for context in together for group in context.get("groups", []) for entry in group["entries"]
    }


def oldest_taken_back(one: Subscription, after: datetime) -> datetime | None:
    """When the oldest mailing on the topic was made whose mail to this mailbox was taken back, none before `after`."""
    made = Mailing.objects.filter(task_force_id=one.task_force_id, topic=one.topic, created_at__gte=after)
    mine = made.filter(messages__mailbox=one.mailbox, messages__state=MessageState.SUPERSEDED)
    oldest: datetime | None = mine.aggregate(oldest=Min("created_at"))["oldest"]
    return oldest


def topics_of(mailbox: str) -> set[tuple[int, str]]:
    """What the mailbox follows, at whatever pace: (task force, topic)."""
    found = Subscription.objects.filter(mailbox=mailbox, confirmed_at__isnull=False)
    return set(found.values_list("task_force_id", "topic"))
