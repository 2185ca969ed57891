"""From bytes to lines: what cannot be read is refused, what is damaged is kept and listed."""

import re
import unicodedata

from proposals.wikipage.pieces import Damage, WikiPageError
from taskforce.core.normal import normalized

LARGEST = 5_000_000  # bytes; the longest wiki pages have two million

_REPLACEMENT = "\ufffd"
# Old line and page breaks that some tools leave inside a paragraph: white space, not damage.
_BREAKS = str.maketrans(dict.fromkeys("\x0b\x0c\x85\u2028\u2029", " "))
# Replacement characters, controls, private use and code points that are no characters.
_SUSPECT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffd-\uffff\U000f0000-\U0010ffff]"
)
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_MARKS = "\u061c\u200e\u200f"
# White space of any kind, characters of no width, and marks of direction.
_EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u2060\ufeff" + _MARKS
_OPENS, _CLOSES = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068", "\u202c\u2069"
# What sets the direction of all that follows, at the beginning of a line, with the blanks before it.
_SETTING = re.compile(f"(?:\\s*[{_MARKS}{_OPENS}{_CLOSES}])+")


def lines_of(data: bytes) -> tuple[list[str], tuple[Damage, ...]]:
    """The lines of a file and its damaged characters; `WikiPageError` for a file that is empty or not UTF-8.

    Control characters cannot be stored and mean nothing: U+FFFD takes their place, so that it stays seen.
    """
    if len(data) > LARGEST:
        raise WikiPageError(f"the file has {len(data):,} bytes; a page has at most {LARGEST:,}")
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
    if not trimmed(text):
        raise WikiPageError("the file is empty")
    lines = text.split("\n")
    damage = tuple(
        Damage(number, found.start() + 1, found[0], kept=not _UNSTORABLE.match(found[0]))
        for number, line in enumerate(lines, start=1)
        for found in _SUSPECT.finditer(line)
    )
    return [undirected(_UNSTORABLE.sub(_REPLACEMENT, line)) for line in lines], damage


def undirected(line: str) -> str:
    """Without what only sets the line's own direction: marks before its text, and an embedding with its end.

    The page shows each line in the direction of its language; a number or a bullet must be seen as the first. What
    stands inside of the line stays.
    """
    begin = _SETTING.match(line)
    blanks = "".join(filter(str.isspace, begin[0])) if begin else ""
    return blanks + _without_ends(line[begin.end() :] if begin else line)


def _without_ends(text: str) -> str:
    """Without the signs that end an embedding that was opened before the text, or nothing."""
    if not any(sign in text for sign in _CLOSES):
        return text
    kept, inside = [], 0
    for character in text:
        if character in _CLOSES:
            if not inside:
                continue
            inside -= 1
        inside += character in _OPENS
        kept.append(character)
    return "".join(kept)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With the mark at the start, the decoder counts from behind it.
        place = error.start + (len(data) - len(error.object))
        line = data.count(b"\n", 0, place) + 1
        raise WikiPageError(
            f"the file is not UTF-8: byte 0x{data[place]:02X} at offset {place:,} is no text", line
        ) from None


def trimmed(text: str) -> str:
    """Without white space and characters of no width around it."""
    return text.strip(_EDGES)


def without_widths(text: str) -> str:
    """The text with full-width digits and punctuation as plain ones (NFKC), each character in its own place."""
    plain = ((character, normalized("NFKC", character)) for character in text)
    return "".join(folded if len(folded) == 1 else character for character, folded in plain)


def joined(lines: list[str]) -> str:
    """Hard-wrapped lines as one; between two wide (Chinese, Japanese) characters no space was meant."""
    parts: list[str] = []
    last = ""
    for line in filter(None, map(trimmed, lines)):
        if last:
            parts.append("" if _is_wide(last) and _is_wide(line[0]) else " ")
        parts.append(line)
        last = line[-1]
    return "".join(parts)


def _is_wide(character: str) -> bool:
    return character == _REPLACEMENT or unicodedata.east_asian_width(character) in "WF"
