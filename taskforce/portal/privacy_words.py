"""The map of personal data in words for the person it is about: what the privacy page shows, in the active language."""

from collections.abc import Iterable
from email.utils import parseaddr
from typing import NamedTuple

from babel import lists
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.accounts.enums import Role
from taskforce.core import languages, personal
from taskforce.core.personal import Erasure

# What concerns most people stands first; what is not named here comes after, in the order of the apps.
_FIRST = ("account", "sign-in", "feedback", "application", "following", "mails", "members")


class Kept(NamedTuple):
    """Data that are treated alike: what they are, who reads them, how long they are kept.

    `is_watched`: each look of staff is noted.
    """

    what: list[str]
    readers: str
    kept: str
    is_watched: bool


class Shown(NamedTuple):
    """What is kept for one purpose."""

    code: str
    title: str
    why: str
    rows: list[Kept]


class Cookie(NamedTuple):
    """A cookie by its name."""

    name: str
    what: str
    kept: str


def purposes() -> list[Shown]:
    """Everything that is kept, by purpose; what only the demonstration keeps, only there."""
    found = [
        Shown(purpose.code, str(purpose.title), str(purpose.why), _kept(rows))
        for purpose, rows in personal.by_purpose()
        if settings.DEMO or not purpose.is_demo
    ]
    place = {code: number for number, code in enumerate(_FIRST)}
    return sorted(found, key=lambda one: place.get(one.code, len(_FIRST)))


def cookies() -> list[Cookie]:
    """Every cookie that the portal sets."""
    return [Cookie(one.name(), str(one.what), str(one.kept)) for one in personal.cookies()]


def contact() -> str:
    """The address to write to: the one that all mails come from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _kept(rows: Iterable[personal.Row]) -> list[Kept]:
    """The rows, those that are read by the same people for the same time together."""
    found: dict[tuple[str, str, bool], list[str]] = {}
    for row in rows:
        found.setdefault((readers(row.readers), str(row.kept), row.is_watched), []).append(str(row.what))
    return [Kept(what, *alike) for alike, what in found.items()]


def readers(codes: Iterable[str]) -> str:
    """Who reads something, as one text: you first, then roles in their own order."""
    found = set(codes)
    if personal.ANYBODY in found:
        return _("everybody")
    names = [_("you")] if personal.ONESELF in found else []
    names += [_("all staff")] if found >= set(Role) else [str(role.label) for role in Role if role in found]
    if not names:
        return _("nobody: only the portal itself uses it")
    return lists.format_list(names, locale=languages.locale_of(get_language() or "en"))


class Place(NamedTuple):
    """Where something lies: what it is, and its model with its fields."""

    what: str
    where: str


class Work(NamedTuple):
    """What is to be done with some of what is kept about a person who asks to be forgotten."""

    words: str
    rows: list[Place]


def by_hand() -> list[Work]:
    """The whole map by what becomes of each row at an erasure."""
    words = {
        Erasure.DELETE: _("delete the rows"),
        Erasure.EMPTY: _("empty these fields, keep the rows"),
        Erasure.RENAME: _("keep the rows, take the person out of them"),
        Erasure.EXPIRE: _("nothing to do: it goes by itself"),
        Erasure.KEEP: _("stays, and say so in the answer"),
    }
    found: dict[Erasure, list[Place]] = {each: [] for each in words}
    for row in personal.rows():
        if settings.DEMO or not row.purpose.is_demo:
            found[row.erasure].append(Place(str(row.what), f"{row.model}: {', '.join(row.fields)}"))
    return [Work(words[each], rows) for each, rows in found.items() if rows]
