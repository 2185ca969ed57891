"""The numbers of notes: each shows the one by which the text leads to it, wherever it was written."""

import re
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals import loose_notes, queries, working
from proposals.drafting.copies import Shape
from proposals.models import Proposal
from proposals.rendering import cited
from proposals.services import buttons, drafts, import_page, save_translation, save_translations
from proposals.services.drafts import Typed
from taskforce.accounts.models import User
from tests.clients import Client
from tests.conftest import Clock
from tests.proposals import pages
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, published, text_of

PAGE = f"/en/tf/{T}/proposals/proposal/"
CITING = "Some work is done already.[1] More would help."


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def lists_of_notes(client: Client, address: str = PAGE) -> list[list[tuple[str, str]]]:
    """Of each list of notes on a page the numbers, each with the first word of its note."""
    made = client.get(address).content.decode()
    lists = re.findall(r'<ol class="pt-references">(.*?)</ol>', made, re.S)
    assert made.count("pt-references") == len(lists)
    return [re.findall(r'<li class="[^"]*" id="[^"]*" value="(\d+)">\s*<div [^>]*>(\w+)', one) for one in lists]


def add_note(text: Proposal, editor: User, behind: str, words: str) -> None:
    drafts.change(text.pk, partial(buttons.add_after, key=piece_with(text, behind).key), editor=editor, at=AT)
    (new,) = [piece for piece in copy_of(text).pieces() if piece.kind == "note" and not piece.text]
    drafts.save(text.pk, {new.key: Typed(words, None, new.token)}, None, editor=editor, at=AT)


def write(text: Proposal, editor: User, was: str, words: str, shape: Shape | None = None) -> None:
    piece = piece_with(text, was)
    drafts.save(text.pk, {piece.key: Typed(words, shape, piece.token)}, None, editor=editor, at=AT)


def test_with_a_gap(clock: Clock, client: Client) -> None:
    """As a page has them that was imported: 1 and 3, on every page that has the text."""
    body = f"{pages.BODY}\n[3] Third of them.\n"
    import_page(pages.page(body, title="Sample"), task_force=T, at=AT)
    for address in (PAGE, f"{PAGE}r/1/"):
        assert lists_of_notes(client, address) == [[("1", "A"), ("3", "Third")]]
    note = Proposal.objects.get(slug="proposal").units.get(kind="note", number=3)
    assert "[3] Third of them." in text_of(client.get(f"{PAGE}u/{note.pk}/"))


def test_written_here(text: Proposal, editor: User, client: Client) -> None:
    """Also where the list begins with a paragraph that became a note, and where one is moved to the front."""
    add_note(text, editor, "A short note.", "Second note.")
    drafts.change(text.pk, partial(buttons.up, key=piece_with(text, "Second note.").key), editor=editor, at=AT)
    write(text, editor, "Write a definition", "Define it", Shape("note"))
    published(text, editor)
    assert lists_of_notes(client) == [[("3", "Define")], [("2", "Second"), ("1", "A")]]
    assert lists_of_notes(Desk(editor).client, f"{PAGE}edit/preview/") == lists_of_notes(client)


def test_one_that_is_gone(text: Proposal, editor: User) -> None:
    """Its number stays in the text: whoever publishes is told, and may do so all the same."""
    desk = Desk(editor)
    drafts.change(text.pk, partial(buttons.remove, key=piece_with(text, "A short note.").key), editor=editor, at=AT)
    shown = desk.get("publish/")
    assert "“[1]” leads to no note." in text_of(shown)
    assert f"#e-{piece_with(text, CITING).key}" in shown.content.decode()
    published(text, editor)
    # What is published like that is nothing new; what is written now is.
    write(text, editor, "Draft a plan", "Draft it.[1]")
    assert [(one.piece.text, one.text) for one in loose_notes.in_draft(working.working(text))] == [
        ("Draft it.[1]", "“[1]” leads to no note.")
    ]


def test_what_leads_to_a_note_is_no_warning(text: Proposal, editor: User) -> None:
    write(text, editor, "Draft a plan", "Draft `[7]` and [8](https://wiki.example/) and [2022] again.[1]")
    assert loose_notes.in_draft(working.working(text)) == []
    assert "leads to no note" not in text_of(Desk(editor).get("publish/"))


def loose_translations(text: Proposal) -> dict[str, list[Any]]:
    return {
        code: [tuple(one) for one in found]
        for code, found in loose_notes.in_translations(working.working(text)).items()
    }


def test_translations_that_lead_to_no_note(text: Proposal, editor: User) -> None:
    """By language, with the way to where they are translated; not what the published source says as well."""
    unit, plan = (piece_with(text, words).unit or 0 for words in (CITING, "Draft a plan"))
    save_translation(unit, "ar", "عمل.[1]", editor=editor, at=AT)
    assert loose_translations(text) == {}
    assert "In translations" not in text_of(Desk(editor).get("publish/"))
    save_translation(plan, "de", "Plan.[7] `[8]`", editor=editor, at=AT)
    drafts.change(text.pk, partial(buttons.remove, key=piece_with(text, "A short note.").key), editor=editor, at=AT)
    expected = {"ar": [(unit, "عمل.[1]", [1])], "de": [(plan, "Plan.[7] `[8]`", [7])]}
    assert loose_translations(text) == expected
    shown = Desk(editor).get("publish/")
    assert "Plan.[7] [8] : “[7]” leads to no note." in text_of(shown)
    assert f'href="/ar/tf/{T}/proposals/proposal/translate/?unit={unit}#u{unit}"' in shown.content.decode()
    published(text, editor)
    assert loose_translations(text) == {"de": expected["de"]}


def test_translations_that_come_back(text: Proposal, editor: User) -> None:
    """What they said then is looked at, not what they say now."""
    unit = piece_with(text, CITING).unit or 0
    then = save_translation(unit, "ar", "عمل.[1]", editor=editor, at=AT)
    assert then
    write(text, editor, CITING, "Changed.")
    published(text, editor)
    save_translation(unit, "ar", "تغير.", editor=editor, at=AT)
    drafts.restore(text.pk, then.number, editor=editor, at=AT)
    assert loose_translations(text) == {}
    drafts.change(text.pk, partial(buttons.remove, key=piece_with(text, "A short note.").key), editor=editor, at=AT)
    assert loose_translations(text) == {"ar": [(unit, "عمل.[1]", [1])]}


def test_translations_are_asked_for_at_once(text: Proposal, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are; so many of a language are listed."""
    units = [unit.pk for unit in queries.live_units(text) if unit.kind == "list-item"]
    monkeypatch.setattr(loose_notes, "MOST", 1)
    for codes in (["ar"], ["de", "fr", "ja"]):
        for code in codes:
            save_translations(text.pk, code, dict.fromkeys(units, "x[7]"), editor=editor, at=AT)
        now = working.working(text)
        with CaptureQueriesContext(connection) as caught:
            found = loose_notes.in_translations(now)
        assert len(caught) == 1
    assert {code: len(each) for code, each in found.items()} == {"ar": 1, "de": 1, "fr": 1, "ja": 1}


@pytest.mark.parametrize(
    ("said", "numbers"),
    [("a[1] b[12]", {1, 12}), ("`[1]`", set()), ("[1](https://wiki.example/)", set()), ("[1", set()), ("[1234]", set()),
     ("[" * 20_000 + "7]", {7})],
)  # fmt: skip
def test_what_a_text_leads_to(said: str, numbers: set[int]) -> None:
    assert cited(said) == numbers
