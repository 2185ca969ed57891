"""What only pages of the staff side need: values set apart from the sentence that they stand in.

A number, a name or a rule that is written in another direction than the page would otherwise carry the punctuation
around it to the wrong side.
"""

import html
import re
from typing import Any

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString

register = template.Library()

# A page's title knows no elements: there, characters of Unicode say what <bdi> says elsewhere.
_BDI = re.compile(r"<(/?)bdi\b[^>]*>")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


@register.filter
def isolated(value: Any) -> SafeString:
    """A value in its own direction, whatever stands beside it; what is HTML already stays so."""
    return format_html("<bdi>{}</bdi>", value)


@register.filter
def title_text(value: Any) -> str:
    """A text or a piece of HTML as a page's title shows it: without elements, set apart by characters."""
    if not isinstance(value, SafeString):
        return str(value)
    marked = _BDI.sub(lambda tag: _POP_ISOLATE if tag[1] else _FIRST_STRONG_ISOLATE, value)
    return html.unescape(strip_tags(marked))


def sentence(text: str, **values: Any) -> SafeString:
    """A translated text with named places (`%(count)s`), each value of which is set apart."""
    places = text % {name: f"{{{name}}}" for name in values}
    return format_html(places, **{name: isolated(value) for name, value in values.items()})
