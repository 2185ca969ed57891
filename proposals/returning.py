"""The translations that come back with an earlier revision: where the source says again what it said then."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from proposals import queries, snapshots
from proposals.drafting.copies import Copy, Piece
from proposals.enums import TranslationState
from proposals.models import Proposal, UnitText
from proposals.reading import Mark, state_in

Texts = dict[int, dict[str, str]]


class Returning(NamedTuple):
    """A translation that says something else now, or is out of date: what it says, and what it said then.

    `version` is that of what it says now.
    """

    unit: int
    language: str
    now: str
    then: str
    version: int


def returning(proposal: Proposal, copy: Copy, live: Copy) -> list[Returning]:
    """What publishing the copy would bring back, in reading order; two queries where it restores a revision, else none.

    What a language has by now and had not then stays.
    """
    if not copy.restores:
        return []
    earlier = translations_at(proposal, copy.restores)
    again = [piece for piece in copy.pieces() if says_again(piece, earlier)]
    rows: dict[int, dict[str, UnitText]] = {}
    for row in UnitText.objects.filter(unit__in=[piece.unit for piece in again if piece.unit]):
        rows.setdefault(row.unit_id, {})[row.language] = row
    published = {piece.key: piece.text for piece in live.pieces()}
    found: list[Returning] = []
    for piece in again:
        unit = piece.unit or 0
        own = rows.get(unit, {})
        is_new = published.get(piece.key, piece.text) != piece.text
        source = own.get(piece.language)
        for code, then in earlier[unit].items():
            has = own.get(code)
            if code == piece.language or has is None or source is None:
                continue
            if is_new or has.text != then or has.source_version != source.version:
                found.append(Returning(unit, code, has.text, then, has.version))
    return found


def says_again(piece: Piece, earlier: Texts) -> bool:
    """Whether a piece says what its unit said then, so that the translations of then say the same again."""
    return piece.unit is not None and earlier.get(piece.unit, {}).get(piece.language) == piece.text


def translations_at(proposal: Proposal, number: int) -> Texts:
    """{unit: {language: text}} after revision `number`: the sources, and the translations that were up to date."""
    contents = queries.contents_at(proposal, number)
    texts: Texts = {}
    marks: dict[int, dict[str, Mark]] = {}
    languages_of: dict[int, str] = {}
    for code, each in contents.items():
        for entry in each.units:
            if entry["kind"] != snapshots.PHASE and entry["text"]:
                texts.setdefault(entry["id"], {})[code] = entry["text"]
                marks.setdefault(entry["id"], {})[code] = Mark(entry["version"], entry["source_version"])
                languages_of[entry["id"]] = entry["source_language"]
    current = (TranslationState.SOURCE, TranslationState.TRANSLATED)
    return {
        unit: {code: text for code, text in own.items() if state_in(code, languages_of[unit], marks[unit]) in current}
        for unit, own in texts.items()
    }


_FIRST_WITH_A_TEXT = """
    WITH said AS MATERIALIZED (
        SELECT (unit->>'id')::bigint AS id, content.language, unit->>'text' AS text, revision.number, revision.editor_id
        FROM proposals_revisioncontent AS content
        JOIN proposals_revision AS revision ON revision.id = content.revision_id AND revision.proposal_id = %s
        CROSS JOIN jsonb_array_elements(content.units) AS unit
        WHERE content.language = ANY(%s) AND unit ? 'id'
    )
    SELECT DISTINCT ON (said.id, said.language) said.id, said.language, said.editor_id
    FROM said
    JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted(id, language, text) USING (id, language, text)
    ORDER BY said.id, said.language, said.number
"""


def writers_of(proposal: Proposal, wanted: Collection[tuple[int, str, str]]) -> dict[tuple[int, str], int | None]:
    """{(unit, language): whose revision was the first in which it said this} for each (unit, language, text); None for
    what was brought in; one query at most."""
    if not wanted:
        return {}
    ids, codes, texts = (list(column) for column in zip(*wanted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_WITH_A_TEXT, [proposal.pk, codes, ids, codes, texts])
        return {(unit, code): editor for unit, code, editor in cursor.fetchall()}
