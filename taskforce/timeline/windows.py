"""When a phase is open: the rule as instants, and the one comparison, in Python and in SQL (DESIGN 2)."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import dates, languages, zones
from taskforce.core.errors import Invalid
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, FIRST_YEAR, LAST_YEAR, PhaseState


class Span(Protocol):
    """Whatever opens and closes: aware instants, half-open; cancelled from `cancelled_at` on, if that is set, and not
    pursued from `dropped_at` on, which is set where what it belongs to ended before its close.
    """

    opens_at: datetime
    closes_at: datetime
    cancelled_at: datetime | None

    @property
    def dropped_at(self) -> datetime | None:
        """Since when it takes nothing although nobody has cancelled it (aware)."""


class GracedSpan(Span, Protocol):
    """A span after whose close something may still arrive, before `hard_closes_at`."""

    @property
    def hard_closes_at(self) -> datetime:
        """The end of the grace (aware)."""

    @property
    def ended_at(self) -> datetime | None:
        """Since when what it belongs to has ended, before its close or after it (aware)."""


# How much of what is no zone is said back.
_SHOWN = 60


def zone_of(name: str) -> tzinfo:
    """The time zone of a rule: `AoE` is UTC-12, everything else an IANA name; unknown: `Invalid`."""
    if name == ANYWHERE_ON_EARTH:
        return timezone(timedelta(hours=-12), ANYWHERE_ON_EARTH)
    if name not in zones.known():
        raise Invalid(_("“%(zone)s” is not a time zone.") % {"zone": name[:_SHOWN]})
    return ZoneInfo(name)


def instant(day: date, clock: time | None, zone: str, *, end: bool, zone_is_set: bool = False) -> datetime:
    """The UTC instant of a rule. Without a time it is the start of the day, or with `end` the end of the day.

    A local time that a clock change skips or repeats is refused with both readings, since nobody could say which
    instant was meant; so is a day outside the years `FIRST_YEAR` to `LAST_YEAR`. Both: `Invalid`. Where `zone_is_set`
    for good, its advice is another time alone.
    """
    where = zone_of(zone)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(
            _("This day lies in another age: give a year from %(first)d to %(last)d.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )
    if clock is None:
        clock = time()
        day = day + timedelta(days=1) if end else day
    naive = datetime.combine(day, clock)
    readings = _readings(naive, where)
    if len(readings) > 1:
        raise _unclear(naive, zone, readings, zone_is_set=zone_is_set)
    return readings[0]


def is_unclear(day: date, clock: time, zone: str) -> bool:
    """Whether a local time is more than one instant: an end that comes by an act may fall into a repeated hour."""
    return len(_readings(datetime.combine(day, clock), zone_of(zone))) > 1


def _readings(naive: datetime, where: tzinfo) -> list[datetime]:
    return sorted({naive.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1)})


def _unclear(naive: datetime, zone: str, readings: list[datetime], *, zone_is_set: bool) -> Invalid:
    """The refusal of a local time that is two instants, or none: both readings, so that a person can choose one."""
    where = zone_of(zone)
    # A time that is skipped is on no clock: both readings show another one there.
    is_skipped = all(reading.astimezone(where).replace(tzinfo=None) != naive for reading in readings)
    if is_skipped:
        what = _("%(time)s on %(day)s is skipped in %(zone)s, where the clocks go forward.")
    else:
        what = _("%(time)s on %(day)s comes twice in %(zone)s, where the clocks go back.")
    first, second = (
        _("%(local)s (that is %(utc)s)") % {"local": _local_text(reading, where), "utc": dates.utc_text(reading)}
        for reading in readings
    )
    if zone_is_set:
        choose = _("It could be %(first)s or %(second)s. Choose another time.")
    else:
        choose = _(
            "It could be %(first)s or %(second)s. Choose another time; in the zone UTC each of the two can be given."
        )
    said = {"time": dates.clock_text(naive.time()), "day": dates.day_text(naive.date()), "zone": zone}
    gap = languages.gap(get_language() or "en")
    return Invalid(f"{what % said}{gap}{choose % {'first': first, 'second': second}}")


def _local_text(moment: datetime, where: tzinfo) -> str:
    """What a clock there shows, with its distance to UTC: "25 October 2026, 02:30 UTC+02:00"."""
    local = moment.astimezone(where)
    return _("%(day)s, %(time)s %(offset)s") % {
        "day": dates.day_text(local.date()),
        "time": dates.clock_text(local.time()),
        "offset": zones.distance(local),
    }


def local(at: datetime, zone: str) -> tuple[date, time]:
    """An instant as day and time of day in a zone, to the microsecond: the rule of an end that came by an act."""
    there = at.astimezone(zone_of(zone))
    return there.date(), there.time()


def state(span: Span, at: datetime) -> PhaseState:
    """Where the moment stands: half-open, so that adjacent phases neither overlap nor leave a gap."""
    if span.cancelled_at is not None and span.cancelled_at <= at:
        return PhaseState.CANCELLED
    if span.dropped_at is not None and span.dropped_at <= at:
        return PhaseState.DROPPED
    if not has_begun(span, at):
        return PhaseState.FUTURE
    return PhaseState.CURRENT if at < span.closes_at else PhaseState.PAST


def has_begun(span: Span, at: datetime) -> bool:
    """opens_at <= at, whatever became of it since."""
    return span.opens_at <= at


def has_opened(span: Span, at: datetime) -> bool:
    """Whether it has ever been open: it had begun before it was cancelled, or its task force ended."""
    ends = [end for end in (span.cancelled_at, span.dropped_at) if end is not None]
    return has_begun(span, at) and all(span.opens_at < end for end in ends)


def begun_at(at: datetime, prefix: str = "") -> Q:
    """The same comparison in SQL, for the fields under `prefix` (such as `phase__`)."""
    return Q(**{f"{prefix}opens_at__lte": at})


def is_open(span: Span, at: datetime) -> bool:
    """opens_at <= at < closes_at, not cancelled, and its task force goes on."""
    return state(span, at) is PhaseState.CURRENT


def open_at(at: datetime, prefix: str = "") -> Q:
    """The same in SQL, for the fields under `prefix`."""
    within = begun_at(at, prefix) & Q(**{f"{prefix}closes_at__gt": at})
    goes_on = Q(**{f"{prefix}task_force__ended_at": None}) | Q(**{f"{prefix}task_force__ended_at__gt": at})
    return within & goes_on & (Q(**{f"{prefix}cancelled_at": None}) | Q(**{f"{prefix}cancelled_at__gt": at}))


def is_over(span: GracedSpan, at: datetime) -> bool:
    """Whether nothing can arrive any more, whenever its form was shown: from the hard close on, once it is cancelled,
    or once its task force has ended, which leaves nothing of a grace either.
    """
    if at >= span.hard_closes_at or state(span, at) is PhaseState.CANCELLED:
        return True
    return span.ended_at is not None and span.ended_at <= at


def over_at(at: datetime, prefix: str = "") -> Q:
    """The same in SQL, for the phase's fields under `prefix`."""
    grace = F(f"{prefix}grace_seconds") * Value(timedelta(seconds=1))
    latest = ExpressionWrapper(Value(at) - grace, output_field=DateTimeField())
    stopped = Q(**{f"{prefix}cancelled_at__lte": at}) | Q(**{f"{prefix}task_force__ended_at__lte": at})
    return Q(**{f"{prefix}closes_at__lte": latest}) | stopped


def is_in_grace(span: GracedSpan, at: datetime) -> bool:
    """closes_at <= at < hard_closes_at, neither cancelled nor ended: what was asked for before the close may arrive."""
    return at >= span.closes_at and not is_over(span, at)
