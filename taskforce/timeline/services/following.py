"""Subscriptions: who follows what. Whoever changes those of a mailbox holds that mailbox to the end."""

import enum
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts.queries import is_confirmed
from taskforce.audit import log
from taskforce.core import languages
from taskforce.core.errors import Invalid, Refused
from taskforce.limits import mailboxes, table
from taskforce.limits import services as limits
from taskforce.notifications import services as outbox
from taskforce.notifications.leaving import Leave
from taskforce.timeline import asking, departures, notices, queries, rules, windows
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, Frequency, Topic
from taskforce.timeline.models import Departure, Subscription, TaskForce
from taskforce.timeline.services.digests import begin_digest, turn_daily, turn_immediate


class Confirmed(enum.Enum):
    """What came of a confirmation."""

    NOW = "now"
    BEFORE = "before"
    # The mailbox has left since it was asked.
    LEFT = "left"


def check(topics: Iterable[str], frequency: str, language: str, zone: str) -> None:
    """`Invalid` for a topic, a frequency, a language or a zone that there is not."""
    if unknown := set(topics) - set(Topic.values):
        raise Invalid(_("“%(name)s” is nothing that can be followed.") % {"name": sorted(unknown)[0]})
    if frequency not in Frequency.values:
        raise Invalid(_("“%(code)s” is not how often mails can come.") % {"code": frequency})
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    if zone == ANYWHERE_ON_EARTH:
        raise Invalid(_("“%(zone)s” is not a time zone.") % {"zone": zone})
    windows.zone_of(zone)


@transaction.atomic
def follow(
    task_force: TaskForce,
    *,
    mailbox: str,
    topics: list[str],
    language: str,
    zone: str = "UTC",
    frequency: str = Frequency.IMMEDIATE,
    user_id: int | None = None,
    source: str = "import",
    at: datetime,
) -> None:
    """Make a mailbox follow topics, confirmed at once: only for one that is known to be the person's own.

    `source` is the door by which it came, in a word of the code. Raises `Invalid`.
    """
    check(topics, frequency, language, zone)
    mailboxes.hold(mailbox.strip().lower())
    given = Ask(mailbox.strip().lower(), task_force.pk, tuple(sorted(topics)), frequency, language, zone)
    rows = {row.topic: row for row in queries.asked_for(given)}
    for topic in given.topics:
        row = rows.get(topic) or _waiting(given, topic, source, at)
        row.user_id, row.source, row.asked_at = user_id, source, at
        _settle(row, given, at=at)
        _record("confirmed", row, at=at, actor_id=user_id)


@transaction.atomic
def follow_by_account(ask: Ask, *, user_id: int, at: datetime) -> None:
    """Whoever is signed in follows topics with a mailbox that is known to be their own. Raises `Invalid`, and `Refused`
    where the task force has ended.
    """
    follow(
        to_be_followed(ask.task_force_id),
        mailbox=ask.mailbox,
        topics=list(ask.topics),
        language=ask.language,
        zone=ask.zone,
        frequency=ask.frequency,
        user_id=user_id,
        source="account",
        at=at,
    )
    _come_back(ask.mailbox, ask.task_force_id, ask.topics)
    _speak(ask.mailbox, ask.language, ask.zone)


@transaction.atomic
def ask_to_follow(ask: Ask, *, sender: str | None, at: datetime) -> None:
    """Somebody who may be anybody wants a mailbox to follow topics: a mail asks its owner.

    Outwardly nothing tells whether the mailbox is new, waits, follows already or has had its mails of the day; in the
    last case no mail goes out. `sender` is the address that the request came from (None: not counted). Raises
    `Invalid`, `Refused` where the task force has ended, and `TooOften` where that address, or everybody together, asks
    very often.
    """
    check(ask.topics, ask.frequency, ask.language, ask.zone)
    if sender is not None:
        # Nobody waits in line for what is refused at its end: all of these would be done again for each.
        limits.require_room(table.FOLLOW, sender)
        limits.require_room(table.MAILS_OF_SENDER, sender)
        limits.hit(table.FOLLOW, sender)
    task_force = to_be_followed(ask.task_force_id)
    # Both are asked of every mailbox, so that each takes the same time.
    known = [is_confirmed(ask.mailbox), queries.follows_anything(ask.mailbox)]
    if not mailboxes.may_ask(ask.mailbox, sender=sender, is_known=any(known)):
        return
    rows = {row.topic: row for row in queries.asked_for(ask)}
    if all(topic in rows and rows[topic].confirmed_at for topic in ask.topics):
        notices.known(task_force, ask, at=at)
        return
    waiting = [_waiting(ask, topic, "form", at) for topic in ask.topics if topic not in rows]
    Subscription.objects.bulk_create(waiting)
    queries.asked_for(ask).filter(confirmed_at=None).update(asked_at=at)
    log.record(
        "subscription.asked",
        task_force,
        at=at,
        actor_id=None,
        task_force_id=task_force.pk,
        topics=list(ask.topics),
        language=ask.language,
    )
    notices.confirm(task_force, ask, at=at)


def to_be_followed(task_force_id: int) -> TaskForce:
    """The task force, if anybody can begin to follow it; else `Refused`."""
    task_force = TaskForce.objects.get(pk=task_force_id)
    may, why = rules.may_be_followed(task_force)
    if not may:
        raise Refused(why)
    return task_force


def _waiting(ask: Ask, topic: str, source: str, at: datetime) -> Subscription:
    """A row that waits for its mailbox to confirm it."""
    return Subscription(
        task_force_id=ask.task_force_id,
        mailbox=ask.mailbox,
        topic=topic,
        frequency=ask.frequency,
        language=ask.language,
        zone=ask.zone,
        source=source,
        asked_at=at,
    )


@transaction.atomic
def confirm(ask: Ask, *, at: datetime) -> Confirmed:
    """The mailbox's owner says yes to an ask: the topics are followed with the choices that it names.

    Works once. Language and zone are the mailbox's own, whatever it follows. Nothing comes back by it that was left
    in the meantime. Raises `Refused` where the task force has ended since.
    """
    mailboxes.hold(ask.mailbox)
    rows = list(queries.asked_for(ask))
    if not any(row.confirmed_at is None for row in rows):
        return Confirmed.BEFORE if rows else Confirmed.LEFT
    to_be_followed(ask.task_force_id)
    for row in rows:
        _settle(row, ask, at=at)
        _record("confirmed", row, at=at, actor_id=None)
    _come_back(ask.mailbox, ask.task_force_id, ask.topics)
    _speak(ask.mailbox, ask.language, ask.zone)
    return Confirmed.NOW


@transaction.atomic
def choose(
    mailbox: str,
    wanted: Mapping[tuple[int, str], str],
    *,
    language: str,
    zone: str,
    at: datetime,
    actor_id: int | None = None,
) -> None:
    """What a mailbox gets, from its own page: {(task force, topic): how soon, "" for not at all}; others stay.

    Only of task forces that it follows something of; whatever is left takes its queued mails with it. `actor_id` is
    the account, if one is signed in. Raises `Invalid`.
    """
    soon = {frequency for frequency in wanted.values() if frequency} or {Frequency.IMMEDIATE}
    for frequency in soon:
        check({topic for _, topic in wanted}, frequency, language, zone)
    mailboxes.hold(mailbox)
    rows = {(row.task_force_id, row.topic): row for row in Subscription.objects.filter(mailbox=mailbox).order_by("id")}
    followed = {task_force_id for task_force_id, _ in rows}
    if any(wanted.get(pair) == Frequency.IMMEDIATE and row.frequency == Frequency.DAILY for pair, row in rows.items()):
        # As `turn_immediate`, here before anything else takes a mail back.
        outbox.hold_mailings()
    for pair, frequency in wanted.items():
        row = rows.get(pair)
        if row is not None and not frequency:
            _end(row, at=at, actor_id=actor_id)
        elif frequency and pair[0] in followed:
            given = Ask(mailbox, pair[0], (pair[1],), frequency, language, zone)
            _begin(row or _waiting(given, pair[1], "choice", at), given, at=at, actor_id=actor_id)
    _speak(mailbox, language, zone)


def _begin(row: Subscription, given: Ask, *, at: datetime, actor_id: int | None) -> None:
    """Follow, or go on to follow at another pace; nothing where that is so already."""
    if row.confirmed_at is not None and row.frequency == given.frequency:
        return
    action = "changed" if row.confirmed_at else "confirmed"
    _settle(row, given, at=at)
    _record(action, row, at=at, actor_id=actor_id)
    _come_back(row.mailbox, row.task_force_id, [row.topic])


def _settle(row: Subscription, given: Ask, *, at: datetime) -> None:
    """Save a row as confirmed with the choices of `given`; at another pace than before nothing is told twice or never.

    Whoever followed already goes on from when they began.
    """
    before = row.frequency if row.confirmed_at else None
    row.frequency, row.language, row.zone = given.frequency, given.language, given.zone
    row.confirmed_at = row.confirmed_at or at
    row.save()
    if before not in (None, row.frequency):
        turn = turn_daily if row.frequency == Frequency.DAILY else turn_immediate
        turn(row, at=at)
    elif row.frequency == Frequency.DAILY:
        begin_digest(row.mailbox, at=at)


def _end(row: Subscription, *, at: datetime, actor_id: int | None) -> None:
    """Follow no more; what was on its way is taken back."""
    _record("left", row, at=at, actor_id=actor_id)
    row.delete()
    _go(Leave(row.mailbox, row.task_force_id, row.topic), at)
    outbox.take_back(row.mailbox, task_force_id=row.task_force_id, topic=row.topic)


def _go(what: Leave, at: datetime) -> None:
    """Remember who has left what."""
    Departure.objects.update_or_create(
        mailbox_key=departures.key_of(what.mailbox),
        task_force_id=what.task_force_id,
        topic=what.topic,
        defaults={"left_at": at},
    )


def _come_back(mailbox: str, task_force_id: int, topics: Iterable[str]) -> None:
    """The person follows by their own act: in this task force they have not left. In the others they have."""
    gone = Departure.objects.filter(mailbox_key=departures.key_of(mailbox), task_force_id=task_force_id)
    gone.filter(topic__in=["", *topics]).delete()


@transaction.atomic
def speak(own: Collection[str], language: str, zone: str) -> None:
    """These mailboxes are one person's, who has chosen language and zone of all mails for their account."""
    stored = {mailbox.lower() for mailbox in own}
    following = Subscription.objects.filter(mailbox__in=stored, confirmed_at__isnull=False)
    for mailbox in sorted(set(following.values_list("mailbox", flat=True))):
        mailboxes.hold(mailbox)
        _speak(mailbox, language, zone)


def _speak(mailbox: str, language: str, zone: str) -> None:
    """One language and one zone for all mails of a mailbox."""
    Subscription.objects.filter(mailbox=mailbox, confirmed_at__isnull=False).update(language=language, zone=zone)


@transaction.atomic
def leave(what: Leave, *, at: datetime, actor_id: int | None = None) -> int:
    """End what a token of leaving names, waiting asks too, and take back its queued mails; returns how many rows.

    Again it changes nothing; a mailbox that follows nothing (any more) is left alone.
    """
    mailbox = what.mailbox.strip().lower()
    mailboxes.hold(mailbox)
    rows = list(queries.left_by(what))
    for row in rows:
        _end(row, at=at, actor_id=actor_id)
    if what.topic != queries.DIGEST:
        # What there is nothing of yet, too: a later list may name it.
        _go(what._replace(mailbox=mailbox), at)
    outbox.take_back(mailbox, task_force_id=what.task_force_id, topic=what.topic)
    return len(rows)


@transaction.atomic
def forget_unanswered(at: datetime) -> int:
    """Drop what was asked for and not confirmed while its link worked; returns how many rows.

    Nobody has shown that the address wants to be here, so nothing of it stays, in the audit log neither.
    """
    unanswered = Subscription.objects.filter(confirmed_at=None, asked_at__lt=at - asking.WORKS_FOR)
    if not unanswered.exists():
        return 0
    # A confirmation of this moment has been written, or finds nothing any more.
    mailboxes.hold_all()
    return unanswered.delete()[0]


def _record(action: str, row: Subscription, *, at: datetime, actor_id: int | None) -> None:
    """The audit row of one subscription; never with its address."""
    log.record(
        f"subscription.{action}",
        row,
        at=at,
        actor_id=actor_id,
        task_force_id=row.task_force_id,
        topic=row.topic,
        frequency=row.frequency,
        source=row.source,
    )
