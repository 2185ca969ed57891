"""Codes by mail for somebody who is signed in and proves anew who they are; kept in the session, unreadable there."""

import math
from datetime import datetime
from typing import NamedTuple

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.core.internal.cryptokit import normalize_user_code
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language

from taskforce.accounts import code_tries, notices, queries
from taskforce.accounts.models import User
from taskforce.core.clock import real_now
from taskforce.limits import services as limits
from taskforce.limits import table

_KEY = "proof_code"
# In the session: the numbers of the addresses that its person had when it began.
_OWN = "own_addresses"


class Sent(NamedTuple):
    """For how many whole minutes, rounded up, the code still works; after a wrong one, how many tries are left."""

    minutes: int
    tries_left: int | None


def note_mailboxes(request: HttpRequest, user: User) -> None:
    """Somebody has just signed in: the addresses that are theirs at this moment are those that prove it later."""
    request.session[_OWN] = sorted(queries.confirmed_addresses(user))


def mailbox_of(request: HttpRequest, user: User) -> str | None:
    """Where the code goes: the main one of those confirmed addresses that they had when this session began.

    Whoever finds an open browser, and can add an address, does not prove by it that they are the owner. None where all
    of those are gone; then one signs in anew.
    """
    own, known = queries.confirmed_addresses(user), request.session.get(_OWN)
    return next((mailbox for pk, mailbox in own.items() if known is None or pk in known), None)


def send(request: HttpRequest, user: User, *, at: datetime) -> bool:
    """Send a new code in place of any other; False where there is no mailbox for it. Raises `TooOften`.

    Counted for the account and apart from the codes to sign in: no stranger uses these up.
    """
    mailbox = mailbox_of(request, user)
    if mailbox is None:
        return False
    limits.hit(table.PROOF_CODES, str(user.pk))
    code, seconds = get_adapter().generate_login_code(), app_settings.LOGIN_BY_CODE_TIMEOUT
    request.session[_KEY] = {"code": _fingerprint(code), "until": real_now().timestamp() + seconds, "tries": 0}
    language = get_language() or settings.LANGUAGE_CODE
    notices.proof_code(mailbox, code, seconds, language=language, at=at)
    return True


def sent(request: HttpRequest) -> Sent | None:
    """The code that still works; None where there is none, none any more, or it was wrong too often."""
    kept = request.session.get(_KEY)
    if not isinstance(kept, dict) or kept["tries"] >= app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS:
        return None
    left = kept["until"] - real_now().timestamp()
    tries_left = app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS - kept["tries"] if kept["tries"] else None
    return Sent(max(1, math.ceil(left / 60)), tries_left) if left > 0 else None


def is_right(request: HttpRequest, code: str) -> bool:
    """Whether this is the code that was sent; a right one is used up, a wrong one is one of few tries."""
    if sent(request) is None or not code_tries.is_one(code):
        return False
    kept = request.session[_KEY]
    tries = code_tries.of_proof(kept["code"])
    is_allowed = tries <= app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS
    if is_allowed and constant_time_compare(kept["code"], _fingerprint(code)):
        del request.session[_KEY]
        return True
    request.session[_KEY] = {**kept, "tries": tries}
    return False


def _fingerprint(code: str) -> str:
    return salted_hmac(_KEY, normalize_user_code(code), algorithm="sha256").hexdigest()
