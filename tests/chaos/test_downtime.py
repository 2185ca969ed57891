"""Nobody is there when deadlines pass."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import connection

from feedback.models import FeedbackItem
from recruitment.models import Snapshot
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos.browsers import Visit, load_all, send
from tests.chaos.conftest import Figures
from tests.chaos.stack import SERVERS, Stack, soon
from tests.chaos.witness import arrivals

FOLLOWERS = 5
VISITORS, APPLICANTS = 15, 5
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Event = tuple[str, str, str]
# What there is to notice until the outage and after it, by instant: phase, kind, what comes of it.
BEFORE: list[Event] = [
    ("feedback", "closing-week", "quiet"),
    ("apply", "closing-week", "quiet"),
    ("feedback", "opened", "told"),
    ("apply", "opened", "told"),
]
AFTER: list[Event] = [
    ("feedback", "closing-day", "stale"),
    ("apply", "closing-day", "stale"),
    ("feedback", "closed", "told"),
    ("review", "opened", "told"),
    ("apply", "closed", "told"),
]
# What every follower gets, in this order.
TOLD_BEFORE = ["Rush: “Feedback” is open", "Rush: “Apply” is open"]
TOLD_AFTER = ["Rush: “Feedback” has closed", "Rush: “Review” has begun", "Rush: “Apply” has closed"]


@dataclass(frozen=True)
class Outage:
    """Phases of which one closes, one opens and one closes, hours apart, while nobody is there; when that is over."""

    made: cases.Case
    phases: list[Phase]
    over: datetime


def outage() -> Outage:
    """Followers, and an outage that ends half an hour after the last of three deadlines.

    The phases for visitors have a window and a call: without them no mail says that they are open.
    """
    made = cases.case()
    cases.followers(made, FOLLOWERS)
    closes_at = cases.in_seconds(3 * 86_400)
    phases = [
        cases.phase(made, cases.FEEDBACK, closes_at),
        cases.phase(made, cases.APPLY, closes_at + 5 * HOUR),
        cases.phase(made, cases.REVIEW, closes_at + 10 * DAY, opens_at=closes_at + 2 * HOUR),
    ]
    cases.window(made, phases[0])
    cases.call(made, phases[1])
    return Outage(made, phases, closes_at + 5 * HOUR + HOUR / 2)


def noticed(stack: Stack) -> list[Event]:
    """What was noticed and what came of it, in the order in which it was committed."""
    found = stack.sql(
        "SELECT phase.slug, event.kind, event.outcome FROM timeline_phaseevent AS event"
        " JOIN timeline_phase AS phase ON phase.id = event.phase_id"
        " ORDER BY pg_xact_commit_timestamp(event.xmin), event.id"
    )
    return [(str(slug), str(kind), str(outcome)) for slug, kind, outcome in found]


def nothing_to_send() -> bool:
    """Whether every mail that was written has gone."""
    connection.close()
    return not OutboxMessage.objects.filter(state__in=["queued", "sending"]).exists()


def judge(came: list[tuple[str, str]], told: list[str]) -> dict[str, int]:
    """Compare the mails as they came, (subject, mailbox) each, with what every follower was to be told in order."""
    times = Counter(came)
    wanted = {(subject, cases.mailbox(number)) for subject in told for number in range(FOLLOWERS)}
    return {
        "lost": len(wanted - times.keys()),
        "twice": sum(count - 1 for count in times.values()),
        "stale": len(times.keys() - wanted),
        "out of order": int([subject for subject, _ in groupby(subject for subject, _ in came)] != told),
    }


def legs(stack: Stack, app: str = "taskforce.celery") -> None:
    """A worker and two beats. One sender: two of them may overtake each other by a mail."""
    stack.worker(1, app=app)
    stack.beat("beat")
    stack.beat("beat2")


def loaded(stack: Stack, made: cases.Case) -> list[Visit]:
    """Forms of both kinds that were opened in time."""
    visits = [Visit(number, cases.WINDOW) for number in range(VISITORS)]
    visits += [
        Visit(VISITORS + number, cases.APPLICATION, cookie, user.email)
        for number, (user, cookie) in enumerate(cases.applicants(APPLICANTS, made.at))
    ]
    connection.close()
    asyncio.run(load_all(visits, stack.port))
    return visits


async def _sent(visits: list[Visit], port: int) -> None:
    await asyncio.gather(*(send(visit, port, until=time.time() + 60) for visit in visits))


def test_down_over_two_deadlines(stack: Stack, figures: Figures) -> None:
    stack.mail()
    stack.web(wait=False)
    during = outage()
    connection.close()
    legs(stack)
    soon(stack.serves, "the web", 120)
    visits = loaded(stack, during.made)
    soon(lambda: len(noticed(stack)) >= len(BEFORE), "the openings", 60)
    soon(lambda: len(arrivals(stack)) >= len(TOLD_BEFORE) * FOLLOWERS, "the mails of the openings", 60)
    soon(nothing_to_send, "the marks of these mails", 60)

    stack.end("web", "worker", "beat", "beat2", at_once=True)
    assert set(stack.pids()) == {*SERVERS, "mail"}
    cases.set_clock(during.over)
    legs(stack)
    stack.web()
    asyncio.run(_sent(visits, stack.port))
    soon(lambda: len(noticed(stack)) >= len(BEFORE + AFTER), "the closes", 60)
    soon(lambda: len(arrivals(stack)) >= len(TOLD_BEFORE + TOLD_AFTER) * FOLLOWERS, "the mails of the closes", 60)
    time.sleep(5)  # two more wakings of each beat: whoever is to notice or send something twice has time for it

    mails = judge(arrivals(stack), TOLD_BEFORE + TOLD_AFTER)
    answers = Counter(visit.status for visit in visits)
    stored = FeedbackItem.objects.count() + Snapshot.objects.count()
    figures(
        f"{len(visits)} late forms: {dict(answers)}, stored {stored}; noticed in this order "
        f"{', '.join(' '.join(one) for one in noticed(stack))}; {len(arrivals(stack))} mails, {mails}"
    )
    assert answers == {403: VISITORS + APPLICANTS}
    assert stored == 0
    assert noticed(stack) == BEFORE + AFTER
    assert not any(mails.values())
    assert OutboxMessage.objects.count() == OutboxMessage.objects.filter(state="sent").count() == len(arrivals(stack))


def test_the_naive_look_back_loses_and_doubles(stack: Stack, figures: Figures) -> None:
    """ "What closed within the last hour": too short for an outage, and again with every pass."""
    stack.mail()
    during = outage()
    cases.set_clock(during.over)
    legs(stack, "tests.chaos.naive.look_back")
    soon(lambda: len(arrivals(stack)) >= 2 * FOLLOWERS, "the mails of two passes", 90)
    mails = judge(arrivals(stack), TOLD_AFTER)
    figures(f"{len(arrivals(stack))} mails, {mails}")
    assert mails["lost"] >= FOLLOWERS
    assert mails["twice"] >= FOLLOWERS
    assert mails["out of order"]
