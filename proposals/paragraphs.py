"""A paragraph and what became of it: where it stands, what it says or said last, and the acts that changed it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse
from django.utils.text import capfirst

from proposals import addresses, calling
from proposals.blocks import ShownUnit
from proposals.enums import PassageKind, UnitKind
from proposals.models import Passage, Proposal, Revision, Unit, UnitText, Wording
from proposals.queries import row_of
from proposals.reading import Mark, assemble, choices
from proposals.rendering import anchor_of, notes_in, unit_html
from taskforce.core import languages
from taskforce.timeline.models import Phase

# On the page of a paragraph, behind what became of it.
SLOT = "proposal.paragraph"

_LARGEST_ID = 2**63 - 1
# More acts than these are counted; the history has them all.
_MOST = 30


class Step(NamedTuple):
    """An act on the paragraph, with what changed in each language; or the act that removed it."""

    revision: Revision
    changed: list[addresses.Link]
    is_removal: bool


class Exchange(NamedTuple):
    """An act that took words from or to another unit, and that unit."""

    revision: Revision
    kin: calling.Kin
    difference: str


@dataclass(frozen=True)
class Paragraph:
    """A unit with what became of it; `url` is where it stands or stood last, `gone` the act that removed it.

    `difference` is what that act changed, `joined` the units into which it was joined then; `exchanges` are all that
    it had with others, newest first; `earlier` is how many acts are not among the `steps`, newest first.
    """

    kind: str
    words: calling.Named
    shown: ShownUnit | None
    url: str
    gone: Revision | None
    difference: str
    joined: list[calling.Kin]
    exchanges: list[Exchange]
    steps: list[Step]
    earlier: int


def unit_or_404(proposal: Proposal, number: int) -> Unit:
    """A unit that the text has or had; `Http404` if it never had it, however large the number."""
    unit = proposal.units.select_related("section").filter(pk=number).first() if number <= _LARGEST_ID else None
    if unit is None:
        raise Http404
    return unit


class Quoted(NamedTuple):
    """A unit as another page quotes it, called by its first `words`; `is_gone`: the text has it no more."""

    id: int
    words: calling.Named
    shown: ShownUnit | None
    url: str
    is_gone: bool


def quoted(unit: Unit, language: str) -> Quoted:
    """The unit for a reader of `language`; one query, one more where it speaks of notes, and two for a unit without its
    text and section. What it says of notes leads to the page that has them."""
    own = _texts([unit.pk]).get(unit.pk, {})
    words = _words(own, unit.source_language, language)
    url = addresses.unit_url(unit.proposal, unit.pk)
    shown = _shown(unit, own, language, _notes(unit.proposal, unit, own), _page(unit.proposal, unit.removed_in))
    return Quoted(unit.pk, words, shown, url, unit.removed_in is not None)


class UnitPage(NamedTuple):
    """What higher rooms know of the page of a paragraph: the slot `SLOT` is filled for it. `number` is the page of a
    list that is asked for, as the address has it."""

    proposal: Proposal
    unit: Unit
    phases: list[Phase]
    at: datetime
    number: str


def paragraph(proposal: Proposal, unit: Unit, language: str) -> Paragraph:
    """The unit for a reader of `language`; five queries, and one more where it speaks of notes. What they return does
    not grow with other units, nor with revisions."""
    numbers, many = _numbers(unit)
    removal = {unit.removed_in} if unit.removed_in else set()
    wanted = sorted({*numbers, *removal}, reverse=True)
    acts = {act.number: act for act in proposal.revisions.filter(number__in=wanted[:_MOST])}
    anchor = anchor_of(unit.pk)
    steps = [
        Step(
            act, [addresses.link(proposal, number - 1, number, code, anchor) for code in numbers.get(number, ())],
            number == unit.removed_in,
        )
        for number in wanted[:_MOST]
        if (act := acts.get(number))
    ]  # fmt: skip
    gone = acts.get(unit.removed_in) if unit.removed_in else None
    passages = _passages(unit)
    texts = _texts([unit.pk, *(_other(one, unit) for one in passages)])
    exchanges = [_exchange(proposal, unit, one, texts, language) for one in passages]
    own = texts.get(unit.pk, {})
    page = _page(proposal, unit.removed_in)
    return Paragraph(
        capfirst(str(UnitKind(unit.kind).label)),
        _words(own, unit.source_language, language),
        _shown(unit, own, language, _notes(proposal, unit, own), page),
        f"{page}#{anchor}",
        gone,
        f"{addresses.difference_url(proposal, gone.number - 1, gone.number)}#{anchor}" if gone else "",
        [
            each.kin
            for each, one in zip(exchanges, passages, strict=True)
            if one.source_id == unit.pk and one.kind == PassageKind.JOIN and one.revision == gone
        ],
        exchanges,
        steps,
        many + len(removal - numbers.keys()) - len(steps),
    )


def _numbers(unit: Unit) -> tuple[Mapping[int, list[str]], int]:
    """{number of a revision: the languages in which it wrote the unit's text} of the last ones, and how many did."""
    rows = Wording.objects.filter(unit=unit)
    last = (
        rows.values("revision__number")
        .annotate(codes=ArrayAgg("language", order_by="language"))
        .order_by("-revision__number")
        .values_list("revision__number", "codes")
    )
    return dict(last[:_MOST]), rows.aggregate(many=Count("revision", distinct=True))["many"]


_NOTES_BEFORE = """
    SELECT DISTINCT (note->>'number')::int
    FROM (
        SELECT content.units FROM proposals_revisioncontent AS content
        JOIN proposals_revision AS revision ON revision.id = content.revision_id
        WHERE revision.proposal_id = %s AND revision.number < %s ORDER BY revision.number DESC LIMIT 1
    ) AS last
    CROSS JOIN jsonb_path_query(last.units, '$[*] ? (@.kind == "note")') AS note
    WHERE (note->>'number')::int = ANY(%s)
"""


def _notes(proposal: Proposal, unit: Unit, texts: Mapping[str, UnitText]) -> set[int]:
    """The notes of which a unit speaks, on the page that has it or had it last."""
    spoken = {number for row in texts.values() for number in notes_in(row.text)}
    if not spoken or unit.kind == UnitKind.NOTE:
        return set()
    if unit.removed_in is None:
        there = proposal.units.filter(kind=UnitKind.NOTE, removed_in=None, number__in=spoken)
        return {number for number in there.values_list("number", flat=True) if number is not None}
    with connection.cursor() as cursor:
        cursor.execute(_NOTES_BEFORE, [proposal.pk, unit.removed_in, list(spoken)])
        return {number for (number,) in cursor.fetchall()}


def _passages(unit: Unit) -> list[Passage]:
    """The last ones with others, newest first."""
    found = Passage.objects.filter(Q(source=unit) | Q(target=unit)).select_related("revision", "source", "target")
    return list(found.order_by("-revision__number", "pk")[:_MOST])


def _other(passage: Passage, unit: Unit) -> int:
    return passage.target_id if passage.source_id == unit.pk else passage.source_id


def _texts(units: Sequence[int]) -> dict[int, dict[str, UnitText]]:
    found: dict[int, dict[str, UnitText]] = {}
    for row in UnitText.objects.filter(unit__in=units).exclude(text=""):
        found.setdefault(row.unit_id, {})[row.language] = row
    return found


def _words(texts: Mapping[str, UnitText], source_language: str, language: str) -> calling.Named:
    """What readers of a language know a unit by; a removed one by what it said last."""
    order = (*languages.chain(language), source_language, *languages.CODES)
    code = next((code for code in order if code in texts), language)
    return calling.first_words(texts[code].text if code in texts else "", code)


def _exchange(
    proposal: Proposal, unit: Unit, passage: Passage, texts: Mapping[int, dict[str, UnitText]], language: str
) -> Exchange:
    is_source = passage.source_id == unit.pk
    other = passage.target if is_source else passage.source
    words = _words(texts.get(other.pk, {}), other.source_language, language)
    said = calling.said_of_kin(passage.kind, is_source=is_source)
    number = passage.revision.number
    return Exchange(
        passage.revision,
        calling.Kin(said, addresses.unit_url(proposal, other.pk), words),
        f"{addresses.difference_url(proposal, number - 1, number)}#{anchor_of(unit.pk)}",
    )


def _page(proposal: Proposal, removed_in: int | None) -> str:
    """The page that has it: the text's, or that of the last revision before it was removed."""
    if removed_in is None:
        return reverse("proposals:text", args=[proposal.task_force.slug, proposal.slug])
    return addresses.revision_url(proposal, removed_in - 1)


def _shown(
    unit: Unit, texts: Mapping[str, UnitText], language: str, notes: Collection[int] = (), page: str = ""
) -> ShownUnit | None:
    """As a page shows it, alone; its "[1]" leads to the `notes` of the `page` that has it. None where it has never said
    anything."""
    marks = {unit.pk: {code: Mark(row.version, row.source_version) for code, row in texts.items()}}
    rows = [row_of(unit)._replace(section=None)]
    htmls = {(unit.pk, code): unit_html(row.text, notes, page) for code, row in texts.items()}
    return next(iter(assemble(language, [], rows, marks, choices(rows, marks, language), htmls).units()), None)
