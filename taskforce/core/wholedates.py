"""Dates that do not break in their middle at the end of a line."""

import re

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

# A number and the word beside it: "28 February 2022" has two such places.
_GAP = re.compile(r"(?<=\d) (?=\w)|(?<=\w) (?=\d)")
# "2022年2月28日" has no space, and may break anywhere.
_IN_HAN = re.compile(r"(\d[\d年月日]*[年月日])")
_MARKUP = re.compile(r"(<[^>]*>)")


def whole_dates(text: str) -> SafeString:
    """`text` (escaped here unless it is safe already) with each of its dates held together; markup is left alone."""
    parts = _MARKUP.split(conditional_escape(text))
    return mark_safe("".join(part if part.startswith("<") else _held(part) for part in parts))  # noqa: S308 - escaped above


def _held(text: str) -> str:
    return _IN_HAN.sub(r'<span class="pt-date">\1</span>', _GAP.sub("\u00a0", text))
