"""The page of a difference and the entries of a history: what there is to say, ready to be drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from proposals import queries
from proposals.differences.marked import marked
from proposals.differences.units import Change, Detail, Heading, Item, MovedFrom, Row, Unchanged, compared
from proposals.enums import UnitKind
from proposals.models import Proposal, Revision
from proposals.rendering import anchor_of, plain_text, unit_html
from proposals.working import Working, states
from taskforce.core import dates, languages
from taskforce.timeline import describe

# More acts between two revisions than this are counted, not listed.
_MOST_ACTS = 20


def address(proposal: Proposal, old: int, new: int, language: str = "") -> str:
    """The page of the difference between two revisions, in a language (default: the active one)."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, "old": old, "new": new}
    if not language:
        return reverse("proposals:difference", kwargs=names)
    with override(language):
        return reverse("proposals:difference", kwargs=names)


class Link(NamedTuple):
    """A difference in one language: the language's own name, marked as being in it, and the page."""

    language: str
    name: SafeString
    url: str


def link(proposal: Proposal, old: int, new: int, language: str, anchor: str = "") -> Link:
    """To the difference in a language, at an element of it."""
    name = describe.in_language(languages.OWN_NAMES[language], language)
    url = address(proposal, old, new, language)
    return Link(language, name, f"{url}#{anchor}" if anchor else url)


# --- the history -----------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A revision in the history: the languages that it changed with what it changed in each, and the one that it
    translated into, if that is all that there is to say about it."""

    revision: Revision
    changed: list[Link]
    translated_into: SafeString | None


def entries(proposal: Proposal, revisions: Sequence[Revision]) -> list[Entry]:
    """The entries of a page of the history; two queries at most."""
    steps = queries.steps(proposal, revisions)
    translations = queries.translations([act for act in revisions if not act.summary])
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


class Named(NamedTuple):
    """What a section is called, and the language of that; without a name only where it has no heading."""

    text: str
    language: str


@dataclass(frozen=True)
class ShownChange:
    """A change on the page. `number` counts the page's changes; the addresses lead to the unit in the revision that
    has it, `lasting` to what became of it ("" for a phase, and in a draft)."""

    number: int
    change: Change
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
        """How many units were changed, added, removed, moved; one that was moved and changed counts for both."""
        return _counts(row.change for row in self.rows if isinstance(row, ShownChange))


def _counts(changes: Iterable[Change]) -> dict[str, int]:
    every = list(changes)
    return {
        "changed": sum(change.is_changed for change in every),
        "added": sum(change.is_added for change in every),
        "removed": sum(change.is_removed for change in every),
        "moved": sum(change.is_moved for change in every),
    }


def difference(proposal: Proposal, language: str, old: int, new: int) -> Page:
    """The page; `old` (0: nothing) is not later than `new`, and both are there. Four queries at most."""
    before, after = (queries.state_at(proposal, language, number) for number in (old, new))
    acts = queries.revisions_between(proposal, old, new, _MOST_ACTS)
    edited = queries.edited_languages(proposal, after=old, until=new)
    others = [link(proposal, old, new, code) for code in edited if code != language]
    shown = _Shown(_revision(proposal, old), _revision(proposal, new), proposal)
    rows = [shown.row(row) for row in compared(before, after)]
    if not any(isinstance(row, ShownChange) for row in rows):
        rows = []
    own_name = languages.OWN_NAMES[language]
    return Page(own_name, rows, before.has_text, after.has_text, acts, new - old - len(acts), others)


def _revision(proposal: Proposal, number: int) -> str:
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, "number": number}
    return reverse("proposals:revision", kwargs=names)


def unit_url(proposal: Proposal, unit: int) -> str:
    """The page of a paragraph, which it has for ever."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, "unit": unit}
    return reverse("proposals:unit", kwargs=names)


class Draft(NamedTuple):
    """What publishing a draft would change: the rows, and how many of each kind."""

    rows: list[ShownChange | ShownPlace]
    counts: dict[str, int]


def of_draft(proposal: Proposal, now: Working) -> Draft:
    """What differs between the draft and what is published, each text in the language that it was written in."""
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug}
    shown = _Shown(reverse("proposals:text", kwargs=names), reverse("proposals:edit_preview", kwargs=names))
    rows = [shown.row(row) for row in compared(*states(proposal, now))]
    return Draft(rows, _counts(row.change for row in rows if isinstance(row, ShownChange)))


def earlier(proposal: Proposal, language: str, number: int) -> str:
    """The difference that ends with revision `number`: from the last one before it that changed the language."""
    before = queries.neighbour(proposal, language, number, is_later=False)
    return address(proposal, before, number) if number else ""


def later(proposal: Proposal, language: str, number: int) -> str:
    """The difference that begins with revision `number`: to the next one that changed the language, if any."""
    after = queries.neighbour(proposal, language, number, is_later=True)
    return address(proposal, number, after) if after else ""


class _Shown:
    """Makes rows of the page of rows of the comparison; with the addresses of what is older and of what is newer."""

    def __init__(self, old: str, new: str, lasting: Proposal | None = None) -> None:
        self._old, self._new, self._lasting = old, new, lasting
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
