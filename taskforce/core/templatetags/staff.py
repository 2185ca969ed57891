"""What only pages of the staff side need: values set apart from the sentence that they stand in.

A number, a name or a rule that is written in another direction than the page would otherwise carry the punctuation
around it to the wrong side.
"""

import html
import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from taskforce.core import disguises
from taskforce.core.sentences import filled

register = template.Library()

# What stands where there is no value.
NOTHING = "–"

# Characters of Unicode that say what <bdi> says elsewhere. Where a title stands, some programs draw them as boxes.
_ISOLATES = re.compile("[\u2066-\u2069]")


@register.filter
def isolated(value: Any) -> SafeString:
    """A value in its own direction, whatever stands beside it; what is HTML already stays so."""
    return format_html("<bdi>{}</bdi>", value)


@register.filter
def labelled(cells: Iterable[str], headers: Iterable[dict[str, Any]]) -> list[SafeString]:
    """The cells of a row of Django's list, each with the name of its column, which a narrow page shows before it."""
    named = []
    for cell, header in zip(cells, headers, strict=True):
        # What chooses rows has a box for a header.
        words = "" if isinstance(header["text"], SafeString) else str(header["text"])
        label = format_html(' data-label="{}"', capfirst(words)) if words else ""
        opening, end, rest = cell.partition(">")
        if rest.startswith(f"{NOTHING}<"):
            label = format_html('{} data-empty=""', label)
        named.append(mark_safe(f"{opening}{label}{end}{rest}"))  # noqa: S308 - HTML as Django made it
    return named


@register.filter
def title_text(value: Any) -> str:
    """A text or a piece of HTML as a page's title shows it: without elements, and without marks that nobody sees."""
    text = html.unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)
    return _ISOLATES.sub("", text)


def sentence(text: str, **values: Any) -> SafeString:
    """A translated text with named places (`%(count)s`), each value of which is set apart."""
    return filled(text, **{name: isolated(value) for name, value in values.items()})


@register.filter
def person(name: Any) -> SafeString:
    """The name that somebody gave themselves, set apart; with a warning where it can pass for another.

    Wherever staff choose a person, or decide about one, or read who did something. An account is called by its name.
    """
    name = str(name)
    if disguises.mixes_scripts(name):
        warning = _("letters of several scripts")
    elif disguises.passes_for_another(name):
        warning = _("letters that look like those of another script")
    else:
        return isolated(name)
    return format_html("{} <strong>({})</strong>", isolated(name), warning)
