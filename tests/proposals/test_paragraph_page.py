"""The page of a paragraph reads what it shows and no more, and its "[1]" leads to the note."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from proposals import paragraphs, queries
from proposals.around import around
from proposals.models import Proposal
from proposals.services import import_page, save_translation, save_translations
from taskforce.accounts.models import User
from taskforce.core import languages
from tests.clients import Client
from tests.conftest import Clock
from tests.proposals.conftest import T
from tests.proposals.editing import AT, coordinator, piece_with
from tests.proposals.pages import long_body, page
from tests.proposals.test_restoring import change, remove

WORK = "Some work is done already.[1] More would help."
BASE = f"/en/tf/{T}/proposals/proposal/"


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


@contextmanager
def read() -> Iterator[list[int]]:
    """How many rows each statement returned."""
    found: list[int] = []

    def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        found.append(max(context["cursor"].rowcount, 0))
        return answer

    with connection.execute_wrapper(counted):
        yield found


@pytest.mark.long
def test_it_costs_the_same_however_large_the_text_is(clock: Clock, client: Client) -> None:
    """As many statements, and as many rows of them all: for few units and saves, and for many."""
    cost = {}
    for units in (10, 60):
        slug = f"t{units}"
        proposal = import_page(page(long_body(units)), task_force=slug, at=AT).proposal
        somebody = coordinator(proposal, slug.upper())
        first, *others = [unit.pk for unit in queries.live_units(proposal) if unit.kind == "paragraph"]
        save_translation(first, "ar", "ترجمة", editor=somebody, at=AT)
        for number in range(units // 5):
            save_translations(proposal.pk, "ar", dict.fromkeys(others, f"{number}"), editor=somebody, at=AT)
        assert client.get(f"/ar/tf/{slug}/proposals/proposal/u/{first}/").status_code == 200
        with read() as rows:
            assert client.get(f"/ar/tf/{slug}/proposals/proposal/u/{first}/").status_code == 200
        cost[units] = (len(rows), sum(rows))
    assert cost[10] == cost[60]
    assert cost[10][1] < 40


def test_rows_are_counted(text: Proposal) -> None:
    """What the test above would see of a page that reads the whole text."""
    with read() as rows:
        queries.page(text, "en")
    assert sum(rows) > 2 * len(queries.live_units(text))


@pytest.mark.long
def test_its_own_saves_are_bounded_too(text: Proposal, editor: User, client: Client) -> None:
    """The last thirty are read; how many came before is counted."""
    unit = piece_with(text, WORK).unit or 0
    for number in range(33):
        save_translation(unit, ("ar", "de")[number % 2], f"t {number}", editor=editor, at=AT)
    client.get(f"{BASE}u/{unit}/")
    with read() as few:
        client.get(f"{BASE}u/{unit}/")
    for number in range(5):
        save_translation(unit, "ar", f"more {number}", editor=editor, at=AT)
    with read() as more:
        shown = client.get(f"{BASE}u/{unit}/").content.decode()
    assert (len(more), sum(more)) == (len(few), sum(few))
    assert "9 earlier ones in the history" in shown


@pytest.mark.long
def test_what_stands_around_says_what_the_text_says(text: Proposal, editor: User) -> None:
    """Its title and shares, in every language: translated, outdated, minor, with the title in some, and without one."""

    def compared() -> None:
        for code in languages.CODES:
            reading = queries.page(text, code)
            said = around(text, code)
            assert said.title == (reading.title.plain if reading.title else "")
            assert said.percents == reading.percents

    compared()
    units = queries.live_units(text)
    save_translations(text.pk, "ar", {unit.pk: f"ar {unit.pk}" for unit in units[:4]}, editor=editor, at=AT)
    save_translation(units[0].pk, "zh-hans", "示范*小组*", editor=editor, at=AT)
    compared()
    change(text, editor, WORK, "Changed.")
    change(text, editor, "示範小組", "示範小組二")
    compared()
    remove(text, editor, "Changed.")
    compared()


def test_a_text_without_a_title_has_one_in_words(text: Proposal, editor: User, client: Client) -> None:
    """As on its own page; nothing of it is written yet."""
    text.units.filter(kind="title").update(removed_in=1)
    assert around(text, "en").title == ""
    assert "Text without a title" in client.get(f"{BASE}history/").content.decode()


# --- notes -----------------------------------------------------------------------------------------------------------


def leads(client: Client, unit: int, language: str = "en") -> list[str]:
    """Where its notes lead."""
    shown = client.get(f"{BASE.replace('/en/', f'/{language}/', 1)}u/{unit}/").content.decode()
    return re.findall(r'href="([^"]*#note-[0-9]+)"', shown)


@pytest.mark.long
def test_a_note_leads_to_the_page_that_has_it(text: Proposal, editor: User, client: Client) -> None:
    """Of the text, in the reader's language; of the revision that had it last, once the paragraph is gone."""
    unit = piece_with(text, WORK).unit or 0
    assert leads(client, unit) == [f"{BASE}#note-1"]
    assert 'id="note-1"' in client.get(BASE).content.decode()
    assert leads(client, unit, "ar") == [f"{BASE.replace('/en/', '/ar/', 1)}#note-1"]
    remove(text, editor, WORK)
    remove(text, editor, "A short note.")
    assert leads(client, unit) == [f"{BASE}r/1/#note-1"]
    assert 'id="note-1"' in client.get(f"{BASE}r/1/").content.decode()


@pytest.mark.long
def test_what_is_no_note_leads_nowhere(text: Proposal, editor: User, client: Client) -> None:
    """A number that no note has, however large; the note itself; one that has gone while the paragraph stands."""
    unit = piece_with(text, WORK).unit or 0
    change(text, editor, WORK, "Some work.[7][999999][99999999999999999999][1]")
    assert leads(client, unit) == [f"{BASE}#note-1"]
    remove(text, editor, "A short note.")
    assert leads(client, unit) == []


def test_a_quote_leads_to_the_notes_of_its_page(text: Proposal, editor: User) -> None:
    """On whichever page it stands: of the text in the reader's language, and of the revision that had it last. So does
    what was written as a link to a place of the page."""
    unit = text.units.get(pk=piece_with(text, WORK).unit or 0)
    change(text, editor, WORK, 'Some.[1] [See](#note-1), "<a href="#x">".')
    for code in ("en", "ar"):
        with override(code):
            shown = paragraphs.quoted(unit, code).shown
        assert shown
        page = BASE.replace("/en/", f"/{code}/", 1)
        assert re.findall(r'<a href="([^"]*)"', shown.html) == [f"{page}#note-1"] * 2
        assert '"&lt;a href="#x"&gt;"' in shown.html
    remove(text, editor, 'Some.[1] [See](#note-1), "<a href="#x">".')
    remove(text, editor, "A short note.")
    unit.refresh_from_db()
    shown = paragraphs.quoted(unit, "en").shown
    assert shown
    assert re.findall(r'<a href="([^"]*)"', shown.html) == [f"{BASE}r/2/#note-1"] * 2


@pytest.mark.parametrize(("kind", "called"), [("heading", "章節標題"), ("list-item", "列表項目"), ("note", "註釋")])
def test_its_title_says_what_it_is(text: Proposal, client: Client, kind: str, called: str) -> None:
    """With the colon of the page's language."""
    unit = text.units.filter(kind=kind)[0].pk
    shown = client.get(f"{BASE.replace('/en/', '/zh-hant/', 1)}u/{unit}/").content.decode()
    assert f"<title>{called}：" in " ".join(shown.split()).replace("<title> ", "<title>")
