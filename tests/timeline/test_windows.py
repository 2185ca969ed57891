"""The rule as instants, and the one comparison."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db.models import BooleanField, ExpressionWrapper, F
from hypothesis import given
from hypothesis import strategies as st

from taskforce.core.errors import Invalid
from taskforce.timeline import services, windows
from taskforce.timeline.enums import PhaseState
from taskforce.timeline.models import Phase, TaskForce
from tests.timeline.conftest import past_the_triggers

TICK = timedelta(microseconds=1)
PhaseOf = Callable[[str], Phase]


@dataclass
class Stretch:
    opens_at: datetime
    closes_at: datetime
    cancelled_at: datetime | None = None
    dropped_at: datetime | None = None


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


def refusal_of(day: date, clock: time | None, zone: str) -> str:
    with pytest.raises(Invalid) as refusal:
        windows.instant(day, clock, zone, end=True)
    return str(refusal.value.message)


def test_a_time_that_comes_twice_is_refused_with_both_readings() -> None:
    text = refusal_of(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
    assert "02:30 on 25 October 2026 comes twice in Europe/Berlin" in text
    assert "25 October 2026, 02:30 UTC+02:00 (that is 25 October 2026, 00:30 UTC)" in text
    assert "25 October 2026, 02:30 UTC+01:00 (that is 25 October 2026, 01:30 UTC)" in text
    assert "in the zone UTC each of the two can be given" in text


def test_a_time_that_is_skipped_is_refused_with_both_readings() -> None:
    text = refusal_of(date(2026, 3, 29), time(2, 30), "Europe/Berlin")
    assert "02:30 on 29 March 2026 is skipped in Europe/Berlin" in text
    assert "29 March 2026, 01:30 UTC+01:00 (that is 29 March 2026, 00:30 UTC)" in text
    assert "29 March 2026, 03:30 UTC+02:00 (that is 29 March 2026, 01:30 UTC)" in text


def test_readings_on_two_days_each_say_their_day() -> None:
    text = refusal_of(date(2024, 11, 3), time(0, 30), "America/Havana")
    assert "3 November 2024, 00:30 UTC-04:00 (that is 3 November 2024, 04:30 UTC)" in text
    # The island had no 30 December: its clocks went from the end of the 29th to the start of the 31st.
    text = refusal_of(date(2011, 12, 30), time(12), "Pacific/Apia")
    assert "is skipped" in text
    assert "29 December 2011, 12:00 UTC-10:00 (that is 29 December 2011, 22:00 UTC)" in text
    assert "31 December 2011, 12:00 UTC+14:00 (that is 30 December 2011, 22:00 UTC)" in text


def test_a_day_whose_end_is_skipped_is_refused_too() -> None:
    assert "00:00 on 31 March 2024 is skipped in Asia/Beirut" in refusal_of(date(2024, 3, 30), None, "Asia/Beirut")


@pytest.mark.parametrize("clock", [None, time(), time(23, 59, 59, 999_999)])
@pytest.mark.parametrize("zone", ["AoE", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("day", [date.min, date(1999, 12, 31), date(2101, 1, 1), date(9999, 12, 30), date.max])
def test_a_day_of_another_age_is_refused_in_words(day: date, clock: time | None, zone: str) -> None:
    for end in (False, True):
        with pytest.raises(Invalid, match="from 2000 to 2100"):
            windows.instant(day, clock, zone, end=end)


@pytest.mark.parametrize("zone", ["AoE", "Pacific/Kiritimati", "America/St_Johns"])
def test_the_first_and_the_last_day_are_taken(zone: str) -> None:
    first = windows.instant(date(2000, 1, 1), None, zone, end=False)
    assert first < windows.instant(date(2100, 12, 31), None, zone, end=True)


@pytest.mark.long
@given(
    st.dates(), st.none() | st.times(), st.sampled_from(["AoE", "UTC", "Europe/Berlin", "Pacific/Apia"]), st.booleans()
)
def test_every_rule_is_an_instant_or_refused(day: date, clock: time | None, zone: str, end: bool) -> None:
    try:
        found = windows.instant(day, clock, zone, end=end)
    except Invalid:
        return
    assert found.tzinfo is UTC


def test_the_whole_day_of_a_clock_change_is_clear() -> None:
    found = windows.instant(date(2026, 10, 25), None, "Europe/Berlin", end=True)
    assert found == datetime(2026, 10, 25, 23, tzinfo=UTC)


NO_ZONES = ["", "Mars/Olympus", "../../etc/passwd", "../etc", "aoe", "/etc/localtime", "UTC\x00", "Europe", "\ud800"]
NO_ZONES += ["localtime", "Factory", "posixrules", "posix/UTC", "right/UTC", "europe/berlin", " UTC", "x" * 300, "."]


@pytest.mark.parametrize("zone", NO_ZONES)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refusal:
        windows.zone_of(zone)
    assert len(str(refusal.value.message)) < 100


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/Argentina/Buenos_Aires", "Etc/GMT+12", "UTC"])
def test_a_zone_of_the_database_is_known(zone: str) -> None:
    assert str(windows.zone_of(zone)) == zone


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


ZONES = ["AoE", "UTC", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns", "Europe/Berlin"]
ZONES += ["Australia/Lord_Howe", "America/New_York", "Asia/Tokyo", "Africa/Casablanca", "Pacific/Chatham"]
# How a phase of the property below differs: its grace, and how long after its start it is cancelled.
KINDS = {"plain": (120, None), "strict": (0, None), "stopped": (120, timedelta(days=3)), "never": (0, -TICK)}


@pytest.fixture
def phases(tf: TaskForce) -> list[Phase]:
    """A phase of each kind in each zone, across the clock change of Europe; without what phases may share only once."""
    for zone in ZONES:
        for kind, (grace, _cancelled) in KINDS.items():
            services.publish_phase(
                tf,
                slug=f"{zone.replace('/', '-')}-{kind}",
                titles={"en": zone},
                capabilities=[],
                opens_on=date(2026, 10, 4),
                closes_on=date(2026, 10, 25),
                closes_time=None if kind == "plain" else time(3, 30),
                zone=zone,
                grace_seconds=grace,
                at=SPAN.opens_at,
            )
    with past_the_triggers():
        for kind, (_grace, cancelled) in KINDS.items():
            if cancelled is not None:
                ours = Phase.objects.filter(slug__endswith=f"-{kind}")
                ours.update(cancelled_at=F("opens_at") + cancelled)
    return list(Phase.objects.filter(capabilities=[]))


# Each comparison as the pages make it, and as the queries do.
RULES = (
    (windows.has_begun, windows.begun_at),
    (windows.is_open, windows.open_at),
    (windows.is_over, windows.over_at),
)


def boundaries(phase: Phase) -> set[datetime]:
    """The five instants at which something about a phase changes, and that of its cancelling."""
    week, day = timedelta(days=7), timedelta(days=1)
    found = {phase.opens_at, phase.closes_at - week, phase.closes_at - day, phase.closes_at, phase.hard_closes_at}
    return found | ({phase.cancelled_at} if phase.cancelled_at else set())


@pytest.mark.long
def test_python_and_sql_draw_the_same_line_at_every_boundary(phases: list[Phase]) -> None:
    assert len(phases) == len(ZONES) * len(KINDS)
    edges = {boundary for phase in phases for boundary in boundaries(phase)}
    for at in sorted({edge + step for edge in edges for step in (-TICK, timedelta(), TICK)}):
        by_query = {
            f"rule{number}": ExpressionWrapper(sql(at), BooleanField()) for number, (_, sql) in enumerate(RULES)
        }
        rows = list(Phase.objects.filter(capabilities=[]).annotate(**by_query).order_by().values("pk", *by_query))
        for (python, sql), name in zip(RULES, by_query, strict=True):
            by_rule = {phase.pk for phase in phases if python(phase, at)}
            assert by_rule == {row["pk"] for row in rows if row[name]}, at
            # The same expression once more: that it finds its columns is shown at the boundaries alone.
            if at not in edges:
                continue
            through = TaskForce.objects.filter(sql(at, "phases__"), phases__capabilities=[])
            assert by_rule == set(through.values_list("phases__pk", flat=True)), at


@pytest.mark.parametrize(
    "after", [-TICK, timedelta(days=3), timedelta(days=28), timedelta(days=28, seconds=60)], ids=str
)
def test_both_draw_the_line_where_its_task_force_has_ended(tf: TaskForce, phase: PhaseOf, after: timedelta) -> None:
    """Before it opens, in the middle, at its close and in its grace: from then on nothing arrives."""
    ended = SPAN.opens_at + after
    services.change_state(tf.pk, "cancel", at=ended, actor_id=None)
    one = phase("feedback")
    for at in sorted({edge + step for edge in boundaries(one) | {ended} for step in (-TICK, timedelta(), TICK)}):
        for python, sql in RULES:
            assert python(one, at) is Phase.objects.filter(sql(at), pk=one.pk).exists(), at
        assert windows.is_over(one, at) is (at >= min(ended, one.hard_closes_at)), at
        assert not (windows.is_in_grace(one, at) and at >= ended)


def test_between_close_and_hard_close_it_is_neither_open_nor_over(phases: list[Phase]) -> None:
    for phase in phases:
        for boundary in boundaries(phase):
            for at in (boundary - TICK, boundary, boundary + TICK):
                between = phase.closes_at <= at < phase.hard_closes_at and phase.cancelled_at is None
                assert windows.is_in_grace(phase, at) is between
                assert not (windows.is_open(phase, at) and (between or windows.is_over(phase, at)))


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
