"""The broker is gone, then it hangs: nobody who sends something notices. It dies under a busy worker, which goes on."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
from django.db import connection

from recruitment.notices.applying import RECEIPT
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import sweep
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos import verdict
from tests.chaos.browsers import Visit, load_all, percentile, send
from tests.chaos.conftest import Figures
from tests.chaos.scale import SCALE, SLACK, allowed, within
from tests.chaos.stack import CELERY, Stack, kill, soon
from tests.chaos.witness import mailed

AT_ONCE = 2
APPLICATIONS = 5
GROWTH = 0.1
# Of the naive variant: whoever is still not answered then has given up.
NAIVE_POSTS, NAIVE_PATIENCE = 2, 5.0
# Of the worker that is busy as the broker dies: its processes, mails, the mail server's seconds for each command, and
# how soon the worker must go on; for so long the naive one is watched.
SENDERS, BUSY_MAILS, SLOW, BACK, NAIVE_BACK = 2, 6, 0.3, 10, 7


@dataclass
class Rounds:
    """Visitors for each round; the numbers give them addresses of their own."""

    stack: Stack
    sessions: list[str]
    number: int = 0

    def run(self, posts: int, applications: int = APPLICATIONS, patience: float = 15) -> list[Visit]:
        """So many posts of feedback and of applications, a few at a time; whoever gets no answer gives up."""
        visits = [Visit(self.number + count, cases.WINDOW) for count in range(posts)]
        visits += [
            Visit(self.number + posts + count, cases.APPLICATION, self.sessions.pop()) for count in range(applications)
        ]
        self.number += len(visits)
        asyncio.run(_sent(visits, self.stack.port, patience))
        return visits


async def _sent(visits: list[Visit], port: int, patience: float) -> None:
    await load_all(visits, port)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(visit: Visit) -> None:
        async with room:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await send(visit, port, until=time.time() + patience)

    await asyncio.gather(*map(one, visits))


def p95(visits: list[Visit]) -> float:
    """Of those who were answered at once, the time that all but one of twenty kept."""
    return percentile([visit.seconds for visit in visits if visit.accepted], 0.95)


def growth(before: float) -> float:
    """By how much the p95 may grow; with an allowance also by as much as a busy machine changes it by itself."""
    return allowed(GROWTH) if SLACK == 1 else max(allowed(GROWTH), 2 * before)


def failed(visits: list[Visit]) -> int:
    """Who did not get a receipt at the first try."""
    return sum(not (visit.accepted and visit.tries == 1) for visit in visits)


def opened(stack: Stack, application: str, applicants: int) -> Rounds:
    """The web with an open window and an open call."""
    stack.web(application, wait=False)
    made = cases.case()
    closes_at = cases.in_seconds(86_400)
    cases.window(made, cases.phase(made, cases.FEEDBACK, closes_at))
    cases.call(made, cases.phase(made, cases.APPLY, closes_at))
    rounds = Rounds(stack, [session for _, session in cases.applicants(applicants, made.at)])
    connection.close()
    soon(stack.serves, "the web", 120)
    return rounds


def test_valkey_down_then_frozen(stack: Stack, figures: Figures) -> None:
    stack.mail()
    stack.worker()
    stack.beat()
    rounds = opened(stack, "taskforce.wsgi", 4 * APPLICATIONS)
    rounds.run(AT_ONCE * 4)  # every worker has read its templates
    assert stack.broker_answers()
    before = rounds.run(SCALE.broker_posts)
    stack.end("valkey", at_once=True)
    down = rounds.run(SCALE.broker_posts)
    assert not stack.broker_answers()
    stack.ask("valkey")
    stack.freeze("valkey")
    frozen = rounds.run(SCALE.broker_posts)
    assert not stack.broker_answers()
    stack.freeze("valkey", thaw=True)

    expected = set(OutboxMessage.objects.filter(kind=RECEIPT).values_list("message_id", flat=True))
    waited = soon(lambda: expected <= set(mailed(stack)), "the mails of the outage", 120)
    grown, limit = max(p95(down), p95(frozen)) - p95(before), growth(p95(before))
    figures(
        f"p95 of {len(before)} posts before {p95(before):.3f} s, down {p95(down):.3f} s, frozen {p95(frozen):.3f} s "
        f"(growth ≤ {GROWTH:g} s, here {limit:.1f} s allowed); failed {failed(before)}, {failed(down)}, "
        f"{failed(frozen)}; "
        f"{len(expected)} mails delivered {waited:.1f} s after its return"
    )
    assert len(before) == len(down) == len(frozen) == SCALE.broker_posts + APPLICATIONS
    assert failed(before) == failed(down) == failed(frozen) == 0
    assert grown <= limit
    assert len(expected) == 4 * APPLICATIONS


def test_the_naive_call_of_the_broker_hangs(stack: Stack, figures: Figures) -> None:
    rounds = opened(stack, "tests.chaos.naive.broker", 0)
    before = rounds.run(NAIVE_POSTS, applications=0)
    stack.freeze("valkey")
    try:
        frozen = rounds.run(NAIVE_POSTS, applications=0, patience=NAIVE_PATIENCE)
    finally:
        stack.freeze("valkey", thaw=True)
    figures(
        f"slowest before {max(visit.seconds for visit in before):.3f} s; frozen: {failed(frozen)} of {len(frozen)} "
        f"without an answer after {NAIVE_PATIENCE:g} s"
    )
    assert failed(before) == 0
    assert failed(frozen) == len(frozen) == NAIVE_POSTS


def told(stack: Stack) -> Phase:
    """A moved deadline of which a few followers are to hear; the sweep goes on to its close."""
    made = cases.case()
    phase = cases.phase(made, cases.FEEDBACK, cases.in_seconds(86_400), grace_seconds=1)
    sweep.run()
    cases.followers(made, BUSY_MAILS)
    later = cases.in_seconds(2 * 86_400)
    timeline.extend(
        phase.pk, closes_on=later.date(), closes_time=later.time(), reason="More time.", actor=made.coordinator
    )
    connection.close()
    return phase


def in_state(state: MessageState) -> int:
    """How many mails are in it."""
    connection.close()
    return Counter(OutboxMessage.objects.values_list("state", flat=True))[state]


def done(stack: Stack) -> None:
    """Both processes end, and cannot say so."""
    soon(lambda: in_state(MessageState.SENT) == BUSY_MAILS, "the mails", 60)
    time.sleep(1)


def killed(stack: Stack) -> None:
    """Both processes are killed, and the worker cannot say so."""
    processes = stack.children("worker")
    assert [kill(process) for process in processes] == [True] * SENDERS
    soon(lambda: set(stack.children("worker")).isdisjoint(processes), "new processes", 60)
    time.sleep(1)


def broker_dies_under_load(stack: Stack, app: str, then: Callable[[Stack], None]) -> None:
    """Both processes of a worker wait for a slow mail server while Valkey dies; then it is back."""
    stack.mail({"delay": SLOW})
    stack.worker(SENDERS, app=app)
    stack.beat()
    soon(lambda: in_state(MessageState.SENDING) == SENDERS, "every process at work", 60)
    time.sleep(0.5)  # the worker has looked once more, and reads no further
    stack.end("valkey", at_once=True)
    then(stack)
    assert not stack.broker_answers()
    stack.ask("valkey")


NAIVE = "tests.chaos.naive.acknowledging"


@pytest.mark.parametrize(
    ("app", "then", "goes_on"),
    [(CELERY, done, True), (CELERY, killed, True), (NAIVE, done, False)],
    ids=["done", "killed", "naive"],
)
def test_broker_dies_under_a_busy_worker(
    stack: Stack, figures: Figures, app: str, then: Callable[[Stack], None], goes_on: bool
) -> None:
    phase = told(stack)
    broker_dies_under_load(stack, app, then)
    cases.close_at([phase], cases.in_seconds(2))
    connection.close()
    back = time.monotonic()
    limit = allowed(BACK) if goes_on else NAIVE_BACK
    while not (found := verdict.count(stack, phase)) and time.monotonic() < back + limit:
        time.sleep(0.05)
    pids = stack.pids()
    figures(
        "the sweep after the broker's return: "
        + (f"{time.monotonic() - back:.1f} s {within(BACK)}" if found else f"none within {limit:g} s")
    )
    assert pids["worker"] is not None  # it lives, whether it works or not
    assert bool(found) is goes_on
