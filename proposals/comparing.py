"""The page of a difference and the entries of a history: what there is to say, ready to be drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from proposals import chronicle, passing, queries
from proposals.addresses import Link, difference_url, link, revision_url, unit_url
from proposals.calling import Kin, Named, first_words, said_of_kin
from proposals.differences.marked import marked
from proposals.differences.passages import Passed
from proposals.differences.units import Change, Detail, Heading, Item, MovedFrom, Row, State, Unchanged, compared
from proposals.enums import UnitKind
from proposals.models import Proposal, Revision
from proposals.rendering import anchor_of, plain_text, unit_html
from proposals.working import Working, states
from taskforce.core import dates, languages

# More acts between two revisions than this are counted, not listed.
_MOST_ACTS = 20


# --- the history -----------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A revision in the history: the languages that it changed with what it changed in each, and the one that it
    translated into, if that is all that there is to say about it."""

    revision: Revision
    changed: list[Link]
    translated_into: SafeString | None


def entries(proposal: Proposal, revisions: Sequence[Revision]) -> list[Entry]:
    """The entries of a page of the history; two queries at most."""
    steps = chronicle.steps(proposal, revisions)
    translations = chronicle.translations([act for act in revisions if not act.summary])
    made = []
    for act in revisions:
        changed = [link(proposal, step.before, act.number, step.language) for step in steps.get(act.pk, [])]
        is_translation = len(changed) == 1 and act.pk in translations
        made.append(Entry(act, changed, changed[0].name if is_translation else None))
    return made


# --- the difference --------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What changed besides the words, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ShownChange:
    """A change on the page. `number` counts the page's changes; the addresses lead to the unit in the revision that
    has it, `lasting` to what became of it ("" for a phase, and in a draft)."""

    number: int
    change: Change
    what: str
    kin: list[Kin]
    kind: str
    anchor: str
    html: SafeString
    told: list[Told]
    section: Named | None
    left_section: Named | None
    url: str
    url_before: str
    lasting: str


class ShownPlace(NamedTuple):
    """Where nothing is to be read: unchanged units (how many, the first of them in the revision), or the place that a
    unit left (its anchor, where it is now)."""

    units: int
    url: str
    anchor: str = ""


@dataclass(frozen=True)
class Page:
    """The difference between two revisions in one language, which calls itself `own_name`.

    It has no rows where nothing differs; `acts` are the last of those between, `more_acts` how many came before them.
    """

    own_name: str
    rows: list[ShownChange | ShownPlace]
    had_text: bool
    has_text: bool
    acts: list[Revision]
    more_acts: int
    others: list[Link]

    @property
    def counts(self) -> dict[str, int]:
        """How many units were changed, added, translated, split off, removed, joined into others, moved; one that was
        moved and changed counts for both."""
        return _counts(row.change for row in self.rows if isinstance(row, ShownChange))


def _counts(changes: Iterable[Change]) -> dict[str, int]:
    every = list(changes)
    return {
        "changed": sum(change.is_changed for change in every),
        "added": sum(change.is_added and not change.is_split_off and not change.is_translation for change in every),
        "translated": sum(change.is_translation for change in every),
        "split": sum(change.is_split_off and not change.is_translation for change in every),
        "removed": sum(change.is_removed and not change.is_joined for change in every),
        "joined": sum(change.is_joined for change in every),
        "moved": sum(change.is_moved for change in every),
        "exchanged": sum(bool(change.came or change.went) for change in every),
    }


def difference(proposal: Proposal, language: str, old: int, new: int) -> Page:
    """The page; `old` (0: nothing) is not later than `new`, and both are there. Five queries at most."""
    before, after = (queries.state_at(proposal, language, number) for number in (old, new))
    acts = chronicle.revisions_between(proposal, old, new, _MOST_ACTS)
    edited = chronicle.edited_languages(proposal, after=old, until=new)
    others = [link(proposal, old, new, code) for code in edited if code != language]
    found = compared(before, after, passing.between(proposal, old, new) if old else ())
    shown = _Shown(revision_url(proposal, old), revision_url(proposal, new), _Words(before, after, found), proposal)
    rows = [shown.row(row) for row in found]
    if not any(isinstance(row, ShownChange) for row in rows):
        rows = []
    own_name = languages.OWN_NAMES[language]
    return Page(own_name, rows, before.has_text, after.has_text, acts, new - old - len(acts), others)


class Draft(NamedTuple):
    """What publishing a draft would change: the rows, and how many of each kind."""

    rows: list[ShownChange | ShownPlace]
    counts: dict[str, int]


def of_draft(proposal: Proposal, now: Working) -> Draft:
    """What differs between the draft and what is published, each text in the language that it was written in."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug}
    old, new = states(proposal, now)
    found = compared(old, new, passing.in_draft(proposal, now))
    as_published, as_draft = (reverse(f"proposals:{page}", kwargs=names) for page in ("text", "edit_preview"))
    shown = _Shown(as_published, as_draft, _Words(old, new, found))
    rows = [shown.row(row) for row in found]
    return Draft(rows, _counts(row.change for row in rows if isinstance(row, ShownChange)))


def earlier(proposal: Proposal, language: str, number: int) -> str:
    """The difference that ends with revision `number`: from the last one before it that changed the language."""
    before = chronicle.neighbour(proposal, language, number, is_later=False)
    return difference_url(proposal, before, number) if number else ""


def later(proposal: Proposal, language: str, number: int) -> str:
    """The difference that begins with revision `number`: to the next one that changed the language, if any."""
    after = chronicle.neighbour(proposal, language, number, is_later=True)
    return difference_url(proposal, number, after) if after else ""


class _Words:
    """What units are called that others name: by their words in the older state, or in the newer one; and which of
    them stand among the rows."""

    def __init__(self, old: State, new: State, rows: Iterable[Row]) -> None:
        self.old, self.new = ({item.key[1]: item for item in state.items} for state in (old, new))
        self.rows = {row.item.key[1] for row in rows if isinstance(row, Change)}

    def of(self, unit: int) -> Named:
        """The first words of a unit, or that it is one where it has none in this language."""
        item = self.old.get(unit) or self.new.get(unit)
        if item is None:
            return Named(_("without words in this language"), get_language() or "en")
        return first_words(item.text, item.language)


class _Shown:
    """Makes rows of the page of rows of the comparison; with the addresses of what is older and of what is newer."""

    def __init__(self, old: str, new: str, words: _Words, lasting: Proposal | None = None) -> None:
        self._old, self._new, self._words, self._lasting = old, new, words, lasting
        self._count = 0

    def row(self, row: Row) -> ShownChange | ShownPlace:
        if isinstance(row, Unchanged):
            return ShownPlace(len(row.items), _at(self._new, row.items[0]))
        if isinstance(row, MovedFrom):
            return ShownPlace(0, f"#{_anchor(row.item)}", f"from-{_anchor(row.item)}")
        return self._change(row)

    def _change(self, change: Change) -> ShownChange:
        self._count += 1
        item, was = change.item, change.before
        return ShownChange(
            self._count,
            change,
            _what(change),
            [
                *(self._kin(one, one.source, is_source=False) for one in change.came),
                *(self._kin(one, one.target, is_source=True) for one in change.went),
            ],
            capfirst(_("phase") if item.is_phase else str(UnitKind(item.entry["kind"]).label)),
            _anchor(item),
            marked(change.pieces),
            [_told(detail, item) for detail in change.details],
            _named(item.section),
            _named(was.section) if was and change.left_section else None,
            _at(self._new, change.after),
            _at(self._old, was),
            unit_url(self._lasting, item.entry["id"]) if self._lasting and not item.is_phase else "",
        )

    def _kin(self, passed: Passed, other: int, *, is_source: bool) -> Kin:
        url = unit_url(self._lasting, other) if self._lasting else ""
        if other in self._words.rows:
            url = f"#{anchor_of(other)}"
        return Kin(said_of_kin(passed.kind, is_source=is_source), url, self._words.of(other))


def _what(change: Change) -> str:
    """What became of it, in a word."""
    names = {
        pgettext("paragraph", "Translated"): change.is_translation,
        pgettext("paragraph", "Split off"): change.is_split_off,
        pgettext("paragraph", "Added"): change.is_added,
        pgettext("paragraph", "Joined into another"): change.is_joined,
        pgettext("paragraph", "Removed"): change.is_removed,
        pgettext("paragraph", "Moved and changed"): change.is_moved and change.is_changed,
        pgettext("paragraph", "Moved"): change.is_moved,
        pgettext("paragraph", "Split"): change.is_only_exchanged and not change.came,
        pgettext("paragraph", "Joined with another"): change.is_only_exchanged and not change.went,
    }
    return next((name for name, is_so in names.items() if is_so), pgettext("paragraph", "Changed"))


def _anchor(item: Item) -> str:
    """The id of the change's element on this page."""
    return f"{'p' if item.is_phase else 'u'}-{item.key[1]}"


def _at(page: str, item: Item | None) -> str:
    """Where an item is to be read on the page of a revision; a phase at its section's heading. "" for nothing."""
    if item is None:
        return ""
    unit = (item.section.unit if item.section else None) if item.is_phase else item.entry["id"]
    return page if unit is None else f"{page}#{anchor_of(unit)}"


def _named(heading: Heading | None) -> Named | None:
    if heading is None:
        return None
    return Named(plain_text(unit_html(heading.text)), heading.language)


def _told(detail: Detail, item: Item) -> Told:
    is_heading = item.entry["kind"] == UnitKind.HEADING
    labels = {
        "kind": _("Kind"),
        "depth": _("Level of the heading") if is_heading else _("Level in the list"),
        "ordered": _("List"),
        "number": _("Number"),
        "opens_on": _("First day"),
        "closes_on": _("Last day"),
    }
    return Told(labels[detail.name], *(_value(detail.name, value) for value in (detail.before, detail.after)))


def _value(name: str, value: Any) -> str:
    if value is None:
        return _("none")
    match name:
        case "kind":
            return str(UnitKind(value).label)
        case "ordered":
            return _("with numbers") if value else _("without numbers")
        case "depth":
            return str(value + 1)
        case "opens_on" | "closes_on":
            return dates.day_text(date.fromisoformat(value))
    return str(value)
