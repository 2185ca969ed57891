"""The token in the link of an invitation: which invitation, and a fingerprint of the mailbox that it went to.

Signed under a salt of its own, so that no other link's token is one; without the mailbox, since addresses of pages
stand in logs and histories. Its age and its single use are the invitation's. What it opens is a page with buttons:
programs open links too.
"""

from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "taskforce.accounts.invitation"
_SIGNER = signing.Signer(salt=_SALT)
_LONGEST = 200


class Invited(NamedTuple):
    """What a token says: the number of an invitation, and the fingerprint of its mailbox."""

    invitation_id: int
    fingerprint: str

    def went_to(self, mailbox: str) -> bool:
        """Whether it went to this mailbox (lower case)."""
        return constant_time_compare(self.fingerprint, _fingerprint(mailbox))


def token(invitation_id: int, mailbox: str) -> str:
    """The token, for a path of an address."""
    return _SIGNER.sign_object([invitation_id, _fingerprint(mailbox)])


def address(invitation_id: int, mailbox: str, language: str) -> str:
    """The whole address of the page, under the portal's own origin."""
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse('account_invitation', args=[token(invitation_id, mailbox)])}"


def read(raw: str) -> Invited | None:
    """What a token says; None for one that is forged, damaged, too long or of another kind."""
    if len(raw) > _LONGEST:
        return None
    try:
        invitation_id, fingerprint = _SIGNER.unsign_object(raw)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invited(invitation_id, fingerprint)


def _fingerprint(mailbox: str) -> str:
    return salted_hmac(_SALT, mailbox, algorithm="sha256").hexdigest()[:16]
