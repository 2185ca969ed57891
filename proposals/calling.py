"""What a paragraph is called by pages that do not show it, and how it is said that words went to it or came from it."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from proposals.differences.tokens import beginning
from proposals.enums import PassageKind
from proposals.rendering import plain_text, unit_html

# So many characters, as readers see them, name a paragraph; they are found in so many as it is written.
_FIRST_WORDS = 60
_READ_FOR_WORDS = 600


class Named(NamedTuple):
    """What a section is called, and the language of that; without a name only where it has no heading."""

    text: str
    language: str


class Kin(NamedTuple):
    """Another unit from which words came or to which they went: how, in words that end before its own, where it is to
    be read ("": nowhere), and its first words."""

    said: str
    url: str
    words: Named


def first_words(text: str, language: str) -> Named:
    """By these people know a paragraph again; the text is as it is written."""
    return Named(beginning(plain_text(unit_html(text[:_READ_FOR_WORDS])), _FIRST_WORDS) or "…", language)


def said_of_kin(kind: str, *, is_source: bool) -> str:
    """How words came from another unit, or (`is_source`) went to it; its name follows."""
    if is_source:
        said = {
            PassageKind.SPLIT: _("Split off as a paragraph of its own:"),
            PassageKind.JOIN: _("Joined into the paragraph:"),
            PassageKind.PART: _("A part of it was joined into the paragraph:"),
        }
    else:
        said = {
            PassageKind.SPLIT: _("Split from the paragraph:"),
            PassageKind.JOIN: _("Joined into it, the paragraph:"),
            PassageKind.PART: _("Joined into it, a part of the paragraph:"),
        }
    return said[PassageKind(kind)]
