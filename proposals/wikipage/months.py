"""The names of the months in the portal's languages, and the form in which dates are compared with them."""

import re
import unicodedata
from functools import cache

from babel import Locale

from taskforce.core import languages
from taskforce.core.normal import normalized

# Where a language has other names elsewhere: Jänner, نيسان, جانفي, غشت.
_ELSEWHERE = ("de_AT", "ar_LB", "ar_TN", "ar_MA")
# What people write and CLDR has not: other abbreviations, other spellings, the Russian case behind "в".
_ALSO = (
    "",
    "январе",
    "feb peb феврале फरवरी",
    "maerz mrt марте",
    "апреле",
    "мае",
    "июне",
    "июле",
    "agt ags agst августе",
    "sept sep set setiembre сентябре सितम्बर",
    "октябре अक्टूबर",
    "nop ноябре नवम्बर",
    "декабре दिसम्बर",
)
# Marks above and below letters go; those that make another letter of kana and the Indian virama stay.
_STAYS = (0, 8, 9)
_TATWEEL = "\u0640"
# Marks and controls of direction: unseen, and usual around dates in copied Arabic.
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_BIDI = re.compile(f"[{BIDI}{_TATWEEL}]")


def folded(text: str) -> str:
    """Lower case, in plain digits, without accents (also hamza, vowel signs and nukta) and marks of direction."""
    apart = normalized("NFKD", _BIDI.sub("", text)).lower()
    plain = (one for one in apart if unicodedata.combining(one) in _STAYS)
    return normalized("NFC", "".join(map(_digit, plain)))


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


@cache
def names() -> dict[str, int]:
    """{folded name: 1 to 12}, wide and abbreviated, as they stand alone and in a date; no name means two months."""
    locales = [*map(languages.locale_of, languages.CODES), *map(Locale.parse, _ELSEWHERE)]
    found = {folded(name): number for number, line in enumerate(_ALSO) for name in line.split()}
    for locale in locales:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    found[folded(name).rstrip(".॰")] = number
    # "3月" is read with its year and day.
    return {name: number for name, number in found.items() if not name.endswith("月")}


@cache
def pattern() -> str:
    """An expression for any of the names."""
    longest_first = sorted(names(), key=len, reverse=True)
    return rf"(?:{'|'.join(map(re.escape, longest_first))})"


def number(name: str) -> int | None:
    """1 to 12 for the name of a month or its abbreviation, in any case; None for another word."""
    return names().get(folded(name))
