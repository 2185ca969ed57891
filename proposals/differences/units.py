"""Two states of a text in one language, unit by unit: added, removed, changed, moved, and what stayed between.

Units are the same by their id, phases by their slug and the heading of their section: each section of dates has all of
them. Who moved is decided by the longest run of units that kept their
order: no unit is called moved that need not be. Words that went from one unit to another, where one was split or two
were joined, are neither removed nor added.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from proposals.differences.passages import Passed, net
from proposals.differences.pieces import Budget, Kind, Piece, Side, exchanged, pieces
from proposals.enums import PassageKind, UnitKind
from proposals.snapshots import PHASE, Content, Entry
from taskforce.core import languages

Key = tuple[str, int | str]
# What of a unit and of a phase is told besides the words, in this order.
_OF_A_UNIT = ("kind", "depth", "ordered", "number")
_OF_A_PHASE = ("opens_on", "closes_on")


class Heading(NamedTuple):
    """What names a section: the unit, its text and the language of that; the text is empty where nothing names it."""

    unit: int | None
    text: str
    language: str


class Item(NamedTuple):
    """A unit or a phase as it stood: its text, the language of that, and the section that it stood in, if any."""

    key: Key
    entry: Entry
    text: str
    language: str
    section: Heading | None

    @property
    def is_phase(self) -> bool:
        """Whether it is a phase of the timeline, not a unit."""
        return self.key[0] == PHASE


class State(NamedTuple):
    """A text in one language after a revision: what stood in it, and the units that it had without a text there."""

    items: list[Item]
    untranslated: frozenset[Key]

    @property
    def has_text(self) -> bool:
        """Whether anything is written in the language; phases belong to the timeline."""
        return any(not item.is_phase for item in self.items)

    @property
    def units(self) -> set[int]:
        """The units that it had, with a text or without."""
        return {int(key[1]) for key in (*(item.key for item in self.items), *self.untranslated) if key[0] != PHASE}


def state(structure: Content, contents: Mapping[str, Content], language: str) -> State:
    """The texts in `language`, in the order and shape of the latest content in any language, `structure`.

    `contents` are the contents by language; there are none before the first revision.
    """
    texts = _texts(contents.get(language, []))
    headings = _headings(structure, contents, language)
    items: list[Item] = []
    untranslated: set[Key] = set()
    met: Counter[str] = Counter()
    for entry in structure:
        section = None if entry["section"] is None else headings.get(entry["section"], Heading(None, "", language))
        if entry["kind"] == PHASE:
            items.append(_phase(entry, language, section, met))
        elif texts.get(entry["id"]):
            items.append(Item(("unit", entry["id"]), entry, texts[entry["id"]], language, section))
        else:
            untranslated.add(("unit", entry["id"]))
    return State(items, frozenset(untranslated))


def source_state(content: Content) -> State:
    """Every unit with the text in the language that it was written in; `content` has these. Without the phases."""
    units = [entry for entry in content if entry["kind"] != PHASE and entry["text"]]
    headings = {
        entry["section"]: Heading(entry["id"], entry["text"], entry["source_language"])
        for entry in units
        if entry["kind"] == UnitKind.HEADING and entry["depth"] == 0
    }
    items = []
    for entry in units:
        language = entry["source_language"]
        section = headings.get(entry["section"], Heading(None, "", language)) if entry["section"] else None
        items.append(Item(("unit", entry["id"]), entry, entry["text"], language, section))
    return State(items, frozenset())


def _texts(content: Content) -> dict[int, str]:
    return {entry["id"]: entry["text"] for entry in content if entry["kind"] != PHASE}


def _headings(structure: Content, contents: Mapping[str, Content], language: str) -> dict[int, Heading]:
    """{position of a section: its heading in the language, else in the next of the chain}."""
    texts = {code: _texts(content) for code, content in contents.items()}
    found = {}
    for entry in structure:
        if entry["kind"] == UnitKind.HEADING and entry["depth"] == 0 and entry["section"] is not None:
            order = (*languages.chain(language), entry["source_language"], *languages.CODES)
            code = next((code for code in order if texts.get(code, {}).get(entry["id"])), "")
            text = texts[code][entry["id"]] if code else ""
            found[entry["section"]] = Heading(entry["id"], text, code or language)
    return found


def _phase(entry: Entry, language: str, section: Heading | None, met: Counter[str]) -> Item:
    """`met` counts the keys, so that none is there twice, whatever the sections are called."""
    titles = entry["titles"]
    order = (*languages.chain(language), *languages.CODES)
    code = next((code for code in order if code in titles), language)
    name = f"{entry['slug']}.{section.unit}" if section and section.unit else entry["slug"]
    met[name] += 1
    key = name if met[name] == 1 else f"{name}.{met[name]}."
    return Item((PHASE, key), entry, titles.get(code, ""), code, section)


class Detail(NamedTuple):
    """What changed besides the words: the field of the content, and its value before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """A unit or a phase that is not as it was; `before` and `after` are None where it was not there.

    A change stands where the item stands now; a removed one where it stood.
    """

    before: Item | None
    after: Item | None
    pieces: list[Piece] = field(default_factory=list)
    details: list[Detail] = field(default_factory=list)
    is_moved: bool = False
    # The unit was there, without a text in this language.
    is_translation: bool = False
    # Words that came from other units, and that went to others.
    came: Sequence[Passed] = ()
    went: Sequence[Passed] = ()

    @property
    def is_split_off(self) -> bool:
        """Whether it was not there before, and was made of a part of another."""
        return self.is_added and any(one.kind == PassageKind.SPLIT for one in self.came)

    @property
    def is_joined(self) -> bool:
        """Whether it is not there any more because it was joined into another."""
        return self.is_removed and any(one.kind == PassageKind.JOIN for one in self.went)

    @property
    def item(self) -> Item:
        """As it is now, or as it was before it went."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing")
        return found

    @property
    def is_added(self) -> bool:
        """Whether it was not there before."""
        return self.before is None

    @property
    def is_removed(self) -> bool:
        """Whether it is not there any more."""
        return self.after is None

    @property
    def is_changed(self) -> bool:
        """Whether it was and is there, and says something else or is something else."""
        is_other = any(piece.kind is not Kind.KEPT for piece in self.pieces)
        return not self.is_added and not self.is_removed and (is_other or bool(self.details))

    @property
    def is_only_exchanged(self) -> bool:
        """Whether all that changed are words that came from others or went to them."""
        kinds = {piece.kind for piece in self.pieces}
        return self.is_changed and not self.details and kinds <= {Kind.KEPT, Kind.CAME, Kind.WENT}

    @property
    def left_section(self) -> bool:
        """Whether it moved to another section, or out of one."""
        sections = [item.section.unit if item.section else None for item in (self.before, self.after) if item]
        return self.is_moved and len(set(sections)) > 1


@dataclass(frozen=True)
class Unchanged:
    """Items that follow each other and are as they were."""

    items: list[Item]


@dataclass(frozen=True)
class MovedFrom:
    """The place at which a moved item stood."""

    item: Item


Row = Change | Unchanged | MovedFrom


def compared(old: State, new: State, acts: Iterable[Passed] = ()) -> list[Row]:
    """From one state to the other, in reading order; what left a place stands before what came to it.

    `acts` are those between the two that took words from one unit to another, in their order.
    """
    before = {item.key: item for item in old.items}
    after = {item.key: item for item in new.items}
    places = {item.key: place for place, item in enumerate(new.items)}
    stayed = _stayed([item for item in old.items if item.key in places], places)
    told = _Told(old, new, acts)
    rows: list[Row] = []
    gone, come = iter(old.items), iter(new.items)
    for anchor in (*stayed, None):
        left = _until(gone, anchor)
        rows += [MovedFrom(item) if item.key in after else told.change(item, None) for item in left]
        for item in _until(come, anchor):
            was = before.get(item.key)
            is_translation = was is None and item.key in old.untranslated
            rows.append(told.change(was, item, is_moved=was is not None, is_translation=is_translation))
        if anchor is not None:
            _stay(rows, told.change(before[anchor], after[anchor]), after[anchor])
    return rows


def _until(items: Iterable[Item], anchor: Key | None) -> Iterable[Item]:
    for item in items:
        if item.key == anchor:
            return
        yield item


def _stay(rows: list[Row], change: Change, item: Item) -> None:
    if change.is_changed:
        rows.append(change)
    elif rows and isinstance(rows[-1], Unchanged):
        rows[-1].items.append(item)
    else:
        rows.append(Unchanged([item]))


class _Told:
    """Makes changes of items, within one budget; knows whose words went where."""

    def __init__(self, old: State, new: State, acts: Iterable[Passed]) -> None:
        self._budget = Budget()
        self._before, self._after = ({item.key: item for item in state.items} for state in (old, new))
        self._came: dict[Key, list[Passed]] = {}
        self._went: dict[Key, list[Passed]] = {}
        for one in net(acts, old.units, new.units):
            self._came.setdefault(("unit", one.target), []).append(one)
            self._went.setdefault(("unit", one.source), []).append(one)

    def change(
        self, was: Item | None, item: Item | None, *, is_moved: bool = False, is_translation: bool = False
    ) -> Change:
        found = item or was
        came, went = ([], []) if found is None else (self._came.get(found.key, []), self._went.get(found.key, []))
        old = Side(was.text if was else "", self._said(self._before, [one.source for one in came]))
        new = Side(item.text if item else "", self._said(self._after, [one.target for one in went]))
        if old.others or new.others:
            said = exchanged(old, new, languages.gap(found.language) if found else "", self._budget)
        else:
            said = pieces(old.own, new.own, self._budget)
        return Change(was, item, said, _details(was, item), is_moved, is_translation, came, went)

    def _said(self, items: Mapping[Key, Item], units: Iterable[int]) -> list[str]:
        return [items["unit", unit].text for unit in units if ("unit", unit) in items]


def _details(was: Item | None, item: Item | None) -> list[Detail]:
    if was is None or item is None:
        return []
    names = _OF_A_PHASE if item.is_phase else _OF_A_UNIT
    both = [Detail(name, was.entry[name], item.entry[name]) for name in names]
    return [detail for detail in both if detail.before != detail.after and not _counts_on(detail, was, item)]


def _counts_on(detail: Detail, was: Item, item: Item) -> bool:
    """Whether a numbered item only counts on from others than before: what became of those is told already."""
    both_items = was.entry["kind"] == item.entry["kind"] == UnitKind.LIST_ITEM
    return detail.name == "number" and both_items and None not in (detail.before, detail.after)


def _stayed(old: Sequence[Item], places: Mapping[Key, int]) -> list[Key]:
    """Of the items of `old`, those that stand in this order in the new state too: as many as can be, and of several
    such choices one with the most headings, so that a paragraph is moved past its heading and not the other way.

    `places` has the place of each in the new state. Each item is put behind the best run that ends before its place; a
    tree of the best up to each place (Fenwick) finds that in few steps.
    """
    best = [(0, 0, -1)] * (len(places) + 1)
    below: list[int] = []

    def best_until(place: int) -> tuple[int, int, int]:
        found = best[0]
        while place:
            found = max(found, best[place])
            place -= place & -place
        return found

    for number, item in enumerate(old):
        place = places[item.key] + 1
        length, headings, last = best_until(place - 1)
        below.append(last)
        run = (length + 1, headings + (item.entry["kind"] == UnitKind.HEADING), number)
        while place < len(best):
            best[place] = max(best[place], run)
            place += place & -place
    kept: list[Key] = []
    number = best_until(len(places))[2]
    while number >= 0:
        kept.append(old[number].key)
        number = below[number]
    return kept[::-1]
