"""The token behind "choose what you get": whose subscriptions a page shows and changes without sign-in.

It stands in the footer of each mail to a follower. Sealed for its purpose, so that whoever reads logs learns no
mailbox; it has no age, as the token of leaving has none: what one gets must be a choice for as long as one gets it.
"""

from django.conf import settings
from django.core import signing

from taskforce.core import sealedlinks

_SALT = "taskforce.notifications.preferences"
# Mails that were sent before tokens were sealed hold a signed one, with `:` before the signature.
_SIGNER = signing.Signer(salt=_SALT)
_LONGEST = 600


def token(mailbox: str) -> str:
    """The token, for a path of an address."""
    return sealedlinks.seal([mailbox], _SALT)


def address(mailbox: str, language: str) -> str:
    """The whole address of the page, in a portal language."""
    return f"{settings.SITE_URL}/{language}/subscriptions/manage/{token(mailbox)}/"


def read(raw: str) -> str | None:
    """The mailbox of a token; None for one that is forged, damaged, too long or of another kind."""
    if len(raw) > _LONGEST:
        return None
    try:
        (mailbox,) = _SIGNER.unsign_object(raw) if ":" in raw else sealedlinks.unseal(raw, _SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(mailbox)
