"""Labels that staff write (django-modeltranslation fields), with the language that they are really in."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import Model
from django.utils.translation import get_language
from modeltranslation.utils import build_localized_fieldname

from taskforce.core import languages


class Label(NamedTuple):
    """A text and the portal language in which it is written (empty text: the language asked for)."""

    text: str
    language: str


def label(obj: Model, field: str, language: str | None = None) -> Label:
    """The label `field` of `obj` for a reader of `language` (default: the active one), following the chain.

    The last resort is any language that has a text, so that a page never shows an empty title.
    """
    wanted = language or get_language() or "en"
    for code in (*languages.chain(wanted), *languages.CODES):
        text = getattr(obj, build_localized_fieldname(field, code), None)
        if text:
            return Label(text, code)
    return Label("", wanted)


def chosen(texts: Mapping[str, str], language: str | None = None) -> Label:
    """As `label`, of {language: text}."""
    wanted = language or get_language() or "en"
    found = (code for code in (*languages.chain(wanted), *languages.CODES) if texts.get(code))
    code = next(found, wanted)
    return Label(texts.get(code, ""), code)


def stored(obj: Model, field: str) -> dict[str, str]:
    """{language: text} of every language that has a text of its own."""
    texts = {code: getattr(obj, build_localized_fieldname(field, code)) or "" for code in languages.CODES}
    return {code: text for code, text in texts.items() if text}


def assign(obj: Model, field: str, texts: dict[str, str]) -> list[str]:
    """Set the label's columns from {language: text}; returns the names of the columns that were set."""
    columns = []
    for code, text in texts.items():
        column = build_localized_fieldname(field, code)
        setattr(obj, column, text)
        columns.append(column)
    return columns


def columns(field: str, texts: dict[str, str]) -> dict[str, str]:
    """{language: text} as keyword arguments for `objects.create()`: `title`, {"id": "x"} → {"title_ind": "x"}."""
    return {build_localized_fieldname(field, code): text for code, text in texts.items()}
