"""Cells of the lists: on a narrow screen, where a row is a block, each stands under its column's name."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from taskforce.core.templatetags.staff import isolated


def labelled(column: str, value: Any) -> SafeString:
    """The value with the name of its column, which the style sheet shows only where there is no table head."""
    return format_html('<span class="rv-cell" data-label="{}">{}</span>', column, isolated(value))
