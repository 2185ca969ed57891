"""A text as a reader of one language sees it: which text stands for each unit, with which mark, in which order.

Pure: it gets rows, from the tables or from a revision's content, and knows nothing of where they come from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

from django.utils.safestring import SafeString

from proposals.blocks import Block, Newer, PhaseRow, ShownUnit, blocks_of, units_of
from proposals.enums import SectionKind, TranslationState, UnitKind
from taskforce.core import languages


class UnitRow(NamedTuple):
    """A unit without its texts; `section` is its section's position."""

    id: int
    section: int | None
    kind: str
    depth: int
    ordered: bool
    number: int | None
    source_language: str


class SectionRow(NamedTuple):
    """A section; `phases` only where the page is of the past. `was_at` is where earlier links know it by."""

    position: int
    kind: str
    phases_after: int
    was_at: int | None = None
    phases: tuple[PhaseRow, ...] = ()


class Mark(NamedTuple):
    """That a unit has a text in a language: its version, and the source's version that it was made from."""

    version: int
    source_version: int | None


Marks = Mapping[int, Mapping[str, Mark]]


class Choice(NamedTuple):
    """The language in which a unit is shown, how the unit stands in the reader's language, and whether what is shown
    is a translation of an older source."""

    language: str
    state: TranslationState
    is_older: bool


@dataclass
class ShownSection:
    """A section; `number` is None for the references."""

    kind: str
    heading: ShownUnit | None
    number: int | None
    blocks: list[Block]
    was_at: int | None = None

    @property
    def anchor(self) -> str:
        """Where the section begins: its heading, which moves with it; "" where it has none to be seen."""
        return self.heading.anchor if self.heading else ""

    @property
    def former_anchor(self) -> str:
        """The id under which links from before that lead to the section; "" where there are none."""
        return f"s-{self.was_at}" if self.was_at else ""

    @property
    def has_common_name(self) -> bool:
        """Whether the heading is missing in the reader's language, and the portal itself has a word for it."""
        return self.kind == SectionKind.REFERENCES and self.heading is not None and self.heading.is_missing

    def units(self) -> Iterable[ShownUnit]:
        """What is shown of the section, in reading order."""
        if self.heading:
            yield self.heading
        yield from units_of(self.blocks)


class Available(NamedTuple):
    """A language that has some of the text."""

    code: str
    name: str
    percent: int


@dataclass
class Reading:
    """The whole page for one language."""

    language: str
    title: ShownUnit | None
    lead: list[Block]
    sections: list[ShownSection]
    percent: int
    percents: Mapping[str, int]
    available: list[Available]

    def units(self) -> Iterable[ShownUnit]:
        """Every unit that is shown, in reading order."""
        if self.title:
            yield self.title
        yield from units_of(self.lead)
        for section in self.sections:
            yield from section.units()

    @property
    def has_timeline(self) -> bool:
        """Whether the page has a place for the phases."""
        return any(section.kind == SectionKind.TIMELINE for section in self.sections)


def state_in(language: str, source_language: str, marks: Mapping[str, Mark]) -> TranslationState:
    """How a unit stands in a language; outdated is derived from the versions, never stored."""
    own = marks.get(language)
    if own is None:
        return TranslationState.MISSING
    if language == source_language:
        return TranslationState.SOURCE
    source = marks.get(source_language)
    stale = source is not None and (own.source_version or 0) < source.version
    return TranslationState.OUTDATED if stale else TranslationState.TRANSLATED


def choices(rows: Iterable[UnitRow], marks: Marks, language: str) -> dict[int, Choice]:
    """The text that stands for each unit: the reader's chain, then the unit's source language, then any.

    A unit that has no text at all is left out.
    """
    chosen = {}
    first = languages.chain(language)
    for row in rows:
        has = marks.get(row.id, {})
        order = chain(first, (row.source_language,), languages.CODES)
        found = next((code for code in order if code in has), None)
        if found is not None:
            is_older = state_in(found, row.source_language, has) is TranslationState.OUTDATED
            chosen[row.id] = Choice(found, state_in(language, row.source_language, has), is_older)
    return chosen


def wanted(rows: Iterable[UnitRow], chosen: Mapping[int, Choice]) -> Iterator[tuple[int, str]]:
    """Unit and language of every text that the page shows: the chosen ones, and the source where that is newer."""
    for row in rows:
        if row.id in chosen:
            yield row.id, chosen[row.id].language
            if chosen[row.id].is_older:
                yield row.id, row.source_language


def percents(rows: Sequence[UnitRow], marks: Marks) -> dict[str, int]:
    """{language: units with a text that is not outdated ÷ all units}, 0 to 100, rounded down: 100 is complete."""
    current = {TranslationState.SOURCE, TranslationState.TRANSLATED}
    counts = dict.fromkeys(languages.CODES, 0)
    for row in rows:
        has = marks.get(row.id, {})
        for code in has:
            counts[code] += state_in(code, row.source_language, has) in current
    return {code: count * 100 // len(rows) if rows else 0 for code, count in counts.items()}


def assemble(
    language: str,
    sections: Sequence[SectionRow],
    rows: Sequence[UnitRow],
    marks: Marks,
    chosen: Mapping[int, Choice],
    texts: Mapping[tuple[int, str], SafeString],
) -> Reading:
    """The page: `rows` in reading order, `texts` the HTML by unit and language of all that `wanted` names."""
    shown: dict[int | None, list[ShownUnit]] = {}
    for row in rows:
        if row.id in chosen:
            shown.setdefault(row.section, []).append(_shown(row, chosen[row.id], texts))
    before = shown.get(None, [])
    title = next((unit for unit in before if unit.kind == UnitKind.TITLE), None)
    share = percents(rows, marks)
    with_text = {code for row in rows for code in marks.get(row.id, {})}
    available = [
        Available(code, languages.OWN_NAMES[code], share[code]) for code in languages.CODES if code in with_text
    ]
    made = Reading(
        language,
        title,
        blocks_of([unit for unit in before if unit is not title]),
        _sections(sections, shown),
        share[language],
        share,
        available,
    )
    _find_runs(made)
    return made


def _shown(row: UnitRow, choice: Choice, texts: Mapping[tuple[int, str], SafeString]) -> ShownUnit:
    newer = texts.get((row.id, row.source_language)) if choice.is_older else None
    return ShownUnit(
        row.id,
        row.kind,
        row.depth,
        row.ordered,
        row.number,
        *choice,
        html=texts[row.id, choice.language],
        newer=Newer(row.source_language, newer) if newer is not None else None,
    )


def _find_runs(reading: Reading) -> None:
    """Tell the first unit of each run without a translation how many follow; a run ends with its section.

    What is shown in another language and is older than its source has something to say of its own.
    """
    _find_runs_in([*([reading.title] if reading.title else []), *units_of(reading.lead)])
    for section in reading.sections:
        _find_runs_in([unit for unit in section.units() if unit is not section.heading or not section.has_common_name])


def _find_runs_in(units: Iterable[ShownUnit]) -> None:
    for (is_missing, is_older), run in groupby(units, key=attrgetter("is_missing", "is_older")):
        if not is_missing:
            continue
        first, *rest = run
        first.begins_run, first.run_ahead = True, 0 if is_older else len(rest)
        for unit in rest:
            unit.begins_run, unit.goes_on = is_older, not is_older


def _sections(rows: Sequence[SectionRow], shown: Mapping[int | None, list[ShownUnit]]) -> list[ShownSection]:
    sections: list[ShownSection] = []
    number = 0
    for row in rows:
        units = shown.get(row.position, [])
        heading = next((unit for unit in units if unit.kind == UnitKind.HEADING and unit.depth == 0), None)
        rest = [unit for unit in units if unit is not heading]
        if row.kind == SectionKind.TIMELINE:
            split = min(row.phases_after, len(rest))
            timeline = Block("timeline", phases=row.phases)
            blocks = [*blocks_of(rest[:split]), timeline, *blocks_of(rest[split:])]
        else:
            blocks = blocks_of(rest)
        is_numbered = row.kind != SectionKind.REFERENCES
        number += is_numbered
        shown_number = number if is_numbered else None
        sections.append(ShownSection(row.kind, heading, shown_number, blocks, row.was_at))
    return sections
