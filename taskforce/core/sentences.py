"""Translated sentences with values in them, as HTML."""

from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


def filled(text: str, **values: Any) -> SafeString:
    """A translated text with its places (`%(count)s`) filled; text and values are escaped, unless they are HTML.

    The text is no template of Python's: a `{…}` in it means nothing, and no value's attribute can be reached.
    """
    places = {name: conditional_escape(value) for name, value in values.items()}
    return mark_safe(conditional_escape(text) % places)  # noqa: S308 - all of it has just been escaped
