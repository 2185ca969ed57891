"""What is due about a phase at a moment, and what comes of it: pure, no database."""

from datetime import UTC, datetime, timedelta

import pytest

from taskforce.timeline import reminders
from taskforce.timeline.enums import Act, EventKind, EventOutcome
from taskforce.timeline.models import Extension, Phase
from tests.conftest import utc

PUBLISHED = utc(2022, 1, 20, 9)
OPENS = utc(2022, 2, 1, 12)
CLOSES = utc(2022, 3, 1, 12)
WEEK, DAY, HARD = CLOSES - timedelta(days=7), CLOSES - timedelta(days=1), CLOSES + timedelta(seconds=120)
OPENED, CLOSING_WEEK, CLOSING_DAY, CLOSED = (
    EventKind.OPENED,
    EventKind.CLOSING_WEEK,
    EventKind.CLOSING_DAY,
    EventKind.CLOSED,
)
TOLD, QUIET, STALE = EventOutcome.TOLD, EventOutcome.QUIET, EventOutcome.STALE
TICK = timedelta(microseconds=1)


def phase(**changes: object) -> Phase:
    values = {
        "pk": 1,
        "capabilities": ["feedback"],
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "published_at": PUBLISHED,
        **changes,
    }
    return Phase(**values)


def act(at: datetime, version: int = 2, name: str = Act.EXTENDED) -> Extension:
    return Extension(act=name, at=at, ends_version=version)


def kinds_due(found: list[reminders.Due]) -> list[tuple[str, int]]:
    return [(str(one.kind), one.ends_version) for one in found]


@pytest.mark.parametrize(
    ("at", "kinds"),
    [
        (OPENS - TICK, []),
        (OPENS, [OPENED]),
        (WEEK - TICK, [OPENED]),
        (WEEK, [OPENED, CLOSING_WEEK]),
        (DAY, [OPENED, CLOSING_WEEK, CLOSING_DAY]),
        (CLOSES, [OPENED, CLOSING_WEEK, CLOSING_DAY]),
        (HARD - TICK, [OPENED, CLOSING_WEEK, CLOSING_DAY]),
        (HARD, [OPENED, CLOSING_WEEK, CLOSING_DAY, CLOSED]),
        (datetime(9000, 1, 1, tzinfo=UTC), [OPENED, CLOSING_WEEK, CLOSING_DAY, CLOSED]),
    ],
)
def test_what_is_due_and_in_which_order(at: datetime, kinds: list[EventKind]) -> None:
    assert [one.kind for one in reminders.due(phase(), [], at)] == kinds


@pytest.mark.parametrize("capability", ["review", "work"])
def test_only_what_visitors_can_do_something_in_is_reminded_of(capability: str) -> None:
    found = reminders.due(phase(capabilities=[capability]), [], HARD)
    assert [one.kind for one in found] == [OPENED, CLOSED]


def test_a_moved_end_renews_the_keys_and_keeps_the_opening() -> None:
    """The change itself is an event too, before what follows from it."""
    moved = phase(closes_at=CLOSES + timedelta(days=7), ends_version=2)
    found = reminders.due(moved, [act(DAY)], CLOSES + timedelta(days=8))
    assert kinds_due(found) == [
        ("opened", 1),
        ("changed", 2),
        ("closing-week", 2),
        ("closing-day", 2),
        ("closed", 2),
    ]


def test_of_a_cancelled_phase_nothing_is_due_but_its_changes() -> None:
    cancelled = phase(cancelled_at=DAY, ends_version=3)
    found = reminders.due(cancelled, [act(DAY, 3, Act.CANCELLED), act(WEEK, 2)], HARD)
    assert kinds_due(found) == [("changed", 2), ("changed", 3)]


@pytest.mark.parametrize(
    ("kind", "last_useful"),
    [
        (OPENED, WEEK - TICK),
        (CLOSING_WEEK, DAY - TICK),
        (CLOSING_DAY, CLOSES - TICK),
        (CLOSED, HARD + timedelta(days=3) - TICK),
    ],
)
def test_noticed_in_time_it_is_told_and_later_it_is_stale(kind: EventKind, last_useful: datetime) -> None:
    """An opening is overtaken by the first reminder, which says until when as well."""
    assert reminders.outcome(phase(), [], kind, reminders.instant(phase(), kind)) is TOLD
    assert reminders.outcome(phase(), [], kind, last_useful) is TOLD
    assert reminders.outcome(phase(), [], kind, last_useful + TICK) is STALE


def test_an_opening_is_not_overtaken_by_a_reminder_that_is_not_told() -> None:
    """Two days long: no reminder but the day's; twelve hours long: none at all."""
    for hours in (12, 24):
        short = phase(closes_at=OPENS + timedelta(hours=hours))
        assert reminders.outcome(short, [], OPENED, OPENS + timedelta(hours=11)) is TOLD
    two_days = phase(closes_at=OPENS + timedelta(days=2))
    assert reminders.outcome(two_days, [], OPENED, OPENS + timedelta(hours=23)) is TOLD
    assert reminders.outcome(two_days, [], OPENED, OPENS + timedelta(hours=24)) is STALE


@pytest.mark.parametrize("days", [7, 5])
def test_no_reminder_before_or_at_the_opening(days: int) -> None:
    short = phase(closes_at=OPENS + timedelta(days=days))
    assert reminders.outcome(short, [], CLOSING_WEEK, OPENS) is QUIET
    assert reminders.outcome(short, [], CLOSING_DAY, short.closes_at - timedelta(days=1)) is TOLD


@pytest.mark.parametrize(
    ("told_at", "week", "day"), [(WEEK - TICK, TOLD, TOLD), (WEEK, QUIET, TOLD), (DAY, QUIET, QUIET)]
)
def test_no_reminder_of_an_end_that_was_set_after_its_instant(
    told_at: datetime, week: EventOutcome, day: EventOutcome
) -> None:
    """The mail about the change, or the publication, has just said it."""
    moved = phase(ends_version=2)
    assert reminders.outcome(moved, [act(told_at)], CLOSING_WEEK, max(told_at, WEEK)) is week
    assert reminders.outcome(moved, [act(told_at)], CLOSING_DAY, DAY) is day
    late = phase(published_at=told_at)
    assert reminders.outcome(late, [], CLOSING_WEEK, max(told_at, WEEK)) is week


def test_what_was_before_the_publication_is_told_to_nobody() -> None:
    old = phase(published_at=HARD + timedelta(days=300))
    for kind in (OPENED, CLOSING_WEEK, CLOSING_DAY, CLOSED):
        assert reminders.outcome(old, [], kind, HARD + timedelta(days=300)) is QUIET
    at_once = phase(published_at=OPENS)
    assert reminders.outcome(at_once, [], OPENED, OPENS) is TOLD


def test_who_was_told_that_it_closed_early_is_not_told_again() -> None:
    """Nor who was told that enough have come in."""
    early = phase(closes_at=DAY, grace_seconds=0, ends_version=2)
    assert reminders.outcome(early, [act(DAY, 2, Act.CLOSED)], CLOSED, DAY + TICK) is QUIET
    assert reminders.outcome(early, [act(DAY, 2, Act.FULL)], CLOSED, DAY + TICK) is QUIET
