"""Languages that people name in an answer: any that CLDR names in the reader's language, or another one."""

import re
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from taskforce.core import languages
from taskforce.core.endonyms import ENDONYMS
from taskforce.core.labels import Label
from taskforce.questions.enums import UNCODED

# Special codes are no languages; variants of a country are left to whoever names another one.
_NO_LANGUAGES = frozenset({"mis", "mul", "und", "zxx"})
_PLAIN = re.compile("[a-z]{2,3}")
# A well-formed language tag (RFC 5646, 2.1) without extensions: what it may say besides is nothing that is counted.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<script>-[a-z]{4})?(?P<region>-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE,
)
LONGEST_NAME = 100
# A tag is longer only with many variants.
LONGEST_TAG = 35


@lru_cache(maxsize=1)
def offered() -> tuple[str, ...]:
    """The tags of the list: those of the portal first, then all others that CLDR names in English."""
    own = tuple(languages.html_lang(code) for code in languages.CODES)
    plain = {str(code) for code in Locale("en").languages if _PLAIN.fullmatch(str(code))}
    return own + tuple(sorted(plain - _NO_LANGUAGES - {*own}))


@lru_cache(maxsize=16)
def names(code: str) -> Mapping[str, Label]:
    """{tag: its name for a reader of the portal's language `code`} of the whole list, each part by its names; where
    CLDR has none in that language it is the English one, and says so."""
    own = len(languages.CODES)
    named = {tag: name(tag, code) for tag in offered()}

    def by_name(tag: str) -> tuple[bool, str]:
        return named[tag].language != code, named[tag].text.casefold()

    ordered = [*sorted(offered()[:own], key=by_name), *sorted(offered()[own:], key=by_name)]
    return {tag: named[tag] for tag in ordered}


def name(tag: str, code: str) -> Label:
    """What a language is called for a reader of the portal's language `code`; with its tag where only the language
    that it is a form of has a name, and the tag alone where nobody has one."""
    for speaking in dict.fromkeys((code, "en")):
        found = languages.locale_of(speaking).languages.get(tag.replace("-", "_"))
        if found:
            return Label(str(found), speaking)
    language, is_form, _form = tag.partition("-")
    if is_form:
        called = name(language, code)
        return Label(f"{called.text} ({tag})", called.language)
    return Label(tag, "en")


def read(named: str, code: str) -> tuple[str, str]:
    """(tag, "") of a language that somebody named, or (`UNCODED`, what they named) where nobody knows its tag.

    Understood are a tag, a name in the reader's language or in English, and what languages call themselves. No name is
    refused: there are thousands of languages more than any list has.
    """
    wanted = named.casefold()
    known = (_by_name(code), _by_name("en"), _by_own_name())
    tag = next((found[wanted] for found in known if wanted in found), "") or _as_tag(named)
    return (tag, "") if tag else (UNCODED, named)


# How the portal writes its own languages, and the other names of two of them.
_HERE = {languages.html_lang(code).lower(): code for code in languages.CODES} | {
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo"), "zh-hant"),
    **dict.fromkeys(("zh-cn", "zh-sg"), "zh-hans"),
}


def known(named: str, code: str) -> str:
    """The code of the portal for one of its languages, the tag of any other that somebody named, as `read` understands
    it; "" where nobody knows it."""
    if languages.is_offered(named):
        return named
    tag, unknown = read(named, code)
    return "" if unknown or tag == UNCODED else _HERE.get(tag.lower(), tag)


@lru_cache(maxsize=16)
def _by_name(code: str) -> Mapping[str, str]:
    return {label.text.casefold(): tag for tag, label in names(code).items()}


@lru_cache(maxsize=1)
def _by_own_name() -> Mapping[str, str]:
    others = {called.casefold(): tag for tag, called in ENDONYMS.items()}
    return {**others, **{name.casefold(): languages.html_lang(code) for code, name in languages.OWN_NAMES.items()}}


def _as_tag(named: str) -> str:
    """The tag in its usual spelling, if that is what somebody wrote; its language must be a known one."""
    found = _TAG.fullmatch(named.replace("_", "-")) if len(named) <= LONGEST_TAG else None
    if found is None:
        return ""
    language = found["language"].lower()
    if language not in Locale("en").languages or language in _NO_LANGUAGES:
        return ""
    script, region = (found["script"] or "").title(), (found["region"] or "").upper()
    return f"{language}{script}{region}{found['variants'].lower()}"
