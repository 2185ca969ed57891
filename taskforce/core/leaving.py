"""Cookies that end where somebody signs out: those of what they did while they were signed in.

A higher room names its own in `AppConfig.ready()`; what is to outlive the sign-in (a language, a draft) is not named.
"""

from django.conf import settings
from django.http import HttpResponse

_names: set[str] = set()


def register(name: str) -> None:
    """Have the cookie of this name, of the whole portal, dropped where somebody signs out."""
    _names.add(name)


def drop(response: HttpResponse) -> None:
    """Drop all of them from the browser that gets this answer."""
    for name in sorted(_names):
        response.delete_cookie(name, path="/", samesite="Lax")
        response.cookies[name]["secure"] = settings.SESSION_COOKIE_SECURE
