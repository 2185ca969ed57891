"""A revision's content: the whole text in one language as plain JSON, for ever readable.

A list in reading order. A unit is {id, section, section_kind, kind, depth, ordered, number, source_language, text,
version, source_version}; a phase is {kind: "phase", section, slug, opens_on, closes_on, titles: {language: text}} at
the place where the timeline stood.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from proposals.blocks import PhaseRow
from proposals.enums import SectionKind, UnitKind
from proposals.models import Section, Unit, UnitText
from proposals.reading import (
    Mark,
    Reading,
    SectionRow,
    UnitRow,
    assemble,
    choices,
    wanted,
)
from proposals.rendering import unit_html
from taskforce.core import labels, languages
from taskforce.timeline.models import Phase

Entry = dict[str, Any]
Content = list[Entry]
PHASE = "phase"


def content(
    units: Sequence[Unit], texts: Mapping[int, UnitText], sections: Sequence[Section], phases: Sequence[Phase]
) -> Content:
    """The content in one language; `units` in reading order with their sections, `texts` by unit."""
    entries = [_unit_entry(unit, texts.get(unit.pk)) for unit in units if unit.section is None]
    for section in sections:
        own = [_unit_entry(unit, texts.get(unit.pk)) for unit in units if unit.section_id == section.pk]
        if section.kind == SectionKind.TIMELINE:
            # The heading stands before what is counted.
            place = min(section.phases_after + 1, len(own))
            own[place:place] = [phase_entry(section.position, phase) for phase in phases]
        entries += own
    return entries


def _unit_entry(unit: Unit, text: UnitText | None) -> Entry:
    return {
        "id": unit.pk,
        "section": unit.section.position if unit.section else None,
        "section_kind": unit.section.kind if unit.section else None,
        "kind": unit.kind,
        "depth": unit.depth,
        "ordered": unit.ordered,
        "number": unit.number,
        "source_language": unit.source_language,
        "text": text.text if text else "",
        "version": text.version if text else None,
        "source_version": text.source_version if text else None,
    }


def phase_entry(section: int, phase: Phase) -> Entry:
    """A phase of the timeline in the section at this position."""
    titles = {code: labels.label(phase, "title", code) for code in languages.CODES}
    return {
        "kind": PHASE,
        "section": section,
        "slug": phase.slug,
        "opens_on": phase.opens_on.isoformat(),
        "closes_on": phase.closes_on.isoformat(),
        "titles": {code: label.text for code, label in titles.items() if label.language == code and label.text},
    }


def reading(contents: Mapping[str, Content], latest: Content, language: str) -> Reading:
    """The page for a reader of `language` from the contents by language; `latest` has the structure."""
    unit_entries = [entry for entry in latest if entry["kind"] != PHASE]
    rows = [_row(entry) for entry in unit_entries]
    texts: dict[tuple[int, str], str] = {}
    marks: dict[int, dict[str, Mark]] = {}
    for code, entries in contents.items():
        for entry in entries:
            if entry["kind"] != PHASE and entry["text"]:
                texts[entry["id"], code] = entry["text"]
                marks.setdefault(entry["id"], {})[code] = Mark(entry["version"], entry["source_version"])
    chosen = choices(rows, marks, language)
    notes = {row.number for row in rows if row.kind == UnitKind.NOTE and row.number}
    kinds = {row.id: row.kind for row in rows}
    shown: dict[tuple[int, str], SafeString] = {
        (unit_id, code): unit_html(texts[unit_id, code], () if kinds[unit_id] == UnitKind.NOTE else notes)
        for unit_id, code in wanted(rows, chosen)
    }
    return assemble(language, _sections(latest, language), rows, marks, chosen, shown)


def _row(entry: Entry) -> UnitRow:
    return UnitRow(
        entry["id"],
        entry["section"],
        entry["kind"],
        entry["depth"],
        entry["ordered"],
        entry["number"],
        entry["source_language"],
    )


def _sections(latest: Content, language: str) -> list[SectionRow]:
    """The sections in order, with the phases where they stood, which may be all that a section has."""
    sections: list[SectionRow] = []
    for entry in latest:
        at, is_phase = entry["section"], entry["kind"] == PHASE
        if at is None:
            continue
        if not sections or sections[-1].position != at:
            # The past has its positions for ever, so a link of then leads where it led.
            kind = SectionKind.TIMELINE if is_phase else entry["section_kind"]
            sections.append(SectionRow(at, kind, 0, at))
            is_counted = not is_phase and not _is_heading_of_section(entry)
        else:
            is_counted = not is_phase and not sections[-1].phases
        last = sections[-1]
        if is_phase:
            sections[-1] = last._replace(phases=(*last.phases, _phase(entry, language)))
        elif is_counted:
            sections[-1] = last._replace(phases_after=last.phases_after + 1)
    return sections


def _is_heading_of_section(entry: Entry) -> bool:
    return bool(entry["kind"] == UnitKind.HEADING and entry["depth"] == 0)


def _phase(entry: Entry, language: str) -> PhaseRow:
    titles = entry["titles"]
    order = (*languages.chain(language), *languages.CODES)
    code = next((code for code in order if code in titles), language)
    days = date.fromisoformat(entry["opens_on"]), date.fromisoformat(entry["closes_on"])
    return PhaseRow(*days, titles.get(code, ""), code)
