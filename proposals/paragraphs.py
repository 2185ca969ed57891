"""A paragraph and what became of it: where it stands, what it says or said last, and the acts that changed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.http import Http404
from django.urls import reverse
from django.utils.text import capfirst

from proposals import comparing
from proposals.enums import UnitKind
from proposals.models import Proposal, Revision, Unit, UnitText
from proposals.queries import row_of
from proposals.reading import Mark, ShownUnit, assemble, choices
from proposals.rendering import anchor_of, unit_html

_LARGEST_ID = 2**63 - 1
# More acts than these are counted; the history has them all.
_MOST = 30
# The first revision with a version of the text is the one that made it.
_STEPS = """
    SELECT DISTINCT ON (content.language, (unit->>'version')::int) revision.number, content.language
    FROM proposals_revisioncontent AS content
    JOIN proposals_revision AS revision ON revision.id = content.revision_id AND revision.proposal_id = %s
    CROSS JOIN jsonb_path_query_first(content.units, '$[*] ? (@.id == $id)', jsonb_build_object('id', %s)) AS unit
    WHERE unit->>'text' <> ''
    ORDER BY content.language, (unit->>'version')::int, revision.number
"""


class Step(NamedTuple):
    """An act on the paragraph, with what changed in each language; or the act that removed it."""

    revision: Revision
    changed: list[comparing.Link]
    is_removal: bool


@dataclass(frozen=True)
class Paragraph:
    """A unit with what became of it; `url` is where it stands or stood last, `gone` the act that removed it.

    `difference` is what that act changed, `earlier` how many acts are not among the `steps`, newest first.
    """

    kind: str
    shown: ShownUnit | None
    url: str
    gone: Revision | None
    difference: str
    steps: list[Step]
    earlier: int


def unit_or_404(proposal: Proposal, number: int) -> Unit:
    """A unit that the text has or had; `Http404` if it never had it, however large the number."""
    unit = proposal.units.select_related("section").filter(pk=number).first() if number <= _LARGEST_ID else None
    if unit is None:
        raise Http404
    return unit


def paragraph(proposal: Proposal, unit: Unit, language: str) -> Paragraph:
    """The unit for a reader of `language`; three queries."""
    numbers = _numbers(proposal, unit)
    removal = [unit.removed_in] if unit.removed_in else []
    wanted = sorted({*numbers, *removal}, reverse=True)
    acts = {act.number: act for act in proposal.revisions.filter(number__in=wanted[:_MOST])}
    anchor = anchor_of(unit.pk)
    steps = [
        Step(
            act, [comparing.link(proposal, number - 1, number, code, anchor) for code in numbers.get(number, ())],
            number == unit.removed_in,
        )
        for number in wanted[:_MOST]
        if (act := acts.get(number))
    ]  # fmt: skip
    gone = acts.get(unit.removed_in) if unit.removed_in else None
    return Paragraph(
        capfirst(str(UnitKind(unit.kind).label)),
        _shown(unit, language),
        f"{_page(proposal, gone)}#{anchor}",
        gone,
        f"{comparing.address(proposal, gone.number - 1, gone.number)}#{anchor}" if gone else "",
        steps,
        max(0, len(wanted) - _MOST),
    )


def _numbers(proposal: Proposal, unit: Unit) -> Mapping[int, list[str]]:
    """{number of a revision: the languages in which it wrote the unit's text}."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [proposal.pk, unit.pk])
        rows = cursor.fetchall()
    found: dict[int, list[str]] = {}
    for number, code in rows:
        found.setdefault(number, []).append(code)
    return found


def _page(proposal: Proposal, gone: Revision | None) -> str:
    """The page that has it: the text's, or that of the last revision before it was removed."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug}
    if gone is None:
        return reverse("proposals:text", kwargs=names)
    return reverse("proposals:revision", kwargs=names | {"number": gone.number - 1})


def _shown(unit: Unit, language: str) -> ShownUnit | None:
    """As a page shows it, alone, so that its "[1]" leads nowhere; None where it has never said anything."""
    texts = {row.language: row for row in UnitText.objects.filter(unit=unit).exclude(text="")}
    marks = {unit.pk: {code: Mark(row.version, row.source_version) for code, row in texts.items()}}
    rows = [row_of(unit)._replace(section=None)]
    htmls = {(unit.pk, code): unit_html(row.text) for code, row in texts.items()}
    return next(iter(assemble(language, [], rows, marks, choices(rows, marks, language), htmls).units()), None)
