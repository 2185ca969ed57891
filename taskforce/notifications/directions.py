"""Pieces of a mail in another language or direction than the mail itself.

In the Markdown source they stand between markers, Unicode's noncharacters for internal use, which Markdown takes for
letters. Each part then writes them out in its own way: HTML as elements with `lang` and `dir`, plain text and the
subject as isolates where the direction differs. No text from outside keeps a marker.
"""

import re
import unicodedata

from taskforce.core import languages

_INLINE = "".join(chr(0xFDD0 + place) for place in range(len(languages.CODES)))
_UNKNOWN, _END = "\ufddd", "\ufdde"
_BLOCK = "".join(chr(0xFDE0 + place) for place in range(len(languages.CODES)))
_BLOCK_END = "\ufdef"
_MARKERS = re.compile("[\ufdd0-\ufdef]")
_PIECE = re.compile(f"([{_INLINE}{_UNKNOWN}])([^{_END}]*){_END}")
_ALONE = re.compile(f"^{_PIECE.pattern}$", re.MULTILINE)
_CUT = re.compile(f"[{_INLINE}{_UNKNOWN}][^{_END}]*$")
_PART = re.compile(f"([{_BLOCK}])([^{_BLOCK_END}]*){_BLOCK_END}")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_RUNNING_ADDRESS = re.compile(r"(?<=\S) +(https?://\S+)(?: +(?=\S)|$)", re.MULTILINE)
_BRACKETED_ADDRESS = re.compile(r"<[a-z]+:\S+>")


def without_markers(text: str) -> str:
    """A text from outside, or a finished one: markers mean nothing in it."""
    return _MARKERS.sub("", text)


def piece(text: str, own: str | None, around: str) -> str:
    """A piece of a line: its `own` language, if that is known, and the portal language `around` it.

    In the same language, or without a known one, it is set apart only where its letters do not all run as the text
    around it.
    """
    if not text or (own in (None, around) and _runs_only(text, languages.direction(around))):
        return text
    marker = _UNKNOWN if own is None else _INLINE[languages.CODES.index(own)]
    return f"{marker}{text}{_END}"


def block(text: str, own: str, around: str) -> str:
    """Blocks of Markdown in their `own` language; they must stand apart by empty lines."""
    return text if own == around else f"{_BLOCK[languages.CODES.index(own)]}{text}{_BLOCK_END}"


def parts(source: str, language: str) -> list[tuple[str, str]]:
    """The source of a mail in `language` as parts of one language each, in order: (language, Markdown)."""
    found = []
    rest = 0
    for match in _PART.finditer(source):
        found.append((language, source[rest : match.start()]))
        found.append((languages.CODES[_BLOCK.index(match[1])], match[2]))
        rest = match.end()
    found.append((language, source[rest:]))
    return [(code, text.strip()) for code, text in found if text.strip()]


def in_html(html: str) -> str:
    """The markers as elements: `<span lang dir>`, or `<bdi>` where the language is unknown."""
    return _PIECE.sub(_element, html)


def _element(found: re.Match[str]) -> str:
    if found[1] == _UNKNOWN:
        return f"<bdi>{found[2]}</bdi>"
    code = languages.CODES[_INLINE.index(found[1])]
    return f'<span lang="{languages.html_lang(code)}" dir="{languages.direction(code)}">{found[2]}</span>'


def in_text(text: str, language: str) -> str:
    """The markers in the plain text of a part in `language`: isolates around what runs the other way.

    What fills its line stays bare: its line has its direction, and a code is copied without invisible characters.
    From right to left an address stands in a line of its own, where no sign of it changes places; isolates would
    become part of it in the programs that make it a link.
    """
    direction = languages.direction(language)
    text = _set_apart(text, direction)
    if direction == "ltr":
        return text
    text = _BRACKETED_ADDRESS.sub(f"{_FIRST_STRONG_ISOLATE}\\g<0>{_POP_ISOLATE}", text)
    return _RUNNING_ADDRESS.sub(lambda found: f"\n{found[1]}" + ("\n" if found[0].endswith(" ") else ""), text)


def in_line(line: str, language: str) -> str:
    """The markers in one line (a subject) as in plain text; a piece that was cut with the line ends with it."""
    return without_markers(_set_apart(_CUT.sub(f"\\g<0>{_END}", line), languages.direction(language)))


def _set_apart(text: str, direction: str) -> str:
    return _PIECE.sub(lambda found: _isolated(found[2], direction), _ALONE.sub(r"\2", text))


def _isolated(text: str, direction: str) -> str:
    return text if _runs_only(text, direction) else f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"


def _runs_only(text: str, direction: str) -> bool:
    """Whether nothing in the text runs against `direction`; digits alone lose their order from right to left."""
    strong = {_STRONG[kind] for kind in map(unicodedata.bidirectional, text) if kind in _STRONG}
    return strong == {direction} or (not strong and direction == "ltr")
