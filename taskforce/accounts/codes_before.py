"""Where no new code was sent, the one that was sent before works on.

No mail goes out where a mailbox has had its mails of the day, and no page says so: it would tell who has an account.
So each answer is the same as if one had gone out, with its time and its tries; what the field takes is what can have
arrived, as often as that code may still be tried (`code_tries.py`), and where nothing has, nothing.
"""

import json
from collections.abc import Mapping
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.core.cache import cache
from django.http import HttpRequest

from taskforce.accounts import queries, sealing
from taskforce.core.clock import real_now

# Set on a request whose mail did not go out.
_UNSENT = "portal.mail_unsent"
# With a code that was sent before: when it was, in seconds of the epoch. Without it allauth's own `at` is that.
_SENT_AT = "sent_at"
_SIGN_IN = ("state", "stages", "login_by_code", "data")

# What waits for a code, as allauth keeps it in the session: `code`, `email`, `user_id`, `at`.
State = dict[str, Any]


def note_unsent(request: HttpRequest) -> None:
    """No mail goes out for this request."""
    request.META[_UNSENT] = True


def waiting(request: HttpRequest) -> list[State]:
    """What waits for a code in this window: a sign-in, and an address that is to be confirmed."""
    found = [_of_sign_in(request), request.session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY)]
    return [state for state in found if isinstance(state, dict)]


def sign_in_by_what_was_sent(request: HttpRequest, before: list[State]) -> None:
    """After a new sign-in by code has begun: without a mail of its own, its code is the newest of `before`."""
    state = _of_sign_in(request)
    if request.META.pop(_UNSENT, False) and state is not None:
        _take_newest(state, before)
        request.session.modified = True


def confirm_by_what_was_sent(request: HttpRequest, process: Any) -> None:
    """After the mail for `process` (allauth's, of an address to be confirmed) has gone out, or has not: what works.

    An account that nobody has entered may have been made in another window, even by somebody else. Its code is in the
    mailbox of whoever signs up now, and in nobody else's.
    """
    state = process.state
    is_new = process.user is not None and queries.never_entered(process.email) == process.user
    key = f"sign-up-code:{state.get('user_id')}"
    if not request.META.pop(_UNSENT, False):
        if is_new:
            cache.set(key, sealing.seal(json.dumps(dict(state))), app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT)
        return
    elsewhere = _unsealed(cache.get(key)) if is_new else None
    _take_newest(state, [*waiting(request), *([elsewhere] if elsewhere else [])])


def _unsealed(kept: str | None) -> State | None:
    """What another window waits for, which lies in a table; None where there is nothing, or no key for it any more."""
    try:
        found: State | None = json.loads(sealing.unseal(kept)) if kept else None
    except sealing.Unreadable:
        return None
    return found


def _of_sign_in(request: HttpRequest) -> State | None:
    found: Any = request.session.get(LOGIN_SESSION_KEY)
    for name in _SIGN_IN:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _take_newest(state: State, before: list[State]) -> None:
    whose = ("email", "user_id")
    mine = [one for one in before if one.get("code") and all(one.get(name) == state.get(name) for name in whose)]
    newest = max(mine, key=_sent_at, default=None)
    # It works for its time, and in this window, which says that time of a new one, for once as long at most.
    if newest and real_now().timestamp() - _sent_at(newest) < app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT:
        state["code"], state[_SENT_AT] = newest["code"], _sent_at(newest)
    elif state.get("code"):
        # It went to nobody: whoever types it has guessed it.
        state["code"] = ""


def _sent_at(state: Mapping[str, Any]) -> float:
    return float(state.get(_SENT_AT, state["at"]))
