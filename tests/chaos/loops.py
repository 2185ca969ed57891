"""`python -m tests.chaos.loops NAME COUNT`: so many processes that do one thing again and again.

Whoever is killed is replaced. Forked from one that has the portal loaded, so that a kill costs no more than a fork.
"""

import os
import sys
import time
from collections.abc import Callable

import django

django.setup()

from django.db import connection

from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.portal import sweep
from taskforce.timeline.models import Phase

PAUSE = 0.05
NAIVE_ACTION = "naive.closed"
# From "was it done?" to "done", on a machine that has much to do: longer than a loop's round, so that two do meet.
BETWEEN = 0.5


def naive_sweep() -> None:
    """Look whether something was done, do it, note it down: two at once both find that it was not."""
    for phase in Phase.objects.filter(closes_at__lte=app_now()):
        if not Entry.objects.filter(action=NAIVE_ACTION, target_id=phase.pk).exists():
            time.sleep(BETWEEN)
            log.record(NAIVE_ACTION, phase, at=app_now(), actor_id=None)


LOOPS: dict[str, Callable[[], object]] = {"sweep": sweep.run, "naive": naive_sweep}


def loop(work: Callable[[], object]) -> None:
    """Until killed."""
    while True:
        work()
        time.sleep(PAUSE)


def main(name: str, count: int) -> None:
    """Keep so many at work."""
    connection.close()
    alive: set[int] = set()
    while True:
        while len(alive) < count:
            pid = os.fork()
            if pid == 0:
                loop(LOOPS[name])
            alive.add(pid)
        alive.discard(os.wait()[0])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
