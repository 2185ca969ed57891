"""Many sweeps at once, and all of them are killed again and again."""

import sys
import time
from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Count

from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, PhaseEvent
from tests.chaos import case as cases
from tests.chaos import loops
from tests.chaos.conftest import Figures
from tests.chaos.scale import SCALE, dice
from tests.chaos.stack import Stack, kill_one_of, soon
from tests.chaos.witness import mailed

FOLLOWERS = 5
SWEEPERS = 4
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KILLING_SECONDS = 3


def short_phases(made: cases.Case, count: int, closes_at: datetime) -> list[Phase]:
    """Phases for nothing in particular, which may overlap, with one end."""
    return [
        timeline.publish_phase(
            made.task_force,
            slug=f"phase{number}",
            titles={"en": f"Phase {number}"},
            capabilities=[],
            zone="UTC",
            opens_on=(closes_at - 20 * DAY).date(),
            closes_on=closes_at.date(),
            closes_time=closes_at.time(),
            at=made.at,
        )
        for number in range(count)
    ]


def killing(stack: Stack, name: str, kills: int, seconds: float) -> int:
    """Kill one of a loop's processes so many times; returns how many living ones have died of it."""
    chance, killed = dice(name), 0
    for _ in range(kills):
        time.sleep(seconds / kills)
        soon(lambda: kill_one_of(stack.children(name), chance.choice), "a process to kill", 60, pause=0.01)
        killed += 1
    return killed


def expanded_all(stack: Stack) -> bool:
    """Whether no mailing waits. In the short form nobody waits for the lease of one whose sweep was killed.

    That a living sweep may lose its own early as well makes this no easier.
    """
    if SCALE.name == "fast":
        stack.sql("UPDATE notifications_mailing SET not_before = now() WHERE state = 'queued' AND not_before > now()")
    return not Mailing.objects.filter(state="queued").exists()


def test_sweeps_at_once_under_kills(stack: Stack, figures: Figures) -> None:
    stack.mail()
    stack.worker()
    stack.beat("beat")
    stack.beat("beat2")
    stack.start("sweeps", [sys.executable, "-m", "tests.chaos.loops", "sweep", str(SWEEPERS)], patience=1.0)
    made = cases.case()
    cases.followers(made, FOLLOWERS)
    closes_at = cases.in_seconds(30 * 86_400)
    phases = short_phases(made, SCALE.races, closes_at)
    soon(lambda: len(stack.children("sweeps")) == SWEEPERS, "the sweeps", 60)
    moments = [closes_at - 19 * DAY, closes_at + HOUR]
    killed = 0
    for moment in moments:
        cases.set_clock(moment)
        killed += killing(stack, "sweeps", SCALE.race_kills // len(moments), KILLING_SECONDS)
    soon(lambda: PhaseEvent.objects.filter(kind="closed").count() >= len(phases), "every close", 90)
    soon(lambda: expanded_all(stack), "every mailing expanded", 120)
    soon(lambda: not OutboxMessage.objects.filter(state__in=["queued", "sending"]).exists(), "every mail", 120)
    found = Counter(PhaseEvent.objects.values_list("phase_id", "kind"))
    opened = sum(kind == "opened" for _, kind in found)
    mails = mailed(stack)
    expanded = Mailing.objects.filter(state="expanded").annotate(rows=Count("messages"))
    figures(
        f"{SWEEPERS} sweeps, 2 beats, {killed} kills: {len(phases)} phases, opened {opened}, "
        f"closed {len(found) - opened}, events more than once {sum(count > 1 for count in found.values())}; "
        f"{Mailing.objects.count()} mailings, {len(expanded)} of them in time, {len(mails)} mails, "
        f"more than once {sum(count > 1 for count in mails.values())}"
    )
    assert killed == SCALE.race_kills
    assert opened == len(found) - opened == len(phases)
    assert Mailing.objects.count() == PhaseEvent.objects.filter(outcome="told").count()
    assert set(found.values()) == set(mails.values()) == {1}
    assert len(expanded) >= len(phases)  # what closed is news for days; an opening may be overtaken by its close
    assert {mailing.rows for mailing in expanded} == {FOLLOWERS}
    assert set(mails) == set(OutboxMessage.objects.filter(state="sent").values_list("message_id", flat=True))


def test_naive_sweeps_at_once_do_things_twice(stack: Stack, figures: Figures) -> None:
    stack.start("sweeps", [sys.executable, "-m", "tests.chaos.loops", "naive", str(SWEEPERS)], patience=1.0)
    made = cases.case()
    phases = short_phases(made, 3, app_now().replace(microsecond=0) + HOUR)
    soon(lambda: len(stack.children("sweeps")) == SWEEPERS, "the sweeps", 60)
    time.sleep(0.5)
    cases.set_clock(phases[0].closes_at + HOUR)
    done = Entry.objects.filter(action=loops.NAIVE_ACTION)
    soon(lambda: done.values("target_id").distinct().count() == len(phases), "everything done", 30)
    time.sleep(2 * loops.BETWEEN)
    figures(f"{SWEEPERS} naive sweeps: {done.count()} acts for {len(phases)} phases")
    assert done.count() > len(phases)
