"""A label of several paragraphs (Markdown), as safe HTML that knows which language it is in."""

from typing import NamedTuple

from django.db.models import Model
from django.utils.safestring import SafeString

from taskforce.core import labels, languages, markdown


class Prose(NamedTuple):
    """A text as safe HTML with its BCP 47 language and its direction, for `lang` and `dir`."""

    html: SafeString
    lang: str
    direction: str


def of(obj: Model, field: str) -> Prose | None:
    """The label `field` of `obj` by the chain of the reader's language; None where nothing is written."""
    found = labels.label(obj, field)
    if not found.text:
        return None
    return Prose(markdown.render(found.text), languages.html_lang(found.language), languages.direction(found.language))
