"""What waits for a proof is done once, however many proofs come at once, each in a real transaction of its own."""

from collections.abc import Callable
from importlib import import_module
from time import sleep
from typing import Any

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.conf import settings
from django.http import HttpRequest

from taskforce.accounts import fresh
from tests.timeline.conftest import Run

Take = Callable[[HttpRequest], Any]
KEPT = {"request": "what was posted"}
_store = import_module(settings.SESSION_ENGINE).SessionStore


def locked(request: HttpRequest) -> Any:
    """The portal's own way."""
    sleep(0.3)
    return fresh.take(request)


def unlocked(request: HttpRequest) -> Any:
    """Out of what each request has read for itself: what this test must be able to catch."""
    kept = request.session.pop(STATE_SESSION_KEY, None)
    sleep(0.3)
    return kept


def prove(take: Take, session_key: str) -> Any:
    """One request with the right password: it has read its session, takes what waits, and goes on in a new one."""
    request = HttpRequest()
    request.session = _store(session_key)
    request.session.get(STATE_SESSION_KEY)
    kept = take(request)
    request.session.cycle_key()
    return kept


@pytest.mark.parametrize(("take", "holds"), [(locked, True), (unlocked, False)], ids=["locked", "each for itself"])
def test_what_was_posted_is_done_once(aside: Run, take: Take, *, holds: bool) -> None:
    session = _store()
    session[STATE_SESSION_KEY] = KEPT
    session.save()
    running = [aside(prove, take, session.session_key) for _ in range(6)]
    taken = [one.result(20) for one in running]
    assert KEPT in taken
    assert (taken.count(KEPT) == 1) is holds
    assert not holds or taken.count(None) == 5
