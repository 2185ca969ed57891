"""What a text's page tells machines: its true address, the same page in other languages, how to speak of it."""

import re
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from proposals.enums import UnitKind
from proposals.reading import Reading
from taskforce.core import languages

# As https://ogp.me/ has them: language and territory.
_LOCALES = {
    "en": "en_US",
    "ar": "ar_AR",
    "de": "de_DE",
    "es": "es_ES",
    "fr": "fr_FR",
    "hi": "hi_IN",
    "id": "id_ID",
    "ja": "ja_JP",
    "pt-br": "pt_BR",
    "ru": "ru_RU",
    "zh-hans": "zh_CN",
    "zh-hant": "zh_TW",
}
_LONGEST = 200
# The last word, which may be cut; in a script without blanks there is none to find.
_LAST_WORD = re.compile(r" [^ ]{0,30}$")


class Head(NamedTuple):
    """What stands in the page's head; links to the page in other languages, and their names for Open Graph, as HTML."""

    canonical: str
    alternates: SafeString
    description: str
    locale: str
    other_locales: SafeString


def head(path: str, reading: Reading | None = None) -> Head:
    """The head of the page at `path`, which begins with its language; without a `reading` it describes no text.

    Every language has the page: where it has none of the text, it has all that stands around it. Whoever has not
    chosen one is led to theirs by the address without a language.
    """
    language = get_language() or settings.LANGUAGE_CODE
    tail = path.removeprefix(f"/{language}")
    return Head(
        settings.SITE_URL + path,
        _alternates(settings.SITE_URL, tail),
        _description(reading) if reading else "",
        _LOCALES[language],
        format_html_join(
            "\n",
            '<meta property="og:locale:alternate" content="{}">',
            [(_LOCALES[shown.code],) for shown in (reading.available if reading else ()) if shown.code != language],
        ),
    )


# The same as long as the process lives, as the addresses themselves are (`proposals/addresses.py`).
@lru_cache(maxsize=512)
def _alternates(site: str, tail: str) -> SafeString:
    """The links to a page in each language and without one; `tail` is what stands behind the language."""
    pages = [(languages.html_lang(code), f"{site}/{code}{tail}") for code in languages.CODES]
    return format_html_join(
        "\n", '<link rel="alternate" hreflang="{}" href="{}">', [*pages, ("x-default", site + tail)]
    )


def _description(reading: Reading) -> str:
    """The beginning of the first paragraph in the reader's language, or of the first one; empty where there is none."""
    paragraphs = [unit for unit in reading.units() if unit.kind == UnitKind.PARAGRAPH]
    said = next((unit for unit in paragraphs if not unit.is_missing), next(iter(paragraphs), None))
    words = " ".join(said.plain.split()) if said else ""
    if len(words) <= _LONGEST:
        return words
    return f"{_LAST_WORD.sub('', words[:_LONGEST])}…"
