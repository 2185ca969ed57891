"""The token behind "leave": who stops hearing of what. It stands in the mail and is all that leaving needs (RFC 8058).

Sealed for its purpose, so that no other link's token is one, and whoever reads logs learns no mailbox. It has no age: a
mail of last year must still be a way out.
"""

from typing import NamedTuple

from django.conf import settings
from django.core import signing

from taskforce.core import sealedlinks

_SALT = "taskforce.notifications.leaving"
# Mails that were sent before tokens were sealed hold a signed one, with `:` before the signature.
_SIGNER = signing.Signer(salt=_SALT)
_LONGEST = 600


class Leave(NamedTuple):
    """A mailbox, the task force (None: all) and the topic ("": everything) that it leaves."""

    mailbox: str
    task_force_id: int | None
    topic: str


def token(leave: Leave) -> str:
    """The token, for a path of an address."""
    return sealedlinks.seal([leave.mailbox, leave.task_force_id, leave.topic], _SALT)


def address(leave: Leave) -> str:
    """The whole address that leaves by one POST; the same for every language."""
    return f"{settings.SITE_URL}/unsubscribe/{token(leave)}/"


def read(raw: str) -> Leave | None:
    """What a token says; None for one that is forged, damaged, too long or of another kind."""
    if len(raw) > _LONGEST:
        return None
    try:
        said = _SIGNER.unsign_object(raw) if ":" in raw else sealedlinks.unseal(raw, _SALT)
        mailbox, task_force_id, topic = said
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Leave(mailbox, task_force_id, topic)
