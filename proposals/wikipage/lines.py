"""What a single line is: a section's heading, the start of a list item or of a note, or running text."""

import re
from typing import NamedTuple

from proposals.wikipage.source import trimmed

_SPACE = "[ \t\u00a0\u2000-\u200a\u202f\u3000]"
# Western (also full-width), Arabic-Indic, Persian and Devanagari.
_DIGIT = "[0-9\uff10-\uff19\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]"
# Within a copied line of Arabic a mark of direction may stand on either side of a number's dot.
_DOT_SIDE = "[\u061c\u200e\u200f]*"
_DIGITS = rf"{_DIGIT}{{1,3}}"
_HEADING = re.compile(rf"({_DIGITS}){_DOT_SIDE}(?:\.{_DOT_SIDE}{_SPACE}+|[．、]{_SPACE}*)(\S.*)")
_SUBHEADING = re.compile(rf"({_DIGITS})(?:{_DOT_SIDE}\.{_DIGITS}){{1,4}}{_DOT_SIDE}\.?{_DOT_SIDE}{_SPACE}+(\S.*)")
_BULLET = re.compile(rf"(?:[•◦▪‣·○]|[-*–](?={_DOT_SIDE}{_SPACE})){_DOT_SIDE}{_SPACE}*(.*)")
_NUMBERED = re.compile(rf"({_DIGITS}){_DOT_SIDE}(?:[.)](?={_DOT_SIDE}{_SPACE})|[．、）]){_DOT_SIDE}{_SPACE}*(.*)")
_NOTE = re.compile(rf"(?:\[({_DIGITS})\]|({_DIGITS}){_DOT_SIDE}[.．](?={_DOT_SIDE}{_SPACE})|(?=[↑^]))(.*)")
_BACK_LINKS = re.compile(rf"{_SPACE}*[↑^]{_SPACE}*(?:{_DIGITS}[.,]{_DIGITS}{_SPACE}+)*")
_TAB = 4
LONGEST_HEADING = 300


class Marker(NamedTuple):
    """The start of a list item: its indentation in columns, its number (None for a bullet), what follows."""

    indent: int
    number: int | None
    text: str


class Heading(NamedTuple):
    """A heading "2. Title" (depth 0) or "2.1 Title" (depth 1) with its section's number."""

    number: int
    depth: int
    text: str


def heading(line: str) -> Heading | None:
    """The numbered heading that an unindented line may be; a long line is a paragraph."""
    return None if len(line) > LONGEST_HEADING else _numbered_title(line)


def too_long(line: str) -> Heading | None:
    """The heading that an unindented line would be if it were shorter."""
    return _numbered_title(line) if len(line) > LONGEST_HEADING else None


def _numbered_title(line: str) -> Heading | None:
    found = _HEADING.fullmatch(line)
    if found:
        return Heading(int(found[1]), 0, trimmed(found[2]))
    found = _SUBHEADING.fullmatch(line)
    return Heading(int(found[1]), 1, trimmed(found[2])) if found else None


def marker(line: str) -> Marker | None:
    """The bullet or number at the start of a list item."""
    stripped = line.lstrip()
    indent = _columns(line[: len(line) - len(stripped)])
    found = _BULLET.fullmatch(stripped)
    if found:
        return Marker(indent, None, trimmed(found[1]))
    found = _NUMBERED.fullmatch(stripped)
    return Marker(indent, int(found[1]), trimmed(found[2])) if found else None


def note(line: str) -> Marker | None:
    """The start of a note: "[1] text", "1. ↑ text", "↑ text", or a bullet; its number if it bears one."""
    stripped = trimmed(line)
    found = _NOTE.fullmatch(stripped)
    if not found:
        return marker(line)
    number = found[1] or found[2]
    text = _BACK_LINKS.sub("", found[3], count=1) if _BACK_LINKS.match(found[3]) else found[3]
    return Marker(0, int(number) if number else None, trimmed(text))


def _columns(white_space: str) -> int:
    """The width of an indentation; an ideographic space is two columns wide, a tab reaches the next stop."""
    width = 0
    for character in white_space:
        if character == "\t":
            width += _TAB - width % _TAB
        else:
            width += 2 if character == "\u3000" else 1
    return width
