"""Periods as people write them in a timeline: Chinese, Japanese, English and ISO dates, single or ranges."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from taskforce.core.normal import normalized

# Between a period and its text; also as Chinese pages may have it.
COLON = "[:：﹕︰∶]"
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
_HAN_DIGITS = "〇一二三四五六七八九"

_HAN_NUMBER = "(?:二?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九])"
_SMALL_NUMBER = rf"(?:[0-9]{{1,2}}|{_HAN_NUMBER})"

_STARTING = re.compile(r"^(?:(?:from|starting|since)\s|自|從|从|由)\s*")
_AROUND = re.compile(r"^(?:between|during|in)\s+|\s*[.,。]?$")
_FROM_THEN_ON = re.compile(r"\s*(?:起|開始|开始)$")
_UNTIL_THEN = re.compile(r"\s*(?:止|為止|为止)$")
_BETWEEN = re.compile(r"\s*(?:至|到|[-\u2010-\u2015\u2212~〜])\s*|\s+(?:to|until|till|through|and)\s+")
# "2022年3-4月": the sign for the month stands once for both.
_ONE_SIGN = re.compile(rf"(?<=年)( ?{_SMALL_NUMBER})(?=(?:{_BETWEEN.pattern}){_SMALL_NUMBER} ?月份?$)")
_HAN = re.compile(
    r"(?:(?P<year>[0-9]{4}|[〇零○一二三四五六七八九]{4})年)?"
    rf"(?:(?P<month>{_SMALL_NUMBER})月份?)?"
    rf"(?:(?P<day>[0-9]{{1,2}}|{_HAN_NUMBER}(?=[日號号]))[日號号]?)?"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[a-z]{3,9})\.?(?: (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?)?(?:,? (?P<year>[0-9]{4}))?"
)
_DAY_FIRST = re.compile(
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?: (?:of )?(?P<month>[a-z]{3,9})\.?)?(?:,? (?P<year>[0-9]{4}))?"
)
# One mark throughout: "2022/03-04" is no day of March, it may be two months.
_ISO = re.compile(r"(?P<year>[0-9]{4})(?:(?P<mark>[-/])(?P<month>[0-9]{1,2})(?:(?P=mark)(?P<day>[0-9]{1,2}))?)?")
_DASH = re.compile(r"\s+--?\s+|\s*[\u2012-\u2015]+\s*")
# What behind a dash may still belong to the period, rather than begin the text: "May 2022 – present".
_STILL_PERIOD = re.compile(
    r"[0-9?(…]|[〇零○一二三四五六七八九十廿]+[年月日號号]|今|現在|现在|未定|待定|[翌次隔明同本下][年月個个]|[上中下]旬|"
    r"[年月]?[底末]|[年月][初中]|"
    r"(?:the )?(?:to|until|till|through|and|present|now|today|ongoing|onwards?|forever|later|after|before|about|"
    r"around|approx|circa|ca|open|tba|tbd|tbc|unknown|date|q[1-4]|quarter|week|year|month|day|end|ends|mid|middle|"
    r"early|late|beginning|start|first|second|third|last|next|following|same|this|that|spring|summer|autumn|fall|"
    rf"winter|{'|'.join(_MONTHS)})\b"
)

BACKWARD = "its range runs backward and names one year only: which year is meant does not show; write both years"
NO_END = "it has a beginning and no end"
NO_BEGINNING = "it has an end and no beginning"


@dataclass(frozen=True)
class Period:
    """Whole days; `first` and `last` are both inside."""

    first: date
    last: date


class Reading(NamedTuple):
    """The period that a text names, or none; `reason` says why a text that speaks of dates names none for sure."""

    period: Period | None
    reason: str = ""


class _Day(NamedTuple):
    """As much of a date as one side of a range says."""

    year: int | None
    month: int | None
    day: int | None


def read_period(text: str) -> Period | None:
    """The period that a text such as "2022年3月至4月" or "14 March – 10 April 2022" names, or None: `reading`."""
    return reading(text).period


def reading(text: str) -> Reading:
    """The period that a text names, only where it is sure: published dates are not easily taken back.

    What one side of a range leaves out, the other says. No period are: a text without a year; a range that runs
    backward and names one year only, since "2022年11月至2月" may mean the winter before or after, and
    "2022年4月至3月" may as well be a slip; a beginning without an end ("2022年2月起", "from May 2022") and an end
    without a beginning, since the missing day is nobody's guess.
    """
    if len(text) > _LONGEST:
        return Reading(None)
    plain = re.sub(r"\s+", " ", normalized("NFKC", text)).strip().lower()
    begins, plain = _without(_STARTING, _AROUND.sub("", plain))
    ends, plain = _without(_UNTIL_THEN, plain)
    plain = _ONE_SIGN.sub(r"\1月", plain)
    goes_on, single = _without(_FROM_THEN_ON, plain)
    whole = _read_day(single)
    if whole is not None and (period := _period(whole, whole)):
        if begins or goes_on:
            return Reading(None, NO_END)
        return Reading(None, NO_BEGINNING) if ends else Reading(period)
    for middle in _BETWEEN.finditer(plain):
        left = _read_day(_without(_FROM_THEN_ON, plain[: middle.start()])[1])
        right = _read_day(plain[middle.end() :])
        if left is not None and right is not None:
            return _range(left, right)
    return Reading(None)


def split_by_dash(text: str) -> tuple[str, str]:
    """ "May 2022 - the text" as period and text, divided at its last dash; ("", "") where that is not sure.

    With a colon behind it a dash belongs to a period that could not be read, and so it may where what follows it
    could be the end of the period ("May 2022 – present", "May 2022 – end of June").
    """
    dashes = list(_DASH.finditer(text))
    if not dashes or re.search(COLON, text):
        return "", ""
    before, after = text[: dashes[-1].start()], text[dashes[-1].end() :]
    is_sure = not _STILL_PERIOD.match(normalized("NFKC", after).lower())
    return (before, after) if is_sure else ("", "")


def _without(mark: re.Pattern[str], text: str) -> tuple[bool, str]:
    """Whether a text bears a mark, and the text without it."""
    rest = mark.sub("", text)
    return rest != text, rest


def _range(left: _Day, right: _Day) -> Reading:
    """The period from one side to the other; none where a side's year, month or day is anybody's guess."""
    first, last = _completed(left, right)
    if (first.month is None) != (last.month is None) or _is_number_alone(left, right):
        return Reading(None)
    names_one_year = left.year is None or right.year is None
    if names_one_year and first.year and (first.month or 0) > (last.month or 0):
        return Reading(None, BACKWARD)
    return Reading(_period(first, last))


def _is_number_alone(left: _Day, right: _Day) -> bool:
    """Whether a number could be a day or a month: "2022年3月至4". Between two days it is a day: "14–20 March"."""
    return any(one.day and not one.month and not other.day for one, other in ((left, right), (right, left)))


def _read_day(text: str) -> _Day | None:
    """One side of a range, in any of the four ways of writing."""
    ways: tuple[tuple[re.Pattern[str], str, Callable[[str], int | None]], ...] = (
        (_ISO, text, _number),
        (_HAN, text.replace(" ", ""), _number),
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
    """A number in Western digits or in Chinese numerals: 2022, 二〇二二, 三, 十二, 二十八."""
    if not digits:
        return None
    if digits.isascii():
        return int(digits)
    plain = re.sub("[零○]", "〇", digits)
    if "十" not in plain:
        return int("".join(str(_HAN_DIGITS.index(digit)) for digit in plain))
    tens, _, ones = plain.partition("十")
    return 10 * (_number(tens) or 1) + (_number(ones) or 0)


def _completed(left: _Day, right: _Day) -> tuple[_Day, _Day]:
    """Both sides with what the other one says."""
    if left.month is None and left.day is not None:
        left = left._replace(month=right.month)
    if right.month is None and right.day is not None:
        right = right._replace(month=left.month)
    year = left.year or right.year
    return left._replace(year=left.year or year), right._replace(year=right.year or year)


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
