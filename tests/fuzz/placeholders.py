"""What looks like a place for a value to anything that fills texts, and whether an answer still says it so."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count
from urllib.parse import unquote_plus

from tests.fuzz.caller import Answer

# For `%`, `str.format`, `string.Template`, Django's templates and translations; none of it may be reached or halved.
TYPED = "{0.__class__} {x!r} {{ 7*7 }} {% debug %} %(x)s %s%s%n %% {} $$"
# The same where somebody's Markdown makes letters bold.
_BOLD = TYPED.replace("__", "")
_START, _END = re.compile(r"pq(\d+)q(?=[ +%])"), " zq"
# What the preview of a summary puts before a place for a number that there is not.
_WARNED = re.compile(r"⚠ (?=\{)")
_INVISIBLE = re.compile("[\u2060-\u2069\u200e\u200f\u00ad]")
_IN_A_LINE = {"b", "bdi", "em", "i", "span", "strong", "wbr", "a"}
_CUT = re.compile("[…”“»」]")
# Characters that are always left.
_FEWEST = 8
# Between two texts that are none together.
_GAP = "\x00"


class Words:
    """Makes such words, each with a number of its own, and knows which place each was for."""

    def __init__(self) -> None:
        self.places: dict[int, str] = {}
        self._numbers = count(1)

    def __call__(self, place: str, room: int | None = None) -> str:
        """The words for a place; "" where they do not fit."""
        number = next(self._numbers)
        words = f"pq{number}q {TYPED}{_END}"
        if room is not None and len(words) > room:
            return ""
        self.places[number] = place
        return words


class _Reader(HTMLParser):
    """The texts of a page: what is read, and each value of an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for _name, value in attrs:
            if value and "pq" in value:
                self.texts += [_GAP, value, _GAP]
        self.texts += [] if tag in _IN_A_LINE else [_GAP]

    def handle_endtag(self, tag: str) -> None:
        self.texts += [] if tag in _IN_A_LINE else [_GAP]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def of_html(html: str) -> str:
    """What a page says, its attributes too."""
    if "pq" not in html:
        return ""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.texts)


def read_answer(answer: Answer) -> str:
    """What an answer says, whatever it is."""
    text = answer.body.decode(errors="replace").replace("\r\n ", "")  # as calendars fold their lines
    return of_html(text) if answer.headers.get("Content-Type", "").startswith("text/html") else text


def _found(text: str) -> Iterator[tuple[int, str]]:
    """(number, what follows) of each words in a text."""
    text = re.sub(r"[^\S\x00]+", " ", _INVISIBLE.sub("", text))
    text = _WARNED.sub("", text)
    for start in _START.finditer(text):
        rest = text[start.end() : start.end() + 3 * len(TYPED)]
        yield int(start[1]), rest if rest.startswith(" ") else unquote_plus(rest)


def seen(text: str) -> set[int]:
    """The numbers of the words that stand in a text."""
    return {number for number, _rest in _found(text)}


def changed(text: str) -> list[str]:
    """The words of a text that are not as they were typed: cut off they may be, and in Markdown bold."""
    return [f"{number}: {rest[: len(TYPED) + 20]!r}" for number, rest in _found(text) if not _is_as_typed(rest)]


def _is_as_typed(rest: str) -> bool:
    shown = rest.partition(_GAP)[0].rstrip()
    for typed in (TYPED, _BOLD):
        whole = f" {typed}{_END}"
        if rest.startswith(whole):
            return True
        # An error quotes the beginning of what it refuses.
        begun = _CUT.split(shown, maxsplit=1)[0].rstrip()
        is_cut = len(begun) < len(shown) or shown == rest.rstrip()
        if is_cut and len(begun) >= _FEWEST and whole.startswith(begun):
            return True
    return False
