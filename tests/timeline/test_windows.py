"""The rule as instants, and the one comparison."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskforce.core.errors import Invalid
from taskforce.timeline import windows
from taskforce.timeline.enums import PhaseState
from taskforce.timeline.models import Phase, TaskForce

TICK = timedelta(microseconds=1)


@dataclass
class Stretch:
    opens_at: datetime
    closes_at: datetime
    cancelled_at: datetime | None = None


def test_the_end_of_february_anywhere_on_earth_is_noon_of_march_in_utc() -> None:
    found = windows.instant(date(2022, 2, 28), None, "AoE", end=True)
    assert found == datetime(2022, 3, 1, 12, tzinfo=UTC)


def test_a_day_anywhere_on_earth_begins_at_noon_in_utc() -> None:
    assert windows.instant(date(2022, 2, 1), None, "AoE", end=False) == datetime(2022, 2, 1, 12, tzinfo=UTC)


def test_a_leap_day_ends_with_the_month() -> None:
    assert windows.instant(date(2024, 2, 29), None, "AoE", end=True) == datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_a_time_of_day_is_taken_literally_at_both_ends() -> None:
    for end in (False, True):
        found = windows.instant(date(2022, 7, 1), time(18, 30), "Europe/Berlin", end=end)
        assert found == datetime(2022, 7, 1, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "first", "second"),
    [
        (date(2026, 10, 25), time(2, 30), "00:30", "01:30"),  # comes twice
        (date(2026, 3, 29), time(2, 30), "00:30", "01:30"),  # does not come
    ],
)
def test_a_time_that_the_clock_change_makes_unclear_is_refused(day: date, clock: time, first: str, second: str) -> None:
    with pytest.raises(Invalid) as refusal:
        windows.instant(day, clock, "Europe/Berlin", end=True)
    text = str(refusal.value.message)
    assert "Europe/Berlin" in text
    assert f"{day} 02:30" in text
    assert first in text
    assert second in text


def test_the_whole_day_of_a_clock_change_is_clear() -> None:
    found = windows.instant(date(2026, 10, 25), None, "Europe/Berlin", end=True)
    assert found == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "aoe", "/etc/localtime", "UTC\x00"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid):
        windows.zone_of(zone)


SPAN = Stretch(datetime(2022, 2, 1, 12, tzinfo=UTC), datetime(2022, 3, 1, 12, tzinfo=UTC))
EDGES = [
    (SPAN.opens_at - TICK, PhaseState.FUTURE),
    (SPAN.opens_at, PhaseState.CURRENT),
    (SPAN.opens_at + TICK, PhaseState.CURRENT),
    (SPAN.closes_at - TICK, PhaseState.CURRENT),
    (SPAN.closes_at, PhaseState.PAST),
    (SPAN.closes_at + TICK, PhaseState.PAST),
]


@pytest.mark.parametrize(("at", "state"), EDGES)
def test_half_open_to_the_microsecond(at: datetime, state: PhaseState) -> None:
    assert windows.state(SPAN, at) is state
    assert windows.is_open(SPAN, at) is (state is PhaseState.CURRENT)


@pytest.mark.parametrize(("at", "state"), EDGES)
def test_the_database_draws_the_same_line(tf: TaskForce, at: datetime, state: PhaseState) -> None:
    found = Phase.objects.filter(windows.open_at(at), task_force=tf, slug="feedback").exists()
    assert found is (state is PhaseState.CURRENT)
    through = TaskForce.objects.filter(windows.open_at(at, "phases__"), phases__slug="feedback").exists()
    assert through is found


_INSTANTS = st.timedeltas(timedelta(), timedelta(days=36_500)).map(lambda age: datetime(2000, 1, 1, tzinfo=UTC) + age)


@given(_INSTANTS, st.timedeltas(TICK, timedelta(days=400)), st.timedeltas(TICK, timedelta(days=400)), _INSTANTS)
def test_adjacent_phases_neither_overlap_nor_leave_a_gap(
    opens: datetime, first: timedelta, second: timedelta, at: datetime
) -> None:
    before, after = Stretch(opens, opens + first), Stretch(opens + first, opens + first + second)
    whole = Stretch(opens, opens + first + second)
    assert windows.is_open(before, at) + windows.is_open(after, at) == windows.is_open(whole, at)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["AoE", "UTC", "Asia/Tokyo"]))
def test_the_end_of_a_day_is_the_start_of_the_next(day: date, zone: str) -> None:
    tomorrow = day + timedelta(days=1)
    assert windows.instant(day, None, zone, end=True) == windows.instant(tomorrow, None, zone, end=False)
