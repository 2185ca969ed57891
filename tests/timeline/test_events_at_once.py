"""Sweeps that meet, and sweeps that are killed: each event once, each mailing once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

import pytest
from django.db import connection

from taskforce.core.clock import real_now
from taskforce.notifications.models import Mailing
from taskforce.portal import sweep
from taskforce.timeline import reminders, services
from taskforce.timeline.models import Phase, PhaseEvent
from taskforce.timeline.notices import events as notices
from taskforce.timeline.queries.events import unfinished_phases
from tests.conftest import Clock, utc
from tests.timeline.conftest import Run

AT = utc(2022, 2, 22, 13)
PHASES = 12
KILLS = 6


@pytest.fixture
def phases(committed_clock: Clock) -> list[Phase]:
    """A dozen feedback phases, each of a task force of its own, of which an opening and a reminder are due."""
    published = committed_clock.set(utc(2022, 1, 20, 9))
    made = []
    for number in range(PHASES):
        tf = services.create_task_force(f"tf-{number}", {"en": "Task force"}, at=published)
        made.append(
            services.publish_phase(
                tf,
                slug="feedback",
                titles={"en": "Feedback"},
                capabilities=["feedback"],
                opens_on=date(2022, 2, 1),
                closes_on=date(2022, 2, 28),
                at=published,
            )
        )
    committed_clock.set(AT)
    return made


def once_each(number: int = PHASES) -> None:
    """Both events of each phase, one mailing for the one that is still of use."""
    assert PhaseEvent.objects.count() == 2 * number
    assert Counter(Mailing.objects.values_list("kind", flat=True)) == {notices.CLOSING_WEEK: number}
    assert set(Mailing.objects.values_list("key", flat=True)) == {
        f"phase-event:{pk}:closing-week:1" for pk in Phase.objects.values_list("pk", flat=True)
    }


def none(phase: Phase) -> int | None:
    return None


def real(at: datetime) -> None:
    services.notice_due(at, none)


def naive(at: datetime) -> None:
    """Find, then create, without the unique key, as it is often written."""
    for phase in unfinished_phases():
        for due in reminders.due(phase, [], at):
            if not Mailing.objects.filter(params__due=str(due.kind), params__phase=phase.pk).exists():
                time.sleep(0.01)
                Mailing.objects.create(
                    key=f"{phase.pk}:{due.kind}:{random.random()}",
                    kind=notices.CLOSING_WEEK,
                    params={"due": str(due.kind), "phase": phase.pk},
                    created_at=at,
                    not_before=real_now(),
                )


@pytest.mark.long
@pytest.mark.parametrize(("notice", "holds"), [(real, True), (naive, False)], ids=["unique key", "find, then create"])
def test_four_sweeps_at_once(
    phases: list[Phase], aside: Run, notice: Callable[[datetime], None], *, holds: bool
) -> None:
    """None of them knows of the others: not the lock that saves work, but the unique key holds."""
    for running in [aside(notice, AT) for _ in range(4)]:
        running.result(30)
    if holds:
        once_each()
    else:
        kinds = Counter(tuple(params.values()) for params in Mailing.objects.values_list("params", flat=True))
        assert max(kinds.values()) > 1


@pytest.mark.long
def test_two_beats(phases: list[Phase], aside: Run) -> None:
    """Passes as the two wake them: what one is at, the other leaves to it, and nothing is done twice."""
    passes = [aside(sweep.run) for _ in range(4)]
    done = [running.result(30) for running in passes]
    assert sum(found["events noticed"] or 0 for found in done) == 2 * PHASES
    once_each()
    assert sweep.run() == dict.fromkeys((name for name, _step in sweep.STEPS), 0)


@pytest.mark.long
def test_while_one_pass_is_at_it_another_is_idle(
    phases: list[Phase], aside: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[dict[str, int | None]] = []

    def slow(at: datetime) -> int:
        if not beside:
            beside.append(aside(sweep.run).result(30))
        return 7

    monkeypatch.setattr(sweep, "STEPS", (("slow", slow),))
    assert sweep.run() == {"slow": 7}
    assert beside == [{"slow": 0}]
    assert aside(sweep.run).result(30) == {"slow": 7}


def environment() -> dict[str, str]:
    """What another process needs to reach this test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}


# Says when it begins, and takes a while over each event, so that a kill comes in the middle of one.
SLOW = """
import django, sys, time
django.setup()
from taskforce.portal import sweep
from taskforce.timeline.services import events
whole = events.notices.noticed
def slowly(event, *, at):
    time.sleep(0.01)
    whole(event, at=at)
    time.sleep(0.01)
events.notices.noticed = slowly
print("begun", flush=True)
sweep.run()
"""


def killed_sweep(after: float) -> None:
    """A pass in a process of its own, killed so many seconds after it began."""
    process = subprocess.Popen([sys.executable, "-c", SLOW], env=environment(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()


@pytest.mark.long
def test_a_sweep_killed_in_the_middle(phases: list[Phase]) -> None:
    number = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    seed, note = random.Random(number), f"SEED={number} repeats it"
    for _ in range(KILLS):
        killed_sweep(seed.uniform(0.0, 0.1))
        told = PhaseEvent.objects.filter(outcome="told").count()
        assert Mailing.objects.count() == told, f"an event and its mailing are one; {note}"
    began = time.monotonic()
    while sweep.run()["events noticed"] or PhaseEvent.objects.count() < 2 * PHASES:
        assert time.monotonic() - began < 30, f"no lock outlives a killed process; {note}"
    once_each()


@pytest.mark.long
def test_the_twin_of_the_kill(phases: list[Phase]) -> None:
    """The mailing in a transaction of its own after the event: a kill between them loses it, and nobody sees why."""
    PhaseEvent.objects.create(
        phase=phases[0], kind="closing-week", ends_version=1, due_at=AT, noticed_at=AT, outcome="told"
    )
    services.notice_due(AT, none)
    assert Mailing.objects.count() == PHASES - 1
    assert PhaseEvent.objects.filter(outcome="told").count() == PHASES
