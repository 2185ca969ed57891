"""The portal's languages: own names, BCP 47 tags, direction, script and the chain in which a reader is served."""

from functools import lru_cache

from babel import Locale
from django.conf import settings

CODES: tuple[str, ...] = tuple(code for code, _ in settings.LANGUAGES)
OWN_NAMES: dict[str, str] = dict(settings.LANGUAGES)
RIGHT_TO_LEFT = frozenset({"ar"})
# DESIGN 5: readers of either Chinese script are served by the other before English.
_CHAINS = {"zh-hant": ("zh-hans", "en"), "zh-hans": ("zh-hant", "en")}


# Written without blanks: full-width punctuation carries its own room.
_WITHOUT_BLANKS = frozenset({"ja", "zh-hans", "zh-hant"})


@lru_cache(maxsize=64)
def html_lang(code: str) -> str:
    """The BCP 47 tag of a portal language: `zh-hant` → `zh-Hant`, `pt-br` → `pt-BR`."""
    first, *rest = code.split("-")
    return "-".join([first, *(part.title() if len(part) == 4 else part.upper() for part in rest)])


@lru_cache(maxsize=64)
def locale_of(code: str) -> Locale:
    """The CLDR locale of a portal language."""
    return Locale.parse(html_lang(code), sep="-")


def direction(code: str) -> str:
    """`rtl` or `ltr`, for the `dir` attribute."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def gap(code: str) -> str:
    """What stands between two sentences, or before a bracket: nothing in a language that is written without blanks."""
    return "" if code in _WITHOUT_BLANKS else " "


def colon(code: str) -> str:
    """What stands between a label and its value, with the blanks that belong to it."""
    if code in _WITHOUT_BLANKS:
        return "："
    return "\u00a0: " if code == "fr" else ": "


def chain(code: str) -> tuple[str, ...]:
    """The languages in which a reader of `code` is served, best first; the unit's own source comes after them."""
    return (code, *_CHAINS.get(code, ("en",))) if code != "en" else ("en",)


def is_offered(code: str) -> bool:
    """Whether the portal has this language."""
    return code in OWN_NAMES
