"""Where a text says certain words: as a reader sees them, whatever its marks and its writing system.

A word counts in any case and width (NFKC), whatever invisible characters stand in it, across a break of the line, with
a hyphen where it has a blank, and across the marks of Markdown. It does not count as a part of a longer word: so in
writing with blanks "Task Forces" does not say "Task Force" ("Task Force’s" and "Task-Force-Mitglied" do). Chinese,
Japanese, Thai and the like have no blanks: there a word counts wherever it stands, and breaks of lines in it mean
nothing.
"""

import html
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from taskforce.core.normal import normalized

# Elements that stand apart from what is beside them; all others may stand inside a word.
_APART = re.compile(r"</?(?:p|br|li|ul|ol|h[1-6]|div|blockquote|pre|hr|dt|dd|table|tr|td|th)\b[^>]*>", re.I)
_ELEMENT = re.compile(r"<[^>]*>")
# What is drawn as nothing, besides format characters: fillers, joiners, variation selectors; and the tatweel.
_UNSEEN = frozenset(
    (847, 1600, 4447, 4448, 6068, 6069, 12644, 65440, *range(6155, 6160), *range(65024, 65040), *range(917760, 918000))
)
_HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u2043\uff0d")
_BETWEEN = re.compile(rf"[\s{re.escape(''.join(sorted(_HYPHENS)))}]+")
# By the beginning of a character's name: writing without blanks between words.
_WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "IDEOGRAPHIC")


class Span(NamedTuple):
    """From where to where in the text as it is read."""

    start: int
    end: int


class Read(NamedTuple):
    """A text as it is read (`shown`), the same folded for a search, and where in `shown` each of its letters stands."""

    shown: str
    folded: str
    places: Sequence[int]


def of_html(source: str) -> str:
    """The words of a piece of HTML."""
    return html.unescape(_ELEMENT.sub("", _APART.sub(" ", source)))


@cache
def _nothing() -> dict[int, None]:
    """Every character that a reader does not see, to be left out."""
    formats = (code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf")
    return dict.fromkeys([*formats, *_UNSEEN])


def _shown(text: str) -> str:
    return normalized("NFKC", text.translate(_nothing()))


def _pressed(text: str) -> str:
    """Folded, without anything between words."""
    return _BETWEEN.sub("", _shown(text).casefold())


def may_say(text: str, words: Iterable[str]) -> bool:
    """Whether it is worth to look closely, for long texts: False only where the text says none of the words."""
    pressed = _pressed(text)
    return any(word and word in pressed for word in map(_pressed, words))


def read(text: str) -> Read:
    """The text made ready for a search."""
    shown = _shown(text)
    letters: list[str] = []
    places: list[int] = []
    for place, one in enumerate(shown):
        blank = one.isspace() or one in _HYPHENS
        for letter in " " if blank else one.casefold():
            if letter != " " or (letters and letters[-1] != " "):
                letters.append(letter)
                places.append(place)
    return Read(shown, *_without_inner_blanks(letters, places))


def _without_inner_blanks(letters: list[str], places: list[int]) -> tuple[str, list[int]]:
    """Without the blanks beside writing that has none."""
    kept = [
        number
        for number, letter in enumerate(letters)
        if letter != " "
        or not (
            (number and _is_without_blanks(letters[number - 1]))
            or (number + 1 < len(letters) and _is_without_blanks(letters[number + 1]))
        )
    ]
    return "".join(letters[number] for number in kept), [places[number] for number in kept]


def found(text: Read, words: Iterable[str], *, but: Iterable[str] = ()) -> list[Span]:
    """Where the text says one of the words, in order; not inside of what it says of `but` (a new name, say)."""
    allowed = [span for word in but for span in _places(text, word)]
    spans = {span for word in words for span in _places(text, word)}
    outside = [one for one in spans if not any(each.start <= one.start and one.end <= each.end for each in allowed)]
    return sorted(Span(text.places[one.start], text.places[one.end - 1] + 1) for one in outside)


def folded(word: str) -> str:
    """What a word is looked for as; "" for one that nobody could see."""
    return read(word).folded.strip()


def _places(text: Read, word: str) -> list[Span]:
    wanted = folded(word)
    places, start = [], text.folded.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        if not _goes_on(text.folded, start) and not _goes_on(text.folded, end):
            places.append(Span(start, end))
        start = text.folded.find(wanted, start + 1)
    return places


def _goes_on(text: str, place: int) -> bool:
    """Whether a word goes on from before the place to behind it."""
    if place in (0, len(text)):
        return False
    before, behind = text[place - 1], text[place]
    if unicodedata.category(behind)[0] == "M":
        return True
    return all(_is_of_word(one) and not _is_without_blanks(one) for one in (before, behind))


@lru_cache(4096)
def _is_of_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


@lru_cache(4096)
def _is_without_blanks(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_WITHOUT_BLANKS)
