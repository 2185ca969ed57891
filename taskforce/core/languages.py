"""The portal's languages: own names, BCP 47 tags, direction, script and the chain in which a reader is served; of any
other language what it is called and how it runs."""

from functools import lru_cache

from babel import Locale
from django.conf import settings

from taskforce.core.endonyms import ENDONYMS

CODES: tuple[str, ...] = tuple(code for code, _ in settings.LANGUAGES)
OWN_NAMES: dict[str, str] = dict(settings.LANGUAGES)
RIGHT_TO_LEFT = frozenset({"ar"})
# Of those that people write in here besides, by script, and where none is named by language.
_SCRIPTS_TO_LEFT = frozenset({"adlm", "arab", "aran", "hebr", "mand", "mani", "nkoo", "rohg", "samr", "syrc", "thaa"})
_LANGUAGES_TO_LEFT = frozenset(
    {
        *("aeb", "ajp", "apc", "ar", "arc", "arq", "ars", "ary", "arz", "azb", "bal", "bgn", "bqi", "ckb", "dv", "fa"),
        *("glk", "he", "hnd", "hno", "khw", "ks", "lrc", "luz", "mzn", "nqo", "pnb", "prs", "ps", "rhg", "sd", "sdh"),
        *("skr", "syr", "ug", "ur", "yi"),
    }
)
# DESIGN 5: readers of either Chinese script are served by the other before English.
_CHAINS = {"zh-hant": ("zh-hans", "en"), "zh-hans": ("zh-hant", "en")}


# Written without blanks: full-width punctuation carries its own room.
_WITHOUT_BLANKS = frozenset({"ja", "zh-hans", "zh-hant"})


@lru_cache(maxsize=1024)
def html_lang(code: str) -> str:
    """The BCP 47 tag of a language as it is usually written: `zh-hant` → `zh-Hant`, `pt-br` → `pt-BR`."""
    first, *rest = code.split("-")
    return "-".join([first, *map(_subtag, rest)])


def _subtag(part: str) -> str:
    """A script, a region or a variant."""
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


@lru_cache(maxsize=1024)
def own_name(code: str) -> str:
    """What a language calls itself; by its English name, or its tag, where nobody knows that."""
    if code in OWN_NAMES:
        return OWN_NAMES[code]
    language, _, rest = html_lang(code).partition("-")
    found = ENDONYMS.get(language) or Locale("en").languages.get(language)
    if not found:
        return html_lang(code)
    return f"{found} ({rest})" if rest else str(found)


@lru_cache(maxsize=64)
def locale_of(code: str) -> Locale:
    """The CLDR locale of a portal language."""
    return Locale.parse(html_lang(code), sep="-")


@lru_cache(maxsize=1024)
def direction(code: str) -> str:
    """`rtl` or `ltr`, for the `dir` attribute; of any language."""
    language, *rest = code.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    is_to_left = script in _SCRIPTS_TO_LEFT if script else language in _LANGUAGES_TO_LEFT
    return "rtl" if is_to_left else "ltr"


def gap(code: str) -> str:
    """What stands between two sentences, or before a bracket: nothing in a language that is written without blanks."""
    return "" if code in _WITHOUT_BLANKS else " "


def colon(code: str) -> str:
    """What stands between a label and its value, with the blanks that belong to it."""
    if code in _WITHOUT_BLANKS:
        return "："
    return "\u00a0: " if code == "fr" else ": "


def brackets(code: str) -> tuple[str, str]:
    """What stands around something said by the way, with the blank before it."""
    return ("（", "）") if code in _WITHOUT_BLANKS else (" (", ")")


def chain(code: str) -> tuple[str, ...]:
    """The languages in which a reader of `code` is served, best first; the unit's own source comes after them."""
    return (code, *_CHAINS.get(code, ("en",))) if code != "en" else ("en",)


def is_offered(code: str) -> bool:
    """Whether the portal has this language."""
    return code in OWN_NAMES
