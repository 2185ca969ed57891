"""Periods as people write them in a timeline: Chinese, Japanese, English and ISO dates, single or ranges."""

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

# Longer than any period; keeps the search for the middle of a range short.
_LONGEST = 80
_YEARS = range(1900, 2201)

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_HAN_MONTHS = {
    name: number
    for number, name in enumerate(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), start=1)
}

_FRAME = re.compile(r"^(?:from|between|during|in|自|從|从|由)\s*|\s*(?:止|為止|为止)?[.,。]?$")
_BETWEEN = re.compile(r"\s*(?:至|到|[-\u2010-\u2015\u2212~〜])\s*|\s+(?:to|until|till|through|and)\s+")
_HAN = re.compile(
    r"(?:(?P<year>[0-9]{4})年)?"
    r"(?:(?P<month>[0-9]{1,2}|十[一二]?|[一二三四五六七八九])月份?)?"
    r"(?:(?P<day>[0-9]{1,2})[日號号]?)?"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[a-z]{3,9})\.?(?: (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?)?(?:,? (?P<year>[0-9]{4}))?"
)
_DAY_FIRST = re.compile(
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?: (?:of )?(?P<month>[a-z]{3,9})\.?)?(?:,? (?P<year>[0-9]{4}))?"
)
_ISO = re.compile(r"(?P<year>[0-9]{4})(?:[-/](?P<month>[0-9]{1,2})(?:[-/](?P<day>[0-9]{1,2}))?)?")


@dataclass(frozen=True)
class Period:
    """Whole days; `first` and `last` are both inside. `guessed`: one of the years is not written but follows."""

    first: date
    last: date
    guessed: bool = field(default=False, compare=False)


class _Day(NamedTuple):
    """As much of a date as one side of a range says."""

    year: int | None
    month: int | None
    day: int | None


def read_period(text: str) -> Period | None:
    """The period that a text such as "2022年3月至4月" or "14 March – 10 April 2022" names, or None.

    What one side of a range leaves out, the other says. A period without a year is none.
    """
    if len(text) > _LONGEST:
        return None
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()
    plain = _FRAME.sub("", plain)
    whole = _read_day(plain)
    if whole is not None:
        return _period(whole, whole)
    for middle in _BETWEEN.finditer(plain):
        left, right = _read_day(plain[: middle.start()]), _read_day(plain[middle.end() :])
        if left is not None and right is not None:
            return _range(left, right)
    return None


def _range(left: _Day, right: _Day) -> Period | None:
    """The period from one side to the other; a year is guessed where the range runs over New Year and names one."""
    whole = _completed(left, right)
    period = _period(*whole)
    if period is None or whole[0].year == whole[1].year:
        return period
    return replace(period, guessed=left.year is None or right.year is None)


def _read_day(text: str) -> _Day | None:
    """One side of a range, in any of the four ways of writing."""
    ways: tuple[tuple[re.Pattern[str], str, Callable[[str], int | None]], ...] = (
        (_ISO, text, _number),
        (_HAN, text.replace(" ", ""), _han_month),
        (_MONTH_FIRST, text, _MONTHS.get),
        (_DAY_FIRST, text, _MONTHS.get),
    )
    for pattern, candidate, month_of in ways:
        found = pattern.fullmatch(candidate) if candidate else None
        if not found:
            continue
        month = month_of(found["month"]) if found["month"] else None
        if found["month"] and month is None:
            continue
        return _Day(_number(found["year"]), month, _number(found["day"]))
    return None


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _han_month(text: str) -> int | None:
    return _HAN_MONTHS.get(text) or _number(text)


def _completed(left: _Day, right: _Day) -> tuple[_Day, _Day]:
    """Both sides with what the other one says; a range over New Year may name its year once."""
    if left.month is None and left.day is not None and right.month is not None and right.day is None:
        left = left._replace(month=left.day, day=None)  # "2022年3-4月": the number is a month
    if left.month is None and left.day is not None:
        left = left._replace(month=right.month)
    if right.month is None and right.day is not None:
        right = right._replace(month=left.month)
    wraps = left.month is not None and right.month is not None and left.month > right.month
    if left.year is None and right.year is not None:
        left = left._replace(year=right.year - wraps)
    elif right.year is None and left.year is not None:
        right = right._replace(year=left.year + wraps)
    return left, right


def _period(left: _Day, right: _Day) -> Period | None:
    """The first day of the left side to the last day of the right one; None for days that do not exist."""
    if left.year not in _YEARS or right.year not in _YEARS or _day_without_month(left, right):
        return None
    try:
        first = date(left.year or 0, left.month or 1, left.day or 1)
        end_month = right.month or 12
        length = calendar.monthrange(right.year or 0, end_month)[1]
        last = date(right.year or 0, end_month, right.day or length)
    except ValueError:
        return None
    return Period(first, last) if first <= last else None


def _day_without_month(*sides: _Day) -> bool:
    return any(side.day is not None and side.month is None for side in sides)


def month_number(name: str) -> int | None:
    """1 to 12 for an English month or its abbreviation, in any case; None for another word."""
    return _MONTHS.get(name.lower())
