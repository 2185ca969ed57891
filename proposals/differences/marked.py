"""Pieces of a text as HTML that is understood without colours, by ear, and where nothing would be seen.

The text is shown as it is written, not as it is drawn: a changed target of a link is a change.
"""

import re
from collections.abc import Iterable

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from proposals.differences.pieces import Kind, Piece
from taskforce.core.text import is_blank

# Embeddings, overrides and isolates would turn what stands around them, too.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SIGN = '<span class="pt-diff__sign">U+{:04X}</span>'


def marked(pieces: Iterable[Piece]) -> SafeString:
    """The pieces in order, each removed or added one marked as such, also in words for those who do not see it."""
    return format_html_join("", "{}", ((_piece(piece),) for piece in pieces))


def _piece(piece: Piece) -> SafeString:
    if piece.kind is Kind.KEPT:
        return _written(piece.text)
    is_removed = piece.kind is Kind.REMOVED
    return format_html(
        '<{tag} class="pt-diff__{kind}"><span class="pt-visually-hidden"> [{word} </span>{text}'
        '<span class="pt-visually-hidden">] </span></{tag}>',
        tag="del" if is_removed else "ins",
        kind=piece.kind.value,
        word=_("removed:") if is_removed else _("added:"),
        text=_unseen(piece.text) if is_blank(piece.text) else _written(piece.text),
    )


def _sign(found: re.Match[str]) -> str:
    return _SIGN.format(ord(found[0]))


def _written(text: str) -> SafeString:
    """The text, with signs in place of what would turn its direction."""
    return mark_safe(_TURNING.sub(_sign, escape(text)))  # noqa: S308 - escaped, but for the signs


def _unseen(text: str) -> SafeString:
    """What nobody would see: blanks and ends of lines in words, everything else by its number."""
    names = {"\n": _("line break"), " ": _("blank")}
    signs = ((names.get(character, f"U+{ord(character):04X}"), character) for character in text)
    return format_html_join(
        "", '<span class="pt-diff__sign">{}</span>{}', ((sign, "\n" if one == "\n" else "") for sign, one in signs)
    )
