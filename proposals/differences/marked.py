"""Pieces of a text as HTML that is understood without colours, by ear, and where nothing would be seen.

The text is shown as it is written, not as it is drawn: a changed target of a link is a change.
"""

import re
from collections.abc import Iterable

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals.differences.pieces import Kind, Piece
from taskforce.core import languages
from taskforce.core.text import is_blank

# Embeddings, overrides and isolates would turn what stands around them, too.
_TURNING = re.compile("([\u202a-\u202e\u2066-\u2069])")


def marked(pieces: Iterable[Piece]) -> SafeString:
    """The pieces in order, each removed or added one marked as such, also in words for those who do not see it."""
    return format_html_join("", "{}", ((_piece(piece),) for piece in pieces))


def _piece(piece: Piece) -> SafeString:
    if piece.kind is Kind.KEPT:
        return _written(piece.text)
    is_removed = piece.kind in (Kind.REMOVED, Kind.WENT)
    words = {
        Kind.REMOVED: _("removed:"),
        Kind.ADDED: _("added:"),
        Kind.CAME: _("from another paragraph:"),
        Kind.WENT: _("to another paragraph:"),
    }
    return format_html(
        '<{tag} class="pt-diff__{kind}">{before}{text}<span class="pt-visually-hidden">] </span></{tag}>',
        tag="del" if is_removed else "ins",
        kind=piece.kind.value,
        before=_said(words[piece.kind]),
        text=_unseen(piece.text) if is_blank(piece.text) else _written(piece.text),
    )


def _said(word: str) -> SafeString:
    """Before the words of a text, in the language of the page: what became of them."""
    return format_html('<span class="pt-visually-hidden" lang="{}" dir="{}"> [{} </span>', *_of_the_page(), word)


def _of_the_page() -> tuple[str, str]:
    """The language of the page and its direction, which are not those of the text around."""
    code = get_language() or settings.LANGUAGE_CODE
    return languages.html_lang(code), languages.direction(code)


def _sign(name: str) -> SafeString:
    return format_html('<span class="pt-diff__sign">{}</span>', name)


def _named_sign(name: str) -> SafeString:
    return format_html('<span class="pt-diff__sign" lang="{}" dir="{}">{}</span>', *_of_the_page(), name)


def _number(character: str) -> str:
    return f"U+{ord(character):04X}"


def _written(text: str) -> SafeString:
    """The text, with signs in place of what would turn its direction."""
    # Every second part is such a character.
    parts = enumerate(_TURNING.split(text))
    return format_html_join("", "{}", ((_sign(_number(part)) if place % 2 else part,) for place, part in parts))


def _unseen(text: str) -> SafeString:
    """What nobody would see: blanks and ends of lines in words, everything else by its number."""
    named = {"\n": _named_sign(_("line break")), " ": _named_sign(_("blank"))}
    signs = ((named.get(one) or _sign(_number(one)), "\n" if one == "\n" else "") for one in text)
    return format_html_join("", "{}{}", signs)
