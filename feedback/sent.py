"""What this browser has a receipt of, so that the same words sent twice are one item (nobody is followed by it).

The browser itself keeps the references, signed, for the window's page only and for an hour; they open nothing: only
who sends the very same words again, and more than a few of them, comes to the receipt. Whoever has signed in as
somebody else since, or has signed in or out, has none of them. What the next person at a
shared device would say as well (a choice, "Yes.") is theirs, and leads to a receipt of their own.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NAME, _SALT = "__Secure-sent" if settings.SECURE else "sent", "feedback.sent"
_KEPT_FOR = timedelta(hours=1)
_MOST = 5
_BETWEEN, _HELD_BY = ".", "/"


def references(request: HttpRequest) -> list[str]:
    """The references that this browser was given within the last hour, oldest first; none if somebody altered them,
    or if they were given to another account."""
    signed = request.get_signed_cookie(NAME, default="", salt=_SALT, max_age=_KEPT_FOR)
    kept, _, holder = (signed or "").partition(_HELD_BY)
    return [reference for reference in kept.split(_BETWEEN) if reference] if holder == _holder(request) else []


def _holder(request: HttpRequest) -> str:
    """The browser may change hands: what was given to one account says nothing under another."""
    user = request.user
    return str(user.pk) if user.is_authenticated else ""


def remember(request: HttpRequest, response: HttpResponse, reference: str) -> None:
    """Give the browser one more reference to keep; the request is one to the window's own address."""
    holder = _holder(request)
    others = [each for each in references(request) if each != reference]
    response.set_signed_cookie(
        NAME,
        _BETWEEN.join([*others, reference][-_MOST:]) + (_HELD_BY + holder if holder else ""),
        salt=_SALT,
        max_age=_KEPT_FOR,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
