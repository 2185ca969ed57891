"""A wiki's plain text shown unchanged, and safely."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proposals.rendering import plain_text, to_markdown, unit_html


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain, with [1] and (#1) and 2022年3月", "plain, with [1] and (#1) and 2022年3月"),
        ("a * b * c", "a * b * c"),
        ("a *b* c", r"a \*b\* c"),
        ("<script>", "<script>"),
        ("<https://example.org>", r"\<https://example.org\>"),
        ("&amp; and &", r"\&amp; and \&"),
        ("snake_case_name", "snake_case_name"),
    ],
)
def test_to_markdown(text: str, stored: str) -> None:
    """Stored as it is nearly always; escaped only where Markdown would read it otherwise."""
    assert to_markdown(text) == stored


@given(st.text(alphabet="ab *_`[]()<>&!~\\#1.-領\ufffd", max_size=40))
def test_every_plain_text_is_shown_unchanged(text: str) -> None:
    """Whatever a wiki page says, its readers see just that (white space at the ends is no text)."""
    text = text.strip()
    shown = str(unit_html(to_markdown(text)))
    assert "<" not in shown
    assert html.unescape(shown) == text


def test_notes_are_linked() -> None:
    """ "[1]" leads to note 1 where there is one; elsewhere it is text."""
    shown = str(unit_html("said[1] and[2]", {1}))
    assert 'href="#note-1"' in shown
    assert "[2]" in shown
    assert shown.count("<a") == 1
    assert plain_text(shown) == "said[1] and[2]"


def test_markup_is_cleaned() -> None:
    """Markdown of translators is rendered; raw HTML and scripts are not."""
    shown = str(unit_html("**bold** <b onclick=x> [x](javascript:alert(1)) [y](https://example.org)"))
    assert "<strong>bold</strong>" in shown
    assert "<b" not in shown
    assert "javascript:" not in shown.replace("[x](javascript:alert(1))", "")
    assert 'href="https://example.org"' in shown
