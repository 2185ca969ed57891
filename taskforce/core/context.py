"""What every page needs to draw itself; nothing about the visitor, so that public pages are one for all."""

from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest
from django.utils.translation import get_language

from taskforce.core import languages


class LanguageLink(NamedTuple):
    """A language of the menu: its own name, this page in it; `share` is how much of a text is in it, in percent."""

    code: str
    name: str
    url: str
    share: int | None = None


def language_links(request: HttpRequest) -> list[LanguageLink]:
    """This page in each language, for the language menu; what was asked for stays asked."""
    path = request.path_info
    _, _, rest = path[1:].partition("/")
    prefixed = languages.is_offered(path[1:].partition("/")[0])
    asked = _asked(request)
    query = f"?{asked}" if asked else ""
    tail = f"{quote(rest)}{query}" if prefixed else ""
    return [LanguageLink(code, languages.OWN_NAMES[code], f"/{code}/{tail}") for code in languages.CODES]


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
