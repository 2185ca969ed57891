"""Where a canary may turn up, by the map, and what is wrong with where it does."""

import base64
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from taskforce.core import personal
from taskforce.core.logs import JsonFormatter, TextFormatter
from taskforce.core.personal import Place, Row
from tests.privacy.planting import MARK, Canaries, Field

_LINKS = ("/mine/", "subscriptions/manage/", "subscriptions/leave/", "subscriptions/confirm/")
_OWN = ("accounts/", "join/application", "subscriptions/", *_LINKS)


# What the people of the demonstration are, by the first part of their address.
_ROLES = {"reviewer1": "reviewer", "privacy": "data-officer", "admin": "administrator"}


class Book:
    """Each word with the rows of the map that say where it may be: those of every field in which it lies."""

    def __init__(self, canaries: Canaries, lies_in: Iterable[tuple[Field, str]]) -> None:
        self._names = {word: ".".join(place) for place, word in canaries.words.items()}
        rows: dict[Field, Row] = {(row.model, name): row for row in personal.rows() for name in row.fields}
        self.rows: dict[str, list[Row]] = {word: [rows[place]] for place, word in canaries.words.items()}
        self.unmapped: set[str] = set()
        for place, text in lies_in:
            for word in self.found(text):
                if place in rows:
                    self.rows[word].append(rows[place])
                else:
                    self.unmapped.add(f"{'.'.join(place)} holds {self.name(word)}")

    def name(self, word: str) -> str:
        """The field that a word was planted in."""
        return self._names[word]

    def found(self, text: str) -> list[str]:
        """The words in a text."""
        lowered = text.lower()
        return [word for word in self.rows if word in lowered] if MARK in lowered else []

    def found_coded(self, text: str) -> list[str]:
        """The same, also where somebody has hidden them in base64."""
        hidden = [word for word in self.rows if any(form in text for form in _base64(word))]
        return sorted({*self.found(text), *hidden})

    def forbidden(self, text: str, role: str, place: Place, *, is_own: bool) -> list[str]:
        """The fields whose words stand there and may not."""
        return [
            self.name(word)
            for word in self.found(text)
            if not any(row.allows(_ROLES.get(role, role), place, is_own=is_own) for row in self.rows[word])
        ]

    def hidden_from(self, role: str) -> list[str]:
        """The words that a role may not meet on the staff side."""
        return [
            word
            for word, rows in self.rows.items()
            if not any(row.allows(_ROLES.get(role, role), Place.STAFF, is_own=False) for row in rows)
        ]


@cache
def _base64(word: str) -> tuple[str, ...]:
    """How a word looks inside base64, at each of the three places where it can begin."""
    coded = (base64.b64encode(b"\x00" * shift + word.encode()).decode().rstrip("=") for shift in range(3))
    return tuple(raw[4 if shift else 0 : len(raw) - 2] for shift, raw in enumerate(coded))


def held_in(text: str, word: str) -> bool:
    """Whether a word stands in a text, plainly or in base64."""
    return word in text.lower() or any(form in text for form in _base64(word))


def place_of(path: str) -> Place:
    """What kind of page an address leads to."""
    if "/admin/" in path:
        return Place.STAFF
    return Place.OWN if any(part in path for part in _OWN) else Place.PUBLIC


def answer_problems(book: Book, response: Any, path: str, role: str, *, is_own: bool) -> list[str]:
    """What an answer says that it may not: in its body by the map, in its headers nothing at all."""
    body = response.getvalue().decode("utf-8", "replace") if not response.streaming else ""
    place = place_of(path)
    if place is Place.PUBLIC and "public" not in response.headers.get("Cache-Control", ""):
        place = Place.OWN  # made for its reader alone, who is greeted by name
    found = [f"{name} stands there" for name in book.forbidden(body, role, place, is_own=is_own)]
    headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    found += [f"{book.name(word)} is in a header" for word in book.found_coded(headers)]
    found += [f"{book.name(word)} is in a cookie" for word in book.found_coded(response.cookies.output())]
    return [f"{role} {path}: {problem}" for problem in found]


class Lines(logging.Handler):
    """Everything that is logged, as both formats would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._formats = (TextFormatter(), JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        # Each formatter would reuse what the other has made of an error.
        for formatter in self._formats:
            record.exc_text = None
            self.lines.append(formatter.format(record))
        record.exc_text = None


@contextmanager
def listening() -> Iterator[Lines]:
    """What is logged meanwhile, by whomever."""
    handler = Lines()
    logging.getLogger().addHandler(handler)
    try:
        yield handler
    finally:
        logging.getLogger().removeHandler(handler)
