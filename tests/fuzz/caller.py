"""Sends what no client of a library would send, through the application that gunicorn serves, and keeps the books."""

import logging
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from django.core.signals import got_request_exception, request_started
from django.db import close_old_connections, transaction
from django.test import RequestFactory

from taskforce.wsgi import application
from tests.clients import Client
from tests.sampling import NOTED

FORM = "application/x-www-form-urlencoded"
MOST_SECONDS = 2.0
_SECRET = "s" * 32
_CSRF = logging.getLogger("django.security.csrf")
_PLAIN = RequestFactory().generic("GET", "/").environ


@dataclass(frozen=True)
class Sent:
    """One request: what is in its line, its headers and its body. `about` says for the report what is odd in it."""

    address: str
    about: str = ""
    method: str = "GET"
    body: bytes = b""
    content_type: str = FORM
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Answer:
    """What came back, after how many seconds; those in which others had the machine do not count.

    A form that is refused as forged has been looked at no further.
    """

    status: int
    seconds: float
    headers: dict[str, str]
    body: bytes
    error: str = ""
    is_forged: bool = False


@dataclass
class Books:
    """What was sent so far, for the line at the end."""

    requests: int = 0
    errors: int = 0
    slow: int = 0
    slowest: tuple[float, str] = (0.0, "")
    addresses: set[str] = field(default_factory=set)

    def note(self, sent: Sent, answer: Answer, name: str) -> None:
        """Enter a request; `name` is the address without what was odd in it."""
        self.requests += 1
        self.errors += answer.status >= 500
        self.slow += answer.seconds > MOST_SECONDS
        self.addresses.add(name)
        self.slowest = max(self.slowest, (answer.seconds, f"{sent.method} {name} {sent.about}"[:120]))

    def as_property(self) -> tuple[str, dict[str, Any]]:
        """For a test's `user_properties`, which travel from a worker to the process that reports."""
        return NOTED, asdict(self) | {"addresses": sorted(self.addresses)}


@lru_cache(maxsize=4_000)
def quoted(raw: bytes) -> str:
    """Bytes as they stand in an address."""
    return quote_from_bytes(raw, safe="")


def _waited() -> float:
    """Seconds for which this thread could have worked, and the machine did others' work; 0 where no system says so."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


class _Forged(logging.Handler):
    """Notes that Django has refused a form for its token."""

    seen = False

    def emit(self, _record: logging.LogRecord) -> None:
        self.seen = True


@contextmanager
def _watched() -> Iterator[tuple[list[str], _Forged]]:
    """Collects what views raised, and forms refused as forged; the database stays connected."""
    errors: list[str] = []
    forged = _Forged()

    def keep(**_more: Any) -> None:
        errors.append(traceback.format_exc(limit=-3))

    got_request_exception.connect(keep)
    # As Django's own test client does: the connection is in the middle of the world's transaction.
    request_started.disconnect(close_old_connections)
    _CSRF.addHandler(forged)
    try:
        yield errors, forged
    finally:
        _CSRF.removeHandler(forged)
        request_started.connect(close_old_connections)
        got_request_exception.disconnect(keep)


class Caller:
    """One person, signed in or not; whatever a request changes is gone after it."""

    def __init__(self, client: Client, books: Books) -> None:
        self.cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.books = books

    def send(self, sent: Sent) -> Answer:
        """The answer of the application; a view's error is in it."""
        before = transaction.savepoint()
        try:
            return self._answer(sent)
        finally:
            transaction.savepoint_rollback(before)
            transaction.get_connection().needs_rollback = False

    def _answer(self, sent: Sent) -> Answer:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            said.append((status, headers))
            return lambda _data: None

        with _watched() as (errors, forged):
            began = time.perf_counter() - _waited()
            try:
                body = b"".join(application(self._environ(sent), start))
            except Exception:  # noqa: BLE001 - even the page of an error has failed
                said, body = [("500", [])], traceback.format_exc(limit=-3).encode()
            seconds = time.perf_counter() - _waited() - began
        return Answer(int(said[0][0].split()[0]), seconds, dict(said[0][1]), body, "\n".join(errors), forged.seen)

    def _environ(self, sent: Sent) -> dict[str, Any]:
        path, _, query = sent.address.partition("?")
        cookies = dict(sent.headers).get("HTTP_COOKIE", "")
        return {
            **_PLAIN,
            "REQUEST_METHOD": sent.method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": sent.content_type,
            "CONTENT_LENGTH": str(len(sent.body)),
            "wsgi.input": BytesIO(sent.body),
            "HTTP_X_CSRFTOKEN": _SECRET,
            **dict(sent.headers),
            "HTTP_COOKIE": "; ".join(filter(None, (self.cookies, f"csrf={_SECRET}", cookies))),
        }

    def problems(self, many: Iterable[Sent], name: str, *, keep: list[Answer] | None = None) -> list[str]:
        """What is wrong with the answers: a 5xx, or more than two seconds, which a slow one must need thrice.

        The answers are put into `keep` if given.
        """
        return [problem for sent in many for problem in self._wrong(sent, name, [] if keep is None else keep)]

    def _wrong(self, sent: Sent, name: str, keep: list[Answer]) -> list[str]:
        answer = self.send(sent)
        keep.append(answer)
        if answer.seconds > MOST_SECONDS:
            answer.seconds = min(answer.seconds, *(self.send(sent).seconds for _ in range(2)))
        self.books.note(sent, answer, name)
        shown = f"{sent.method} {sent.address[:150]} [{sent.about}]"
        found = [] if answer.status < 500 else [f"{shown}: {answer.status}\n{answer.error}"]
        return found + ([f"{shown}: {answer.seconds:.1f} s"] if answer.seconds > MOST_SECONDS else [])


def form_body(fields: Mapping[str, Iterable[bytes]]) -> bytes:
    """Fields as a browser writes them."""
    return "&".join(f"{quoted(name.encode())}={quoted(raw)}" for name, many in fields.items() for raw in many).encode()
