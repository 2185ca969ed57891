"""Everything that lies in Valkey and in the tables of machinery, in every form in which it can be read."""

import base64
import json
import os
import pickletools
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import redis
from django.db import connection

from taskforce.accounts.sessions import SessionStore

# A wrapping in a wrapping in a wrapping: a message holds a body in base64, which may hold what somebody has packed.
_DEEPEST = 4
DATABASES = 16


@contextmanager
def server(number: int | None = None) -> Iterator[Any]:
    """The server of the broker; with a number another of its databases (of which one is for pages)."""
    url = os.environ["REDIS_URL"]
    if number is not None:
        url = re.sub(r"(/|db=)\d+$", rf"\g<1>{number}", url)
    with redis.Redis.from_url(url) as opened:
        yield opened


def held() -> str:
    """Every key and value of the whole server, each database of it, unwrapped; in the order of its keys."""
    found: list[str] = []
    for number in range(DATABASES):
        with server(number) as opened:
            for key in sorted(opened.scan_iter(count=1000)):
                found += [f"{number}: {key!r}", *(text for value in _values(opened, key) for text in readings(value))]
    return "\n".join(found)


def _values(opened: Any, key: bytes) -> list[bytes]:
    """What lies under a key, whatever it is."""
    kind = opened.type(key).decode()
    asks: dict[str, Callable[[], Any]] = {
        "string": lambda: [opened.get(key)],
        "list": lambda: opened.lrange(key, 0, -1),
        "set": lambda: list(opened.smembers(key)),
        "zset": lambda: opened.zrange(key, 0, -1),
        "hash": lambda: [part for pair in opened.hgetall(key).items() for part in pair],
    }
    # Of any other kind what the server itself would write to its disk.
    values = asks.get(kind, lambda: [opened.dump(key)])()  # type: ignore[no-untyped-call]  # the client's
    return [value for value in values if value is not None]


def machinery() -> str:
    """The cache that lies in PostgreSQL, and the sessions, unwrapped: what whoever reads the tables can read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache_default")
        rows = cursor.fetchall()
        cursor.execute("SELECT session_data FROM django_session")
        # `packed:when:signature`, the first behind a point where it is compressed.
        rows += [data.split(":") for (data,) in cursor.fetchall()]
    return "\n".join(text for row in rows for part in row for text in readings(part.encode()))


def sessions() -> str:
    """What the sessions hold for the portal itself, which has the key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        held = [json.dumps(SessionStore().decode(data)) for (data,) in cursor.fetchall()]
    return "\n".join(text for one in held for text in readings(one.encode()))


def readings(raw: bytes, depth: int = 0) -> Iterator[str]:
    """The text of some bytes, and of whatever is packed in them: JSON, base64, zlib, pickle."""
    yield raw.decode("utf-8", "replace")
    for unpack in (_in_json, _in_base64, _in_zlib, _in_pickle) if depth < _DEEPEST else ():
        with suppress(*_NOT_PACKED_SO):
            for inner in unpack(raw):
                yield from readings(inner, depth + 1)


_NOT_PACKED_SO = (ValueError, zlib.error, EOFError, LookupError)


def _in_json(raw: bytes) -> list[bytes]:
    """Each text in it, names too: what is escaped in JSON is plain there, and what is packed can be unpacked."""
    found = json.loads(raw)
    return [] if isinstance(found, int | float) else [text.encode() for text in _texts(found)]


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict | list):
        for part in (*found, *(found.values() if isinstance(found, dict) else ())):
            yield from _texts(part)


def _in_base64(raw: bytes) -> list[bytes]:
    packed = raw.strip().lstrip(b".").translate(bytes.maketrans(b"-_", b"+/"))
    return [base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)]


def _in_zlib(raw: bytes) -> list[bytes]:
    return [zlib.decompress(raw)]


def _in_pickle(raw: bytes) -> list[bytes]:
    """What stands in it, read without executing it: the server is shared with the tests that plant hostile pickles."""
    if not raw.startswith(b"\x80"):
        raise ValueError
    found = [argument for _opcode, argument, _place in pickletools.genops(raw) if argument is not None]
    return [part if isinstance(part, bytes) else str(part).encode() for part in found]
