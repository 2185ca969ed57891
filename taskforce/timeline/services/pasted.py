"""Followers that staff bring in as a list: asked one by one, or already agreed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Invalid, Refused
from taskforce.limits import mailboxes
from taskforce.timeline import asking, notices, pasting, rules
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import Frequency
from taskforce.timeline.models import Subscription, TaskForce
from taskforce.timeline.pasting import Line
from taskforce.timeline.services.following import check

_AT_ONCE = 2000


@dataclass
class Report:
    """What became of a list: how many mailboxes follow now, were asked, followed before, were asked before or have
    had their mails of the day; the lines that are no address, and those that stand there twice."""

    added: int = 0
    asked: int = 0
    known: int = 0
    waiting: int = 0
    limited: int = 0
    bad: list[Line] = field(default_factory=list)
    again: list[Line] = field(default_factory=list)


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
    they have agreed; kept in the audit log) they follow at once. Who follows already keeps their own choices. Raises
    `Refused` without the role, `Invalid` for unknown topics or languages and for too many lines.
    """
    allowed, why = rules.may_add_followers(actor, task_force_id)
    if not allowed:
        raise Refused(why)
    check(topics, Frequency.IMMEDIATE, language, "UTC")
    if not topics:
        raise Invalid(_("Choose at least one."))
    pasted = pasting.read(text, language)
    if len(pasted.good) > pasting.MOST_LINES:
        raise Invalid(_("At most %(most)d addresses can be taken at once.") % {"most": pasting.MOST_LINES})
    report = Report(bad=pasted.bad, again=pasted.again)
    task_force = TaskForce.objects.get(pk=task_force_id)
    # Before anything is read, so that what is read stays true; see `following`.
    mailboxes.hold_all()
    chosen = tuple(sorted(topics))
    asks = [Ask(box, task_force_id, chosen, Frequency.IMMEDIATE, code, "UTC") for box, code in pasted.good.items()]
    if agreed_where:
        _take_in(asks, report, at)
    else:
        _ask_each(task_force, asks, report, at)
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
        **numbers,
    )
    return report


def _stored(asks: list[Ask]) -> dict[str, list[tuple[bool, datetime | None]]]:
    """{mailbox: [(confirmed, asked at)]} of what is there already."""
    found: dict[str, list[tuple[bool, datetime | None]]] = {}
    for first in range(0, len(asks), _AT_ONCE):
        some = asks[first : first + _AT_ONCE]
        rows = Subscription.objects.filter(
            task_force_id=some[0].task_force_id, topic__in=some[0].topics, mailbox__in=[ask.mailbox for ask in some]
        )
        for mailbox, confirmed_at, asked_at in rows.values_list("mailbox", "confirmed_at", "asked_at"):
            found.setdefault(mailbox, []).append((confirmed_at is not None, asked_at))
    return found


def _take_in(asks: list[Ask], report: Report, at: datetime) -> None:
    """All topics are followed from now on; those that were confirmed before stay as they are."""
    stored = _stored(asks)
    for ask in asks:
        rows = stored.get(ask.mailbox, [])
        if len(rows) == len(ask.topics) and all(confirmed for confirmed, _at in rows):
            report.known += 1
        else:
            report.added += 1
    _write(asks, asked_at=at, confirmed_at=at)


def _ask_each(task_force: TaskForce, asks: list[Ask], report: Report, at: datetime) -> None:
    """A mail to each that does not follow all of it, unless one is on its way or the mailbox has had enough."""
    stored = _stored(asks)
    to_ask = []
    for ask in asks:
        rows = stored.get(ask.mailbox, [])
        is_whole = len(rows) == len(ask.topics)
        if is_whole and all(confirmed for confirmed, _at in rows):
            report.known += 1
        elif is_whole and all(confirmed or _can_be_answered(asked_at, at) for confirmed, asked_at in rows):
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
SELECT %(task_force_id)s, person.mailbox, topic, %(frequency)s, person.language, %(zone)s, 'list',
    %(asked_at)s, %(confirmed_at)s
FROM unnest(%(mailboxes)s::text[], %(languages)s::text[]) AS person (mailbox, language),
    unnest(%(topics)s::text[]) AS topic
ORDER BY person.mailbox, topic
ON CONFLICT (task_force_id, mailbox, topic) DO UPDATE
SET asked_at = excluded.asked_at, confirmed_at = excluded.confirmed_at
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
                "asked_at": asked_at,
                "confirmed_at": confirmed_at,
            },
        )
