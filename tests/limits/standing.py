"""A span of every limit that lasts as long as a test, however busy its machine is."""

import time
from copy import copy
from functools import partial

import pytest
from django.core.cache import caches

from taskforce.core.clock import real_now
from taskforce.limits import services


def stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clocks by which our limits and allauth's count stand, and what is in the cache stay."""
    monkeypatch.setattr(time, "time", partial(float, time.time()))
    monkeypatch.setattr(services, "real_now", partial(copy, real_now()))
    monkeypatch.setattr(type(caches["default"]), "get_backend_timeout", lambda *_of, **_more: None)
