"""Values in the Markdown source of a mail: what people wrote stays text, whatever it looks like.

Django escapes a value where a template prints it by asking it for `__html__`. Ours answer in Markdown, since that is
what a mail's template is: every sign that Markdown knows is escaped, and what a mail program would turn into a link
by itself is broken by an invisible word joiner. The portal's own addresses stay links. What is in another language or
runs the other way is set apart (`directions.py`).
"""

import re
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from taskforce.core import languages, text
from taskforce.core.labels import Label
from taskforce.notifications import directions

_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_ADDRESS_SIGNS = re.compile(r"[^\s<>\"\\^`{|}]+")
_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]+")
_LINK_STARTS = re.compile(r"://|www\.|\.(?=[^\W\d_]{2})", re.IGNORECASE)
_WORD_JOINER = "\u2060"
# An address as it is shown, and where it may go on in the next line: no screen is as wide as a token is long.
_SHOWN_ADDRESS = re.compile(r"(?<=>)https?://[^<>\s]+(?=</a>)")
_PLACES = re.compile(r"/(?=[^/])|[\w-]{16}")
_LABEL = set(Label._fields)


def escaped(value: str) -> SafeString:
    """A one-line text as Markdown that shows exactly this text; line ends become spaces."""
    one_line = " ".join(value.split())
    return mark_safe(_SIGNS.sub(r"\\\1", one_line))  # noqa: S308 - every sign that could mean anything is escaped


def unlinked(value: str) -> str:
    """The text with word joiners where a mail program would see a web address; mailboxes stay as they are."""
    return re.sub(r"\S+", lambda word: _break_links(word[0]), value)


def _break_links(word: str) -> str:
    if _MAILBOX.fullmatch(word):
        return word
    return _LINK_STARTS.sub(lambda found: f"{found[0][0]}{_WORD_JOINER}{found[0][1:]}", word)


def is_own_address(value: str) -> bool:
    """Whether this is an address of the portal itself, and nothing but that."""
    return value.startswith(f"{settings.SITE_URL}/") and bool(_ADDRESS_SIGNS.fullmatch(value))


class Value(str):
    """A text of the context, in a language of its own or (None) in one that nobody told."""

    __slots__ = ("language",)
    language: str | None

    def __new__(cls, value: str, language: str | None = None) -> "Value":
        """The text as it is."""
        made = super().__new__(cls, value)
        made.language = language
        return made

    def __html__(self) -> SafeString:
        """What a template prints: an own address as a link (also inside `[…]( )`), everything else as plain text."""
        if is_own_address(self):
            return mark_safe(f"<{self}>")  # noqa: S308 - no sign in it can end the address
        shown = escaped(unlinked(directions.without_markers(text.clean_name(self))))
        around = get_language() or settings.LANGUAGE_CODE
        return mark_safe(directions.piece(shown, self.language, around))  # noqa: S308 - escaped, and two letters more


def guarded(value: Any) -> Any:
    """A JSON value with every text in it, at any depth, as `Value`.

    A label as `{"text": …, "language": …}` becomes one text that knows its language. What is guarded stays as it is.
    """
    if isinstance(value, Value):
        return value
    if isinstance(value, str):
        return Value(value)
    if isinstance(value, dict):
        if set(value) == _LABEL and languages.is_offered(value["language"]):
            return Value(value["text"], value["language"])
        return {key: guarded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [guarded(inner) for inner in value]
    return value


def with_directions(html: SafeString) -> SafeString:
    """Pieces of another language or direction as elements, and links with a direction of their own: an address in a
    text from right to left keeps its signs in order. Where an address is the words of its link, it may break."""
    made = directions.in_html(html.replace("<a ", '<a dir="auto" '))
    made = _SHOWN_ADDRESS.sub(lambda found: _PLACES.sub(r"\g<0><wbr>", found[0]), made)
    return mark_safe(made)  # noqa: S308 - it was safe, and gained elements and attributes of ours
