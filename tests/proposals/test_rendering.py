"""A wiki's plain text shown unchanged, and safely."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proposals.rendering import on_another_page, plain_text, to_markdown, unit_html


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


REL = 'rel="nofollow noopener ugc"'
LINK = f'<a href="#note-1" {REL}>[1]</a>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see `a[1]` and [1]", f"see <code>a[1]</code> and {LINK}"),
        ("``[1]`` `` `[1] ``", "<code>[1]</code> <code>`[1]</code>"),
        (
            "[as said [1] there](https://a.org)",
            f'<a href="https://a.org" {REL}>as said [1] there</a>',
        ),
        ("[a](https://a.org/[1]) [1]", f'<a href="https://a.org/%5B1%5D" {REL}>a</a> {LINK}'),
        ("[x [1] y] z[1]", f"[x {LINK} y] z{LINK}"),
        ("**[1]** *a[1]*", f"<strong>{LINK}</strong> <em>a{LINK}</em>"),
        (r"a\[1\] b", f"a{LINK} b"),
        (r"a\\[1]", rf"a\{LINK}"),
        ("[1](https://a.org)", f'<a href="https://a.org" {REL}>1</a>'),
        ("[1]( [1", "[1]( [1"),
        ("![1] [01] [2] [1", f"!{LINK} {LINK} [2] [1"),
    ],
)
def test_where_a_note_is_linked(text: str, shown: str) -> None:
    """Everywhere but in code and in a link; escaped too, as a wiki's text may be stored."""
    made = unit_html(text, {1})
    assert str(made) == shown
    assert str(on_another_page(made, "/en/x/")) == shown.replace(LINK, "[1]")


def test_what_is_linked_by_hand_leads_to_its_page() -> None:
    """Where the text is quoted: to a note under other words, and to any other place."""
    made = unit_html("[1] [x](#note-1) [y](#u-7)", {1})
    shown = str(on_another_page(made, "/en/x/"))
    assert shown == f'[1] <a href="/en/x/#note-1" {REL}>x</a> <a href="/en/x/#u-7" {REL}>y</a>'


def test_markup_is_cleaned() -> None:
    """Markdown of translators is rendered; raw HTML and scripts are not."""
    shown = str(unit_html("**bold** <b onclick=x> [x](javascript:alert(1)) [y](https://example.org)"))
    assert "<strong>bold</strong>" in shown
    assert "<b" not in shown
    assert "javascript:" not in shown.replace("[x](javascript:alert(1))", "")
    assert 'href="https://example.org"' in shown
