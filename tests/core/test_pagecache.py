"""The cache of pages: kept in Redis, and nobody waits for it where it is away."""

import pickle
import time
from collections.abc import Iterator

import pytest
from django.conf import settings as portal
from django.core.cache import caches
from pytest_django import Settings

from taskforce.core import pagecache
from taskforce.core.pagecache import Kept

BODY = "<p>第</p>".encode()
PAGE = Kept(pagecache.etag(BODY), BODY)
REDIS = "taskforce.core.pagecache.Pages"


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagecache._Breaker, "until", 0.0)


def lies_at(settings: Settings, address: str, seconds: float = 0.2) -> None:
    settings.CACHES = settings.CACHES | {
        "pages": {
            "BACKEND": REDIS,
            "LOCATION": address,
            "KEY_PREFIX": "test",
            "OPTIONS": {"serializer": "taskforce.core.pagecache.AsBytes", "socket_timeout": seconds},
        }
    }


@pytest.fixture
def redis(settings: Settings) -> Iterator[None]:
    # What is there is waited for, however busy the machine is.
    lies_at(settings, portal.CACHE_URL or portal.REDIS_URL, 20.0)
    yield
    caches["pages"].delete("a")


def test_what_was_put_is_there(redis: None) -> None:
    assert pagecache.get("a") is None
    pagecache.put("a", PAGE)
    assert pagecache.get("a") == PAGE
    assert pagecache.get("b") is None


@pytest.mark.parametrize(
    "damaged", [b"", b"7", b"x", pickle.dumps(tuple(PAGE)), pagecache.written(PAGE)[:-1], b"\n" + BODY]
)
def test_what_is_damaged_is_drawn_anew(damaged: bytes, redis: None) -> None:
    """Whatever stands there: nothing of it is run, and nobody gets it."""
    caches["pages"].set("a", damaged, 60)
    assert pagecache.get("a") is None


def test_away_it_is_left_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One try, then none for a while; never an error."""
    lies_at(settings, "redis://127.0.0.1:1/0")
    begun = time.perf_counter()
    assert pagecache.get("a") is None
    assert pagecache._Breaker.until > 0
    monkeypatch.setattr(pagecache, "caches", {})
    for _ in range(100):
        assert pagecache.get("a") is None
        pagecache.put("a", PAGE)
    assert time.perf_counter() - begun < 10
    monkeypatch.setattr(pagecache, "stopwatch", lambda: pagecache._Breaker.until)
    with pytest.raises(KeyError):
        pagecache.get("a")


def test_keys_tell_pages_apart(db: None) -> None:
    """By everything that they are made of; the same parts are the same key."""
    assert pagecache.key("/en/", ("a", "b")) == pagecache.key("/en/", ("a", "b"))
    assert len({pagecache.key(*parts) for parts in (("/en/", "ab"), ("/en/a", "b"), ("/en/", ("ab",)), ())}) == 4
