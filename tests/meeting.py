"""Threads of a test that wait for each other: for what happens, and not for a span of time.

Whom a lock keeps away never comes. That is seen in the database, where somebody waits for a lock then; so a slow
machine takes longer and says the same.
"""

import time
from collections.abc import Callable
from threading import Lock

from django.db import connection

# In this database alone: other tests wait for each other on the same server.
_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
# Seconds: nobody should wait so long, and no test should stand still for ever.
_LONGEST = 20.0


def somebody_waits() -> bool:
    """Whether a connection to this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # in a transaction it would be what it was at first
        cursor.execute(_WAITS)
        return bool(cursor.fetchone()[0])


def until(done: Callable[[], object], longest: float = _LONGEST) -> None:
    """Go on once it is so, or once somebody waits for a lock, and so cannot make it so."""
    end = time.monotonic() + longest
    while not done() and not somebody_waits() and time.monotonic() < end:
        time.sleep(0.01)


class Both:
    """A place to which two come, unless a lock keeps one of them away."""

    def __init__(self) -> None:
        self._lock, self._here = Lock(), 0

    def meet(self) -> None:
        """Wait for the other here."""
        with self._lock:
            self._here += 1
        until(lambda: self._here > 1)
