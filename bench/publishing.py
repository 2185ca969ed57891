"""What publishing costs the act itself, by the number of people who hear of it and whose mails still wait."""

import statistics
import time
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.notifications import expansion
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase
from tests.chaos import case as cases

FEW, MANY = 5, 5000
ROUNDS = 15


def prepared(slug: str, count: int) -> tuple[Phase, cases.Case]:
    """A phase of a task force with so many followers."""
    made = cases.case(slug)
    phase = cases.phase(made, cases.FEEDBACK, cases.in_seconds(86_400))
    cases.followers(made, count)
    return phase, made


def publish(phase: Phase, made: cases.Case) -> tuple[int, float]:
    """Move a deadline, which writes to everybody who follows; returns queries and seconds.

    The mails about the last time wait to be sent, as they do after a busy morning: this act makes them void.
    """
    later = Phase.objects.get(pk=phase.pk).closes_at + timedelta(days=1)
    with CaptureQueriesContext(connection) as queries:
        begun = time.perf_counter()
        timeline.extend(
            phase.pk, closes_on=later.date(), closes_time=later.time(), reason="More time.", actor=made.coordinator
        )
        seconds = time.perf_counter() - begun
    expansion.clear_superseded()
    expansion.expand_due()
    return len(queries), seconds


def compare() -> tuple[int, float]:
    """How many queries more, and how many times the median time, for many followers as for few, in turn."""
    few, many = prepared("few", FEW), prepared("many", MANY)
    publish(*few), publish(*many)
    rounds = [(publish(*few), publish(*many)) for _ in range(ROUNDS)]
    more = max(large[0] for _, large in rounds) - max(small[0] for small, _ in rounds)
    times = [statistics.median(pair[which][1] for pair in rounds) for which in (0, 1)]
    return more, times[1] / times[0]
