"""Charts as SVG, drawn by the server: no script and no style of their own, so that they stand under a strict policy.

A chart has a title and says in words what it shows, for whoever hears it; its bars carry their numbers, so that no
colour has to be told from another; the page puts its table beside it. Colours are classes (`portal/charts.css`). In a
language that is written from right to left all of it runs from right to left.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import dates, languages
from taskforce.core.sentences import filled
from taskforce.core.templatetags.portal import number

# Units of the drawing: about the pixels of a small phone.
_WIDTH = 360
_LINE = 20
_THICK = 14
_GAP = 12
# What is left beside the longest bar for its number.
_NUMBER = 56
_HEIGHT = 150
# A column that is less high than this is told in a number, where it is wide enough for one.
_LOW = 24
_LABELLED = 20
# So many letters of a label stand in one line; wide ones count twice.
_LETTERS = 44


class Bar(NamedTuple):
    """A group, by the name that its readers know it by, and how many."""

    label: str
    size: int


class Column(NamedTuple):
    """One or several days, both ends within, and how many came in all of them."""

    first: date
    last: date
    size: int

    @property
    def days(self) -> int:
        """How many days it spans."""
        return (self.last - self.first).days + 1

    @property
    def a_day(self) -> float:
        """How many came in a day of it: what its height shows, so that its area shows all of them."""
        return self.size / self.days


def bars(name: str, title: str, found: Sequence[Bar]) -> SafeString:
    """Lying bars, each below its label; `name` tells the chart from the others of the page."""
    most = max((bar.size for bar in found), default=0)
    drawn, top = [], 0
    for bar in found:
        for line in _lines(bar.label):
            top += _LINE
            drawn.append(_text(0, top - 5, line))
        length = max(round((_WIDTH - _NUMBER) * bar.size / most), 2) if most else 0
        drawn += [_rect(0, top, length, _THICK), _text(length + 6, top + _THICK - 2, number(bar.size))]
        top += _THICK + _GAP
    said = format_html_join("; ", "{}{}{}", ((bar.label, _colon(), number(bar.size)) for bar in found))
    return _drawing(name, title, said, top, drawn)


def columns(name: str, title: str, found: Sequence[Column]) -> SafeString:
    """Standing columns along the days, as wide as each has days; the first and the last day stand below them."""
    first, last = found[0].first, found[-1].last
    a_day = _WIDTH / ((last - first).days + 1)
    highest = max(found, key=lambda column: column.a_day)
    drawn = []
    for column in found:
        start, width = (column.first - first).days * a_day, column.days * a_day
        height = max(_HEIGHT * column.a_day / highest.a_day, 2)
        # A little room between two of them, so that they are told apart without a colour.
        drawn.append(_rect(start, _LINE + _HEIGHT - height, max(width - min(2, width / 4), 1), height))
        # A low column says how many it stands for, else it looks like nothing.
        if column is not highest and height < _LOW and width >= _LABELLED:
            drawn.append(_text(_inside(start + width / 2), _LINE + _HEIGHT - height - 6, number(column.size), "middle"))
    middle = ((highest.first - first).days + highest.days / 2) * a_day
    drawn.append(_text(_inside(middle), _LINE - 6, number(highest.size), "middle"))
    drawn.append(_line(_LINE + _HEIGHT))
    drawn.append(_text(0, _HEIGHT + 2 * _LINE, dates.day_text(first)))
    if last != first:
        drawn.append(_text(_WIDTH, _HEIGHT + 2 * _LINE, dates.day_text(last), "end"))
    said = filled(
        _("%(period)s. The most in a day: %(count)s (%(when)s)."),
        period=dates.period_text(first, last),
        count=number(round(highest.a_day, 1)),
        when=dates.period_text(highest.first, highest.last),
    )
    return _drawing(name, title, said, _HEIGHT + 2 * _LINE + 6, drawn)


def _inside(middle: float) -> float:
    """The middle of a number that is to stay within the drawing."""
    return min(max(middle, 20), _WIDTH - 20)


def _colon() -> str:
    return languages.colon(get_language() or "en")


def _is_from_the_right() -> bool:
    return languages.direction(get_language() or "en") == "rtl"


def _drawing(name: str, title: str, said: str, height: int, drawn: Sequence[SafeString]) -> SafeString:
    return format_html(
        '<svg class="pt-chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc" direction="{}">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
        *(_WIDTH, height, name, name, languages.direction(get_language() or "en")),
        *(name, title, name, said),
        format_html_join("", "{}", ((one,) for one in drawn)),
    )


def _rect(start: float, top: float, width: float, height: float) -> SafeString:
    left = _WIDTH - start - width if _is_from_the_right() else start
    return format_html(
        '<rect class="pt-chart__bar" x="{}" y="{}" width="{}" height="{}"/>', *map(_plain, (left, top, width, height))
    )


def _line(top: float) -> SafeString:
    return format_html('<path class="pt-chart__axis" d="M0 {}H{}"/>', _plain(top), _WIDTH)


def _text(start: float, base: float, words: str, anchor: str = "start") -> SafeString:
    """Words from `start` on in the direction of the language; an anchor means the same in both directions."""
    left = _WIDTH - start if _is_from_the_right() else start
    return format_html(
        '<text class="pt-chart__text" x="{}" y="{}" text-anchor="{}">{}</text>',
        *(_plain(left), _plain(base), anchor, words),
    )


def _plain(value: float) -> str:
    """A number as SVG has it, whatever the language, with no more digits than one sees."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _lines(label: str) -> list[str]:
    """A label in lines that fit, broken at its blanks."""
    found = [""]
    for word in label.split():
        longer = f"{found[-1]} {word}".strip()
        if found[-1] and _width(longer) > _LETTERS:
            found.append(word)
        else:
            found[-1] = longer
    return found


def _width(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)
