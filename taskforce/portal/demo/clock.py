"""The demo's clock: `app_now()` with an offset, so that the case of 2022 can be lived through.

Forward only: what has happened cannot be undone by turning a clock; going back means reloading a scenario.
"""

import re
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils.dateparse import parse_datetime, parse_duration
from django.utils.translation import gettext as _

from taskforce.core import locks
from taskforce.core.clock import app_now, real_now
from taskforce.core.errors import Invalid

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
# The body is fixed but for an integer: SQL functions take no parameters at creation.
_FUNCTION = """
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz
LANGUAGE sql STABLE AS 'SELECT clock_timestamp() + interval ''{offset:d} microseconds'''
"""


def parse(text: str, now: datetime) -> datetime:
    """An ISO 8601 instant (UTC where it names no zone), `+DURATION` from `now` (`+P1D`, `+PT1H`), or `real`."""
    text = text.strip()
    try:
        if text == "real":
            return real_now()
        if text.startswith("+"):
            duration = parse_duration(text[1:])
            if duration is None or not re.fullmatch(r"P(?=.).*\d[A-Z]", text[1:]):
                raise ValueError
            return now + duration
        moment = parse_datetime(text)
        if moment is None:
            raise ValueError
        # At the edge of the calendar there is no such instant in UTC.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            _("“%(text)s” is no instant. Write it like 2022-03-01T12:00Z or, from now on, like +P1D.")
            % {"text": text[:60]}
        ) from None


@transaction.atomic
def set_to(moment: datetime, *, back: bool = False) -> None:
    """Let the portal's clock stand at `moment` and run on. Earlier than now only with `back` (scenarios)."""
    locks.take(locks.Kind.DEMO, 0)
    if not EARLIEST <= moment <= LATEST:
        raise Invalid(_("The demo's clock goes from the year 2000 to 2100."))
    if not back and moment < app_now():
        raise Invalid(_("The demo's clock only goes forward. To go back, load a scenario again."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        delta = moment - cursor.fetchone()[0]
        offset = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
        cursor.execute(_FUNCTION.format(offset=offset))
