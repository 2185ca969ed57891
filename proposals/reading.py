"""A text as a reader of one language sees it: which text stands for each unit, with which mark, in which order.

Pure: it gets rows, from the tables or from a revision's content, and knows nothing of where they come from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.utils.safestring import SafeString

from proposals.enums import SectionKind, TranslationState, UnitKind
from proposals.rendering import anchor_of, plain_text
from taskforce.core import dates, languages


class UnitRow(NamedTuple):
    """A unit without its texts; `section` is its section's position."""

    id: int
    section: int | None
    kind: str
    depth: int
    ordered: bool
    number: int | None
    source_language: str


class PhaseRow(NamedTuple):
    """A phase as it stood in a revision: its first and last day, its title and the language of that."""

    opens_on: date
    closes_on: date
    title: str
    language: str

    @property
    def period(self) -> str:
        """The days as the active locale writes a period."""
        return dates.period_text(self.opens_on, self.closes_on)


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
    """The language in which a unit is shown, and how the unit stands in the reader's language."""

    language: str
    state: TranslationState


class Newer(NamedTuple):
    """The source text as it is now, beside a translation of an older one."""

    language: str
    html: SafeString


@dataclass
class ShownUnit:
    """A unit on the page. `extras` is what higher rooms put beside it, `newer` the source of an outdated translation.

    Of units without a translation that follow each other, the first says so for `run_ahead` more.
    """

    id: int
    kind: str
    depth: int
    ordered: bool
    number: int | None
    language: str
    state: TranslationState
    html: SafeString
    newer: Newer | None = None
    extras: list[SafeString] = field(default_factory=list)
    begins_run: bool = False
    run_ahead: int = 0

    @property
    def anchor(self) -> str:
        """The id of the element."""
        return anchor_of(self.id)

    @property
    def is_missing(self) -> bool:
        """Whether the reader's language has no text."""
        return self.state is TranslationState.MISSING

    @property
    def is_outdated(self) -> bool:
        """Whether the text is a translation of an older source."""
        return self.state is TranslationState.OUTDATED

    @property
    def is_damaged(self) -> bool:
        """Whether the text has U+FFFD, which stands where a character could not be read any more."""
        return "\ufffd" in self.html

    @property
    def plain(self) -> str:
        """The text without markup, for a title or a list of contents."""
        return plain_text(self.html)


@dataclass
class ListNode:
    """A list; `start` is the number of its first item."""

    ordered: bool
    start: int
    items: list["ItemNode"] = field(default_factory=list)


@dataclass
class ItemNode:
    """A list item and the lists nested in it."""

    unit: ShownUnit
    lists: list[ListNode] = field(default_factory=list)


@dataclass
class Block:
    """One block of a section: a single unit, a list, notes, or the timeline."""

    kind: str
    unit: ShownUnit | None = None
    node: ListNode | None = None
    phases: tuple[PhaseRow, ...] = ()


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
        yield from _units_of(self.blocks)


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
        yield from _units_of(self.lead)
        for section in self.sections:
            yield from section.units()

    @property
    def has_timeline(self) -> bool:
        """Whether the page has a place for the phases."""
        return any(section.kind == SectionKind.TIMELINE for section in self.sections)


def _units_of(blocks: Iterable[Block]) -> Iterable[ShownUnit]:
    for block in blocks:
        if block.unit:
            yield block.unit
        if block.node:
            yield from _items_of(block.node)


def _items_of(node: ListNode) -> Iterable[ShownUnit]:
    for item in node.items:
        yield item.unit
        for nested in item.lists:
            yield from _items_of(nested)


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
    for row in rows:
        has = marks.get(row.id, {})
        order = (*languages.chain(language), row.source_language, *languages.CODES)
        found = next((code for code in order if code in has), None)
        if found is not None:
            chosen[row.id] = Choice(found, state_in(language, row.source_language, has))
    return chosen


def wanted(rows: Iterable[UnitRow], chosen: Mapping[int, Choice]) -> Iterator[tuple[int, str]]:
    """Unit and language of every text that the page shows: the chosen ones, and the source of what is outdated."""
    for row in rows:
        if row.id in chosen:
            language, state = chosen[row.id]
            yield row.id, language
            if state is TranslationState.OUTDATED:
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
        _blocks([unit for unit in before if unit is not title]),
        _sections(sections, shown),
        share[language],
        share,
        available,
    )
    _find_runs(made)
    return made


def _shown(row: UnitRow, choice: Choice, texts: Mapping[tuple[int, str], SafeString]) -> ShownUnit:
    newer = texts.get((row.id, row.source_language)) if choice.state is TranslationState.OUTDATED else None
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
    """Tell the first unit of each run without a translation how many follow; a run ends with its section."""
    _find_runs_in([*([reading.title] if reading.title else []), *_units_of(reading.lead)])
    for section in reading.sections:
        _find_runs_in([unit for unit in section.units() if unit is not section.heading or not section.has_common_name])


def _find_runs_in(units: Iterable[ShownUnit]) -> None:
    for is_missing, run in groupby(units, key=attrgetter("is_missing")):
        if is_missing:
            first, *rest = run
            first.begins_run, first.run_ahead = True, len(rest)


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
            blocks = [*_blocks(rest[:split]), timeline, *_blocks(rest[split:])]
        else:
            blocks = _blocks(rest)
        is_numbered = row.kind != SectionKind.REFERENCES
        number += is_numbered
        shown_number = number if is_numbered else None
        sections.append(ShownSection(row.kind, heading, shown_number, blocks, row.was_at))
    return sections


def _blocks(units: Sequence[ShownUnit]) -> list[Block]:
    """Units as blocks: list items that follow each other make a list, notes a list of notes."""
    blocks: list[Block] = []
    for unit in units:
        going_on = blocks[-1] if blocks else Block("none")
        if unit.kind == UnitKind.NOTE:
            if going_on.kind == "notes" and going_on.node:
                going_on.node.items.append(ItemNode(unit))
            else:
                blocks.append(Block("notes", node=_new_list(unit)))
        elif unit.kind == UnitKind.LIST_ITEM:
            if not (going_on.kind == "list" and going_on.node and _add(going_on.node, unit)):
                blocks.append(Block("list", node=_new_list(unit)))
        else:
            blocks.append(Block("unit", unit=unit))
    return blocks


def _new_list(unit: ShownUnit) -> ListNode:
    return ListNode(unit.ordered, unit.number or 1, [ItemNode(unit)])


def _add(node: ListNode, unit: ShownUnit) -> bool:
    """Put an item at its depth into a list that is going on; False where it starts a list of its own."""
    depth = node.items[0].unit.depth
    last = node.items[-1]
    if unit.depth > depth:
        if not (last.lists and _add(last.lists[-1], unit)):
            last.lists.append(_new_list(unit))
        return True
    continues = not node.ordered or unit.number is None or unit.number == (last.unit.number or 0) + 1
    if unit.depth < depth or unit.ordered != node.ordered or not continues:
        return False
    node.items.append(ItemNode(unit))
    return True
