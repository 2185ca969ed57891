"""Nobody is there when deadlines pass; and many are there at once."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header

from django.db import connection
from django.db.models import Count

from feedback.models import FeedbackItem
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.portal.demo import clock
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, PhaseEvent
from tests.chaos import case as cases
from tests.chaos import loops
from tests.chaos.browsers import Visit, load_all, send
from tests.chaos.conftest import Figures
from tests.chaos.scale import SCALE, dice
from tests.chaos.stack import Stack, kill_one_of, soon
from tests.chaos.witness import log, mailed

FOLLOWERS = 5
VISITORS = 20
SWEEPERS = 4
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def set_clock(moment: datetime) -> None:
    """Let the portal's clock stand at this moment, for every process."""
    clock.set_to(moment, back=True)
    connection.close()


def noticed(phase: Phase) -> list[tuple[str, str]]:
    """What was noticed about a phase, in the order in which it was, with what came of it."""
    connection.close()
    return list(PhaseEvent.objects.filter(phase=phase).order_by("id").values_list("kind", "outcome"))


def subjects(stack: Stack) -> Counter[str]:
    """How many mails came by subject, as the mail server has them."""
    return Counter(str(make_header(decode_header(line["subject"]))) for line in log(stack) if "id" in line)


def legs(stack: Stack) -> None:
    """A worker and two beats."""
    stack.worker()
    stack.beat("beat")
    stack.beat("beat2")


def stopped_and_late(stack: Stack, phases: list[Phase], moment: datetime) -> list[Visit]:
    """Forms that were loaded in time, then nothing runs until this moment; afterwards the forms are sent."""
    visits = [Visit(number, cases.WINDOW) for number in range(VISITORS)]
    asyncio.run(load_all(visits, stack.port))
    soon(lambda: all(noticed(phase) for phase in phases), "the opening of each phase", 60)
    soon(lambda: not OutboxMessage.objects.filter(state="queued").exists(), "the mails of the openings", 60)
    stack.end("web", "worker", "beat", "beat2")
    set_clock(moment)
    stack.web()
    legs(stack)

    async def all_sent() -> None:
        await asyncio.gather(*(send(visit, stack.port, until=time.time() + 60) for visit in visits))

    asyncio.run(all_sent())
    return visits


def test_down_over_two_deadlines(stack: Stack, figures: Figures) -> None:
    stack.mail()
    made = cases.case()
    cases.followers(made, FOLLOWERS)
    closes_at = cases.in_seconds(3 * 86_400)
    phases = [cases.phase(made, name, closes_at) for name in (cases.FEEDBACK, cases.APPLY)]
    cases.window(made, phases[0])
    connection.close()
    stack.web()
    legs(stack)
    visits = stopped_and_late(stack, phases, closes_at + 2 * HOUR)
    soon(lambda: all("closed" in dict(noticed(phase)) for phase in phases), "the close of each phase", 60)
    soon(lambda: not OutboxMessage.objects.filter(state="queued").exists(), "the mails of the closes", 60)
    time.sleep(3)  # whoever is to notice something twice has time for it

    stale = OutboxMessage.objects.filter(kind__startswith="phase-closing").count()
    mails = subjects(stack)
    answers = dict(Counter(visit.status for visit in visits))
    figures(
        f"{VISITORS} late forms: {answers}, rows {FeedbackItem.objects.count()}; "
        f"noticed {[noticed(phase) for phase in phases]}; mails {dict(mails)}, stale {stale}"
    )
    assert {visit.status for visit in visits} == {403}
    assert FeedbackItem.objects.count() == 0
    for phase in phases:
        kinds = [kind for kind, _ in noticed(phase)]
        due = list(PhaseEvent.objects.filter(phase=phase).order_by("id").values_list("due_at", flat=True))
        assert len(kinds) == len(set(kinds))
        assert kinds[-2:] == ["closing-day", "closed"]
        assert dict(noticed(phase))["closing-day"] == "stale"
        assert due == sorted(due)
    assert stale == 0
    assert set(mailed(stack).values()) == {1}
    assert sum(mails.values()) == OutboxMessage.objects.filter(state="sent").count()


def looking_back(now: datetime, every: timedelta, down: tuple[datetime, datetime]) -> Iterator[datetime]:
    """The moments at which a job runs that is asleep for a while."""
    moment = now
    while moment < down[1] + 4 * HOUR:
        if not down[0] <= moment < down[1]:
            yield moment
        moment += every


def test_the_naive_look_back_loses_and_doubles(figures: Figures) -> None:
    """ "What closed within the last hour": too short for an outage, and twice for whoever runs twice an hour."""
    start = datetime(2022, 2, 28, tzinfo=UTC)
    closings = {"in the outage": start + 10 * HOUR, "at another time": start + 20 * HOUR}
    told: Counter[str] = Counter()
    for moment in looking_back(start, HOUR / 2, (start + 8 * HOUR, start + 18 * HOUR)):
        told.update(name for name, closes_at in closings.items() if moment - HOUR < closes_at <= moment)
    figures(f"told {dict(told)} times")
    assert told["in the outage"] == 0
    assert told["at another time"] == 2


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
    """Kill one of a loop's processes again and again."""
    chance, killed = dice(name), 0
    for _ in range(kills):
        time.sleep(seconds / kills)
        killed += kill_one_of(stack.children(name), chance.choice)
    return killed


def test_sweeps_at_once_under_kills(stack: Stack, figures: Figures) -> None:
    stack.mail()
    made = cases.case()
    cases.followers(made, FOLLOWERS)
    closes_at = cases.in_seconds(30 * 86_400)
    phases = short_phases(made, SCALE.races, closes_at)
    legs(stack)
    stack.start("sweeps", [sys.executable, "-m", "tests.chaos.loops", "sweep", str(SWEEPERS)], patience=1.0)
    soon(lambda: stack.children("sweeps"), "the sweeps", 30)
    moments = [closes_at - 19 * DAY, closes_at + HOUR]
    killed = 0
    for moment in moments:
        set_clock(moment)
        killed += killing(stack, "sweeps", SCALE.race_kills // len(moments), 3)
    soon(lambda: PhaseEvent.objects.filter(kind="closed").count() >= len(phases), "every close", 60)
    soon(lambda: not Mailing.objects.filter(state="queued").exists(), "every mailing expanded", 60)
    soon(lambda: not OutboxMessage.objects.filter(state__in=["queued", "sending"]).exists(), "every mail", 90)
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
    assert opened == len(phases)
    assert Mailing.objects.count() == PhaseEvent.objects.filter(outcome="told").count()
    assert set(found.values()) == set(mails.values()) == {1}
    assert {mailing.rows for mailing in expanded} == {FOLLOWERS}
    assert set(mails) == set(OutboxMessage.objects.filter(state="sent").values_list("message_id", flat=True))


def test_naive_sweeps_at_once_do_things_twice(stack: Stack, figures: Figures) -> None:
    made = cases.case()
    phases = short_phases(made, 3, app_now().replace(microsecond=0) + HOUR)
    stack.start("sweeps", [sys.executable, "-m", "tests.chaos.loops", "naive", str(SWEEPERS)], patience=1.0)
    soon(lambda: len(stack.children("sweeps")) == SWEEPERS, "the sweeps", 30)
    time.sleep(0.5)
    set_clock(phases[0].closes_at + HOUR)
    done = Entry.objects.filter(action=loops.NAIVE_ACTION)
    soon(lambda: done.values("target_id").distinct().count() == len(phases), "everything done", 30)
    time.sleep(1)
    figures(f"{SWEEPERS} naive sweeps: {done.count()} acts for {len(phases)} phases")
    assert done.count() > len(phases)
