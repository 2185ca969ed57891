"""A feedback window as text, in the active language."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from babel import dates
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from feedback.models import FeedbackWindow
from taskforce.core import labels, languages, markdown

_Unit = Literal["day", "hour", "minute", "second"]
_UNITS: tuple[tuple[_Unit, int], ...] = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_NEVER = 1_000_000


class Prose(NamedTuple):
    """A text as safe HTML with the language and direction that it is in."""

    html: SafeString
    lang: str
    direction: str


def introduction(window: FeedbackWindow) -> Prose | None:
    """The introduction of a window by the reader's chain; None where it has none."""
    found = labels.label(window, "introduction")
    if not found.text:
        return None
    language = found.language
    return Prose(markdown.render(found.text), languages.html_lang(language), languages.direction(language))


def time_left(closes_at: datetime, at: datetime) -> str:
    """What is left until `closes_at` in the largest unit, rounded down: "13 days", "47 minutes"."""
    seconds = max(int((closes_at - at).total_seconds()), 0)
    unit, size = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    whole = timedelta(seconds=seconds // size * size)
    locale = languages.locale_of(get_language() or "en")
    # The threshold keeps Babel from going over to months and years.
    return str(dates.format_timedelta(whole, granularity=unit, threshold=_NEVER, locale=locale))
