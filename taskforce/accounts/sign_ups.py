"""Signing up with an address with which somebody has signed up before, and that nobody has confirmed or entered yet.

A second click, or a stranger: nobody can tell before the code is typed. So each window gets a code, and what was typed
in the one that confirms holds.
"""

from typing import NamedTuple

from django.http import HttpRequest

from taskforce.accounts.models import User

_KEY = "signed_up_again"


class SignUp(NamedTuple):
    """What somebody chose: the password as it is stored (hashed, or unusable), language and zone of their mails."""

    password: str
    language: str
    zone: str


def remember(request: HttpRequest, account: User, like_it: User) -> None:
    """Keep in this window's session what its reader chose for an account that is there already."""
    request.session[_KEY] = {"account": account.pk, "chosen": SignUp(like_it.password, like_it.language, like_it.zone)}


def chosen_here(request: HttpRequest, account_id: int) -> SignUp | None:
    """What was chosen in this window for the account whose code was typed just now; None where the account has it."""
    kept = request.session.pop(_KEY, None)
    if not isinstance(kept, dict) or kept["account"] != account_id:
        return None
    return SignUp(*kept["chosen"])
