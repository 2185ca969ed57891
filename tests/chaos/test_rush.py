"""Everybody sends in the last seconds, while everything is killed that can be."""

import asyncio
import random
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.db import connection

from recruitment import services as applications
from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos import rush, verdict
from tests.chaos.browsers import Visit, look
from tests.chaos.conftest import Figures
from tests.chaos.rush import Faults, Instants, Rush, Sending
from tests.chaos.scale import SCALE, SLACK, allowed, dice, within
from tests.chaos.stack import WEB_WORKERS, Stack, soon
from tests.chaos.verdict import Count, Pace

# So many posts at least are measured and acknowledged; a slow machine may do less of its work before the crash.
FAIR = SCALE.posts // (2 if SLACK == 1 else 4)
OPENED_AFTERWARDS = 10
# Of the naive rush: so many whose answer gets lost, and so many in its second half, so that there is always somebody
# whose form is worked on when the window closes, however long it takes a slow machine to get to it.
NAIVE_LOST, NAIVE_LATE, NAIVE_SECONDS = 8, 24, 8
# One applicant in so many.
BEGUN_ONE_IN = 3
# Celery's processes: so many senders may be killed with a receipt in their hands.
SENDERS = 2


@dataclass(frozen=True)
class Everybody:
    """Who sends feedback and who applies, and to which phases."""

    writing: list[Visit]
    applying: list[Visit]
    phases: tuple[Phase, Phase]

    @property
    def visits(self) -> list[Visit]:
        """All of them."""
        return [*self.writing, *self.applying]

    def sendings(self, chance: random.Random, instants: Instants) -> list[Sending]:
        """When each of them sends."""
        return [*rush.evenly(self.writing, instants, chance), *rush.evenly(self.applying, instants, chance)]


def with_late(in_time: int) -> int:
    """How many visitors it takes so that so many of them are in time."""
    return -(-in_time * rush.ONE_LATE_IN // (rush.ONE_LATE_IN - 1))


def everybody(stack: Stack) -> Everybody:
    """The whole portal, and a window and a call that close at the same time."""
    stack.mail()
    stack.web(wait=False)
    stack.worker(SENDERS)
    stack.beat()
    made = cases.case()
    closes_at = cases.in_seconds(3600)
    feedback = cases.phase(made, cases.FEEDBACK, closes_at, grace_seconds=SCALE.grace)
    calling = cases.phase(made, cases.APPLY, closes_at, grace_seconds=SCALE.grace)
    cases.window(made, feedback)
    call = cases.call(made, calling)
    writing = [Visit(number, cases.WINDOW) for number in range(with_late(SCALE.posts))]
    people = cases.applicants(with_late(SCALE.applications), made.at)
    # Some have begun before, so that their application is there already and gets its words now.
    for user, _cookie in people[::BEGUN_ONE_IN]:
        applications.open_application(call.pk, user, language="en")
    applying = [
        Visit(20_000 + number, cases.APPLICATION, cookie, user.email) for number, (user, cookie) in enumerate(people)
    ]
    connection.close()
    soon(stack.serves, "the web", 120)
    return Everybody(writing, applying, (feedback, calling))


def counted(stack: Stack, phase: Phase) -> Count:
    """The final count of a phase, as soon as the sweep has taken it."""
    soon(lambda: verdict.count(stack, phase), "the final count", 120)
    found = verdict.count(stack, phase)
    assert found is not None
    return found


def test_rush_before_the_close(stack: Stack, figures: Figures) -> None:
    chance = dice("rush")
    all_of_them = everybody(stack)
    before = stack.sql("SELECT pg_postmaster_start_time()")
    rushing = Rush(
        SCALE.rush_seconds,
        partial(all_of_them.sendings, chance),
        partial(rush.killings, chance=dice("kills")),
        chance=dice("victims"),
    )
    instants, faults = rush.run(stack, all_of_them.visits, list(all_of_them.phases), rushing)

    killed_as_planned(stack, instants, faults, figures)
    assert stack.sql("SELECT pg_postmaster_start_time()") > before
    feedback_holds(stack, all_of_them, instants, figures)
    applications_hold(stack, all_of_them, instants, figures)
    service_holds(all_of_them.visits, faults, figures)


def killed_as_planned(stack: Stack, instants: Instants, faults: Faults, figures: Figures) -> None:
    """Every planned kill has ended a living process, and all of them are there again."""
    planned = Counter(name for _, name in rush.killings(instants, dice("kills")))
    took = max(kill.dead - kill.asked for kill in faults.kills)
    figures(f"kills {dict(faults.counted)} of {dict(planned)} planned, slowest death {took:.2f} s")
    assert faults.counted == planned
    assert planned["web"] == int(SCALE.rush_seconds / SCALE.kill_every)
    assert all(planned[name] == 1 for name in rush.ONCE)
    soon(lambda: None not in stack.pids().values(), "every process", 60)
    soon(lambda: len(stack.children("web")) == WEB_WORKERS, "every web worker", 60)


def feedback_holds(stack: Stack, all_of_them: Everybody, instants: Instants, figures: Figures) -> None:
    """Every receipt of feedback, which sends no mail: its receipt is its page, and each item has its audit row."""
    visits, phase = all_of_them.writing, all_of_them.phases[0]
    final = counted(stack, phase)
    found = verdict.judge(visits, verdict.items(stack), instants, final)
    sent = sum(instants.begins <= visit.first_sent < instants.closes for visit in visits)
    figures(f"{sent} posts of feedback in the last {SCALE.rush_seconds:g} s: {found}")
    assert sent >= SCALE.posts
    assert found.holds
    assert found.too_late > 0
    assert found.rows == found.accepted >= FAIR
    holding = [visit for visit in visits if visit.accepted]
    for visit in dice("receipts").sample(holding, OPENED_AFTERWARDS):
        page = asyncio.run(look(visit, stack.port, visit.location))
        assert page.status == 200
        assert visit.words in page.body


def applications_hold(stack: Stack, all_of_them: Everybody, instants: Instants, figures: Figures) -> None:
    """Every receipt of an application: one snapshot, one row in the outbox, one mail to whoever applied."""
    visits, phase = all_of_them.applying, all_of_them.phases[1]
    final, rows = counted(stack, phase), verdict.snapshots(stack)
    found = verdict.judge(visits, rows, instants, final)
    soon(lambda: not verdict.post(stack, visits, rows).wrong["receipts not delivered"], "the receipts' mails", 150)
    post = verdict.post(stack, visits, rows)
    figures(f"applications: {found}")
    figures(
        f"receipts by mail: {post.rows} rows in the outbox of {found.accepted} accepted, {post.arrived} mails, "
        f"{post.again} again under the same Message-ID; {post.wrong}"
    )
    assert found.holds
    assert found.too_late > 0
    assert found.rows == found.accepted == post.rows == post.arrived > 0
    assert not any(post.wrong.values())
    assert post.again <= SENDERS


def service_holds(visits: list[Visit], faults: Faults, figures: Figures) -> None:
    """Quick outside of the seconds after the crash, where only kills break anything, and soon back after it."""
    found: Pace = verdict.pace(visits, faults)
    back = verdict.back_after(visits, faults.crashed_at)
    figures(
        f"p99 {found.p99:.3f} s ({within(1)}) of {len(found.seconds)} requests that lie outside of the "
        f"{verdict.AFTER_THE_CRASH:g} s after the crash (≥ {FAIR}); of {found.broke} that broke there "
        f"{found.unexplained} met no kill; back {back:.1f} s after the crash ({within(10)})"
    )
    assert len(found.seconds) >= FAIR
    assert found.unexplained == 0
    assert found.p99 < allowed(1)
    assert back <= allowed(10)


def naive_sendings(visits: list[Visit], instants: Instants) -> list[Sending]:
    """The first ones early, their answers lost; the others until the close, which comes while they are worked on."""
    early = [Sending(instants.begins + 0.1 * place, visit, lost=1) for place, visit in enumerate(visits[:NAIVE_LOST])]
    late = visits[NAIVE_LOST:]
    first, last = instants.at(0.4), instants.closes - 0.1
    return [
        *early,
        *(Sending(first + (last - first) * place / len(late), visit) for place, visit in enumerate(late)),
    ]


def test_the_naive_gate_lets_late_ones_in_and_doubles(stack: Stack, figures: Figures) -> None:
    """The check in Python, the row later, no unique key: the scenario above sees each of these mistakes."""
    cases.drop_constraint("feedback_feedbackitem", "form_key")
    cases.drop_constraint("feedback_feedbackitem", "token_hash")
    stack.web("tests.chaos.naive.gate", wait=False)
    stack.start("sweeps", [sys.executable, "-m", "tests.chaos.loops", "sweep", "1"], patience=1.0)
    made = cases.case()
    phase = cases.phase(made, cases.FEEDBACK, cases.in_seconds(3600), grace_seconds=0)
    cases.window(made, phase)
    visits = [Visit(number, cases.WINDOW) for number in range(NAIVE_LOST + NAIVE_LATE)]
    soon(stack.serves, "the web", 120)
    rushing = Rush(NAIVE_SECONDS, partial(naive_sendings, visits), lambda _: [], dice("naive rush"))
    instants, _ = rush.run(stack, visits, [phase], rushing)
    final = counted(stack, phase)
    found = verdict.judge(visits, verdict.items(stack), instants, final)
    figures(str(found))
    assert found.wrong["duplicates"]
    assert found.wrong["committed after the final count"]
    assert found.wrong["final count off by"]
