"""The map of personal data: every field that says something about a person, why it is kept, and where it may be seen.

Each app fills it in `personal_data.py` (called in `AppConfig.ready()`). The privacy page is drawn from it, tests look
for what it forbids, and a field of a model that stands neither here nor among the impersonal ones is an error.
What no row allows is forbidden: no personal value stands in a log line, in the broker, in a cache of pages, in a
header or in an address; only its own person meets it again on a page of an error.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # a text for later, known to the stubs only

    Text = str | _StrPromise

# Readers beside the codes of roles (`accounts.enums.Role`).
ANYBODY = "anybody"
ONESELF = "oneself"
NOBODY: frozenset[str] = frozenset()


@unique
class Place(StrEnum):
    """Where a value may be seen by those who may read it."""

    PUBLIC = "public"  # pages, feeds and open data for everybody
    OWN = "own"  # pages of the person's own: account, application, receipt, choices
    STAFF = "staff"  # pages of the staff side
    OWN_MAIL = "own-mail"  # mails to the person
    OTHER_MAIL = "other-mail"  # mails to somebody else
    DEMO = "demo"  # the mailbox of the demonstration, which shows every mail


@unique
class Erasure(StrEnum):
    """What becomes of a value when its person asks to be forgotten."""

    DELETE = "delete"  # the row goes
    EMPTY = "empty"  # the row stays, the value goes
    RENAME = "rename"  # the row stays, the person in it becomes nobody
    KEEP = "keep"  # stays, for the reason that the row's `kept` gives
    EXPIRE = "expire"  # goes by itself, soon


@dataclass(frozen=True)
class Purpose:
    """What something is kept for, in words for the person it is about; `code` is also its anchor on the page."""

    code: str
    title: "Text"
    why: "Text"
    is_demo: bool = False


@dataclass(frozen=True)
class Row:
    """Fields of one model that are kept for one purpose and treated alike.

    `model` is `app.Model` (or the name of a table without model), `fields` their names, translated ones without
    language. `what` calls them for the person, `kept` says how long. `readers` are codes of roles, `ONESELF` or
    `ANYBODY`; where they meet it say `places`. `is_watched`: every look of staff at it is written down.
    """

    purpose: Purpose
    model: str
    fields: tuple[str, ...]
    what: "Text"
    kept: "Text"
    readers: frozenset[str]
    places: frozenset[Place]
    erasure: Erasure
    is_watched: bool = False

    def allows(self, reader: str, place: Place, *, is_own: bool) -> bool:
        """Whether somebody with this role may meet the value there; `is_own`: it is about themselves."""
        known = ANYBODY in self.readers or reader in self.readers or (is_own and ONESELF in self.readers)
        return known and place in self.places


# The addresses that are a person's own, each with the instant (UTC) since when; before, it may have been another's.
Mailboxes = Mapping[str, datetime]
# What a person is given of their own: a list of plain JSON objects.
Own = Callable[[Any, Mailboxes], list[dict[str, Any]]]


@dataclass(frozen=True)
class Collection:
    """One part of the file that a person can take along; `rows(user, mailboxes)` are theirs and released to them."""

    code: str
    title: "Text"
    rows: Own


@dataclass(frozen=True)
class Cookie:
    """A cookie that the portal sets; `name()` as the settings have it."""

    name: Callable[[], str]
    what: "Text"
    kept: "Text"


_rows: list[Row] = []
_impersonal: dict[str, set[str]] = {}
_unused: set[str] = set()
_collections: dict[str, Collection] = {}
_cookies: list[Cookie] = []


def register(*rows: Row) -> None:
    """Take rows into the map; the same ones again change nothing."""
    _rows.extend(row for row in rows if row not in _rows)


def impersonal(model: str, *fields: str) -> None:
    """Fields of a model that say nothing about a person."""
    _impersonal.setdefault(model, set()).update(fields)


def unused(*models: str) -> None:
    """Models that packages bring and the portal never fills: their tables stay empty."""
    _unused.update(models)


def give(collection: Collection) -> None:
    """Take a part into the file of one's own data."""
    _collections[collection.code] = collection


def plain(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a query (`values()`) as the file of one's own data takes them."""
    return [dict(row) for row in rows]


def sets(*cookies: Cookie) -> None:
    """Say which cookies the portal sets; the same ones again change nothing."""
    _cookies.extend(cookie for cookie in cookies if cookie not in _cookies)


def rows() -> list[Row]:
    """The whole map, in the order of registration."""
    return list(_rows)


def by_purpose() -> Iterator[tuple[Purpose, list[Row]]]:
    """Each purpose with its rows."""
    for purpose in dict.fromkeys(row.purpose for row in _rows):
        yield purpose, [row for row in _rows if row.purpose == purpose]


def mapped(model: str) -> set[str]:
    """The fields of a model that the map is about."""
    return {name for row in _rows if row.model == model for name in row.fields}


def impersonal_fields(model: str) -> set[str]:
    """The fields of a model that are declared to say nothing about a person."""
    return _impersonal.get(model, set())


def declared_models() -> set[str]:
    """Every model, and table without one, that is spoken of."""
    return {row.model for row in _rows} | set(_impersonal) | _unused


def unused_models() -> set[str]:
    """The models that the portal never fills."""
    return set(_unused)


def collections() -> list[Collection]:
    """The parts of the file of one's own data, in the order of registration."""
    return list(_collections.values())


def cookies() -> list[Cookie]:
    """Every cookie that the portal sets."""
    return list(_cookies)
