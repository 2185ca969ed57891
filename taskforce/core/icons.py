"""Codex icons as inline SVG, read once from the fetched npm package."""

import json
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class UnknownIconError(LookupError):
    """A template names an icon that Codex does not have: a mistake of ours, never of a reader."""


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Any]:
    """Every Codex icon by its own name (`cdxIconArrowNext`); OSError if the package was not fetched."""
    with settings.CODEX_ICONS.open(encoding="utf-8") as file:
        icons: dict[str, Any] = json.load(file)
    return icons


def _codex_name(name: str) -> str:
    """`arrow-next` or `arrowNext` as Codex spells it: `cdxIconArrowNext`."""
    words = re.split(r"[-_]", name)
    return "cdxIcon" + "".join(word[:1].upper() + word[1:] for word in words)


def _language_drawing(icon: dict[str, Any], language: str) -> Any:
    """The drawing for a language where Codex has one of its own (an "i" does not inform everywhere)."""
    if "langCodeMap" not in icon:
        return icon
    return icon["langCodeMap"].get(language, icon["default"])


def drawing(name: str, language: str, direction: str) -> tuple[str, bool]:
    """The SVG paths of an icon, and whether it must be mirrored in this direction.

    `language` is a BCP 47 code, `direction` is `ltr` or `rtl`. Raises `UnknownIconError`.
    """
    try:
        icon = _catalogue()[_codex_name(name)]
    except KeyError:
        raise UnknownIconError(name) from None
    if isinstance(icon, dict):
        icon = _language_drawing(icon, language)
    if isinstance(icon, str):
        return icon, False
    if direction == "rtl" and "rtl" in icon:
        return str(icon["rtl"]), False
    flips = bool(icon.get("shouldFlip")) and language not in icon.get("shouldFlipExceptions", ())
    return str(icon.get("ltr") or icon.get("default")), flips and direction == "rtl"


@lru_cache(maxsize=512)
def svg(name: str, language: str, direction: str, css_class: str = "") -> SafeString:
    """An icon as inline SVG, hidden from screen readers: the words beside it carry the meaning."""
    paths, mirrored = drawing(name, language, direction)
    return format_html(
        '<span class="cdx-icon pt-icon{}{}" aria-hidden="true"><svg xmlns="http://www.w3.org/2000/svg" '
        'width="20" height="20" viewBox="0 0 20 20" focusable="false"><g>{}</g></svg></span>',
        " pt-icon--mirrored" if mirrored else "",
        f" {css_class}" if css_class else "",
        mark_safe(paths),  # noqa: S308 - drawings of the pinned package, nothing that a person typed
    )
