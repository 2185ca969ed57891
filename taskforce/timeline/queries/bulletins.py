"""What there is to read of the mails that staff write to the followers."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from taskforce.accounts.queries import task_force_ids
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.enums import BulletinState, Frequency
from taskforce.timeline.models import Bulletin, Subscription, TaskForce
from taskforce.timeline.queries.reach import narrowed
from taskforce.timeline.rules import WHO


@dataclass(frozen=True)
class Readers:
    """How many confirmed followers a mail on a topic would reach, by portal language; languages without any are not
    in it."""

    at_once: Counter[str] = field(default_factory=Counter)
    daily: Counter[str] = field(default_factory=Counter)

    @property
    def by_language(self) -> dict[str, int]:
        """All of them."""
        return dict(self.at_once + self.daily)

    @property
    def total(self) -> int:
        """All of them, in every language."""
        return self.at_once.total() + self.daily.total()


@dataclass(frozen=True)
class Progress:
    """What became of the mails of one mailing: how many are in which state, in all and by portal language."""

    by_language: dict[str, Counter[str]]

    @property
    def by_state(self) -> Counter[str]:
        """In every language; a state without mails counts as 0."""
        return sum(self.by_language.values(), Counter())

    def of(self, *states: str) -> int:
        """How many are in one of these states."""
        return sum(self.by_state[state] for state in states)

    @property
    def waiting(self) -> int:
        """Written, and not out yet."""
        return self.of(MessageState.QUEUED, MessageState.SENDING)


def visible_to(user: Any) -> QuerySet[Bulletin]:
    """The bulletins of the task forces whose timeline a staff member works with or observes."""
    everywhere, ids = task_force_ids(user, WHO["bulletin.read"])
    found = Bulletin.objects.select_related("task_force", "corrects").prefetch_related("corrections")
    return found if everywhere else found.filter(task_force_id__in=ids)


def writable(user: Any) -> QuerySet[TaskForce]:
    """The task forces to whose followers a staff member may write."""
    everywhere, ids = task_force_ids(user, WHO["bulletin.write"])
    return TaskForce.objects.all() if everywhere else TaskForce.objects.filter(pk__in=ids)


def to_send(user: Any) -> QuerySet[Bulletin]:
    """What waits for this user as the second person: offered, in their task forces, and with no sentence of theirs."""
    everywhere, ids = task_force_ids(user, WHO["bulletin.send"])
    own = Q(author_id=user.pk) | Q(editor_id=user.pk) | Q(editors__contains=[user.pk])
    found = Bulletin.objects.filter(state=BulletinState.OFFERED).exclude(own)
    return found if everywhere else found.filter(task_force_id__in=ids)


def readers(task_force_id: int, topic: str) -> Readers:
    """Who follows the topic now, in one statement."""
    return _counted(_followers(task_force_id, topic))


def readers_among(task_force_id: int, topic: str, readers_of: Collection[int], *, at: datetime) -> Readers:
    """Who of them knows one of these mailings (`reach.narrowed`) at the portal's moment `at`."""
    return _counted(narrowed(_followers(task_force_id, topic), readers_of, at))


def _followers(task_force_id: int, topic: str) -> QuerySet[Subscription]:
    return Subscription.objects.filter(task_force_id=task_force_id, topic=topic, confirmed_at__isnull=False)


def _counted(followers: QuerySet[Subscription]) -> Readers:
    found = Readers()
    counted = followers.order_by().values_list("language", "frequency").annotate(Count("id"))
    for language, frequency, number in counted:
        kept = found.daily if frequency == Frequency.DAILY else found.at_once
        kept[language] += number
    return found


def progress(mailing_id: int) -> Progress:
    """The mails of a mailing, counted in one statement."""
    counted: dict[str, Counter[str]] = {}
    rows = OutboxMessage.objects.filter(mailing_id=mailing_id).order_by("language")
    for language, state, number in rows.values_list("language", "state").annotate(Count("id")):
        counted.setdefault(language, Counter())[state] += number
    return Progress(counted)
