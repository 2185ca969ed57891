"""How what was said is found by its words.

Texts and what somebody looks for are brought into one form, in which case, width, accents and invisible characters make
no difference; then a word is a part of a text or not. That asks nothing of the database but to compare bytes, so it is
the same for every script: Chinese and Japanese have no blanks between words, and need none here. Of Chinese it is the
simplified form, character by character (`hanzi`). An Arabic word that is looked for finds its other forms, too
(`other_forms`): an article that is typed need not stand in a text, nor an ending. A reference finds its item.

What is stored in this form (`search_text`, `translated_text`) is made anew by a migration when the form changes.
"""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from feedback.hanzi import simplified
from taskforce.core.normal import normalized

# More is no search any more. A word is looked for in every text of a window.
MOST_CHARACTERS = 200
MOST_WORDS = 10
# Accents of Latin, Greek and Cyrillic letters; the vowels of Arabic, its hamza above and below, its lengthening; and
# what is drawn as nothing at all. The marks of Indian scripts and the voicing of kana make other letters, and stay.
_FOLDED = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0640\u064b-\u065f\u0670\u00ad\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff]"
)
# Of Arabic what many write for each other: the alifs, ya and its form without dots, ha and the ending with dots.
_ARABIC = {"ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه"}
# Letters that have no accent to be taken off, and are written without all the same.
_LATIN = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ς": "σ"}
_PLAIN: dict[int, str | int] = {ord(letter): plain for letter, plain in (*_LATIN.items(), *_ARABIC.items())}
_ARABIC_WORD = re.compile("[ء-ي]+")
# What stands before an Arabic word and behind it, in the folded form, with how many letters have to be left: of less
# nobody can say what it is a part of.
_BEFORE = (("وال", 3), ("فال", 3), ("بال", 3), ("كال", 3), ("ولل", 3), ("فلل", 3), ("ال", 3), ("لل", 3))
_BEHIND = (("ات", 4), ("ون", 4), ("ين", 4), ("هم", 4), ("هن", 4), ("ها", 4), ("كم", 4), ("نا", 4), ("ه", 4))
_WHOSE = "ه|ها|هم|هن|كم|نا"
_FEMININE = f"ه|ات|(ا?ت)({_WHOSE}|ي)"
_REFERENCE = re.compile(r"f-[0-9a-z]{4}-[0-9a-z]{4}")


def folded(text: str) -> str:
    """A text in the form in which it is searched: one line, its words apart by one blank."""
    bare = _FOLDED.sub("", normalized("NFKD", text).casefold()).translate(_plain())
    return " ".join(normalized("NFC", bare).split())


@functools.cache
def _plain() -> dict[int, str | int]:
    """What is written for what, letter by letter."""
    return {**_PLAIN, **simplified()}


def text_of(said: Iterable[str]) -> str:
    """What an item is found by, of the texts of its answers."""
    return " ".join(filter(None, map(folded, said)))


def words(typed: str) -> list[str]:
    """The words to look for, each once; none where nothing of what was typed can be found anywhere."""
    return list(dict.fromkeys(folded(typed).split()))


def reference(word: str) -> str:
    """The reference that one of these words is; "" where it is none."""
    return word.upper() if _REFERENCE.fullmatch(word) else ""


class Forms(NamedTuple):
    """What other forms of an Arabic word have in common, and a pattern (of PostgreSQL) of these and no other words."""

    stem: str
    pattern: str


def other_forms(word: str) -> Forms | None:
    """The forms in which an Arabic word may stand elsewhere: with another article or preposition before it, in the
    plural with a regular ending, with whose it is behind it. None for a word of which nothing of that can be taken off:
    as a part of others it is found as it is. Plurals that change within the word are not known."""
    if not _ARABIC_WORD.fullmatch(word):
        return None
    bare = _taken_off(word, _BEFORE, str.removeprefix)
    stem = _taken_off(bare, _BEHIND, str.removesuffix)
    if stem == word:
        return None
    # The ending of the feminine is a part of the word: without it there may be another one.
    behind = f"({_FEMININE})" if bare == f"{stem}ه" else f"({_FEMININE}|ون|ين|ي|{_WHOSE})?"
    return Forms(stem, f"(^|[^ء-ي])[وف]?(ال|بال|كال|لل|[بلك])?{stem}{behind}($|[^ء-ي])")


def _taken_off(word: str, parts: Sequence[tuple[str, int]], take: Callable[[str, str], str]) -> str:
    """The word without the first of these, as long as so many letters are left."""
    return next((bare for part, left in parts if (bare := take(word, part)) != word and len(bare) >= left), word)
