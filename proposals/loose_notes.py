"""Numbers that lead to no note: in a draft, and in the translations of what it has. Reads the database only.

A text can be published with them: "[1]" may mean something else.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from proposals.drafting.copies import Copy, Part, Piece
from proposals.enums import UnitKind
from proposals.models import UnitText
from proposals.rendering import cited, notes_in
from proposals.working import Problem, Working, is_blank, units_in
from taskforce.core import languages

# So many translations into a language are looked for.
MOST = 50


def in_draft(now: Working) -> list[Problem]:
    """Where the draft leads to no note, in reading order; not what is published like that already."""
    before = {piece.key: numbers for _part, piece, numbers in _leading_nowhere(now.live)}
    return [
        Problem(part, piece, said_of(number))
        for part, piece, numbers in _leading_nowhere(now.copy)
        for number in sorted(numbers - before.get(piece.key, set()))
    ]


def said_of(number: int) -> str:
    """That a number leads to no note."""
    return _("“[%(number)d]” leads to no note.") % {"number": number}


def _leading_nowhere(copy: Copy) -> Iterator[tuple[Part, Piece, set[int]]]:
    """The units that lead to notes which the copy does not have, with the numbers of those."""
    notes = _notes(copy)
    for part in copy.shown:
        for piece in part.shown:
            if _may_cite(piece) and (missing := _missing(piece.text, notes)):
                yield part, piece, missing


def _notes(copy: Copy) -> set[int | None]:
    return {piece.shape.number for piece in copy.pieces() if piece.kind == UnitKind.NOTE and not is_blank(piece)}


def _may_cite(piece: Piece) -> bool:
    return not piece.is_dates and piece.kind != UnitKind.NOTE


def _missing(text: str, notes: set[int | None]) -> set[int]:
    """The numbers by which a text leads to none of these notes; what has no such number is not read twice."""
    return cited(text) - notes if notes_in(text) - notes else set()


# --- translations ----------------------------------------------------------------------------------------------------


class Loose(NamedTuple):
    """A translation that would lead to no note: its unit, what it says, and the numbers, in order."""

    unit: int
    text: str
    numbers: list[int]


def in_translations(now: Working) -> dict[str, list[Loose]]:
    """{language: the first `MOST` translations that would lead to no note once the draft is published, in reading
    order}; one query. Whoever translates publishes at once, so what leads nowhere already is among them, but for a
    number that leads nowhere in the published source too."""
    notes = _notes(now.copy)
    meant = {piece.unit: numbers for _part, piece, numbers in _leading_nowhere(now.live)}
    texts = _texts(now)
    found: dict[str, list[Loose]] = {}
    for piece in filter(_may_cite, now.copy.pieces()):
        for unit in filter(None, (piece.unit, *piece.joined)):
            for code, text in texts.get(unit, {}).items():
                if code == piece.language or len(found.get(code, ())) == MOST:
                    continue
                if numbers := _missing(text, notes | meant.get(unit, set())):
                    found.setdefault(code, []).append(Loose(unit, text, sorted(numbers)))
    return {code: found[code] for code in languages.CODES if code in found}


def _texts(now: Working) -> Mapping[int, Mapping[str, str]]:
    """{unit: {language: text}} of what may lead to a note, as it would be published."""
    found: dict[int, dict[str, str]] = {}
    rows = UnitText.objects.filter(unit__in=units_in(now.copy), text__contains="[")
    for unit, code, text in rows.values_list("unit_id", "language", "text"):
        found.setdefault(unit, {})[code] = text
    for one in now.returning:
        found.setdefault(one.unit, {})[one.language] = one.then
    return found
