"""Public pages that are kept: the `pages` cache in Redis, under a key that names all they are made of.

Nothing is ever made invalid: what has changed has another key. Without Redis each page is drawn anew; where it is away
or slow, it is left alone for a while, so that no reader waits for it twice.
"""

import hashlib
import logging
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.db import connection
from redis.exceptions import RedisError

from taskforce.core.clock import stopwatch

logger = logging.getLogger("portal.pagecache")
# Seconds. What nobody has asked for goes by itself; what changes is not found any more anyway.
KEPT_FOR = 3600
_LEFT_ALONE_FOR = 10.0
_CODE = ("taskforce", "proposals", "feedback", "recruitment", "templates", "locale")
_OF_PAGES = {".py", ".html", ".mo", ".css", ".js"}


class Kept(NamedTuple):
    """A page's bytes and their tag."""

    etag: str
    body: bytes


class _Breaker:
    """Until when Redis is left alone, on this process's stopwatch."""

    until = 0.0


def key(*parts: object) -> str:
    """The key of a page that is made of these: values whose `repr` tells all that the page depends on."""
    place = connection.settings_dict
    whole = (build(), place["HOST"], place["PORT"], place["NAME"], parts)
    return hashlib.sha256(repr(whole).encode()).hexdigest()


def get(name: str) -> Kept | None:
    """The page under this key, or None where there is none or no cache."""
    if stopwatch() < _Breaker.until:
        return None
    try:
        found = caches["pages"].get(name)
    except (RedisError, OSError) as error:
        _leave_alone(error)
        return None
    return None if found is None else _read(found)


def put(name: str, kept: Kept) -> None:
    """Keep a page; without a cache nothing happens."""
    if stopwatch() < _Breaker.until:
        return
    try:
        caches["pages"].set(name, written(kept), KEPT_FOR)
    except (RedisError, OSError) as error:
        _leave_alone(error)


class _OneClient(RedisCacheClient):
    """Django's own makes a client of Redis anew for each question, which costs as much as to ask."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The one of this cache, which lies on one server."""
        return self._one

    @cached_property
    def _one(self) -> Any:
        return super().get_client(write=True)


class Pages(RedisCache):
    """The cache of pages as the settings name it: Django's own, with one client."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _OneClient


class AsBytes:
    """How the cache writes a value and reads it: as the bytes that it is, so that nothing in Redis is ever run."""

    def dumps(self, value: bytes) -> bytes:
        """For Redis."""
        return value

    def loads(self, stored: bytes) -> bytes:
        """From Redis."""
        return stored


def written(kept: Kept) -> bytes:
    """A page as it is kept: its tag, a line feed, its bytes."""
    return kept.etag.encode() + b"\n" + kept.body


def _read(found: object) -> Kept | None:
    """The page; None, so that it is drawn anew, where what was found is none or has been damaged."""
    tag, _end, body = found.partition(b"\n") if isinstance(found, bytes) else (b"", b"", b"")
    return Kept(etag(body), body) if tag and tag == etag(body).encode() else None


def _leave_alone(error: Exception) -> None:
    _Breaker.until = stopwatch() + _LEFT_ALONE_FOR
    logger.warning("pages are not kept for now: %s", type(error).__name__)


def etag(body: bytes) -> str:
    """The tag of a page's bytes, as the header has it."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@lru_cache(maxsize=1)
def build() -> str:
    """A digest of the code, the templates and the catalogues: after an update no page of before it is found."""
    root = Path(settings.BASE_DIR)
    files = [file for name in _CODE for file in (root / name).rglob("*") if file.suffix in _OF_PAGES]
    files += [file for file in (root / "requirements.lock", root / "package-lock.json") if file.exists()]
    whole = hashlib.sha256(settings.SITE_URL.encode())
    for file in sorted(files):
        whole.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()
