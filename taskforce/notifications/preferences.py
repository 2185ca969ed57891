"""The token behind "choose what you get": whose subscriptions a page shows and changes without sign-in.

It stands in the footer of each mail to a follower. Signed and bound to its purpose by its salt; it has no age, as the
token of leaving has none: what one gets must be a choice for as long as one gets it.
"""

from django.conf import settings
from django.core import signing

_SIGNER = signing.Signer(salt="taskforce.notifications.preferences")
_LONGEST = 600


def token(mailbox: str) -> str:
    """The token, for a path of an address."""
    return _SIGNER.sign_object([mailbox])


def address(mailbox: str, language: str) -> str:
    """The whole address of the page, in a portal language."""
    return f"{settings.SITE_URL}/{language}/subscriptions/manage/{token(mailbox)}/"


def read(raw: str) -> str | None:
    """The mailbox of a token; None for one that is forged, damaged, too long or of another kind."""
    if len(raw) > _LONGEST:
        return None
    try:
        (mailbox,) = _SIGNER.unsign_object(raw)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(mailbox)
