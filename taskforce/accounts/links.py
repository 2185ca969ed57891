"""The token in the link of an invitation: which invitation, for which mailbox.

Signed under a salt of its own, so that no other link's token is one. Its age and its single use are the invitation's.
What it opens is a page with buttons: programs open links too.
"""

from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation

_SIGNER = signing.Signer(salt="taskforce.accounts.invitation")
_LONGEST = 600


class Invited(NamedTuple):
    """The number of an invitation, and the mailbox (lower case) that it went to."""

    invitation_id: int
    mailbox: str


def token(invited: Invited) -> str:
    """The token, for a path of an address."""
    return _SIGNER.sign_object(list(invited))


def address(invited: Invited, language: str) -> str:
    """The whole address of the page, under the portal's own origin."""
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse('account_invitation', args=[token(invited)])}"


def read(raw: str) -> Invited | None:
    """What a token says; None for one that is forged, damaged, too long or of another kind."""
    if len(raw) > _LONGEST:
        return None
    try:
        invitation_id, mailbox = _SIGNER.unsign_object(raw)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invited(invitation_id, mailbox)
