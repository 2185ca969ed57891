"""Which browsers have signed in to an account before: these have counts of their own, which no stranger can use up.

A cookie says so. It is signed and names the account by a keyed hash, so that nobody else can make or read it; it opens
nothing. The hash is also of what ends sessions (the password, and how often its owner has signed out everywhere): a
browser that was thrown out is a stranger's again.
"""

from datetime import timedelta
from secrets import token_hex

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from taskforce.accounts.models import User

_SALT = "taskforce.known-browser"
_FOR = timedelta(days=365)
# Several people may share a browser; with more of them the one who was here longest ago is a stranger again.
_MOST = 5


def note(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Somebody has just signed in here, or has ended here what other browsers know: the answer tells their browser."""
    mark = mark_of(request, user) or f"{_hash(user)}.{token_hex(8)}"
    marks = [mark, *(other for other in _marks(request) if other != mark)][:_MOST]
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps(marks, salt=_SALT),
        max_age=_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def mark_of(request: HttpRequest, user: User | None) -> str | None:
    """What this browser is counted as where it is about this account; None where it has never signed in to it."""
    if user is None:
        return None
    return next((mark for mark in _marks(request) if mark.partition(".")[0] == _hash(user)), None)


def _marks(request: HttpRequest) -> list[str]:
    try:
        found = signing.loads(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""), salt=_SALT, max_age=_FOR)
    except signing.BadSignature:
        return []
    return [str(mark) for mark in found]


def _hash(user: User) -> str:
    return salted_hmac(_SALT, f"{user.pk} {user.get_session_auth_hash()}", algorithm="sha256").hexdigest()
