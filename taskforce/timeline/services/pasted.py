"""Followers that staff bring in as a list: asked one by one, or already agreed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import dates
from taskforce.core.errors import Invalid, Refused
from taskforce.limits import mailboxes
from taskforce.timeline import asking, departures, notices, pasting, rules
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import Frequency
from taskforce.timeline.models import Subscription, TaskForce
from taskforce.timeline.pasting import Line
from taskforce.timeline.services.following import check, to_be_followed

_AT_ONCE = 2000


@dataclass
class Report:
    """What became of a list: how many mailboxes follow now, were asked, followed before, were asked before or have
    had their mails of the day; the lines that are no address, those that stand there twice, and those of people who
    have left: only they themselves come back."""

    added: int = 0
    asked: int = 0
    known: int = 0
    waiting: int = 0
    limited: int = 0
    bad: list[Line] = field(default_factory=list)
    again: list[Line] = field(default_factory=list)
    left: list[Line] = field(default_factory=list)


@dataclass
class _Stored:
    """What is there of a mailbox: {topic: (confirmed, asked at)} in this task force; how mails to it are written."""

    topics: dict[str, tuple[bool, datetime | None]] = field(default_factory=dict)
    language: str = ""
    zone: str = ""

    @property
    def is_follower(self) -> bool:
        """Whether it has confirmed anything of the task force."""
        return any(confirmed for confirmed, _at in self.topics.values())

    def chosen(self, ask: Ask) -> list[tuple[bool, datetime | None]]:
        """What is there of the topics of an ask; empty unless it is all of them."""
        return [self.topics[topic] for topic in ask.topics] if set(ask.topics) <= set(self.topics) else []

    def has_all(self, ask: Ask) -> bool:
        """Whether all topics of an ask are confirmed."""
        rows = self.chosen(ask)
        return bool(rows) and all(confirmed for confirmed, _at in rows)


@transaction.atomic
def add_followers(
    task_force_id: int,
    text: str,
    *,
    topics: Collection[str],
    language: str,
    agreed_where: str = "",
    actor: User,
    at: datetime,
) -> Report:
    """Take a list of lines `address[, language]` in; all of its good lines or, if anything fails, none.

    Without `agreed_where` each mailbox is asked by a mail, and follows once it has confirmed. With it (where and when
    they have agreed; kept in the audit log) they follow at once. Who follows already keeps their own choices, and is
    written to in the language that their mails have. Who has left is neither asked nor added. Raises `Refused` without
    the role and where the task force has ended, `Invalid` for unknown topics or languages and for too many lines.
    """
    allowed, why = rules.may_add_followers(actor, task_force_id)
    if not allowed:
        raise Refused(why)
    task_force = to_be_followed(task_force_id)
    check(topics, Frequency.IMMEDIATE, language, "UTC")
    if not topics:
        raise Invalid(_("Choose at least one."))
    pasted = pasting.read(text, language)
    if len(pasted.good) > pasting.MOST_LINES:
        raise Invalid(_("At most %(most)d addresses can be taken at once.") % {"most": pasting.MOST_LINES})
    report = Report(bad=pasted.bad, again=pasted.again)
    # Before anything is read, so that what is read stays true; see `following`.
    mailboxes.hold_all()
    chosen = tuple(sorted(topics))
    stored = _stored(task_force_id, list(pasted.good))
    asks = [_ask(box, task_force_id, chosen, code, stored[box]) for box, code in pasted.good.items()]
    asks = _without_those_who_left(asks, stored, pasted.numbers, report)
    if agreed_where:
        _take_in(asks, stored, report, at)
    else:
        _ask_each(task_force, asks, stored, report, at)
    numbers = {name: getattr(report, name) for name in ("added", "asked", "known", "waiting", "limited")}
    log.record(
        "followers.added",
        task_force,
        at=at,
        actor_id=actor.pk,
        task_force_id=task_force_id,
        reason=agreed_where,
        topics=list(chosen),
        bad=len(report.bad),
        again=len(report.again),
        left=len(report.left),
        **numbers,
    )
    return report


def _stored(task_force_id: int, boxes: list[str]) -> dict[str, _Stored]:
    """What is there already of each mailbox."""
    found = {box: _Stored() for box in boxes}
    for first in range(0, len(boxes), _AT_ONCE):
        rows = Subscription.objects.filter(mailbox__in=boxes[first : first + _AT_ONCE]).order_by("confirmed_at", "id")
        for row in rows.values_list(
            "mailbox", "task_force_id", "topic", "confirmed_at", "asked_at", "language", "zone", named=True
        ):
            mine = found[row.mailbox]
            if row.task_force_id == task_force_id:
                mine.topics[row.topic] = (row.confirmed_at is not None, row.asked_at)
            if row.confirmed_at is not None or not mine.language:
                mine.language, mine.zone = row.language, row.zone
    return found


def _ask(mailbox: str, task_force_id: int, topics: tuple[str, ...], language: str, there: _Stored) -> Ask:
    """What a line means; all mails of a mailbox have one language and one zone, those that it has or asked for."""
    return Ask(mailbox, task_force_id, topics, Frequency.IMMEDIATE, there.language or language, there.zone or "UTC")


def _without_those_who_left(
    asks: list[Ask], stored: dict[str, _Stored], numbers: dict[str, int], report: Report
) -> list[Ask]:
    """The others; who has left is told by line and day. Who follows all of it has come back."""
    if not asks:
        return asks
    followers = {box for box, there in stored.items() if there.is_follower}
    gone: dict[str, datetime] = {}
    for first in range(0, len(asks), _AT_ONCE):
        boxes = [ask.mailbox for ask in asks[first : first + _AT_ONCE] if not stored[ask.mailbox].has_all(ask)]
        gone |= departures.found(boxes, asks[0].task_force_id, asks[0].topics, followers)
    for box, left_at in gone.items():
        why = _("Has left on %(date)s, so is not added.") % {"date": dates.day_text(left_at.astimezone(UTC).date())}
        report.left.append(Line(numbers[box], box, why))
    report.left.sort()
    return [ask for ask in asks if ask.mailbox not in gone]


def _take_in(asks: list[Ask], stored: dict[str, _Stored], report: Report, at: datetime) -> None:
    """All topics are followed from now on; those that were confirmed before stay as they are."""
    for ask in asks:
        if stored[ask.mailbox].has_all(ask):
            report.known += 1
        else:
            report.added += 1
    _write(asks, asked_at=at, confirmed_at=at)


def _ask_each(task_force: TaskForce, asks: list[Ask], stored: dict[str, _Stored], report: Report, at: datetime) -> None:
    """A mail to each that does not follow all of it, unless one is on its way or the mailbox has had enough."""
    to_ask = []
    for ask in asks:
        rows = stored[ask.mailbox].chosen(ask)
        if stored[ask.mailbox].has_all(ask):
            report.known += 1
        elif rows and all(confirmed or _can_be_answered(asked_at, at) for confirmed, asked_at in rows):
            report.waiting += 1
        else:
            to_ask.append(ask)
    admitted = mailboxes.admit_many([ask.mailbox for ask in to_ask])
    report.limited = len(to_ask) - len(admitted)
    report.asked = len(admitted)
    asked = [ask for ask in to_ask if ask.mailbox in admitted]
    _write(asked, asked_at=at, confirmed_at=None)
    notices.invite(task_force, asked, at=at)


def _can_be_answered(asked_at: datetime | None, at: datetime) -> bool:
    """Whether the link of an earlier question still works."""
    return asked_at is not None and asked_at > at - asking.WORKS_FOR


# One statement for all of them: ten thousand objects would take longer to make than to store.
_WRITE = """
INSERT INTO timeline_subscription
    (task_force_id, mailbox, topic, frequency, language, zone, source, asked_at, confirmed_at)
SELECT %(task_force_id)s, person.mailbox, topic, %(frequency)s, person.language, person.zone, 'list',
    %(asked_at)s, %(confirmed_at)s
FROM unnest(%(mailboxes)s::text[], %(languages)s::text[], %(zones)s::text[]) AS person (mailbox, language, zone),
    unnest(%(topics)s::text[]) AS topic
ORDER BY person.mailbox, topic
ON CONFLICT (task_force_id, mailbox, topic) DO UPDATE
SET asked_at = excluded.asked_at, confirmed_at = excluded.confirmed_at,
    language = excluded.language, zone = excluded.zone
WHERE timeline_subscription.confirmed_at IS NULL
"""


def _write(asks: list[Ask], *, asked_at: datetime, confirmed_at: datetime | None) -> None:
    """The rows of these mailboxes, new or waiting; what is confirmed is not touched."""
    if not asks:
        return
    values = asks[0]._asdict()
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                **values,
                "topics": list(values["topics"]),
                "mailboxes": [ask.mailbox for ask in asks],
                "languages": [ask.language for ask in asks],
                "zones": [ask.zone for ask in asks],
                "asked_at": asked_at,
                "confirmed_at": confirmed_at,
            },
        )
