"""Who follows what."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from taskforce.accounts.queries import task_force_ids
from taskforce.notifications.leaving import Leave
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import Frequency
from taskforce.timeline.models import Subscription
from taskforce.timeline.queries.reach import narrowed
from taskforce.timeline.rules import WHO

BATCH = 500
# The topic of a token of leaving that stands for all daily mails of a mailbox.
DIGEST = "digest"


def _confirmed(task_force_id: int, topic: str) -> QuerySet[Subscription]:
    return Subscription.objects.filter(task_force_id=task_force_id, topic=topic, confirmed_at__isnull=False)


def subscribers(task_force_id: int, topic: str) -> Iterator[list[tuple[str, str, str]]]:
    """Everybody who has confirmed the topic and hears of it at once: batches of (mailbox, language, zone) by id."""
    return _batches(_at_once(task_force_id, topic))


def readers_among(
    task_force_id: int, topic: str, readers_of: Collection[int], *, at: datetime
) -> Iterator[list[tuple[str, str, str]]]:
    """As `subscribers`, those who know one of these mailings (`reach.narrowed`) at the portal's moment `at`."""
    # Who they are is worked out once: it is asked of every mail and every daily mail of a mailing.
    known = set(narrowed(_at_once(task_force_id, topic), readers_of, at).values_list("mailbox", flat=True))
    for batch in subscribers(task_force_id, topic):
        yield [reader for reader in batch if reader[0] in known]


def _at_once(task_force_id: int, topic: str) -> QuerySet[Subscription]:
    return _confirmed(task_force_id, topic).filter(frequency=Frequency.IMMEDIATE)


def _batches(followers: QuerySet[Subscription]) -> Iterator[list[tuple[str, str, str]]]:
    last, rows = 0, followers.order_by("id").values_list("id", "mailbox", "language", "zone")
    while batch := list(rows.filter(id__gt=last)[:BATCH]):
        yield [(mailbox, language, zone) for _, mailbox, language, zone in batch]
        last = batch[-1][0]


def follows(task_force_id: int | None, topic: str, mailbox: str) -> bool:
    """Whether a mailbox has confirmed the topic and hears of it at once."""
    if task_force_id is None:
        return False
    return _at_once(task_force_id, topic).filter(mailbox=mailbox.strip().lower()).exists()


def followers_count(task_force_id: int, topic: str) -> int:
    """How many mailboxes hear of this topic, at once or once a day."""
    return _confirmed(task_force_id, topic).count()


def counts_by_language(task_force_id: int, topic: str) -> dict[str, int]:
    """{language: number} of those who have confirmed the topic, most first."""
    counted = _confirmed(task_force_id, topic).values_list("language").annotate(total=Count("id"))
    return dict(counted.order_by("-total", "language"))


def subscriptions_of(mailboxes: Collection[str]) -> QuerySet[Subscription]:
    """What these mailboxes follow and have confirmed, by mailbox and task force, the newest task force first."""
    return (
        Subscription.objects.filter(mailbox__in=mailboxes, confirmed_at__isnull=False)
        .select_related("task_force")
        .order_by("mailbox", "-task_force_id", "id")
    )


def asked_for(ask: Ask) -> QuerySet[Subscription]:
    """The rows, confirmed or not, that an ask is about."""
    return Subscription.objects.filter(
        mailbox=ask.mailbox, task_force_id=ask.task_force_id, topic__in=ask.topics
    ).order_by("id")


def follows_anything(mailbox: str) -> bool:
    """Whether somebody has confirmed by a mail to this mailbox that they follow something."""
    return Subscription.objects.filter(mailbox=mailbox).exclude(confirmed_at=None).exists()


def left_by(leave: Leave) -> QuerySet[Subscription]:
    """The rows, confirmed or not, that a token of leaving would end."""
    rows = Subscription.objects.filter(mailbox=leave.mailbox.strip().lower()).order_by("id")
    if leave.task_force_id is not None:
        rows = rows.filter(task_force_id=leave.task_force_id)
    if leave.topic == DIGEST:
        return rows.filter(frequency=Frequency.DAILY)
    return rows.filter(topic=leave.topic) if leave.topic else rows


def language_of(mailbox: str) -> str:
    """The language in which a mailbox gets its mails; "" where it follows nothing."""
    found = subscriptions_of([mailbox.strip().lower()]).order_by("-confirmed_at").first()
    return found.language if found else ""


def visible_subscriptions(user: Any) -> QuerySet[Subscription]:
    """The confirmed followers of the task forces that a staff member works with."""
    everywhere, ids = task_force_ids(user, WHO["follower.read"])
    found = Subscription.objects.filter(confirmed_at__isnull=False)
    return found if everywhere else found.filter(task_force_id__in=ids)


def counts(task_force_ids: Collection[int]) -> dict[tuple[int, str, str], int]:
    """{(task force, topic, language): number} of confirmed followers; one statement."""
    found = Subscription.objects.filter(task_force_id__in=task_force_ids, confirmed_at__isnull=False)
    rows = found.values_list("task_force_id", "topic", "language").annotate(total=Count("id")).order_by()
    return {(task_force_id, topic, language): total for task_force_id, topic, language, total in rows}
