"""Values in the Markdown source of a mail: what people wrote stays text, whatever it looks like.

Django escapes a value where a template prints it by asking it for `__html__`. Ours answer in Markdown, since that is
what a mail's template is: every sign that Markdown knows is escaped, and what a mail program would turn into a link
by itself is broken by an invisible word joiner. The portal's own addresses stay links.
"""

import re
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from taskforce.core import text

_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_ADDRESS_SIGNS = re.compile(r"[^\s<>\"\\^`{|}]+")
_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]+")
_LINK_STARTS = re.compile(r"://|www\.|\.(?=[^\W\d_]{2})", re.IGNORECASE)
_WORD_JOINER = "\u2060"


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
    """A text of the context."""

    __slots__ = ()

    def __html__(self) -> SafeString:
        """What a template prints: an own address as a link (also inside `[…]( )`), everything else as plain text."""
        if is_own_address(self):
            return mark_safe(f"<{self}>")  # noqa: S308 - no sign in it can end the address
        return escaped(unlinked(text.clean_name(self)))


def guarded(value: Any) -> Any:
    """A JSON value with every text in it, at any depth, as `Value`."""
    if isinstance(value, str):
        return Value(value)
    if isinstance(value, dict):
        return {key: guarded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [guarded(inner) for inner in value]
    return value


def with_directions(html: SafeString) -> SafeString:
    """Links with a direction of their own: an address in a text from right to left keeps its signs in order."""
    return mark_safe(html.replace("<a ", '<a dir="auto" '))  # noqa: S308 - it was safe, and gained one attribute
