"""What this browser has a receipt of, so that the same words sent twice are one item (nobody is followed by it).

The browser itself keeps the references, sealed, for an hour and until somebody signs out in it; nobody but the portal
can read them, and they open nothing: only who sends the very same words again, and more than a few of them, comes to
the receipt. Whoever has signed in as somebody else since, or has signed in or out, has none of them. What the next
person at a shared device would say as well (a choice, "Yes.") is theirs, and leads to a receipt of their own.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from taskforce.core import keyed, leaving, sealedlinks
from taskforce.core.clock import real_now

NAME, _PURPOSE = "__Secure-sent" if settings.SECURE else "sent", "feedback.sent"
_KEPT_FOR = timedelta(hours=1)
_MOST = 5


def register() -> None:
    """Have it dropped where somebody signs out."""
    leaving.register(NAME)


def references(request: HttpRequest) -> list[str]:
    """The references that this browser was given within the last hour, oldest first; none if somebody altered them,
    or if they were given to another account."""
    if NAME not in request.COOKIES:
        return []
    try:
        kept, holder, until = sealedlinks.unseal(request.COOKIES[NAME], _PURPOSE)
    except (sealedlinks.NoToken, TypeError, ValueError):
        return []
    return list(kept) if holder == _holder(request) and real_now().timestamp() < until else []


def _holder(request: HttpRequest) -> str:
    """The browser may change hands: what was given to one account says nothing under another. Of the same length for
    everybody, so that not even that tells whether somebody was signed in."""
    user = request.user
    subject = str(user.pk) if user.is_authenticated else ""
    return keyed.hexdigest("feedback.sent.holder", subject)[:32]


def remember(request: HttpRequest, response: HttpResponse, reference: str) -> None:
    """Give the browser one more reference to keep."""
    others = [each for each in references(request) if each != reference]
    until = int((real_now() + _KEPT_FOR).timestamp())
    response.set_cookie(
        NAME,
        sealedlinks.seal([[*others, reference][-_MOST:], _holder(request), until], _PURPOSE),
        max_age=_KEPT_FOR,
        # Of the whole portal, so that it can be dropped where somebody signs out.
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
