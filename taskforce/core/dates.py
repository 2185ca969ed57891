"""Instants and periods as text, by CLDR, in the reader's language."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from babel import Locale, dates
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core.languages import locale_of

# The portal's English is the world's: "1 March 2022". CLDR's plain "en" writes dates as in the United States.
_WORLD_ENGLISH = Locale("en", "001")
Unit = Literal["day", "hour", "minute"]
_UNITS: tuple[tuple[Unit, int], ...] = (("day", 86_400), ("hour", 3_600), ("minute", 60))
_NEVER = 1_000_000


def _code(language: str | None) -> str:
    """A portal language (default: the active one)."""
    return language or get_language() or "en"


def _locale(language: str | None) -> Locale:
    """The CLDR locale for dates in a portal language (default: the active one)."""
    code = _code(language)
    return _WORLD_ENGLISH if code == "en" else locale_of(code)


def utc_text(instant: datetime, language: str | None = None) -> str:
    """An aware instant ("1 March 2022, 12:00 UTC") in the language; seconds only if there are any."""
    moment = instant.astimezone(UTC)
    return _("%(day)s, %(time)s UTC") % {
        "day": day_text(moment.date(), language),
        "time": clock_text(moment.time(), language),
    }


def day_text(day: date, language: str | None = None) -> str:
    """A day in the language's long form."""
    return _day_text(day, _code(language))


# The days of a timeline are the same on every page, and each takes CLDR's patterns apart anew.
@lru_cache(maxsize=4096)
def _day_text(day: date, code: str) -> str:
    return str(dates.format_date(day, "long", locale=_locale(code)))


def clock_text(clock: time, language: str | None = None) -> str:
    """A time of day ("18:00"), with seconds only if there are any; the zone is the caller's to name."""
    return _clock_text(clock.replace(microsecond=0, tzinfo=None), _code(language))


@lru_cache(maxsize=4096)
def _clock_text(clock: time, code: str) -> str:
    return str(dates.format_time(clock, "HH:mm:ss" if clock.second else "HH:mm", locale=_locale(code)))


def period_text(first: date, last: date, language: str | None = None) -> str:
    """A period of whole days as the locale writes it; `first` and `last` are both inside it.

    Whole months are written as months: "2022年3月至4月", "March – April 2022".
    """
    return _period_text(first, last, _code(language))


@lru_cache(maxsize=4096)
def _period_text(first: date, last: date, language: str) -> str:
    locale = _locale(language)
    whole = first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]
    if whole and (first.year, first.month) == (last.year, last.month):
        return str(dates.format_skeleton("yMMMM", datetime.combine(first, time()), locale=locale))
    if not whole and first == last:
        return day_text(first, language)
    skeleton = "yMMMM" if whole else "yMMMMd"
    return str(dates.format_interval(first, last, skeleton, locale=locale, fuzzy=True))


class Left(NamedTuple):
    """What is left until an instant, in whole units, never more than there is."""

    amount: int
    unit: Unit

    @property
    def is_short(self) -> bool:
        """Whether less than a day is left."""
        return self.unit != "day"


def left(until: datetime, at: datetime) -> Left:
    """What is left at `at` (both aware) until `until`: days, under a day hours, under an hour minutes."""
    seconds = max(int((until - at).total_seconds()), 0)
    unit, size = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    return Left(seconds // size, unit)


def left_text(one: Left, language: str | None = None) -> str:
    """ "12 days left", as the language says it."""
    size = dict(_UNITS)[one.unit]
    # The threshold keeps Babel from going over to weeks and months.
    length = dates.format_timedelta(
        timedelta(seconds=one.amount * size), granularity=one.unit, threshold=_NEVER, locale=_locale(language)
    )
    return _("{time} left").replace("{time}", str(length))


def length_text(seconds: int, language: str | None = None) -> str:
    """A short length of time ("2 minutes", "90 seconds"), in minutes where they are whole."""
    unit: Literal["minute", "second"] = "second" if seconds % 60 else "minute"
    return str(
        dates.format_timedelta(
            timedelta(seconds=seconds),
            granularity=unit,
            threshold=_NEVER if unit == "second" else 1,
            locale=_locale(language),
        )
    )
