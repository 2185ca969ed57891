"""Bringing in an archived wiki page: task force, phases, units and one revision, in one transaction or not at all.

Messages are for the operator's shell, in English.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from proposals import queries
from proposals.enums import ProposalState
from proposals.models import Draft, Proposal, Revision, UnitText
from proposals.plan import Plan, PlannedUnit, Progress, plan_of
from proposals.rendering import plain_text, unit_html
from proposals.services import importing_phases, importing_units
from proposals.services.importing_words import Told
from proposals.services.passages import record_passages
from proposals.services.revisions import Act, hold, log_act, record
from proposals.services.telling import source_versions, tell_translators
from proposals.services.texts import create, publish
from proposals.wikipage import WikiPage
from taskforce.core.errors import Conflict
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries import renaming

SLUG = "proposal"
# Imports wait for each other under this key: two of one page must not both make the task force.
_ALL_IMPORTS = 0


class AlreadyImported(Conflict):
    """The text has this revision, or says all that the page says."""


@dataclass(frozen=True)
class Imported:
    """What an import has written; `titled` tells of published phases that got a title, `differences` of those that it
    left alone, or could not publish.

    `percent` has the page's language and every language that the text has a unit in, also at 0 %.
    """

    plan: Plan
    proposal: Proposal
    revision: Revision
    units: importing_units.Changes
    phases: list[str]
    titled: list[Told]
    differences: list[Told]
    percent: dict[str, int]


def import_page(
    page: WikiPage,
    *,
    task_force: str,
    language: str | None = None,
    at: datetime,
    actor_id: int | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Import a page as the text `proposal` of the task force that has or had the slug `task_force`; both are made if
    need be.

    A page of a text that is there becomes its next revision. `at` is the portal's moment (UTC) of the import, the
    revision bears the page's own minute. What became of one unit that the page has as two, or of two that it has as
    one, is recorded where it can be known (`proposals/matching.py`); else units are removed and added. Raises
    `AlreadyImported` for a revision that is there, `Conflict` for a page that is older than the text or has other
    sections, or whose phases overlap, `Invalid` for one with a section that is larger than what can be changed on a
    page, `WikiPageError` for a title without a language. Whatever is raised, nothing is written.
    """
    return _write(plan_of(page, language, progress), task_force, at, actor_id)


@transaction.atomic
def _write(plan: Plan, slug: str, at: datetime, actor_id: int | None) -> Imported:
    hold(_ALL_IMPORTS)
    task_force = _task_force(plan, slug, at, actor_id)
    proposal = _proposal(task_force, at, actor_id)
    hold(proposal.pk)
    _refuse_known(proposal, plan)
    phases = importing_phases.publish(task_force, plan.phases, at=at, actor_id=actor_id)
    plan = replace(plan, phases=tuple(phases.lines))
    before = source_versions(proposal)
    units = importing_units.write(proposal, plan)
    plan = plan.with_units(units.of_page)
    changed = units.languages | ({plan.language} if phases.published or phases.titled else set())
    if not changed and phases.refused:
        raise Conflict(phases.refused[0].done)
    if not changed:
        last = queries.current_revision(proposal)
        raise AlreadyImported(f"already imported: r{last.number if last else 0} says all that the page says")
    edit = plan.edit
    revision = record(proposal, Act(edit.editor, None, edit.at, edit.summary, plan.language), changed)
    record_passages(revision, units.passed, {})
    exchanged = {"split": units.split, "joined": units.joined} if units.passed else {}
    log_act(
        proposal,
        "proposal.imported",
        at=at,
        actor_id=actor_id,
        revision=revision.number,
        units=len(plan.units),
        damaged=len(plan.damage),
        **exchanged,
    )
    tell_translators(proposal, revision, before, at=at, by_id=actor_id)
    percent = _percent(proposal, plan)
    left = [*phases.differences, *phases.refused]
    return Imported(plan, proposal, revision, units, phases.published, phases.titled, left, percent)


def _percent(proposal: Proposal, plan: Plan) -> dict[str, int]:
    live = UnitText.objects.filter(unit__proposal=proposal, unit__removed_in=None).exclude(text="")
    present = {plan.language, *live.values_list("language", flat=True).distinct()}
    return {code: share for code, share in queries.percent(proposal).items() if code in present}


def _task_force(plan: Plan, slug: str, at: datetime, actor_id: int | None) -> TaskForce:
    # One that has been renamed is found under its earlier slugs too: nobody else may have them.
    found = TaskForce.objects.filter(slug=slug).first() or renaming.formerly_at(slug)
    if found is not None:
        return found
    name = plain_text(unit_html(plan.title.text))
    return timeline.create_task_force(slug, {plan.title.language: name}, at=at, actor_id=actor_id)


def _proposal(task_force: TaskForce, at: datetime, actor_id: int | None) -> Proposal:
    found = Proposal.objects.filter(task_force=task_force, slug=SLUG).select_related("task_force").first()
    proposal = found or create(task_force, slug=SLUG, at=at, actor_id=actor_id)
    if proposal.has_ended:
        raise Conflict(f"the text “{SLUG}” is {proposal.state}: take it up again before anything is brought in")
    if proposal.state == ProposalState.DRAFT:
        if Draft.objects.filter(proposal=proposal).exists():
            raise Conflict(
                f"the text “{SLUG}” is being written: publish it, or throw it away, before a page is brought in"
            )
        return publish(proposal, at=at, actor_id=actor_id)
    return proposal


def _refuse_known(proposal: Proposal, plan: Plan) -> None:
    """Refuse the revision that is there already, and one that is older than the last."""
    edit = plan.edit
    same = proposal.revisions.filter(editor_name=edit.editor, at=edit.at, summary=edit.summary).first()
    if same is not None:
        other = _other_texts(proposal, same, plan)
        if not other:
            raise AlreadyImported(f"already imported as r{same.number}")
        raise AlreadyImported(
            f"already imported as r{same.number}, but {len(other)} of the page's units say something else (the first "
            f"on line {other[0].line}): a page that was changed has another minute or summary"
        )
    last = queries.current_revision(proposal)
    if last is not None and last.at > edit.at:
        raise Conflict(
            f"the page is of {edit.at:%Y-%m-%d %H:%M} UTC, but r{last.number} is of {last.at:%Y-%m-%d %H:%M} UTC: "
            "an older page cannot follow a newer one"
        )


def _other_texts(proposal: Proposal, revision: Revision, plan: Plan) -> list[PlannedUnit]:
    """The units of the page that the text did not have after the revision."""
    had = {
        (code, entry["kind"], entry.get("text"))
        for code, content in queries.contents_at(proposal, revision.number).items()
        for entry in content.units
    }
    return [
        unit
        for unit in plan.units
        if not had & {(code, unit.kind, unit.text) for code in (unit.language, unit.instead)}
    ]
