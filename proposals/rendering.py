"""A unit's text as HTML, and a wiki's plain text as the Markdown that shows it unchanged."""

import html
import re
from collections.abc import Collection

from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from taskforce.core import markdown

# What a line of running text can say in Markdown; the rest of the punctuation means nothing inside a line.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~])")
_REFERENCE = re.compile(r"\\?\[([0-9]{1,3})\\?\](?!\()")


def to_markdown(text: str) -> str:
    """The text as it is where Markdown would show it unchanged (nearly always), else with escapes."""
    shown = str(markdown.render_inline(text))
    unchanged = "<" not in shown and html.unescape(shown) == text
    return text if unchanged else _SPECIAL.sub(r"\\\1", text)


def unit_html(text: str, notes: Collection[int] = ()) -> SafeString:
    """A unit's Markdown as safe HTML without block elements; "[1]" leads to note 1 if `notes` has it."""

    def linked(found: re.Match[str]) -> str:
        number = int(found[1])
        return rf"[\[{number}\]](#note-{number})" if number in notes else found[0]

    return markdown.render_inline(_REFERENCE.sub(linked, text) if notes else text)


def anchor_of(unit: int) -> str:
    """The id of a unit's element: the same in every language, in every revision, and wherever the unit moves."""
    return f"u-{unit}"


def plain_text(unit: str) -> str:
    """The words of a unit's HTML, for a title or a list of contents."""
    return html.unescape(strip_tags(unit))
