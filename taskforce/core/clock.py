"""The only place that asks the time (DESIGN 4, Clock).

`app_now()` is for everything that people agreed on: phases, reminders, expiry of offers, retention. The database
answers it, so that all processes share one clock; in the demo that clock stands in 2022 and can be set.
`real_now()` is for machinery: leases, backoff, limits, health. All instants are aware and in UTC.
"""

import time
from datetime import UTC, datetime

from django.db import connection


def app_now() -> datetime:
    """The moment on the portal's clock, as the database has it (UTC, aware)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def real_now() -> datetime:
    """The machine's own moment (UTC, aware); never for what people agreed on."""
    return datetime.now(tz=UTC)


def stopwatch() -> float:
    """Seconds on a clock that only runs forward, for durations within one process."""
    return time.monotonic()
