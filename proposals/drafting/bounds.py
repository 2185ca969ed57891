"""How large a text and its sections may be, and what is too large. Pure.

A section is one form, and what no form could carry could never be saved again: a paragraph has five fields of the 2,000
that are read, and a character takes up to twelve bytes of the 2.5 MB, in whichever way a browser sends it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from proposals.drafting.copies import Copy

# More would be no text any more, and each page of it a wait.
MOST_PIECES = 1_000
MOST_IN_SECTION = 390
LONGEST_SECTION = 200_000


class Size(NamedTuple):
    """Of a section: how many pieces it has, its heading and the place of its dates too, and their characters."""

    pieces: int
    characters: int


Sizes = Mapping[str, Size]
_NOTHING = Size(0, 0)


def sizes(copy: Copy) -> dict[str, Size]:
    """By section, also those that were removed: what is taken back was not larger before."""
    return {part.key: Size(len(part.shown), sum(len(piece.text) for piece in part.shown)) for part in copy.parts}


class TooLarge(NamedTuple):
    """A section that has grown beyond what its page can send: its key, and the bound, of pieces or of characters."""

    key: str
    most: int
    has_too_many: bool


def too_large(now: Sizes, before: Sizes) -> list[TooLarge]:
    """The sections that have grown beyond a bound; one that was larger before may stay so, and shrink."""
    found = []
    for key, (pieces, characters) in now.items():
        had, long = before.get(key, _NOTHING)
        if pieces > max(MOST_IN_SECTION, had):
            found.append(TooLarge(key, MOST_IN_SECTION, has_too_many=True))
        elif characters > max(LONGEST_SECTION, long):
            found.append(TooLarge(key, LONGEST_SECTION, has_too_many=False))
    return found


def has_too_many(now: int, before: int) -> bool:
    """Whether a text has grown beyond how many pieces it may have."""
    return now > max(MOST_PIECES, before)
