"""Which words went from one unit to another, between two revisions and in a draft. Reads the database only."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from proposals.differences.passages import Passed, inverse, net
from proposals.drafting.passages import moved
from proposals.enums import PassageKind
from proposals.models import Passage, Proposal
from proposals.working import Working, id_of


def between(proposal: Proposal, after: int, until: int | None = None) -> list[Passed]:
    """What revisions later than `after`, up to `until`, took from one unit to another, in their order; one query."""
    rows = Passage.objects.filter(revision__proposal=proposal, revision__number__gt=after)
    if until is not None:
        rows = rows.filter(revision__number__lte=until)
    found = rows.order_by("revision__number", "pk").values_list("kind", "source_id", "target_id")
    return [Passed(PassageKind(kind), source, target) for kind, source, target in found]


def in_draft(proposal: Proposal, now: Working) -> list[Passed]:
    """What publishing the copy would take from one unit to another; a new one is the number of its key, below zero.

    One query where the copy restores an earlier revision: what was split or joined since is undone.
    """
    found = [Passed(each.kind, each.source, id_of(each.piece)) for each in moved(now.copy, now.live)]
    if now.copy.restores:
        known = {(one.source, one.target) for one in found}
        found += [one for one in _undone(proposal, now) if (one.source, one.target) not in known]
    return found


def _undone(proposal: Proposal, now: Working) -> list[Passed]:
    texts: tuple[dict[int, str], ...] = tuple(
        {piece.unit: piece.text for piece in copy.pieces() if piece.unit is not None} for copy in (now.live, now.copy)
    )
    live, restored = texts
    done = net(between(proposal, now.copy.restores or 0), restored, live)
    back = [inverse(one) for one in done]
    return [one for one in back if all(live.get(unit) != restored.get(unit) for unit in (one.source, one.target))]


def with_others(units: Collection[int]) -> list[Passage]:
    """What came to these units from others, and what went from them, in order; one query, none for no unit."""
    if not units:
        return []
    found = Passage.objects.filter(Q(source__in=units) | Q(target__in=units))
    return list(found.select_related("revision", "source", "target").order_by("revision__number", "pk"))


class Earlier(NamedTuple):
    """A text as it stood before a revision: of which unit, before which number, in which language."""

    unit: int
    number: int
    language: str


_TEXT_BEFORE = """
    SELECT wanted.id, wanted.number, wanted.language, unit->>'text'
    FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS wanted(id, number, language)
    CROSS JOIN LATERAL (
        SELECT content.units FROM proposals_revisioncontent AS content
        JOIN proposals_revision AS revision ON revision.id = content.revision_id
        WHERE revision.proposal_id = %s AND content.language = wanted.language AND revision.number < wanted.number
        ORDER BY revision.number DESC LIMIT 1
    ) AS content
    CROSS JOIN jsonb_path_query_first(
        content.units, '$[*] ? (@.id == $id)', jsonb_build_object('id', wanted.id)
    ) AS unit
    WHERE unit->>'text' <> ''
"""


def texts_before(proposal: Proposal, wanted: Iterable[Earlier]) -> Mapping[Earlier, str]:
    """What each said, as the revisions have kept it; one query."""
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TEXT_BEFORE, [*(list(column) for column in zip(*asked, strict=True)), proposal.pk])
        return {Earlier(*row[:3]): row[3] for row in cursor.fetchall()}
