"""When a phase is open: the rule as instants, and the one comparison, in Python and in SQL (DESIGN 2)."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q
from django.utils.translation import gettext as _

from taskforce.core.errors import Invalid
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, PhaseState


class Span(Protocol):
    """Whatever opens and closes: aware instants, half-open; cancelled from `cancelled_at` on, if that is set."""

    opens_at: datetime
    closes_at: datetime
    cancelled_at: datetime | None


def zone_of(name: str) -> tzinfo:
    """The time zone of a rule: `AoE` is UTC-12, everything else an IANA name; unknown: `Invalid`."""
    if name == ANYWHERE_ON_EARTH:
        return timezone(timedelta(hours=-12), ANYWHERE_ON_EARTH)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(_("“%(zone)s” is not a time zone.") % {"zone": name}) from None


def instant(day: date, clock: time | None, zone: str, *, end: bool) -> datetime:
    """The UTC instant of a rule. Without a time it is the start of the day, or with `end` the end of the day.

    A local time that a clock change skips or repeats is refused: nobody could say which instant was meant.
    """
    where = zone_of(zone)
    if clock is None:
        clock = time()
        day = day + timedelta(days=1) if end else day
    naive = datetime.combine(day, clock)
    readings = {naive.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1)}
    if len(readings) > 1:
        first, second = sorted(readings)
        raise Invalid(
            _("%(time)s is not one instant in %(zone)s: the clocks change. It could be %(first)s or %(second)s (UTC).")
            % {
                "time": f"{naive:%Y-%m-%d %H:%M}",
                "zone": zone,
                "first": f"{first:%H:%M}",
                "second": f"{second:%H:%M}",
            }
        )
    return readings.pop()


def state(span: Span, at: datetime) -> PhaseState:
    """Where the moment stands: half-open, so that adjacent phases neither overlap nor leave a gap."""
    if span.cancelled_at is not None and span.cancelled_at <= at:
        return PhaseState.CANCELLED
    if at < span.opens_at:
        return PhaseState.FUTURE
    return PhaseState.CURRENT if at < span.closes_at else PhaseState.PAST


def is_open(span: Span, at: datetime) -> bool:
    """opens_at <= at < closes_at, and not cancelled."""
    return state(span, at) is PhaseState.CURRENT


def open_at(at: datetime, prefix: str = "") -> Q:
    """The same comparison in SQL, for the fields under `prefix` (such as `phase__`)."""
    within = Q(**{f"{prefix}opens_at__lte": at, f"{prefix}closes_at__gt": at})
    return within & (Q(**{f"{prefix}cancelled_at": None}) | Q(**{f"{prefix}cancelled_at__gt": at}))
