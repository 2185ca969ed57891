"""What publishing a working copy would take from one unit to another: words that were split off or joined. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from proposals.drafting.copies import Copy, Piece
from proposals.enums import PassageKind


class Moved(NamedTuple):
    """That words of a published unit stand in a piece now."""

    kind: PassageKind
    source: int
    piece: Piece


def moved(copy: Copy, live: Copy) -> list[Moved]:
    """In reading order of where they went. Of a unit that says what it said nothing went away."""
    before = {piece.unit: piece.text for piece in live.pieces() if piece.unit is not None}
    after = {piece.unit: piece.text for piece in copy.pieces() if piece.unit is not None}
    gone = {unit for unit, text in before.items() if after.get(unit) != text}
    found = []
    for piece in copy.pieces():
        if piece.text.strip() and before.get(piece.unit or 0) != piece.text:
            found += [each for each in _into(piece, after) if each.source in gone and each.source != piece.unit]
    return found


def _into(piece: Piece, after: Mapping[int, str]) -> list[Moved]:
    """Each unit once: whoever was joined whole is not told as a part besides."""
    kinds = {unit: PassageKind.PART if unit in after else PassageKind.JOIN for unit in piece.joined}
    part = PassageKind.SPLIT if piece.unit is None else PassageKind.PART
    for unit in piece.parts:
        kinds.setdefault(unit, part)
    return [Moved(kind, unit, piece) for unit, kind in kinds.items()]
