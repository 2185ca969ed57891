"""The units of an imported page: made anew, or matched with those that the text has."""

from dataclasses import dataclass, field

from django.db.models import F

from proposals import queries
from proposals.enums import UnitKind
from proposals.matching import Known, Match, match
from proposals.models import Proposal, Section, Unit, UnitText
from proposals.plan import Plan, PlannedUnit
from proposals.rendering import unit_html
from proposals.services.revisions import next_number
from proposals.services.texts import write_text
from taskforce.core.errors import Conflict

# While units change places, each stands this far behind its old place, so that no two are in one.
_ASIDE = 1_000_000
_STRUCTURE = ("position", "depth", "ordered", "number")


@dataclass
class Changes:
    """What became of the units, and the languages whose text changed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    languages: set[str] = field(default_factory=set)


def write(proposal: Proposal, plan: Plan) -> Changes:
    """Write sections, units and texts; `Conflict` where the page is another text. The text must be held."""
    units = queries.live_units(proposal)
    sections = _sections(proposal, plan, is_new=not units)
    texts: dict[int, dict[str, str]] = {unit.pk: {} for unit in units}
    for row in UnitText.objects.filter(unit__in=units):
        texts[row.unit_id][row.language] = row.text
    known = [Known(row.id, row.section, row.kind, row.depth, texts[row.id]) for row in map(queries.row_of, units)]
    found = match(known, plan.units)
    _refuse_another_text(known, found)
    changes = Changes(removed=len(found.removed))
    for gone in found.removed:
        changes.languages |= set(gone.texts)
    by_id = {unit.pk: unit for unit in units}
    made, has_moved = _write_structure(proposal, found, by_id, sections)
    if has_moved:
        changes.languages.add(plan.language)
    changes.added = len(found.pairs) - sum(old is not None for _, old in found.pairs)
    _write_texts(plan, found, made, changes)
    if (changes.added or changes.removed) and units:
        link_notes_anew(proposal, plan.notes)
    return changes


def _sections(proposal: Proposal, plan: Plan, *, is_new: bool) -> dict[int, Section]:
    """The sections by position; a page whose sections are not those of the text is refused."""
    if is_new:
        made = Section.objects.bulk_create(
            Section(proposal=proposal, position=part.position, kind=part.kind, phases_after=part.phases_after)
            for part in plan.sections
        )
        return {section.position: section for section in made}
    there = proposal.sections.filter(units__removed_in=None).distinct()
    sections = {section.position: section for section in there}
    if [section.kind for section in sections.values()] != [str(part.kind) for part in plan.sections]:
        raise Conflict(
            f"the page has {len(plan.sections)} sections ({', '.join(part.kind for part in plan.sections)}), the text "
            f"{len(sections)} ({', '.join(section.kind for section in sections.values())}): sections cannot be "
            "added, removed or reordered by an import"
        )
    for part in plan.sections:
        if sections[part.position].phases_after != part.phases_after:
            sections[part.position].phases_after = part.phases_after
            sections[part.position].save(update_fields=["phases_after"])
    return sections


def _refuse_another_text(known: list[Known], found: Match) -> None:
    """Fewer than half of the units known again: rather a mistaken file than a new version."""
    kept = sum(old is not None for _, old in found.pairs)
    if kept * 2 < len(known):
        raise Conflict(f"the page is another text: only {kept} of the text's {len(known)} units are in it")


def _write_structure(
    proposal: Proposal, found: Match, by_id: dict[int, Unit], sections: dict[int, Section]
) -> tuple[list[Unit], bool]:
    """Remove, reorder and add units: the units of the page in reading order, and whether any of them moved."""
    if found.removed:
        gone = [unit.id for unit in found.removed]
        Unit.objects.filter(pk__in=gone).update(removed_in=next_number(proposal))
    made: list[Unit] = []
    new: list[Unit] = []
    moved: list[Unit] = []
    for position, (planned, old) in enumerate(found.pairs, start=1):
        unit = by_id[old.id] if old else _new_unit(proposal, planned, sections)
        wanted = (position, planned.depth, planned.ordered, planned.number)
        if old is None:
            new.append(unit)
        elif wanted != (unit.position, unit.depth, unit.ordered, unit.number):
            moved.append(unit)
        unit.position, unit.depth, unit.ordered, unit.number = wanted
        made.append(unit)
    if moved:
        Unit.objects.filter(pk__in=[unit.pk for unit in moved]).update(position=F("position") + _ASIDE)
        Unit.objects.bulk_update(moved, _STRUCTURE)
    Unit.objects.bulk_create(new)
    return made, bool(moved)


def _new_unit(proposal: Proposal, planned: PlannedUnit, sections: dict[int, Section]) -> Unit:
    section = sections[planned.section] if planned.section else None
    return Unit(proposal=proposal, section=section, kind=planned.kind, source_language=planned.language)


def _write_texts(plan: Plan, found: Match, made: list[Unit], changes: Changes) -> None:
    fresh = []
    for unit, (planned, old) in zip(made, found.pairs, strict=True):
        if old is None:
            fresh.append(_fresh_text(unit, planned, plan.notes))
        elif old.texts.get(planned.language) == planned.text:
            continue
        else:
            write_text(unit, planned.language, planned.text, plan.notes)
            changes.changed += 1
        changes.languages.add(planned.language)
    UnitText.objects.bulk_create(fresh)


def _fresh_text(unit: Unit, planned: PlannedUnit, notes: set[int]) -> UnitText:
    html = str(unit_html(planned.text, () if planned.kind is UnitKind.NOTE else notes))
    return UnitText(unit=unit, language=planned.language, text=planned.text, html=html)


def link_notes_anew(proposal: Proposal, notes: set[int]) -> None:
    """Notes may have come or gone: the links to them follow."""
    linking = UnitText.objects.filter(unit__proposal=proposal, unit__removed_in=None, text__contains="[")
    for row in linking.select_related("unit"):
        html = str(unit_html(row.text, notes))
        if html != row.html and row.unit.kind != UnitKind.NOTE:
            row.html = html
            row.save(update_fields=["html"])
