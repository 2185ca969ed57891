"""A unit's text as HTML, and a wiki's plain text as the Markdown that shows it unchanged."""

import html
import re
from collections.abc import Collection
from functools import lru_cache

from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString

from taskforce.core import markdown
from taskforce.core.text import is_blank

# What a line of running text can say in Markdown; the rest of the punctuation means nothing inside a line.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~])")
# No text has more notes than this has digits.
_NOTE = re.compile(r"\[([0-9]{1,6})\\?\]")
# As `unit_html` makes it.
TO_NOTE = re.compile(r'href="#note-([0-9]+)"')
# Of its own page; in no text, whose "<" is written otherwise.
_TO_A_PLACE = '<a href="#'
_NOTE_LINK = re.compile(r'<a href="#note-[0-9]+"[^>]*>(\[[0-9]+\])</a>')

# A link; what was to be a picture has its sign before it.
_LINK = re.compile(r"!?<a [^>]*>(.*?)</a>", re.DOTALL)


def to_markdown(text: str) -> str:
    """The text as it is where Markdown would show it unchanged (nearly always), else with escapes."""
    shown = str(markdown.render_inline(text))
    unchanged = "<" not in shown and html.unescape(shown) == text
    return text if unchanged else _SPECIAL.sub(r"\\\1", text)


def unit_html(text: str, notes: Collection[int] = (), page: str = "") -> SafeString:
    """A unit's Markdown as safe HTML without block elements; "[1]" leads to note 1 if `notes` has it.

    Where it is shown on another page than that which has it, `page`, all that it says of places there leads there.
    """
    made = markdown.render_inline(text, {number: f"#note-{number}" for number in notes})
    return _leading_to(made, page) if page else made


def _leading_to(unit: SafeString, page: str) -> SafeString:
    return markdown.stored(unit.replace(_TO_A_PLACE, f"{_TO_A_PLACE[:-1]}{escape(page)}#"))


def notes_in(text: str) -> set[int]:
    """The numbers that a unit's Markdown may lead to."""
    return {int(number) for number in _NOTE.findall(text)}


def on_another_page(unit: SafeString, page: str) -> SafeString:
    """A unit's HTML for a page that has no notes: "[1]" without its link; what somebody has linked to a place in the
    text leads there, to `page`."""
    return _leading_to(markdown.stored(_NOTE_LINK.sub(r"\1", unit)), page)


def cited(text: str) -> set[int]:
    """The numbers of the notes to which a unit's Markdown leads, if there are such notes."""
    candidates = notes_in(text)
    return set(map(int, TO_NOTE.findall(unit_html(text, candidates)))) if candidates else set()


def anchor_of(unit: int) -> str:
    """The id of a unit's element: the same in every language, in every revision, and wherever the unit moves."""
    return f"u-{unit}"


def plain_text(unit: str) -> str:
    """The words of a unit's HTML, for a title or a list of contents."""
    return html.unescape(strip_tags(unit))


# A form, its warnings and what is published ask about the same few texts, of which one may be long.
@lru_cache(maxsize=64)
def shows_nothing(text: str) -> bool:
    """Whether a unit's Markdown shows readers nothing: blanks in disguise, links without a word."""
    # Fillers of Hangul count as letters.
    if text[:1].isalnum() and not is_blank(text[:1]):
        return False
    seen = _LINK.sub(lambda link: "" if is_blank(plain_text(link[1])) else link[0], unit_html(text))
    return is_blank(plain_text(seen))
