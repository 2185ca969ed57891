"""Where a text says certain words: as a reader sees them, whatever its marks and its writing system.

A word counts in any case and width (NFKC), whatever invisible characters stand in it, across a break of the line, with
a hyphen where it has a blank, and across the marks of Markdown. It does not count as a part of a longer word: so in
writing with blanks "Task Forces" does not say "Task Force" ("Task Force’s" and "Task-Force-Mitglied" do). Chinese,
Japanese, Thai and the like have no blanks: there a word counts wherever it stands, and breaks of lines in it mean
nothing.

Arabic writes its smallest words onto the next one: "and", "so", "in", "for", "like", "will" and "the" are words of
their own, so "وفريق المهمة" (and the task force) and "للفريق" (for the team) say "فريق المهمة" and "فريق". Its vowel
signs are optional and make no other word. Endings are part of a word in every language, in Indonesian too ("-nya").
"""

import html
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
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
# Arabic vowel signs, doubling, and the small alef: who reads the language writes them or not.
_VOWELS = frozenset(map(chr, (*range(0x064B, 0x0653), 0x0670)))
# What Arabic writes onto a word, in this order: a question, "and" or "so", then "in", "like" or "will"; the
# article. "For" (ل) swallows the article's alef.
_PROCLITICS = re.compile("أ?[وف]?(?:[بكس]?(?:ال)?|لل?)")
_LONGEST_PROCLITICS = 5
_ARTICLE, _FOR = "ال", "ل"
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
    return _BETWEEN.sub("", _shown(text).casefold()).translate(_without_vowels())


@cache
def _without_vowels() -> dict[int, None]:
    return dict.fromkeys(map(ord, _VOWELS))


def may_say(text: str, words: Iterable[str]) -> bool:
    """Whether it is worth to look closely, for long texts: False only where the text says none of the words."""
    pressed = _pressed(text)
    return any(form in pressed for word in map(_pressed, words) if word for form in (word, *_behind_for(word)))


def read(text: str) -> Read:
    """The text made ready for a search."""
    shown = _shown(text)
    letters: list[str] = []
    places: list[int] = []
    for place, one in enumerate(shown):
        blank = one.isspace() or one in _HYPHENS
        for letter in " " if blank else "" if one in _VOWELS else one.casefold():
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
    places = [one for one in _all(text.folded, wanted) if _begins(text.folded, one.start)]
    for form in _behind_for(wanted):
        places += [one for one in _all(text.folded, form) if _is_behind_for(text.folded, one.start)]
    return [one for one in places if not _goes_on(text.folded, one.end)]


def _all(text: str, wanted: str) -> Iterator[Span]:
    start = text.find(wanted) if wanted else -1
    while start >= 0:
        yield Span(start, start + len(wanted))
        start = text.find(wanted, start + 1)


def _behind_for(word: str) -> list[str]:
    """How a word with the Arabic article is written behind "for": of "ال" the "ل" stays, or melts into the next one."""
    if not word.startswith(_ARTICLE) or len(word) <= len(_ARTICLE):
        return []
    return [word[1:], word[2:]] if word[2] == _FOR else [word[1:]]


def _is_behind_for(text: str, start: int) -> bool:
    return text[:start].endswith(_FOR) and _begins(text, start)


def _begins(text: str, start: int) -> bool:
    """Whether a word may begin here: behind no other, or behind what Arabic writes onto it."""
    if not _goes_on(text, start):
        return True
    before = start
    while before and _is_arabic(text[before - 1]) and start - before <= _LONGEST_PROCLITICS:
        before -= 1
    is_first = not _goes_on(text, before)
    return is_first and _is_arabic(text[start]) and bool(_PROCLITICS.fullmatch(text, before, start))


@lru_cache(4096)
def _is_arabic(character: str) -> bool:
    return unicodedata.name(character, "").startswith("ARABIC LETTER")


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
