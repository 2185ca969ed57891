"""The working copy that a text would have been after one of its earlier revisions, to be published anew. Pure."""

from collections.abc import Mapping

from proposals.drafting.copies import DATES, LEAD, Copy, Part, Piece, Shape
from proposals.enums import SectionKind, UnitKind
from proposals.snapshots import PHASE, Content, Entry


def restored(structure: Content, sources: Mapping[int, str], homes: Mapping[int, int | None], live: Copy) -> Copy:
    """The copy with sections, units and order of `structure`; what the text has besides by now is removed in it.

    `sources` are the texts by unit, each in the language that it was written in, `homes` the section of each unit.
    """
    copy = Copy([Part(LEAD, SectionKind.TEXT, None, [])], live.following)
    published = {piece.unit: piece for piece in live.pieces() if piece.unit is not None}
    for position, entries in _sections(structure).items():
        part = copy.parts[0] if position is None else _part(copy, entries, homes)
        for entry in entries:
            if entry["kind"] != PHASE:
                part.pieces.append(_piece(entry, sources.get(entry["id"], ""), published.get(entry["id"])))
            elif not any(piece.is_dates for piece in part.pieces):
                part.pieces.append(_dates(part))
        if part.kind == SectionKind.TIMELINE and not any(piece.is_dates for piece in part.pieces):
            part.pieces.append(_dates(part))
    _remove_what_came_later(copy, live)
    return copy


def _sections(structure: Content) -> dict[int | None, list[Entry]]:
    found: dict[int | None, list[Entry]] = {}
    for entry in structure:
        found.setdefault(entry["section"], []).append(entry)
    return found


def _part(copy: Copy, entries: list[Entry], homes: Mapping[int, int | None]) -> Part:
    heading = next((one for one in entries if one["kind"] == UnitKind.HEADING and one["depth"] == 0), None)
    section = homes.get(heading["id"]) if heading else None
    kind = next((one["section_kind"] for one in entries if one["kind"] != PHASE), SectionKind.TIMELINE)
    made = Part(f"s{section}" if section else copy.new_key(), kind, section, [])
    copy.parts.append(made)
    return made


def _piece(entry: Entry, text: str, now: Piece | None) -> Piece:
    shape = Shape(entry["kind"], entry["depth"], entry["ordered"], entry["number"])
    return Piece(
        f"u{entry['id']}",
        shape,
        entry["source_language"],
        text,
        entry["id"],
        now.text if now else text,
        now.shape if now else shape,
        is_taken_back=now is None,
    )


def _dates(part: Part) -> Piece:
    return Piece(f"dates-{part.key}", Shape(DATES), "", "")


def _remove_what_came_later(copy: Copy, live: Copy) -> None:
    there = {piece.key for part in copy.parts for piece in part.pieces}
    parts = {part.key: part for part in copy.parts}
    for part in live.parts:
        gone = [piece for piece in part.pieces if piece.key not in there]
        for piece in gone:
            piece.is_removed = True
        if part.key in parts:
            parts[part.key].pieces += [piece for piece in gone if not piece.is_dates]
        else:
            copy.parts.append(Part(part.key, part.kind, part.section, gone, is_removed=True))
