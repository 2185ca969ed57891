"""What an editor reads beside a text in a language that they may not know: its translation into the page's language."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from proposals import queries
from proposals.drafting.copies import Part, Piece
from proposals.rendering import on_another_page, plain_text
from taskforce.core import languages, markdown


class Beside(NamedTuple):
    """The translation of a piece: its language, that language's own name, its HTML, and whether it is of other words
    than the draft has."""

    language: str
    name: str
    html: SafeString
    is_older: bool

    @property
    def words(self) -> str:
        """Without its marks, on one line."""
        return " ".join(plain_text(self.html).split())


def read(pieces: Iterable[Piece], page: str) -> dict[str, Beside]:
    """{key of a piece: its translation for the reader}, of those in another language that have one; one query at most.

    `page` is where what it says of places in the text leads.
    """
    language = get_language() or "en"
    units = {piece.unit: piece for piece in pieces if piece.unit is not None and piece.language != language}
    if not units:
        return {}
    texts = queries.unit_texts(units, {language, *(piece.language for piece in units.values())})
    found = {}
    for unit, piece in units.items():
        own, source = texts.get((unit, language)), texts.get((unit, piece.language))
        if own and own.text:
            is_older = source is None or source.text != piece.text or (own.source_version or 0) < source.version
            html = on_another_page(markdown.stored(own.html), page)
            found[piece.key] = Beside(language, languages.OWN_NAMES[language], html, is_older)
    return found


def headings(parts: Iterable[Part]) -> list[Piece]:
    """What sections are called by."""
    return [part.heading for part in parts if part.heading]
