"""A text in the smallest parts that a difference may show: words, characters of scripts written without blanks.

A part never begins or ends within what readers see as one character (an extended grapheme cluster, UAX 29): an emoji
family, a letter with its marks, a syllable of Hindi or Hangul.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from taskforce.core.text import clean_name

_ZERO_WIDTH_JOINER = "\u200d"
# Extend, where the category does not tell: the non-joiner of Persian, halfwidth voiced marks.
_EXTENDING = frozenset("\u200c\u200d\uff9e\uff9f\u0e33\u0eb3")
# Prepend (GraphemeBreakProperty.txt): signs that belong to what follows them.
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e"
    "\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941\U00011a3a\U00011d46\U00011f02"
)
_VIRAMA = 9
# Of the same class, but nothing is joined behind them. In Burmese each second word has one.
_KILLERS = "\u0e3a\u0eba\u103a"
# Blocks whose words have no blanks between them: first and last code point. Tibetan is none: it has signs between
# syllables, and each syllable is one part.
_WITHOUT_BLANKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0x2E80, 0x312F),  # Han radicals and signs, kana, Bopomofo; Hangul behind them has blanks
    (0x3190, 0x4DBF),  # with more of Bopomofo and kana
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),  # Yi
    (0xA980, 0xA9FF),  # Javanese, Myanmar
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x323AF),
)


@lru_cache(maxsize=8192)
def _extends(character: str) -> bool:
    """Whether it belongs to the character before it."""
    code = ord(character)
    if code < 0x300:
        return False
    is_mark = unicodedata.category(character) in ("Mn", "Mc", "Me")
    # Skin tones; letters of flags of regions.
    return is_mark or character in _EXTENDING or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F


@lru_cache(maxsize=8192)
def _is_hangul_part(character: str) -> bool:
    code = ord(character)
    return 0x1100 <= code <= 0x11FF or 0xA960 <= code <= 0xA97F or 0xAC00 <= code <= 0xD7FF


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _holds_on(before: str, character: str) -> bool:
    """Whether a character that extends nothing stays with the one before it; rather too often than too seldom."""
    if before == _ZERO_WIDTH_JOINER or before in _PREPENDED:
        return unicodedata.category(character) not in ("Cc", "Zs", "Zl", "Zp")
    if before == "\r":
        return character == "\n"
    if _is_hangul_part(before):
        return _is_hangul_part(character)
    # A half consonant of the Indian scripts and the one that completes it.
    joins = unicodedata.combining(before) == _VIRAMA and before not in _KILLERS
    return joins and unicodedata.category(character) == "Lo"


def clusters(text: str) -> Iterator[str]:
    """The characters as readers see them; joined they are the text. Costs no more than the text's length."""
    start, flags = 0, 0
    for place in range(1, len(text)):
        before, character = text[place - 1], text[place]
        flags = flags + 1 if _is_flag_letter(before) else 0
        if before not in "\r\n" and _extends(character):
            continue
        if flags % 2 and _is_flag_letter(character):
            continue
        if (before > "\x7f" or before == "\r") and _holds_on(before, character):
            continue
        yield text[start:place]
        start = place
    if text:
        yield text[start:]


@lru_cache(maxsize=8192)
def _group(character: str) -> str:
    """What a cluster that begins so makes one part with: other letters and digits, other blanks, or nothing."""
    if character in " \t\u00a0\u3000":
        return "blank"
    if not character.isalnum() and unicodedata.category(character) not in ("Mn", "Mc", "Me"):
        return ""
    code = ord(character)
    return "" if any(first <= code <= last for first, last in _WITHOUT_BLANKS) else "word"


def tokens(text: str) -> list[str]:
    """Words, runs of blanks, and one by one signs and characters of scripts without blanks; joined, the text."""
    found: list[str] = []
    going_on = ""
    for cluster in clusters(text):
        group = _group(cluster[0])
        if group and group == going_on:
            found[-1] += cluster
        else:
            found.append(cluster)
        going_on = group
    return found


def beginning(words: str, most: int) -> str:
    """The first words of a text, on one line and of at most so many clusters: by these people know it again."""
    words = clean_name(words)
    shown = "".join(islice(clusters(words), most))
    if shown == words:
        return words
    return f"{shown.rpartition(' ')[0] or shown}…"
