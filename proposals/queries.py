"""What there is to read of texts. What the public may not see is not there: 404."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, QuerySet
from django.http import Http404

from proposals import snapshots
from proposals.differences.units import State, state
from proposals.enums import PUBLIC, ProposalState, TranslationState, UnitKind
from proposals.models import Proposal, Revision, RevisionContent, TranslationGoal, Unit, UnitText
from proposals.reading import (
    Mark,
    Marks,
    Reading,
    SectionRow,
    UnitRow,
    assemble,
    choices,
    percents,
    state_in,
    wanted,
)
from proposals.rendering import plain_text
from proposals.rules import WHO
from taskforce.accounts.models import User
from taskforce.accounts.queries import speakers, task_force_ids
from taskforce.core import languages, markdown
from taskforce.core.labels import Label
from taskforce.timeline.enums import ENDED
from taskforce.timeline.models import TaskForce

# PositiveIntegerField; an address may name any number.
LARGEST = 2**31 - 1


def published(task_force: TaskForce) -> QuerySet[Proposal]:
    """The task force's texts that count: published, and not ended; oldest first."""
    return Proposal.objects.filter(task_force=task_force, state=ProposalState.PUBLISHED).order_by("id")


def every(task_force: TaskForce) -> QuerySet[Proposal]:
    """All texts of a task force, whatever their state, oldest first; for those who write them."""
    return Proposal.objects.filter(task_force=task_force).select_related("task_force").order_by("id")


def public(task_force: TaskForce) -> QuerySet[Proposal]:
    """The task force's texts that everybody may read, those that have ended too, oldest first."""
    return Proposal.objects.filter(task_force=task_force, state__in=PUBLIC).order_by("id")


def to_translate(task_forces: Collection[int | None]) -> list[Proposal]:
    """The texts of these task forces (None: of all) that everybody may read and that go on, as their task force does;
    one query."""
    found = Proposal.objects.filter(state=ProposalState.PUBLISHED).exclude(task_force__state__in=ENDED)
    found = found.select_related("task_force")
    if None not in task_forces:
        found = found.filter(task_force__in=task_forces)
    return list(found.order_by("task_force", "pk"))


def proposal_or_404(task_force: TaskForce, slug: str) -> Proposal:
    """The public text of an address, also one that has ended; `Http404` if there is none."""
    found = public(task_force).filter(slug=slug).first()
    if found is None:
        raise Http404
    found.task_force = task_force
    return found


def revision_or_404(proposal: Proposal, number: int) -> Revision:
    """Revision `number` of the text; `Http404` if there is none, however large the number."""
    found = proposal.revisions.filter(number=number).first() if number <= LARGEST else None
    if found is None:
        raise Http404
    return found


def current_revision(proposal: Proposal) -> Revision | None:
    """The last act on the text."""
    return proposal.revisions.order_by("-number").first()


def live_units(proposal: Proposal) -> list[Unit]:
    """The units that the text has now, in reading order, each with its section."""
    units = list(proposal.units.filter(removed_in=None).select_related("section").order_by("position"))
    for unit in units:
        unit.proposal = proposal
    return units


def has_unit(proposal: Proposal, unit_id: int) -> bool:
    """Whether the text has, or ever had, this unit; the address may name any number."""
    return unit_id < 2**63 and proposal.units.filter(pk=unit_id).exists()


def row_of(unit: Unit) -> UnitRow:
    """A unit without its texts; the section must be loaded."""
    section = unit.section.position if unit.section else None
    return UnitRow(unit.pk, section, unit.kind, unit.depth, unit.ordered, unit.number, unit.source_language)


class _Stored(NamedTuple):
    """Which texts there are: the marks, and the row of each text by (unit, language)."""

    marks: dict[int, dict[str, Mark]]
    ids: dict[tuple[int, str], int]


def _stored(proposal: Proposal) -> _Stored:
    stored = _Stored({}, {})
    texts = UnitText.objects.filter(unit__proposal=proposal, unit__removed_in=None).exclude(text="")
    for pk, unit_id, language, version, source_version in texts.values_list(
        "pk", "unit_id", "language", "version", "source_version"
    ):
        stored.marks.setdefault(unit_id, {})[language] = Mark(version, source_version)
        stored.ids[unit_id, language] = pk
    return stored


def page(proposal: Proposal, language: str, units: list[Unit] | None = None) -> Reading:
    """The text as it is now for a reader of `language`; three queries, whatever its size."""
    units = live_units(proposal) if units is None else units
    rows = [row_of(unit) for unit in units]
    stored = _stored(proposal)
    chosen = choices(rows, stored.marks, language)
    htmls = UnitText.objects.filter(pk__in=[stored.ids[text] for text in wanted(rows, chosen)])
    shown = {
        (unit_id, code): markdown.stored(html)
        for unit_id, code, html in htmls.values_list("unit_id", "language", "html")
    }
    sections = {unit.section.position: unit.section for unit in units if unit.section}
    return assemble(
        language,
        [SectionRow(at, one.kind, one.phases_after, one.was_at) for at, one in sorted(sections.items())],
        rows,
        stored.marks,
        chosen,
        shown,
    )


def percent(proposal: Proposal) -> dict[str, int]:
    """{language: share of the text that is in it and up to date} for all languages of the portal."""
    return percents([row_of(unit) for unit in live_units(proposal)], _stored(proposal).marks)


def contents_at(proposal: Proposal, number: int) -> dict[str, RevisionContent]:
    """{language: its content as it stood after revision `number`}."""
    found = (
        RevisionContent.objects.filter(revision__proposal=proposal, revision__number__lte=number)
        .select_related("revision")
        .order_by("language", "-revision__number")
        .distinct("language")
    )
    return {content.language: content for content in found}


def page_at(proposal: Proposal, language: str, number: int) -> Reading:
    """The text for a reader of `language` as it stood after revision `number`."""
    contents = contents_at(proposal, number)
    latest = max(contents.values(), key=lambda content: content.revision.number, default=None)
    units = {code: content.units for code, content in contents.items()}
    return snapshots.reading(units, latest.units if latest else [], language)


def state_at(proposal: Proposal, language: str, number: int) -> State:
    """The text in one language as it stood after revision `number`, to be compared; one query, none for 0."""
    contents = contents_at(proposal, number) if number else {}
    latest = max(contents.values(), key=lambda content: content.revision.number, default=None)
    units = {code: content.units for code, content in contents.items()}
    return state(latest.units if latest else [], units, language)


class Listed(NamedTuple):
    """A text in a list: its title with the language that it is in."""

    proposal: Proposal
    title: Label


def titles(task_force: TaskForce, language: str) -> list[Listed]:
    """The public texts of a task force, those that have ended too, with their titles for a reader of `language`; two
    queries."""
    return titled(list(public(task_force)), language)


def titled(proposals: Sequence[Proposal], language: str) -> list[Listed]:
    """Texts with their titles for a reader of `language`; one query."""
    found: dict[int, dict[str, str]] = {}
    sources: dict[int, str] = {}
    for proposal_id, source, code, html in (
        UnitText.objects.filter(unit__proposal__in=proposals, unit__kind=UnitKind.TITLE, unit__removed_in=None)
        .exclude(text="")
        .values_list("unit__proposal_id", "unit__source_language", "language", "html")
    ):
        sources[proposal_id] = source
        found.setdefault(proposal_id, {})[code] = html
    return [Listed(one, title_in(found.get(one.pk, {}), language, source=sources.get(one.pk, ""))) for one in proposals]


def successor(proposal: Proposal, language: str) -> Listed | None:
    """The text that has taken the place of this one, with its title; two queries where there is one."""
    if proposal.successor_id is None:
        return None
    found = Proposal.objects.get(pk=proposal.successor_id)
    found.task_force = proposal.task_force
    return titled([found], language)[0]


def title_of(proposal: Proposal, language: str) -> Label:
    """The text's title for a reader of `language`; one query."""
    found = UnitText.objects.filter(unit__proposal=proposal, unit__kind=UnitKind.TITLE, unit__removed_in=None)
    rows = list(found.exclude(text="").values_list("language", "html", "unit__source_language"))
    source = rows[0][2] if rows else ""
    return title_in({code: html for code, html, _source in rows}, language, source=source)


def title_in(htmls: Mapping[str, str], language: str, *, source: str) -> Label:
    """Of a title in several languages ({language: HTML}) the one for a reader of `language`, as the text's own page has
    it; `source` is the language in which it was written."""
    order = (*languages.chain(language), source, *languages.CODES)
    code = next((code for code in order if code in htmls), language)
    return Label(plain_text(htmls.get(code, "")), code)


def marks(proposal: Proposal) -> Marks:
    """Which texts the live units have, by unit and language; one query."""
    return _stored(proposal).marks


class Outdated(NamedTuple):
    """A translation whose source has changed since: of which unit, into which language, from which version of it."""

    unit: int
    language: str
    made_from: int


def outdated(proposal: Proposal) -> list[Outdated]:
    """The translations that are to be brought up to date, in reading order; none of a text that has ended, or
    whose task force has."""
    if proposal.has_ended or proposal.task_force.has_ended:
        return []
    stored = marks(proposal)
    return [
        Outdated(unit.pk, code, mark.source_version or 0)
        for unit in live_units(proposal)
        for code, mark in stored.get(unit.pk, {}).items()
        if state_in(code, unit.source_language, stored[unit.pk]) is TranslationState.OUTDATED
    ]


def unit_texts(units: Iterable[int], codes: Iterable[str]) -> dict[tuple[int, str], UnitText]:
    """{(unit, language): its text} in these languages; one query."""
    found = UnitText.objects.filter(unit__in=units, language__in=codes)
    return {(row.unit_id, row.language): row for row in found}


_TEXT_OF_A_VERSION = """
    SELECT wanted.id, unit->>'text'
    FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS wanted(id, language, version)
    JOIN proposals_wording AS wording
        ON wording.unit_id = wanted.id AND wording.language = wanted.language AND wording.version = wanted.version
    JOIN proposals_revision AS revision ON revision.id = wording.revision_id AND revision.proposal_id = %s
    JOIN proposals_revisioncontent AS content
        ON content.revision_id = revision.id AND content.language = wanted.language
    CROSS JOIN jsonb_path_query_first(
        content.units, '$[*] ? (@.id == $id)', jsonb_build_object('id', wanted.id)
    ) AS unit
"""


def earlier_texts(proposal: Proposal, wanted: Collection[tuple[int, str, int]]) -> dict[int, str]:
    """{unit: what it said} for each (unit, language, version), as the revisions that wrote it have kept it; one
    query, which reads one content for each."""
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TEXT_OF_A_VERSION, [*(list(column) for column in zip(*wanted, strict=True)), proposal.pk])
        return dict(cursor.fetchall())


def translators(proposal: Proposal, codes: Sequence[str]) -> dict[User, list[str]]:
    """{who is told of outdated translations into one of these languages: into which of them}; one query.

    Who coordinates may translate too, but it is not their work, so they are not among these.
    """
    return speakers(WHO["text.translate"].roles - WHO["text.edit"].roles, proposal.task_force_id, codes)


def goals(proposal: Proposal) -> dict[str, TranslationGoal]:
    """{language: what is wanted of the text in it}; one query."""
    return {goal.language: goal for goal in TranslationGoal.objects.filter(proposal=proposal)}


def wanted_in(task_force_id: int) -> dict[str, bool]:
    """{language: whether nothing is published without it} of what is wanted of a task force's texts that have not
    ended; one query."""
    goals = TranslationGoal.objects.filter(proposal__task_force=task_force_id).exclude(
        proposal__state__in=[ProposalState.WITHDRAWN, ProposalState.SUPERSEDED]
    )
    found: dict[str, bool] = {}
    for code, refuses in goals.order_by("pk").values_list("language", "refuses"):
        found[code] = refuses or found.get(code, False)
    return found


def wants_review(proposal: Proposal, language: str) -> bool:
    """Whether a second person is to read translations into this language."""
    return TranslationGoal.objects.filter(proposal=proposal, language=language, wants_review=True).exists()


def reviewed(proposal: Proposal, language: str) -> set[int]:
    """The units whose translation, as it stands, somebody has approved; one query."""
    found = UnitText.objects.filter(
        unit__proposal=proposal, unit__removed_in=None, language=language, reviewed_version=F("version")
    )
    return set(found.values_list("unit_id", flat=True))


def visible_goals(user: Any) -> QuerySet[TranslationGoal]:
    """The goals of the texts of the task forces in which the user may read them."""
    everywhere, ids = task_force_ids(user, WHO["goal.read"])
    found = TranslationGoal.objects.select_related("proposal__task_force").order_by("proposal", "language")
    return found if everywhere else found.filter(proposal__task_force_id__in=ids)


def texts_for_goals(user: Any) -> QuerySet[Proposal]:
    """The texts for which the user may set goals."""
    everywhere, ids = task_force_ids(user, WHO["goal.set"])
    found = Proposal.objects.select_related("task_force").order_by("task_force", "pk")
    return found if everywhere else found.filter(task_force_id__in=ids)


class Shortfall(NamedTuple):
    """A language in which less of a text is translated than is wanted; shares are 0 to 100."""

    goal: TranslationGoal
    reached: int


def shortfalls(proposal: Proposal) -> list[Shortfall]:
    """What is wanted of a text and not reached yet."""
    wanted = goals(proposal)
    reached = percent(proposal) if wanted else {}
    return [Shortfall(goal, reached[code]) for code, goal in sorted(wanted.items()) if reached[code] < goal.percent]
