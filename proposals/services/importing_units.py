"""The units of an imported page: made anew, or matched with those that the text has."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F

from proposals import queries
from proposals.differences.passages import Passed
from proposals.drafting import bounds
from proposals.enums import PassageKind, SectionKind, UnitKind
from proposals.matching import Known, Match, match
from proposals.models import Proposal, Section, Unit, UnitText
from proposals.plan import Plan, PlannedUnit
from proposals.rendering import unit_html
from proposals.services.importing_edits import dates_put_back, put_back, taken_as
from proposals.services.importing_words import Told
from proposals.services.revisions import next_number
from proposals.services.texts import LONGEST_TEXT, write_text
from taskforce.core.errors import Conflict, Invalid

# While units change places, each stands this far behind its old place, so that no two are in one.
_ASIDE = 1_000_000
_STRUCTURE = ("section", "position", "kind", "depth", "ordered", "number")
# So many characters of a heading name its section.
_FIRST = 40


@dataclass
class Changes:
    """What became of the units, the languages whose text changed, whose words went to which unit; what is told of those
    that were moved and say something else, and of what had been written here and is not on the page; the units of the
    page, in the languages that they have now."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    languages: set[str] = field(default_factory=set)
    passed: list[Passed] = field(default_factory=list)
    alike: list[Told] = field(default_factory=list)
    put_back: list[Told] = field(default_factory=list)
    of_page: list[PlannedUnit] = field(default_factory=list)

    @property
    def split(self) -> int:
        """How many of those that are new were split off."""
        return sum(one.kind == PassageKind.SPLIT for one in self.passed)

    @property
    def joined(self) -> int:
        """How many of those that are gone were joined into others."""
        return sum(one.kind == PassageKind.JOIN for one in self.passed)


def write(proposal: Proposal, plan: Plan) -> Changes:
    """Write sections, units and texts; `Conflict` where the page is another text, `Invalid` where a section of it is
    larger than what can be changed on a page. The text must be held.

    What was split and joined is told as far as it can be known (`proposals/matching.py`). The translations of what was
    joined stay with the unit that goes: translators see them beside the one that it was joined into.
    """
    units = queries.live_units(proposal)
    moved_dates = dates_put_back(proposal, plan) if units else []
    sections = _sections(proposal, plan, is_new=not units)
    texts: dict[int, dict[str, str]] = {unit.pk: {} for unit in units}
    for row in UnitText.objects.filter(unit__in=units):
        texts[row.unit_id][row.language] = row.text
    known = [
        Known(row.id, row.section, row.kind, row.depth, texts[row.id], row.source_language, row.ordered)
        for row in map(queries.row_of, units)
    ]
    found = match(known, plan.units)
    _refuse_another_text(known, found)
    _refuse_too_large(plan, known, found)
    changes = Changes(removed=len(found.removed), alike=taken_as(known, found))
    changes.of_page = [planned for planned, _ in found.pairs]
    changes.put_back = [*put_back(proposal, known, found), *moved_dates]
    for gone in found.removed:
        changes.languages |= set(gone.texts)
    by_id = {unit.pk: unit for unit in units}
    notes_before = _notes(units)
    made, has_moved = _write_structure(proposal, found, by_id, sections)
    if has_moved:
        changes.languages.add(plan.language)
    changes.added = len(found.pairs) - sum(old is not None for _, old in found.pairs)
    _write_texts(plan, found, made, changes)
    changes.passed = [
        Passed(PassageKind.SPLIT if one.is_split else PassageKind.JOIN, one.source.id, made[one.target].pk)
        for one in found.passages
    ]
    if units and notes_before != _notes(made):
        link_notes_anew(proposal, plan.notes)
    return changes


def _notes(units: Iterable[Unit]) -> set[tuple[int, int | None]]:
    """What links lead to, and what has none in it."""
    return {(unit.pk, unit.number) for unit in units if unit.kind == UnitKind.NOTE}


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


# The key of what stands before the first section.
_LEAD = "0"


def _refuse_too_large(plan: Plan, known: list[Known], found: Match) -> None:
    """`Invalid`, with all of them, where sections would have more than a page of the editor can send (`bounds`), and
    where a unit, in whichever language, has more than its field there takes: neither could be saved ever after."""
    after = [(unit.section, _source_after(unit, old)) for unit, old in found.pairs]
    before = [(unit.section, unit.source) for unit in known]
    now, was = _sizes(plan, after), _sizes(plan, before)
    told = [_told(plan, now[one.key], one) for one in bounds.too_large(now, was)]
    told += [_told_of_unit(unit) for unit, old in found.pairs if len(unit.text) > _most(unit, old)]
    if bounds.has_too_many(len(after), len(before)):
        told.append(f"the page has {len(after):,} units, and a text at most {bounds.MOST_PIECES:,}: divide it")
    if told:
        raise Invalid(f"nothing was imported: {'; '.join(told)}")


def _source_after(planned: PlannedUnit, old: Known | None) -> str:
    return planned.text if old is None or old.language == planned.language else old.source


def _sizes(plan: Plan, said: Iterable[tuple[int | None, str]]) -> dict[str, bounds.Size]:
    # The dates of a timeline stand among its pieces.
    sizes = {str(part.position): [int(part.kind == SectionKind.TIMELINE), 0] for part in plan.sections}
    for section, text in said:
        size = sizes.setdefault(str(section) if section else _LEAD, [0, 0])
        size[0] += 1
        size[1] += len(text)
    return {key: bounds.Size(*size) for key, size in sizes.items()}


def _told(plan: Plan, size: bounds.Size, one: bounds.TooLarge) -> str:
    """Which section it is, how large it would be, and what to do."""
    own = [unit for unit in plan.units if (str(unit.section) if unit.section else _LEAD) == one.key]
    name = f"the section on line {own[0].line} (“{own[0].text[:_FIRST]}”)"
    if one.key == _LEAD:
        name = "what stands before the first heading"
    said = f"{size.pieces:,} units" if one.has_too_many else f"{size.characters:,} characters"
    return f"{name} would have {said}, and a section has at most {one.most:,}: divide it by another heading on the page"


def _told_of_unit(unit: PlannedUnit) -> str:
    """The same of a unit; signs that Markdown would read otherwise are stored with one more each."""
    kind = unit.kind.value.replace("-", " ")
    return (
        f"the {kind} on line {unit.line} (“{unit.text[:_FIRST]}”) would have {len(unit.text):,} characters as it is "
        f"stored, and a {kind} has at most {LONGEST_TEXT:,}: divide it by an empty line on the page"
    )


def _most(unit: PlannedUnit, old: Known | None) -> int:
    """How many characters it may have: one that was longer before may stay so, and shrink."""
    return max(LONGEST_TEXT, len(old.texts.get(unit.language, "")) if old else 0)


def _write_structure(
    proposal: Proposal, found: Match, by_id: dict[int, Unit], sections: dict[int, Section]
) -> tuple[list[Unit], bool]:
    """Remove, reorder and add units: the units of the page in reading order, and whether any of them moved or
    became another kind."""
    if found.removed:
        gone = [unit.id for unit in found.removed]
        Unit.objects.filter(pk__in=gone).update(removed_in=next_number(proposal))
    made: list[Unit] = []
    new: list[Unit] = []
    moved: list[Unit] = []
    for position, (planned, old) in enumerate(found.pairs, start=1):
        unit = by_id[old.id] if old else Unit(proposal=proposal, kind=planned.kind, source_language=planned.language)
        section = sections[planned.section] if planned.section else None
        wanted = (section, position, str(planned.kind), planned.depth, planned.ordered, planned.number)
        if old is None:
            new.append(unit)
        elif wanted != (unit.section, unit.position, unit.kind, unit.depth, unit.ordered, unit.number):
            moved.append(unit)
        unit.section, unit.position, unit.kind, unit.depth, unit.ordered, unit.number = wanted
        made.append(unit)
    if moved:
        Unit.objects.filter(pk__in=[unit.pk for unit in moved]).update(position=F("position") + _ASIDE)
        Unit.objects.bulk_update(moved, _STRUCTURE)
    Unit.objects.bulk_create(new)
    return made, bool(moved)


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
    """Notes may have come or gone: the links to them follow. In a note itself there are none."""
    linking = UnitText.objects.filter(unit__proposal=proposal, unit__removed_in=None, text__contains="[")
    for row in linking.select_related("unit"):
        html = str(unit_html(row.text, () if row.unit.kind == UnitKind.NOTE else notes))
        if html != row.html:
            row.html = html
            row.save(update_fields=["html"])
