"""Two paragraphs in one field stay one; whoever publishes is told, with the way to the button that splits them."""

import re
import time

import pytest

from proposals import undivided, working
from proposals.models import Proposal
from proposals.services import drafts
from proposals.services.drafts import Typed
from tests.proposals.editing import AT, Desk, coordinator, piece_with, published, text_of

ONE = "One begins here.\n\nAnother follows."


@pytest.mark.parametrize(
    ("text", "is_two"),
    [
        (ONE, True),
        ("One.\n \t\nAnother.", True),
        ("One  \n\nAnother.", True),
        ("*One\n\nanother.*", True),
        ("- a\n\nOne.\n\nAnother.", True),
        ("One.\nThe same.", False),
        ("One.\n\n", False),
        ("One.\n\u3000\nAnother.", True),
        ("One.\n\u00a0\nAnother.", True),
        ("One.\r\n\r\nAnother.", True),
        ("One:\n\n- a\n\n- b", True),
        ("1. a\n\n2) b", True),
        ("One.\n\n2022. was a year.", True),
        ("One:\n- a\n- b", False),
        ("Say `a\n\nb` so.", False),
        ("```\na\n\nb\n```", False),
        ("", False),
    ],
)
def test_what_is_two(text: str, is_two: bool) -> None:
    assert undivided.is_undivided(text) is is_two


@pytest.mark.parametrize("text", ["[" * 20_000 + "\n\nb", "`" * 20_000 + "\n\nb", "a\n\n" * 7_000, "\n" * 20_000])
def test_hostile_text_takes_no_time(text: str) -> None:
    began = time.process_time()
    undivided.is_undivided(text)
    assert time.process_time() - began < 1


def test_whoever_publishes_is_told(text: Proposal) -> None:
    """Of what is new in the draft; the way leads to the button, which does it."""
    editor = coordinator(text)
    desk, piece = Desk(editor), piece_with(text, "Some work is done already.[1] More would help.")
    wide = ONE.replace("\n\n", "\n\u3000\n")
    drafts.save(text.pk, {piece.key: Typed(wide, None, piece.token)}, None, editor=editor, at=AT)
    part = working.working(text).copy.place(piece.key)[0].key
    shown = desk.get("publish/")
    assert "Fields with an empty line" in text_of(shown)
    assert f'edit/s/{part}/?split={piece.key}#e-{piece.key}"' in shown.content.decode()
    opened = desk.get(f"s/{part}/?split={piece.key}").content.decode()
    assert opened.count('<details class="pt-fold pt-edit__more" open>') == 1
    assert '<details class="pt-fold pt-edit__more" open>' not in desk.get(f"s/{part}/").content.decode()
    desk.press(f"s/{part}/", f"split:{piece.key}")
    assert piece_with(text, "Another follows.").kind == "paragraph"
    assert "Fields with an empty line" not in text_of(desk.get("publish/"))


def test_what_is_published_like_that_is_nothing_new(text: Proposal) -> None:
    """Nor are items of a list."""
    editor = coordinator(text)
    for words in ("Some work is done already.[1] More would help.", "Draft a plan"):
        piece = piece_with(text, words)
        drafts.save(text.pk, {piece.key: Typed(ONE + words[0], None, piece.token)}, None, editor=editor, at=AT)
    assert [one.piece.text for one in undivided.in_draft(working.working(text))] == [f"{ONE}S"]
    published(text, editor)
    assert undivided.in_draft(working.working(text)) == []


def test_a_section_without_a_paragraph_is_published_knowingly(text: Proposal) -> None:
    """Whoever publishes is told where the draft has a heading alone, and not of what is published so."""
    editor = coordinator(text)
    desk = Desk(editor)
    assert (
        desk.post("", {"act": "new", "heading": "Bare", "kind": "text", "after": "", "language": "en"}).status_code
        == 303
    )
    part = working.working(text).copy.shown[-1]
    shown = desk.get("publish/")
    assert "Sections without a paragraph" in text_of(shown)
    assert re.findall(r'href="[^"]*/edit/s/(\w+)/"[^>]*>Bare<', shown.content.decode()) == [part.key]
    revision = published(text, editor)
    assert revision.number == 2
    piece = piece_with(text, "Some work is done already.[1] More would help.")
    drafts.save(text.pk, {piece.key: Typed("Other.", None, piece.token)}, None, editor=editor, at=AT)
    assert "Sections without a paragraph" not in text_of(desk.get("publish/"))
