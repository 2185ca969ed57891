"""What every page needs to draw itself; nothing about the visitor, so that public pages are one for all."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from taskforce.core import languages
from taskforce.core.templatetags.portal import percent


class LanguageLink(NamedTuple):
    """A language of the menu: its own name, this page in it; `share` is how much of a text is in it, as HTML."""

    code: str
    name: str
    url: str
    share: SafeString | str = ""


def language_links(request: HttpRequest, percents: Mapping[str, int] | None = None) -> list[LanguageLink]:
    """This page in each language, for the language menu; what was asked for stays asked. `percents` is how much of the
    page's text there is in each."""
    path = request.path_info
    _, _, rest = path[1:].partition("/")
    prefixed = languages.is_offered(path[1:].partition("/")[0])
    asked = _asked(request)
    query = f"?{asked}" if asked else ""
    tail = f"{quote(rest)}{query}" if prefixed else ""
    shares = {code: _share(of, get_language() or "en") for code, of in percents.items()} if percents else {}
    return [
        LanguageLink(code, languages.OWN_NAMES[code], f"/{code}/{tail}", shares.get(code, ""))
        for code in languages.CODES
    ]


@lru_cache(maxsize=4096)
def _share(of: int, language: str) -> SafeString:
    """A share of 0 to 100 as the menu says it behind a language's name."""
    tag, direction = languages.html_lang(language), languages.direction(language)
    return format_html(' <span class="pt-menu__share" lang="{}" dir="{}">{}</span>', tag, direction, percent(of))


# What the portal's own forms and links ask is far shorter, and its web server takes no line of 4,094 bytes or more.
_MOST_ASKED = 4_000


def _asked(request: HttpRequest) -> str:
    """The query; none where it is what the page is refused for (the page that says so has a menu too), and none that no
    link can hold: it would stand on the page once for each language."""
    if len(request.META.get("QUERY_STRING", "")) > _MOST_ASKED:
        return ""
    try:
        return request.GET.urlencode()
    except TooManyFieldsSent:
        return ""


def page(request: HttpRequest) -> dict[str, Any]:
    """Language, direction, language menu and the portal's own origin."""
    code = get_language() or settings.LANGUAGE_CODE
    return {
        "language_code": code,
        "html_lang": languages.html_lang(code),
        "direction": languages.direction(code),
        "language_links": language_links(request),
        "site_url": settings.SITE_URL,
    }
