"""The groups of fields of an application: which field belongs to which, and what of it was typed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from recruitment.enums import Group
from taskforce.core.errors import Invalid
from taskforce.core.text import digest

# {name of a field: what was typed in it, as a list}; fields in which nothing stands are left out.
Fields = Mapping[str, Sequence[str]]

# By how their names begin; whatever else there is are answers.
_BEGINNINGS = {
    Group.PROFILE: ("profile-",),
    Group.DEMOGRAPHICS: ("about-",),
    Group.IDENTITY: ("name", "wiki_name", "publish_", "not-"),
}
# A version is a small whole number, with as much of a digest as tells two texts of one person apart.
_DIGITS = 12
_LONGEST_NUMBER = 9
LONGEST_TOKEN = _LONGEST_NUMBER + 1 + _DIGITS


class Token(NamedTuple):
    """On what a group was typed: the version that was stored, and a digest of what was shown of it ("": unknown)."""

    version: int
    shown: str = ""


def group_of(name: str) -> Group:
    """The group of the field with this name."""
    return next((group for group, begin in _BEGINNINGS.items() if name.startswith(begin)), Group.ANSWERS)


def for_script() -> str:
    """How the names of the fields of each group begin, as JSON; all others are answers."""
    return json.dumps({str(group): list(begin) for group, begin in _BEGINNINGS.items()})


def version_name(group: Group) -> str:
    """The name of the hidden field with the version of a group."""
    return f"version-{group}"


def by_group(fields: Iterable[tuple[str, Sequence[str]]]) -> dict[Group, dict[str, list[str]]]:
    """What was typed, by group; each group is there, and nothing that is empty."""
    found: dict[Group, dict[str, list[str]]] = {group: {} for group in Group}
    for name, values in fields:
        if any(values):
            found[group_of(name)][name] = list(values)
    return found


def token(version: int, shown: Fields) -> str:
    """What a form carries of a group: the version on which it is typed, and a digest of what it shows."""
    return f"{version}-{_short(shown)}"


def read_token(raw: str) -> Token:
    """The token of a group that came with a form; `Invalid` for a damaged one. What is empty has lost what it said:
    whatever is stored is newer."""
    if not raw:
        return Token(0)
    number, _stroke, shown = raw.partition("-")
    is_ours = len(raw) <= LONGEST_TOKEN and len(number) <= _LONGEST_NUMBER and number.isdecimal() and number.isascii()
    if not is_ours or not (shown == "" or shown.isalnum()):
        raise Invalid(_("The form's version is damaged. Load the form again and send it once more."))
    return Token(int(number), shown)


def readable(raw: str) -> str:
    """The token of a group as it came, or where it is damaged one of what is long over: whatever is stored is newer."""
    try:
        read_token(raw)
    except Invalid:
        return "0"
    return raw


def is_untouched(seen: Token | None, typed: Fields) -> bool:
    """Whether the form came back as it was shown in this group: whoever sent it has changed nothing there."""
    return seen is not None and seen.shown != "" and seen.shown == _short(typed)


def _short(fields: Fields) -> str:
    return digest({name: list(values) for name, values in fields.items()})[:_DIGITS]
