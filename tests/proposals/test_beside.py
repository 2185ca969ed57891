"""Whoever edits a text in a language that they may not know reads its translation beside it, wherever they choose."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals import queries
from proposals.models import Proposal
from proposals.services import drafts, save_translation, save_translations
from proposals.services.drafts import Typed
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, section_of

CITING = "Some work is done already.[1] More would help."
PAGE = f"/ar/tf/{T}/proposals/proposal/"


def test_beside_each_field_and_in_each_list(text: Proposal) -> None:
    """The heading too; numbers of notes lead nowhere here, other links to places lead to the text."""
    editor = coordinator(text)
    desk, tail = Desk(editor), section_of(text, CITING)
    before = desk.get(tail, "ar").content.decode()
    assert "تفاصيل" not in before
    units = {words: piece_with(text, words).unit or 0 for words in ("Details", CITING)}
    save_translation(units["Details"], "ar", "تفاصيل", editor=editor, at=AT)
    save_translation(units[CITING], "ar", "عمل.[1] [هنا](#note-1)", editor=editor, at=AT)
    shown = desk.get(tail, "ar").content.decode()
    assert shown.count('<div class="pt-edit__quoted">تفاصيل</div>') == 1
    assert f'<div class="pt-edit__quoted">عمل.[1] <a href="{PAGE}#note-1"' in shown
    # Under the title of the page, in the list of sections, beside the field.
    assert shown.count("تفاصيل") == 3
    assert "تفاصيل" not in desk.get(tail, "en").content.decode()
    assert "تفاصيل" in desk.get("", "ar").content.decode()
    assert "تفاصيل" in desk.get(f"place/{piece_with(text, 'Draft a plan').key}/", "ar").content.decode()


def test_a_long_one_is_named_by_its_first_words_where_it_is_moved(text: Proposal) -> None:
    """The whole of it would push the form out of sight."""
    editor = coordinator(text)
    piece = piece_with(text, CITING)
    save_translation(piece.unit or 0, "ar", "كلمة " * 400 + "آخرا", editor=editor, at=AT)
    shown = Desk(editor).get(f"place/{piece.key}/", "ar").content.decode()
    assert "كلمة كلمة" in shown
    assert "آخرا" not in shown


def test_what_it_was_made_of(text: Proposal) -> None:
    """Said where the field has other words by now, in the draft or published."""
    editor = coordinator(text)
    desk, tail, piece = Desk(editor), section_of(text, CITING), piece_with(text, CITING)
    save_translation(piece.unit or 0, "de", "Arbeit.[1]", editor=editor, at=AT)
    assert _older(desk.get(tail, "de")) == [False]
    save_translation(piece.unit or 0, "en", "Published words.", editor=editor, at=AT)
    assert _older(desk.get(tail, "de")) == [True]
    save_translation(piece.unit or 0, "de", "Gesagt.", editor=editor, at=AT)
    assert _older(desk.get(tail, "de")) == [False]
    written = piece_with(text, "Published words.")
    drafts.save(text.pk, {piece.key: Typed("Other words.", None, written.token)}, None, editor=editor, at=AT)
    assert _older(desk.get(tail, "de")) == [True]


def _older(response: Any) -> list[bool]:
    """Of each translation on a page whether it is of other words."""
    found = [row.beside.is_older for row in response.context["rows"] if row.beside]
    assert response.content.decode().count('<div class="pt-edit__quoted">') == len(found)
    return found


@pytest.mark.parametrize("tail", ["", "s/{part}/", "place/{piece}/"])
def test_the_same_number_of_queries(text: Proposal, tail: str) -> None:
    """With one translation and with all of them."""
    editor = coordinator(text)
    piece = piece_with(text, CITING)
    address = tail.format(part=copy_of(text).place(piece.key)[0].key, piece=piece.key)
    units = [unit.pk for unit in queries.live_units(text)]
    counts = []
    for some in (units[:1], units):
        save_translations(text.pk, "ar", dict.fromkeys(some, "نص"), editor=editor, at=AT)
        desk = Desk(editor)
        desk.get(address, "ar")
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(address, "ar").status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]
