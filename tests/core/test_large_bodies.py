"""A body that is too long, or that nobody wanted, is read to its end: its client sees the answer."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings

from taskforce.core import middleware
from taskforce.core.middleware import whole_bodies
from tests.core.test_settings import COMPLETE

FORM = "application/x-www-form-urlencoded"
ENOUGH = middleware._READ_AWAY_BYTES


class Sent(BytesIO):
    """A body that comes in time, or that breaks off."""

    def __init__(self, size: int, *, breaks: bool = False) -> None:
        super().__init__(b"x" * size)
        self.breaks = breaks

    def read(self, size: int | None = -1) -> bytes:
        if self.breaks:
            raise TimeoutError
        return super().read(size)


class Wire:
    """The connection of a client, as gunicorn hands it on."""

    def __init__(self) -> None:
        self.timeouts: list[float | None] = []

    def gettimeout(self) -> float | None:
        return None

    def settimeout(self, seconds: float | None) -> None:
        self.timeouts.append(seconds)


def left_of(sent: BytesIO, *, length: str | None, is_known: bool = True, wire: Wire | None = None) -> int:
    """How much of a body is left when the answer goes out, where the application reads two bytes of it."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        if not sent.closed and not getattr(sent, "breaks", False):
            environ["wsgi.input"].read(2)
        return [b"answer"]

    environ: dict[str, Any] = {"wsgi.input": sent, "wsgi.input_terminated": is_known}
    environ |= {"CONTENT_LENGTH": length} if length is not None else {}
    environ |= {"gunicorn.socket": wire} if wire else {}
    assert list(whole_bodies(application)(environ, lambda *_: lambda _data: None)) == [b"answer"]
    return len(sent.getbuffer()) - sent.tell()


@pytest.mark.parametrize("length", ["6000000", None, ""])
def test_the_rest_of_a_body_is_read_away(length: str | None) -> None:
    """With a length and in chunks; not where nobody says where the body ends, since that would wait for ever."""
    assert left_of(Sent(6_000_000), length=length) == 0
    if length:
        assert left_of(Sent(6_000_000), length=length, is_known=False) == 6_000_000 - 2


def test_so_much_at_most() -> None:
    assert left_of(Sent(ENOUGH + 1_000_000), length=str(ENOUGH + 1_000_000)) == 1_000_000 - 2


def test_a_client_that_falls_silent_is_not_waited_for() -> None:
    """The connection waits as long as before for what comes next."""
    wire = Wire()
    assert left_of(Sent(100, breaks=True), length="100", wire=wire) == 100
    assert wire.timeouts == [middleware._SILENT_SECONDS, None]


def test_a_client_that_sends_slowly_is_not_waited_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 10_000, 9))
    monkeypatch.setattr(middleware, "stopwatch", lambda: float(next(seconds)))
    assert left_of(Sent(200_000), length="200000") > 0


@pytest.fixture
def address() -> Iterator[str]:
    """A gunicorn as production starts it; its database need not be there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **COMPLETE,
        "PATH": os.environ["PATH"],
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
    }
    command = f"-m gunicorn taskforce.wsgi --preload --threads 2 --no-control-socket --bind 127.0.0.1:{port}"
    with subprocess.Popen(
        [sys.executable, *command.split()], cwd=settings.BASE_DIR, env=env, stderr=subprocess.DEVNULL
    ) as own:
        try:
            until = time.monotonic() + 180
            while not _is_there(port):
                assert own.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            own.terminate()
            own.wait(30)


def _is_there(port: int) -> bool:
    with socket.socket() as wire:
        return wire.connect_ex(("127.0.0.1", port)) == 0


PATHS = [
    "/en/accounts/login/",
    "/en/tf/t/feedback/w/",
    "/en/tf/t/join/application/",
    "/en/tf/t/proposals/proposal/translate/3/",
    "/en/admin/",
]


@pytest.mark.long
def test_a_plain_client_sees_that_its_text_was_too_long(address: str) -> None:
    """Python's own client sends everything before it reads; the page says how long a form may be."""
    for path in PATHS:
        for size in (4_000_000, 6_000_000, 20_000_000):
            status, page = sent(f"{address}{path}", size)
            assert (status, "<h1>This was too long</h1>" in page, "(2.5 MB)" in page.replace("\xa0", " ")) == (
                400, True, True,
            ), (path, size)  # fmt: skip


def sent(address: str, size: int) -> tuple[int, str]:
    request = urllib.request.Request(address, b"a=" + b"x" * size, {"Content-Type": FORM})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
