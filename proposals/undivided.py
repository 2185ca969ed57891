"""Paragraphs of a draft that hold an empty line: two paragraphs to whoever typed them, one to readers.

A text can be published with them: nobody but its writer knows whether they are meant to be one.
"""

import re
from collections.abc import Iterator

from proposals.drafting.copies import Copy, Part, Piece
from proposals.enums import UnitKind
from proposals.working import Problem, Working
from taskforce.core import markdown

# What is written as running text; an item of a list is one, whatever stands in it.
_PROSE = frozenset({UnitKind.PARAGRAPH, UnitKind.QUOTE, UnitKind.NOTE})
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")
_BREAKS = frozenset({"softbreak", "hardbreak"})


def in_draft(now: Working) -> list[Problem]:
    """Where the draft has some, in reading order; not what is published like that already."""
    before = {piece.key for _part, piece in _undivided(now.live)}
    return [Problem(part, piece, "") for part, piece in _undivided(now.copy) if piece.key not in before]


def _undivided(copy: Copy) -> Iterator[tuple[Part, Piece]]:
    for part in copy.shown:
        for piece in part.shown:
            if piece.kind in _PROSE and is_undivided(piece.text):
                yield part, piece


def is_undivided(text: str) -> bool:
    """Whether an empty line stands between two blocks, whatever they are: readers see no list either. In code it is no
    sign."""
    if not _EMPTY_LINE.search(text):
        return False
    return sum(bool(block.strip()) for block in _EMPTY_LINE.split(_without_code(text))) > 1


def _without_code(text: str) -> str:
    """The words and the ends of lines; code is one sign."""
    found = []
    for token in markdown.inline_tokens(text)[0].children or ():
        if token.type in _BREAKS:
            found.append("\n")
        else:
            found.append("`" if token.type == "code_inline" else token.content)
    return "".join(found)
