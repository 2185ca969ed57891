"""What this browser last asked a code for, so that the sign-in pages can say until when it works and send a new one.

Kept in the session, the same for addresses with and without an account: nobody learns from it who has one.
"""

import math
from typing import NamedTuple

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest

from taskforce.core.clock import real_now

_KEY = "code_sent"


class Sent(NamedTuple):
    """The address a code went to, where its reader goes on to (or ""), seconds for which it still works."""

    mailbox: str
    going_on_to: str
    seconds: float

    @property
    def expired(self) -> bool:
        """Whether the code no longer works."""
        return self.seconds <= 0

    @property
    def minutes(self) -> int:
        """For how long it still works, in whole minutes, rounded up."""
        return max(1, math.ceil(self.seconds / 60))


def remember(request: HttpRequest, mailbox: str, seconds: int) -> None:
    """Note that a mail with a code that works for `seconds` is on its way to this address."""
    going_on_to = get_next_redirect_url(request) or ""
    request.session[_KEY] = {
        "mailbox": mailbox,
        "going_on_to": going_on_to,
        "until": real_now().timestamp() + seconds,
    }


def forget(request: HttpRequest) -> None:
    """The code has been used, or needs no mention any more."""
    request.session.pop(_KEY, None)


def sent(request: HttpRequest) -> Sent | None:
    """The code that was asked for last, or None where there is nothing to say about one."""
    noted = request.session.get(_KEY)
    if not isinstance(noted, dict):
        return None
    return Sent(noted["mailbox"], noted["going_on_to"], noted["until"] - real_now().timestamp())
