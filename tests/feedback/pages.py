"""A visitor of the tests: reads a page's main form as a browser without JavaScript would."""

from html.parser import HTMLParser
from itertools import count
from typing import Any

import pytest

from taskforce.limits import table
from taskforce.limits.models import Counter
from tests.clients import Client

_counted = count(1)
WINDOW = "/{language}/tf/leadership-development/feedback/responsibilities/"


def address(language: str = "en") -> str:
    """The window's page in a language."""
    return WINDOW.format(language=language)


def limited(patch: pytest.MonkeyPatch, most: int) -> None:
    """One address may send so many texts, of which the last is held."""
    patch.setattr(table, "FEEDBACK", table.FEEDBACK._replace(most=most - 1))
    patch.setattr(table, "HELD_FEEDBACK", table.HELD_FEEDBACK._replace(most=1))


def counted() -> int:
    """How many texts count for their senders, whether they stand or are held."""
    found = Counter.objects.filter(what__in=[table.FEEDBACK.what, table.HELD_FEEDBACK.what])
    return sum(len(counter.hits) for counter in found)


class _MainForm(HTMLParser):
    """Collects the fields of `form[data-main]` with the values that a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] | None = None
        self.radios: dict[str, list[str]] = {}
        self._inside = False
        self._select = self._textarea = ""
        self._first_option = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and "data-main" in given:
            self._inside, self.fields = True, {}
        if not self._inside or self.fields is None:
            return
        if tag == "input":
            self._input(self.fields, given)
        elif tag == "select":
            self._select, self._first_option = given["name"], True
        elif tag == "option" and (self._first_option or "selected" in given):
            self.fields[self._select] = given.get("value", "")
            self._first_option = False
        elif tag == "textarea":
            self._textarea = given["name"]
            self.fields[self._textarea] = ""

    def _input(self, fields: dict[str, str], given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if kind == "submit":
            # Sent by whoever presses it.
            return
        if kind == "radio":
            self.radios.setdefault(name, []).append(given.get("value", "on"))
        if kind not in ("radio", "checkbox") or "checked" in given:
            fields[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_data(self, data: str) -> None:
        if self._textarea and self.fields is not None:
            self.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.fields is not None:
            self.fields[self._textarea] = self.fields[self._textarea].removeprefix("\n")
            self._textarea = ""
        if tag == "form":
            self._inside = False


def parsed(html: str) -> _MainForm:
    """The main form of a page, with `fields` None where it has none."""
    form = _MainForm()
    form.feed(html)
    return form


def main_form(client: Client, path: str) -> dict[str, str]:
    """The fields of a page's main form."""
    fields = parsed(client.get(path).content.decode()).fields
    assert fields is not None, f"{path} has no main form"
    return fields


def filled(client: Client, path: str | None = None, **changes: Any) -> dict[str, Any]:
    """The fields of a fresh form with a text in each text question, then `changes`."""
    fields: dict[str, Any] = dict(main_form(client, path or address()))
    for name, value in fields.items():
        if name.startswith("q-") and not value:
            fields[name] = "Leaders grow where they are trusted."
    return {**fields, **changes}


def fresh(client: Client, path: str | None = None, **changes: Any) -> dict[str, Any]:
    """As `filled`, in words that nobody has used before."""
    fields = filled(client, path, **changes)
    return {**fields, text_question(fields): f"Leaders grow where they are trusted. {next(_counted)}"}


def text_question(fields: dict[str, Any]) -> str:
    """The name of the first text question of a form."""
    return next(name for name in fields if name.startswith("q-"))
