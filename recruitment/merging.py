"""Three texts of a group of fields: what stood there, what was typed over it, and what is stored by now.

A form says of each field what it was shown with by a short digest (`marks`), so that what only one side has changed
merges by itself, and somebody has to choose only where both have.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from django.http import QueryDict

from recruitment import groups
from recruitment.enums import Group
from taskforce.core.text import digest

# As much of a digest as tells two texts of one person apart.
_DIGITS = 10
# More than the longest form has marks.
_MOST_MARKS = 10_000
# Where the script of the form finds that it was chosen, with as much of the names of those fields as an address takes.
_DONE = "merged"
_LONGEST_DONE = 4000
# The field by which a form names the groups of which something was sent from it that nobody answered.
UNHEARD = "unheard"
# The fields of the page on which somebody chooses: which fields those are, and for each of them both texts, a third one
# under its own name, and what was chosen.
TORN = "torn"
MINE, STORED, OWN, CHOICE = "mine-", "stored-", "", "choose-"


class Merged(NamedTuple):
    """A group as it should be stored, with what was typed now in the fields that are `torn`: what is stored of those is
    another text than both what was typed and what that was typed on."""

    fields: dict[str, list[str]]
    torn: list[str]


def marks_name(group: Group) -> str:
    """The name of the hidden field with the marks of a group."""
    return f"marks-{group}"


def marks(shown: groups.Fields) -> str:
    """What a form carries of what it shows in a group; a field without a mark was empty."""
    return " ".join(f"{name}:{_mark(values)}" for name, values in shown.items() if any(values))


def changed(typed: groups.Fields, sent: str | None) -> set[str]:
    """The fields of a group with another text than the form showed, by its marks (None: it does not say, so those in
    which anything stands)."""
    before = _read(sent or "")
    return {name for name in (*before, *typed) if _mark(typed.get(name, ())) != before.get(name, "")}


def merged(typed: groups.Fields, stored: groups.Fields, sent: str | None) -> Merged:
    """What was typed and what is stored in one; `sent` are the marks of the form (None: it does not say)."""
    before = _read(sent or "")
    fields: dict[str, list[str]] = {}
    torn = []
    for name in dict.fromkeys((*stored, *typed)):
        mine, theirs = typed.get(name, ()), stored.get(name, ())
        was = before.get(name, "")
        is_mine = _said(mine) != _said(theirs) and (sent is None or _mark(mine) != was)
        becomes = mine if is_mine else theirs
        if is_mine and (sent is None or _mark(theirs) != was):
            torn.append(name)
        if any(becomes):
            fields[name] = list(becomes)
    return Merged(fields, torn)


def chosen(posted: QueryDict) -> tuple[QueryDict, bool]:
    """The form as it would have come if whoever chose between two texts had typed the one they chose, and whether they
    did so for each field. Where they did not, it is torn as before; what is no such page is as it came.
    """
    torn = posted.getlist(TORN)
    if not torn:
        return posted, True
    made, open_ones = posted.copy(), set()
    for name in torn:
        begins = {"mine": MINE, "stored": STORED, "own": OWN}.get(posted.get(CHOICE + name, ""))
        if begins is None and _said(posted.getlist(name)) not in ([], _said(posted.getlist(MINE + name))):
            # Whoever has written a third one has chosen it.
            begins = OWN
        if begins is None:
            open_ones.add(name)
        made.setlist(name, posted.getlist((MINE if begins is None else begins) + name))
    for group in {groups.group_of(name) for name in open_ones}:
        # Typed on what is long over, whatever it was.
        made[groups.version_name(group)] = "0"
        marked = {
            name: mark for name, mark in _read(posted.get(marks_name(group), "")).items() if name not in open_ones
        }
        marked |= {name: "?" for name in open_ones if groups.group_of(name) == group}
        made[marks_name(group)] = " ".join(f"{name}:{mark}" for name, mark in marked.items())
    return made, not open_ones


def is_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether both say the same in a field."""
    return _said(one) == _said(other)


def done(posted: QueryDict) -> str:
    """The fragment of the page after the choice: from which fields somebody has chosen."""
    return f"{_DONE}={quote(','.join(posted.getlist(TORN)), safe=',')[:_LONGEST_DONE]}"


def _said(values: Sequence[str]) -> list[str]:
    """Without what browsers do to the ends of lines."""
    return [value.replace("\r\n", "\n").replace("\r", "\n") for value in values if value]


def _mark(values: Sequence[str]) -> str:
    said = _said(values)
    return digest(said)[:_DIGITS] if said else ""


def _read(sent: str) -> Mapping[str, str]:
    pairs = (one.rpartition(":") for one in sent[:_MOST_MARKS].split())
    return {name: mark for name, _colon, mark in pairs if name}
