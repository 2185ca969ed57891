"""By what a browser finds what was typed in it and not sent: a random secret that the browser itself keeps.

The portal keeps a hash of it for each window, so that nothing says which drafts of several windows are one person's. It
says nothing about whoever types: whether they are signed in makes no difference, and who uses the browser next finds it
too, which the form says.
"""

import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from taskforce.core import tokens

NAME = "__Host-draft" if settings.SECURE else "draft"
# From the last time that something was kept.
KEPT_FOR = timedelta(days=60)
_SECRET = re.compile(r"[A-Za-z0-9_-]{32}")


def secret_of(request: HttpRequest) -> str:
    """The secret that this browser has; "" where it has none, or none of ours."""
    found = request.COOKIES.get(NAME, "")
    return found if _SECRET.fullmatch(found) else ""


def new_secret() -> str:
    """A secret for a browser that has none."""
    return secrets.token_urlsafe(24)


def hashed(secret: str, window_id: int) -> str:
    """Under what its drafts in a window are known; "" without a secret."""
    return tokens.hashed(f"{window_id} {secret}") if secret else ""


def remember(response: HttpResponse, secret: str) -> None:
    """Let the browser keep it, from now on for `KEPT_FOR`."""
    response.set_cookie(
        NAME,
        secret,
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
