"""Text as people send it, made safe to store; never shortened or changed in meaning."""

import bisect
import hashlib
import json
import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from taskforce.core import disguises
from taskforce.core.normal import normalized

# Default_Ignorable_Code_Point (Unicode Character Database, DerivedCoreProperties.txt): drawn as nothing at all.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Format characters that are drawn: signs above or before digits (Prepended_Concatenation_Mark, PropList.txt).
_DRAWN_FORMAT = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
# Symbols whose glyph is empty: BRAILLE PATTERN BLANK, MUSICAL SYMBOL NULL NOTEHEAD.
_EMPTY_SYMBOLS = "\u2800\U0001d159"
# Space, line and paragraph separators, controls, format characters, surrogates (General_Category).
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean(text: str, *, most: int | None = None) -> str:
    """NFC, line ends as LF, without control characters and lone surrogates (PostgreSQL cannot store them).

    Takes a text of any length and kind, as it was posted: costs no more than its length. One that cannot have at most
    `most` characters once it is clean is given back as it is, for the check of its length that has to follow.
    """
    if most is not None and not may_fit(text, most):
        return text
    if text.isascii() and text.isprintable():
        return text
    text = text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return normalized("NFC", _CONTROLS.sub("", text))


def may_fit(text: str, most: int) -> bool:
    """Whether a text as it was posted may have at most `most` characters once it is clean; to be asked first.

    Cleaning makes few of many where letters and their marks become one (at most four of Vietnamese or old Greek), so
    what has more than four times as many is refused without the work that cleaning it would be.
    """
    return len(text) <= 4 * most


def shown_again(text: str) -> str:
    """A text that is too long to be cleaned, as its form can show it again: without what no page can hold."""
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text)


def clean_text(text: str, *, most: int | None = None) -> str:
    """A text of any length: as `clean`, without white space around it; empty if none of it is seen."""
    if most is not None and not may_fit(text, most):
        return text
    text = clean(text).strip()
    return "" if is_blank(text) else text


def clean_name(text: str, *, most: int | None = None) -> str:
    """A one-line name: as `clean`, without disguises, white space folded; empty if none of it is seen."""
    if not text:
        return ""
    if most is not None and not may_fit(text, most):
        return text
    name = disguises.without(re.sub(r"\s", " ", clean(text)))
    name = re.sub(r"\s+", " ", name).strip()
    return "" if is_blank(name) else name


def is_blank(text: str) -> bool:
    """Whether nobody could see anything of it: an answer of such characters only is no answer.

    Unseen are, after the Unicode Character Database: the General_Category Zs, Zl, Zp (spaces and separators), Cc
    (controls), Cf (format characters: zero-width ones, bidi controls, tags; but not the few that are drawn, with
    Prepended_Concatenation_Mark) and Cs; everything with Default_Ignorable_Code_Point (variation selectors, Hangul
    fillers, soft hyphen, grapheme joiner); and two symbols with an empty glyph. One seen character makes the whole
    text an answer, and then it stays as it is, with every joiner that Persian, Hindi or an emoji needs.
    """
    return _seen().search(text) is None


@cache
def _seen() -> re.Pattern[str]:
    """One seen character. Those that nobody sees all lie in the first two planes and in that of the tags."""
    unseen: list[list[int]] = []
    for code in chain(range(0x20000), range(0xE0000, 0xE1000)):
        if _is_seen(chr(code)):
            continue
        if unseen and unseen[-1][1] == code - 1:
            unseen[-1][1] = code
        else:
            unseen.append([code, code])
    # By ranges: above the first plane an expression goes through its class one by one.
    return re.compile(f"[^{''.join(f'{re.escape(chr(first))}-{re.escape(chr(last))}' for first, last in unseen)}]")


def _is_seen(character: str) -> bool:
    if _IGNORABLE.match(character) or character in _EMPTY_SYMBOLS:
        return False
    return unicodedata.category(character) not in _UNSEEN or bool(_DRAWN_FORMAT.match(character))


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def canonical(value: Any) -> bytes:
    """A JSON value in its one canonical form, UTF-8: the same fields give the same bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """SHA-256 (hex) of a JSON value in its canonical form: the same fields give the same digest."""
    return hashlib.sha256(canonical(value)).hexdigest()


# Languages of the portal by script; the first is meant where a text is all there is to go by.
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    "latin": ("en", "de", "es", "fr", "id", "pt-br"),
    "arabic": ("ar",),
    "devanagari": ("hi",),
    "cyrillic": ("ru",),
    "kana": ("ja",),
}
# Blocks of letters, in order of their first code point.
_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x024F, "latin"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x08A0, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x1E00, 0x1EFF, "latin"),
    (0x3005, 0x3007, "han"),
    (0x3040, 0x30FF, "kana"),
    (0x31F0, 0x31FF, "kana"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xA8E0, 0xA8FF, "devanagari"),
    (0xF900, 0xFAFF, "han"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFC, "arabic"),
    (0xFF21, 0xFF5A, "latin"),
    (0xFF66, 0xFF9D, "kana"),
    (0x20000, 0x323AF, "han"),
)
_BLOCK_STARTS = [first for first, _, _ in _BLOCKS]
# One Han character says about as much as two to three letters; Japanese has at least one kana to ten of them.
_HAN_WEIGHT = 2
_HAN_PER_KANA = 10


def script_language(text: str, expected: str | None = None) -> str | None:
    """The portal language that a text's script points to; `expected` where the script does not tell.

    The script with most letters decides (a Han character counts double), so one foreign name changes nothing.
    The `expected` language wins among languages of one script: with `expected="fr"` a Latin text is French,
    without it English. Between `zh-hans` and `zh-hant` the characters that only one of them has decide.
    """
    weights = _weights(text)
    if not weights:
        return expected
    if weights.get("kana", 0) * _HAN_PER_KANA * _HAN_WEIGHT > weights.get("han", 0):
        weights["kana"] = weights["kana"] + weights.pop("han", 0)
    script = max(weights, key=lambda name: weights[name])
    if script == "han":
        return _chinese(text, expected)
    candidates = _LANGUAGES_OF[script]
    return expected if expected in candidates else candidates[0]


def _weights(text: str) -> dict[str, int]:
    """Letters per script; Han counts double."""
    weights: dict[str, int] = {}
    for character in text:
        name = _script(character)
        if name:
            weights[name] = weights.get(name, 0) + (_HAN_WEIGHT if name == "han" else 1)
    return weights


def _chinese(text: str, expected: str | None) -> str:
    """The language of a text in Han characters without (enough) kana."""
    if expected == "ja":
        return "ja"
    sides = [_side(character) for character in text]
    simplified, traditional = sides.count("zh-hans"), sides.count("zh-hant")
    if simplified == traditional:
        return expected if expected in ("zh-hans", "zh-hant") else "zh-hant"
    return "zh-hans" if simplified > traditional else "zh-hant"


@lru_cache(maxsize=8192)
def _side(character: str) -> str | None:
    """Which of the two scripts alone has a character, by the national character sets: no table to keep."""
    simplified, traditional = _in_set(character, "gb2312"), _in_set(character, "big5")
    if simplified == traditional or character < "\u3400":
        return None
    return "zh-hans" if simplified else "zh-hant"


def _in_set(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=8192)
def _script(character: str) -> str | None:
    if not character.isalpha():
        return None
    point = ord(character)
    index = bisect.bisect_right(_BLOCK_STARTS, point) - 1
    if index < 0:
        return None
    _, last, name = _BLOCKS[index]
    return name if point <= last else None
