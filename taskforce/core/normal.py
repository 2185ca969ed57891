"""Unicode's normal forms in a time that grows with the text alone, whatever the text is.

To bring a text into a normal form its marks are put in order, letter by letter, and the usual way to do so takes the
square of how many there are: a letter with 400,000 marks keeps a process busy for minutes. So a run of marks is parted
by U+034F COMBINING GRAPHEME JOINER after each 30 of them, as the Stream-Safe Text Format does (UAX #15, 13). No
language has a letter with so many; a text without such a run is what it would be without this module.
"""

import re
import unicodedata
from functools import cache
from typing import Literal

_MOST_MARKS = 30
JOINER = "\u034f"
# Of the class of letters, though they turn into marks: three vowels of Tibetan, two halfwidth signs of kana.
_BECOME_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
# Each turns into two marks, in every normal form.
_DOUBLE = {
    "\u0344": "\u0308\u0301",
    "\u0f73": "\u0f71\u0f72",
    "\u0f75": "\u0f71\u0f74",
    "\u0f81": "\u0f71\u0f80",
}


def normalized(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """A text in a normal form; of marks that pile up without end, 30 and 30 are kept apart."""
    return text if text.isascii() else unicodedata.normalize(form, _parted(text))


def _parted(text: str) -> str:
    return _candidates().sub(lambda found: _in_thirties(found[0]), text)


@cache
def _candidates() -> re.Pattern[str]:
    """Where many marks may stand together. Every character of the planes above counts as one: so it is found fast."""
    marks = "".join(filter(is_mark, map(chr, range(0x300, 0x10000))))
    return re.compile(f"[{marks}\U00010000-\U0001ffff]{{{_MOST_MARKS // 2 + 1},}}")


@cache
def _thirty() -> re.Pattern[str]:
    """As many marks as may stand together, before one more."""
    mark = f"[{''.join(filter(is_mark, map(chr, range(0x300, 0x20000))))}]"
    return re.compile(f"({mark}{{{_MOST_MARKS}}})(?={mark})")


def is_mark(character: str) -> bool:
    """Whether a normal form puts it in order among its neighbours: it has a class of marks, or becomes what has."""
    return unicodedata.combining(character) != 0 or character in _BECOME_MARKS


def _in_thirties(run: str) -> str:
    """In a few passes of the library's, for character by character a body of marks would take a second."""
    for double, marks in _DOUBLE.items():
        run = run.replace(double, marks)
    return _thirty().sub(rf"\1{JOINER}", run)
