"""Why somebody is asked to sign in: read from the address to which they go on afterwards."""

import re

from django.utils.translation import gettext_lazy as _

# CONTRACT: Addresses. By address, since what lies behind them belongs to higher rooms.
_REASONS = (
    (re.compile(r"/[a-z-]+/admin/"), _("Sign in to get to the staff side.")),
    (re.compile(r"/[a-z-]+/tf/[^/]+/join/"), _("Sign in to write your application.")),
    (
        re.compile(r"/[a-z-]+/tf/[^/]+/feedback/[^/]+/items/[^/]+/agree/"),
        _("Sign in to say that you agree: with an account each person counts once. Nobody sees who agrees."),
    ),
    # Which address that is, nobody is told who has only the link.
    (
        re.compile(r"/[a-z-]+/accounts/invitation/"),
        _("To answer the invitation, use the address that the mail with it came to."),
    ),
    (re.compile(r"/[a-z-]+/accounts/"), _("Sign in to see your account.")),
)
_OTHER = _("Sign in to get to the page that you asked for.")


def reason(going_on_to: str) -> str:
    """A sentence for the sign-in pages, in the active language; empty for nowhere and for another site's address."""
    if not re.match(r"/(?![/\\])", going_on_to):
        return ""
    return str(next((text for address, text in _REASONS if address.match(going_on_to)), _OTHER))
