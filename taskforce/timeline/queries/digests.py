"""Who gets a daily mail, and what happened that it could tell."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Min, Q, QuerySet

from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from taskforce.timeline.enums import Frequency, Topic
from taskforce.timeline.models import DigestMark, Subscription

_TAKEN_BACK = (MailingState.STOPPED, MailingState.SUPERSEDED, MailingState.EXPIRED)


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


def marks(mailboxes: Iterable[str]) -> dict[str, datetime]:
    """{mailbox: up to which instant it was told}."""
    return dict(DigestMark.objects.filter(mailbox__in=list(mailboxes)).values_list("mailbox", "through"))


def told_since_the_oldest_mark(at: datetime) -> list[Mailing]:
    """The mailings to followers that a daily mail could tell at the moment, in the order in which they were made.

    Not what was taken back, nor what is no longer valid.
    """
    oldest = DigestMark.objects.aggregate(oldest=Min("through"))["oldest"]
    if oldest is None:
        return []
    valid = Q(valid_until=None) | Q(valid_until__gt=at)
    made = Mailing.objects.filter(valid, task_force_id__isnull=False, topic__in=Topic.values, created_at__gte=oldest)
    return list(made.exclude(state__in=_TAKEN_BACK).order_by("created_at", "id"))
