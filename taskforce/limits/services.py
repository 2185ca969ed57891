"""Counting, atomically: one statement, so that parallel requests never get past a limit together."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from taskforce.core.clock import real_now
from taskforce.core.errors import TooOften

_COUNT = """
INSERT INTO limits_counter (what, key, window_start, count) VALUES (%s, %s, %s, 1)
ON CONFLICT (what, key, window_start) DO UPDATE SET count = limits_counter.count + 1
RETURNING count
"""


def key_of(subject: str) -> str:
    """The keyed hash under which a subject is counted: nobody can read addresses out of the counters."""
    return salted_hmac("taskforce.limits", subject, algorithm="sha256").hexdigest()


def hit(what: str, subject: str, *, limit: int, window: timedelta) -> int:
    """Count one `what` by `subject` (an address or mailbox, stored as a keyed hash only).

    Returns the count in the current window; raises `TooOften` (429, with the seconds to wait) from `limit` + 1 on.
    """
    now = real_now()
    seconds = int(window.total_seconds())
    start = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [what, key_of(subject), start])
        count: int = cursor.fetchone()[0]
    if count > limit:
        wait = int((start + window - now).total_seconds()) + 1
        raise TooOften(_("You have sent this very often in a short time. Please try again later."), retry_after=wait)
    return count
