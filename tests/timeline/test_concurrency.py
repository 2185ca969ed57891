"""Acts that meet at one phase, each in a real transaction of its own."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core import clock
from taskforce.core.errors import Conflict, Refused
from taskforce.timeline import gates, services, windows
from taskforce.timeline.models import Extension, Phase, TaskForce
from tests.conftest import Clock
from tests.meeting import until
from tests.timeline.conftest import Meeting, Run, past_the_triggers

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)
CLOSES = datetime(2022, 3, 1, 12, tzinfo=UTC)
Enter = Callable[[int, str], gates.Pass]


def unlocked(phase_id: int, capability: str) -> gates.Pass:
    """The gate without its lock: what these tests must be able to catch."""
    passed = gates.Pass(*gates._look(phase_id))
    if not windows.is_open(passed.phase, passed.at):
        raise Refused("closed")
    return passed


@pytest.fixture
def phase(committed_clock: Clock) -> Phase:
    """A feedback phase, committed, half a minute before its end."""
    committed_clock.set(CLOSES - timedelta(seconds=30))
    return published(services.create_task_force("tf", {"en": "Task force"}, at=AT))


def published(tf: TaskForce) -> Phase:
    """That of a task force."""
    return services.publish_phase(
        tf,
        slug="feedback",
        titles={"en": "Feedback"},
        capabilities=["feedback"],
        opens_on=date(2022, 2, 1),
        closes_on=date(2022, 2, 28),
        at=AT,
    )


@pytest.fixture
def coordinator(phase: Phase) -> User:
    """May extend it."""
    user = create_account("c@example.org", at=AT, name="C")
    grant_role(user, Role.COORDINATOR, at=AT, actor_id=None, task_force_id=phase.task_force_id)
    return user


def write(phase_id: int, enter: Enter, inside: Meeting, go: Meeting, *, is_kept_away: bool = False) -> None:
    """A submission that is slow between the gate and its row."""
    with transaction.atomic():
        passed = enter(phase_id, "feedback")
        inside.arrive()
        if is_kept_away:
            until(lambda: go.wait(0))
        else:
            go.wait(30)
        log.record("test.written", passed.phase, at=passed.at, actor_id=None)


def close_and_count(phase_id: int, inside: Meeting, closed: Meeting) -> int:
    """Close the phase now; returns the final count, which nobody may change afterwards."""
    inside.wait(30)
    with transaction.atomic():
        passed = gates.enter_exclusively(phase_id)
        with past_the_triggers():
            Phase.objects.filter(pk=phase_id).update(closes_at=passed.at)
        final = Entry.objects.filter(action="test.written").count()
    closed.arrive()
    return final


@pytest.mark.long
@pytest.mark.parametrize(("enter", "holds"), [(gates.enter, True), (unlocked, False)], ids=["gate", "no lock"])
def test_the_final_count_is_final(phase: Phase, aside: Run, enter: Enter, *, holds: bool) -> None:
    inside, closed = Meeting(), Meeting()
    # Behind the lock the closer cannot come before the writer: the writer must not wait for it for ever.
    writer = aside(write, phase.pk, enter, inside, closed, is_kept_away=True)
    closer = aside(close_and_count, phase.pk, inside, closed)
    writer.result(30)
    final = closer.result(30)
    assert (Entry.objects.filter(action="test.written").count() == final) is holds


def slow_extension(phase_id: int, actor: User, changed: Meeting, go: Meeting) -> Extension:
    """An extension that has passed the old end before it is committed."""
    with transaction.atomic():
        made = services.extend(phase_id, closes_on=date(2022, 3, 7), reason="Late.", actor=actor)
        changed.arrive()
        go.wait(30)
        return made


def admitted(phase_id: int, enter: Enter) -> bool:
    with transaction.atomic():
        try:
            enter(phase_id, "feedback")
        except Refused:
            return False
    return True


@pytest.mark.long
@pytest.mark.parametrize(("enter", "holds"), [(gates.enter, True), (unlocked, False)], ids=["gate", "no lock"])
def test_who_comes_during_an_extension_waits_and_sees_the_new_end(
    phase: Phase, coordinator: User, committed_clock: Clock, aside: Run, enter: Enter, *, holds: bool
) -> None:
    changed, go = Meeting(), Meeting()
    extension = aside(slow_extension, phase.pk, coordinator, changed, go)
    assert changed.wait(30)
    committed_clock.set(CLOSES + timedelta(seconds=1))
    writer = aside(admitted, phase.pk, enter)
    if holds:
        time.sleep(0.3)
        assert not writer.done()
    else:
        assert not writer.result(30)
    go.arrive()
    extension.result(30)
    assert writer.result(30) is holds


@pytest.mark.long
def test_an_extension_waits_for_who_is_inside(phase: Phase, coordinator: User, aside: Run) -> None:
    inside, go = Meeting(), Meeting()
    writer = aside(write, phase.pk, gates.enter, inside, go)
    assert inside.wait(30)
    extension = aside(services.extend, phase.pk, closes_on=date(2022, 3, 7), reason="Late.", actor=coordinator)
    time.sleep(0.2)
    assert not extension.done()
    go.arrive()
    writer.result(30)
    assert extension.result(30).ends_version == 2


def test_writers_do_not_wait_for_each_other(phase: Phase, aside: Run) -> None:
    inside, go = Meeting(), Meeting()
    slow = aside(write, phase.pk, gates.enter, inside, go)
    assert inside.wait(30)
    assert aside(admitted, phase.pk, gates.enter).result(30)
    assert not slow.done()
    go.arrive()
    slow.result(30)


@pytest.mark.long
def test_who_waits_in_a_transaction_across_the_close_is_judged_at_the_gate(
    phase: Phase, committed_clock: Clock
) -> None:
    committed_clock.set(CLOSES - timedelta(seconds=2))
    with transaction.atomic():
        begun = began()
        assert windows.is_open(phase, begun)
        time.sleep(2)
        # A gate that asked for the transaction's own time would still find it open.
        assert windows.is_open(phase, began())
        with pytest.raises(Refused):
            gates.enter(phase.pk, "feedback")


def began() -> datetime:
    """The portal's moment at which this transaction began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_now() - (clock_timestamp() - now())")
        found: datetime = cursor.fetchone()[0]
    return found


def busy(phase_id: int, hold: Callable[[int], object], stop: Meeting) -> int:
    """One submission after the other, until it is told to stop; each stays inside for a moment."""
    written = 0
    while not stop.wait(0):
        with transaction.atomic():
            hold(phase_id)
            time.sleep(0.05)
            written += 1
    return written


def through_the_gate(phase_id: int) -> None:
    gates.enter(phase_id, "feedback")


def by_shared_row(phase_id: int) -> None:
    """What holds a writer beside other writers too, but lets them overtake a closer for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM timeline_phase WHERE id = %s FOR SHARE", [phase_id])


def closes_within_a_second(phase_id: int, hold: Callable[[int], object]) -> bool:
    """Whether the one who closes has the phase for themselves in that time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1s'")
        try:
            if hold is through_the_gate:
                gates.enter_exclusively(phase_id)
            else:
                cursor.execute("SELECT 1 FROM timeline_phase WHERE id = %s FOR UPDATE", [phase_id])
        except OperationalError:
            transaction.set_rollback(True)
            return False
    return True


@pytest.mark.long
@pytest.mark.parametrize(
    ("hold", "holds"), [(through_the_gate, True), (by_shared_row, False)], ids=["gate", "shared row"]
)
def test_closing_takes_effect_within_a_second_beside_24_writers(
    phase: Phase, committed_clock: Clock, hold: Callable[[int], object], *, holds: bool
) -> None:
    committed_clock.set(CLOSES - timedelta(days=1))
    stop = Meeting()

    def writer() -> int:
        try:
            return busy(phase.pk, hold, stop)
        finally:
            connection.close()

    with ThreadPoolExecutor(24) as pool:
        writers = [pool.submit(writer) for _ in range(24)]
        time.sleep(0.5)
        try:
            assert closes_within_a_second(phase.pk, hold) is holds
        finally:
            stop.arrive()
    assert all(each.result() for each in writers)


def test_of_two_extensions_from_the_same_page_one_counts(phase: Phase, coordinator: User, aside: Run) -> None:
    acts = [
        aside(
            services.extend,
            phase.pk,
            closes_on=date(2022, 3, day),
            reason="Late.",
            actor=coordinator,
            ends_version=1,
        )
        for day in (7, 9)
    ]
    outcomes = [act.exception(30) for act in acts]
    assert [type(outcome) for outcome in outcomes if outcome] == [Conflict]
    assert Extension.objects.count() == 1
    phase.refresh_from_db()
    assert phase.ends_version == 2


def test_two_overlapping_phases_published_at_once_leave_one(phase: Phase, aside: Run) -> None:
    tf = TaskForce.objects.get(pk=phase.task_force_id)
    acts = [
        aside(
            services.publish_phase,
            tf,
            slug=slug,
            titles={"en": slug},
            capabilities=["apply"],
            opens_on=date(2022, 3, 14),
            closes_on=date(2022, 4, 10),
            at=AT,
        )
        for slug in ("a", "b", "c", "d")
    ]
    outcomes = [type(act.exception(30)) for act in acts]
    assert outcomes.count(Conflict) == 3
    assert outcomes.count(type(None)) == 1


# --- acts that end a phase --------------------------------------------------------------------------------------------

WRITERS = 24
Act = Callable[..., Extension | None]


def close(phase_id: int, actor: User, version: int | None = None) -> Extension:
    return services.close_early(phase_id, reason="Enough.", actor=actor, ends_version=version)


def cancel(phase_id: int, actor: User, version: int | None = None) -> Extension:
    return services.cancel_phase(phase_id, reason="Enough.", actor=actor, ends_version=version)


_both_have_looked = Barrier(2)


def unheld(phase_id: int, actor: User, version: int | None = None) -> None:
    """An act that looks, thinks and writes without holding the phase, in a database without its triggers."""
    if Phase.objects.get(pk=phase_id).ends_version != version:
        raise Conflict("changed")
    _both_have_looked.wait(30)
    with transaction.atomic(), past_the_triggers():
        Phase.objects.filter(pk=phase_id).update(closes_at=clock.app_now(), ends_version=F("ends_version") + 1)


@pytest.mark.long
@pytest.mark.parametrize(
    ("acts", "holds"),
    [((close, close), True), ((close, cancel), True), ((cancel, cancel), True), ((unheld, unheld), False)],
    ids=["close twice", "close or cancel", "cancel twice", "nobody holds"],
)
def test_of_two_acts_from_the_same_page_one_counts(
    phase: Phase, coordinator: User, aside: Run, acts: tuple[Act, ...], *, holds: bool
) -> None:
    outcomes = [one.exception(20) for one in [aside(act, phase.pk, coordinator, 1) for act in acts]]
    phase.refresh_from_db()
    assert [type(outcome) for outcome in outcomes if outcome] == ([Conflict] if holds else [])
    assert phase.ends_version == (2 if holds else 3)


def keep_writing(phase_id: int, enter: Enter) -> int:
    """One writer: in through the gate, a row that takes its time, out, until the gate refuses; how many rows."""
    written = 0
    with suppress(Refused):
        while True:
            with transaction.atomic():
                passed = enter(phase_id, "feedback")
                time.sleep(0.02)
                log.record("test.written", passed.phase, at=passed.at, actor_id=None)
            written += 1
    return written


def elsewhere(slug: str, coordinator: User) -> Phase:
    """Such a phase of another task force, which is theirs too."""
    tf = services.create_task_force(slug, {"en": slug}, at=AT)
    grant_role(coordinator, Role.COORDINATOR, at=AT, actor_id=None, task_force_id=tf.pk)
    return published(tf)


def among_writers(act: Callable[[], Extension | None], phase: Phase, crowd: Run, enter: Enter, *, holds: bool) -> float:
    """How many seconds an act takes among many who write; afterwards nothing is written any more, where the gate
    `holds`."""
    written = Entry.objects.filter(action="test.written")
    before = written.count()
    writers = [crowd(keep_writing, phase.pk, enter) for _ in range(WRITERS)]
    while written.count() < before + WRITERS:
        time.sleep(0.02)
    began = time.monotonic()
    made = act()
    took = time.monotonic() - began
    final = written.count()
    assert made is not None
    assert sum(writer.result(30) for writer in writers) == written.count() - before
    # Nothing comes in after the act: neither judged after its moment, nor committed after it.
    assert (written.count() == final) is holds
    assert not written.filter(at__gte=made.at).exists() or not holds
    return took


@pytest.mark.long
@pytest.mark.parametrize("act", [close, cancel], ids=["close", "cancel"])
@pytest.mark.parametrize(("enter", "holds"), [(gates.enter, True), (unlocked, False)], ids=["gate", "no lock"])
def test_an_act_among_many_writers_is_effective_within_a_second(
    phase: Phase, coordinator: User, committed_clock: Clock, crowd: Run, act: Act, enter: Enter, *, holds: bool
) -> None:
    committed_clock.set(CLOSES - timedelta(hours=1))
    # The best of three counts, for the machine does other things too.
    for one in (phase, *(elsewhere(f"tf{number}", coordinator) for number in range(2 * holds))):
        took = among_writers(partial(act, one.pk, coordinator), one, crowd, enter, holds=holds)
        if took <= 1:
            break
    assert took <= 1 or not holds
