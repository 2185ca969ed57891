"""Signing up with an address with which somebody has signed up before, and that nobody has confirmed or entered yet.

A second click, or a stranger: nobody can tell before the code is typed. So each window gets a code, and what was typed
in the one that confirms holds.
"""

from typing import NamedTuple

from django.http import HttpRequest

from taskforce.accounts.models import User

_KEY = "signed_up_again"


class SignUp(NamedTuple):
    """What somebody chose: the password as it is stored (hashed, or unusable), language and zone of their mails;
    `instead_of`: the account's password as it was stored then. With another one it is no longer what they chose for."""

    password: str
    language: str
    zone: str
    instead_of: str


def remember(request: HttpRequest, account: User, like_it: User) -> None:
    """Keep in this window's session what its reader chose for an account that is there already."""
    chosen = SignUp(like_it.password, like_it.language, like_it.zone, account.password)
    request.session[_KEY] = {"account": account.pk, "chosen": chosen}


def chosen_here(request: HttpRequest, account_id: int) -> SignUp | None:
    """What was chosen in this window for the account whose code was typed just now; None where the account has it."""
    kept = request.session.pop(_KEY, None)
    if not isinstance(kept, dict) or kept["account"] != account_id or len(kept["chosen"]) != len(SignUp._fields):
        return None
    return SignUp(*kept["chosen"])


def forget(request: HttpRequest) -> None:
    """Somebody has signed in here, in whichever way: what was chosen before is nobody's choice any more."""
    request.session.pop(_KEY, None)
