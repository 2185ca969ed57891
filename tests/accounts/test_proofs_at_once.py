"""What waits for a proof is done once, however many proofs come at once, each in a real transaction of its own."""

from collections.abc import Callable
from importlib import import_module
from time import sleep
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest

from taskforce.accounts import waiting
from taskforce.accounts.waiting import Waiting
from tests.timeline.conftest import Run

Take = Callable[[HttpRequest, str], Any]
KEPT = Waiting("", "/en/", "what was posted")
_store = import_module(settings.SESSION_ENGINE).SessionStore


def locked(request: HttpRequest, mark: str) -> Any:
    """The portal's own way."""
    sleep(0.3)
    return waiting.take(request, mark)


def unlocked(request: HttpRequest, mark: str) -> Any:
    """Out of what each request has read for itself: what this test must be able to catch."""
    kept = waiting.find(request.session, mark)
    sleep(0.3)
    return kept


def request_of(session_key: str | None = None) -> HttpRequest:
    """A request with a session: that of the key, or a new one."""
    request = HttpRequest()
    request.session = _store(session_key)
    return request


def prove(take: Take, session_key: str, mark: str) -> Any:
    """One request with the right password: it has read its session, takes what waits, and goes on in a new one."""
    request = request_of(session_key)
    waiting.find(request.session, mark)
    kept = take(request, mark)
    request.session.cycle_key()
    return kept


@pytest.mark.parametrize(("take", "holds"), [(locked, True), (unlocked, False)], ids=["locked", "each for itself"])
def test_what_was_posted_is_done_once(aside: Run, take: Take, *, holds: bool) -> None:
    request = request_of()
    mark = waiting.keep(request, KEPT)
    request.session.save()
    running = [aside(prove, take, request.session.session_key, mark) for _ in range(6)]
    taken = [one.result(20) for one in running]
    assert KEPT in taken
    assert (taken.count(KEPT) == 1) is holds
    assert not holds or taken.count(None) == 5
