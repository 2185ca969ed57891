"""The one renderer: what it lets through, where links lead, and that no text keeps it busy."""

import re
import time

import pytest

from taskforce.core import markdown
from tests.browser.payloads import PAYLOADS
from tests.core.bombs import BOMBS, SIZE

_ELEMENTS = re.compile(r"<(\w+)([^>]*)>")
_HREF = re.compile(r'^ href="(https?://|mailto:|(?![a-zA-Z][a-zA-Z0-9+.-]*:))[^"]*" rel="nofollow noopener ugc"$')


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_but_the_allow_list_gets_through(payload: str) -> None:
    """In a whole text and in a line: elements of the list, and no attribute but a link's address."""
    for html in (markdown.render(payload, with_headings=True), markdown.render_inline(payload)):
        for name, attributes in _ELEMENTS.findall(html):
            assert name in markdown._TAGS | markdown._HEADINGS
            assert not attributes or _HREF.match(attributes) or attributes == ' rel="nofollow noopener ugc"'


@pytest.mark.dear
@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_no_text_keeps_it_busy(text: str) -> None:
    """At most a second of computing for 64 kB, whatever it is, and no nesting without end."""
    assert len(text.encode()) <= SIZE
    for render in (markdown.render, markdown.render_inline):
        taken = []
        for _ in range(3):
            began = time.process_time()
            html = render(text)
            taken.append(time.process_time() - began)
            if taken[-1] < 1:
                break
        assert min(taken) < 1
        assert html.count("<blockquote>") <= 20


@pytest.mark.parametrize(
    ("words", "target", "told"),
    [
        ("wikimedia.org", "https://evil.test/x", " (evil.test)"),
        ("https://wikimedia.org/a", "http://wikimedia.org.evil.test", " (wikimedia.org.evil.test)"),
        ("a@b.test", "mailto:c@evil.test", " (c@evil.test)"),
        ("see //b.test", "//evil.test", " (evil.test)"),
        ("ｗikimedia.org", "https://evil.test", " (evil.test)"),
        ("www.wikimedia.org", "https://wikimedia.org/x", ""),
        ("the rules", "https://evil.test", ""),
        ("notes.txt", "/x", ""),
        ("a@b.test", "mailto:a@b.test", ""),
        ("meta．wikimedia．org", "https://evil.example", " (evil.example)"),
        ("meta。wikimedia｡org", "https://evil.example", " (evil.example)"),
        ("meta․wikimedia․org", "https://evil.example", " (evil.example)"),
        ("meta&#8228;wikimedia\ua4f8org", "https://evil.example", " (evil.example)"),
        ("wikimedia\u200b.\u2060o\u0332rg", "https://evil.example", " (evil.example)"),
        ("wikimedia\u200a.\u200aorg", "https://evil.example", " (evil.example)"),
        ("meta.*wikimedia*.org", "https://evil.example", " (evil.example)"),
        ("meta.wikimedia.org evil.example", "https://evil.example", " (evil.example)"),
        ("evil.example, meta.wikimedia.org.2", "https://evil.example", " (evil.example)"),
        ("evil.example→meta.wikimedia.org", "https://evil.example", " (evil.example)"),
        ("https://meta.wikimedia.org@evil.example/", "https://evil.example/", " (evil.example)"),
        ("see/meta.wikimedia.org", "https://evil.example/", " (evil.example)"),
        ("a@b.test", "mailto:c@b.test", " (c@b.test)"),
        ("a@b.test c@evil.test", "mailto:c@evil.test", " (c@evil.test)"),
        ("wikimedia．org", "https://www.wikimedia.org/x", ""),
        ("https://wikimedia.org/wiki/File.html?a=b.txt", "https://wikimedia.org/wiki/File.html", ""),
        ("https://wikimedia.org/a_(b.html),c.html", "https://wikimedia.org/a_(b.html),c.html", ""),
        ("Write: Ann.Lee@b.test", "mailto:ann.lee@b.test?subject=x.yz", ""),
        ("Version 2.0, e. g. this one...", "https://evil.example", ""),
    ],
)
def test_a_link_whose_words_name_another_place_tells_it(words: str, target: str, told: str) -> None:
    assert markdown.render_inline(f"[{words}]({target})").endswith(f"</a>{told}")


def test_images_are_no_more_than_links() -> None:
    html = markdown.render("![t](http://evil.test/p.png)")
    assert "<img" not in html
    assert 'rel="nofollow noopener ugc"' in html
