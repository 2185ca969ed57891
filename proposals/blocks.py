"""What a page shows of a text below its title and headings: units, and the lists and notes that they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils.safestring import SafeString

from proposals.enums import TranslationState, UnitKind
from proposals.rendering import anchor_of, plain_text
from taskforce.core import dates


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


class Newer(NamedTuple):
    """The source text as it is now, beside a translation of an older one."""

    language: str
    html: SafeString


@dataclass
class ShownUnit:
    """A unit on the page. `is_older`: what is shown, in whichever language, is a translation of an older source, and
    `newer` that source as it is now. `extras` is what higher rooms put beside it.

    Of units without a translation that follow each other, the first says so for `run_ahead` more, which each have the
    way to translating only (`goes_on`).
    """

    id: int
    kind: str
    depth: int
    ordered: bool
    number: int | None
    language: str
    state: TranslationState
    is_older: bool
    html: SafeString
    newer: Newer | None = None
    extras: list[SafeString] = field(default_factory=list)
    begins_run: bool = False
    run_ahead: int = 0
    goes_on: bool = False

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
        """Whether the text in the reader's language is a translation of an older source."""
        return self.state is TranslationState.OUTDATED

    @property
    def has_mark(self) -> bool:
        """Whether there is something to be said of it, by itself or for those that follow it."""
        return self.begins_run or self.is_older or self.is_damaged

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


def units_of(blocks: Iterable[Block]) -> Iterable[ShownUnit]:
    """What blocks show, in reading order."""
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


def blocks_of(units: Sequence[ShownUnit]) -> list[Block]:
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
