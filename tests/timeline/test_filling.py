"""Phases that close when enough have come in: the cap and the grace as they are published, and how a cap is held."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core.errors import Invalid, Refused
from taskforce.timeline import gates, services, windows
from taskforce.timeline.enums import GRACE, Act
from taskforce.timeline.models import Extension, Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock, Stand
from tests.timeline.conftest import past_the_triggers

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)


def publish(tf: TaskForce, **numbers: Any) -> Phase:
    """A second feedback phase with these numbers, as the database has it."""
    made = services.publish_phase(
        tf,
        slug="second",
        titles={"en": "Second round"},
        capabilities=["feedback"],
        opens_on=date(2022, 9, 15),
        closes_on=date(2022, 10, 6),
        at=AT,
        **numbers,
    )
    return Phase.objects.get(pk=made.pk)


def test_a_phase_is_published_with_its_cap_and_its_grace(tf: TaskForce) -> None:
    made = publish(tf, cap=10, grace_seconds=30)
    assert made.cap == 10
    assert made.hard_closes_at - made.closes_at == timedelta(seconds=30)


def test_a_phase_has_no_cap_and_the_usual_grace_unless_somebody_says_so(tf: TaskForce) -> None:
    made = publish(tf)
    assert (made.cap, made.grace_seconds) == (None, GRACE)


@pytest.mark.parametrize(
    "numbers", [{"cap": 0}, {"cap": -1}, {"cap": 10**12}, {"grace_seconds": -1}, {"grace_seconds": 601}]
)
def test_a_cap_or_a_grace_that_makes_no_sense_is_refused(tf: TaskForce, numbers: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        publish(tf, **numbers)
    assert not Phase.objects.filter(slug="second").exists()


CAP, MANY = 10, 50
OPEN = datetime(2022, 10, 1, 12, tzinfo=UTC)
Enter = Callable[[int], gates.Pass]


def places() -> int:
    """How many have come in."""
    return Entry.objects.filter(action="test.written").count()


def through_the_gate(phase_id: int) -> gates.Pass:
    return gates.enter(phase_id, "feedback", taken=places)


def under_the_shared_lock(phase_id: int) -> gates.Pass:
    """Counting beside the others: what this test must be able to catch."""
    passed = gates.enter(phase_id, "feedback")
    if places() >= CAP:
        raise Refused("full")
    return passed


def submit(phase_id: int, enter: Enter, together: Barrier) -> bool:
    """One of many who come at the same time; False for a refusal."""
    try:
        together.wait(60)
        with transaction.atomic():
            passed = enter(phase_id)
            time.sleep(0.02)
            log.record("test.written", passed.phase, at=passed.at, actor_id=None)
            if passed.fills:
                services.close_full(passed)
    except Refused:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.long
@pytest.mark.parametrize(
    ("enter", "holds"), [(through_the_gate, True), (under_the_shared_lock, False)], ids=["gate", "shared lock"]
)
def test_a_cap_of_ten_under_fifty_at_once_is_ten(committed_clock: Clock, enter: Enter, *, holds: bool) -> None:
    committed_clock.set(OPEN)
    made = publish(services.create_task_force("tf", {"en": "Task force"}, at=AT), cap=CAP)
    together = Barrier(MANY)
    with ThreadPoolExecutor(MANY) as pool:
        let_in = sum(pool.map(lambda _turn: submit(made.pk, enter, together), range(MANY)))
    assert places() == let_in
    assert (let_in == CAP) is holds
    if holds:
        assert_closed_full(made)


def assert_closed_full(made: Phase) -> None:
    """The phase ended with the last one that it let in, by nobody's act, and has no grace."""
    act = Extension.objects.get(phase=made)
    last = Entry.objects.filter(action="test.written").latest("at")
    made.refresh_from_db()
    assert (act.act, act.actor_id, act.actor_name) == (Act.FULL, None, "")
    assert (act.old_closes_at, act.new_closes_at) == (datetime(2022, 10, 7, 12, tzinfo=UTC), made.closes_at)
    assert made.closes_at == made.hard_closes_at == last.at + timedelta(microseconds=1)
    assert windows.instant(made.closes_on, made.closes_time, made.zone, end=True) == made.closes_at
    assert (made.ends_version, act.ends_version) == (2, 2)
    assert Entry.objects.filter(action="phase.full", actor_id=None).count() == 1


def test_who_comes_when_it_is_full_is_told_so(tf: TaskForce, clock: Clock) -> None:
    clock.set(OPEN)
    made = publish(tf, cap=1)
    with transaction.atomic():
        passed = gates.enter(made.pk, "feedback", taken=lambda: 0)
        assert passed.fills
        services.close_full(passed)
    with transaction.atomic(), pytest.raises(Refused, match="is full: 1 is in; that was the limit") as refusal:
        gates.enter(made.pk, "feedback", taken=lambda: 1)
    facts: dict[str, Any] = dict(refusal.value.facts)
    assert facts["Closed"] == passed.at + timedelta(microseconds=1)


def test_an_act_that_takes_no_place_is_not_counted(tf: TaskForce, clock: Clock) -> None:
    clock.set(OPEN)
    made = publish(tf, cap=1)
    with transaction.atomic():
        assert not gates.enter(made.pk, "feedback").fills


def test_the_last_place_may_be_taken_in_the_grace_and_nothing_is_left_to_close(tf: TaskForce, clock: Clock) -> None:
    clock.set(OPEN)
    made = publish(tf, cap=1)
    form_key = gates.read_form_key(gates.new_form_key(OPEN, made.pk), made.pk)
    clock.set(made.closes_at)
    with transaction.atomic():
        passed = gates.enter(made.pk, "feedback", form_key=form_key, taken=lambda: 0)
        assert (passed.in_grace, passed.fills) == (True, True)
        assert services.close_full(passed) is None
    with transaction.atomic(), pytest.raises(Refused, match="is full"):
        gates.enter(made.pk, "feedback", form_key=form_key, taken=lambda: 1)
    assert not Extension.objects.exists()


def test_the_process_page_publishes_the_grace_and_no_later_instant(
    tf: TaskForce, client: Client, standing: Stand
) -> None:
    standing(datetime(2022, 3, 1, 12, 1, tzinfo=UTC))
    html = client.get("/en/tf/leadership-development/process/").content.decode()
    assert "still taken within 2 minutes after it" in html
    assert "12:02" not in html
    with past_the_triggers():
        Phase.objects.update(grace_seconds=0)
    assert "still taken" not in client.get("/en/tf/leadership-development/process/").content.decode()
