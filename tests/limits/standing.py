"""Where tests of limits stand: a span of each that lasts as long as a test, and senders with addresses of their own."""

import time
from collections.abc import Iterator
from copy import copy
from functools import partial

import pytest
from django.core.cache import cache, caches
from pytest_django import Settings

from taskforce.core.clock import real_now
from taskforce.limits import services


def stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clocks by which our limits and allauth's count stand, and what is in the cache stay."""
    monkeypatch.setattr(time, "time", partial(float, time.time()))
    monkeypatch.setattr(services, "real_now", partial(copy, real_now()))
    monkeypatch.setattr(type(caches["default"]), "get_backend_timeout", lambda *_of, **_more: None)


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Settings) -> Iterator[None]:
    """Each request of a module that imports this comes from an address of its own choosing."""
    settings.TRUSTED_PROXIES = 1
    cache.clear()
    yield
    cache.clear()
