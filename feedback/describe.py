"""What is left of a feedback window, in the active language."""

from datetime import datetime, timedelta
from typing import Literal

from babel import dates
from django.utils.translation import get_language

from taskforce.core import languages

_Unit = Literal["day", "hour", "minute", "second"]
_UNITS: tuple[tuple[_Unit, int], ...] = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_NEVER = 1_000_000
_SOON = timedelta(hours=24)


def time_left(closes_at: datetime, at: datetime) -> str:
    """What is left until `closes_at` in the largest unit, rounded down: "13 days", "47 minutes"."""
    seconds = max(int((closes_at - at).total_seconds()), 0)
    unit, size = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    whole = timedelta(seconds=seconds // size * size)
    locale = languages.locale_of(get_language() or "en")
    # The threshold keeps Babel from going over to months and years.
    return str(dates.format_timedelta(whole, granularity=unit, threshold=_NEVER, locale=locale))


def closes_soon(closes_at: datetime, at: datetime) -> bool:
    """Whether less than a day is left, so that the page has to say so before anything else."""
    return closes_at - at < _SOON
