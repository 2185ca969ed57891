"""What is no request never reaches the portal: the server answers by itself, with the headers of every page."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

from tests.security.protection import problems

SECRET = "TOKEN456"
OWN, STOCK = "taskforce.serving.Worker", "gthread"
# As an operator may start it, and as gunicorn is without the portal's settings: who asks names the prefix of all links.
PREFIXED = "--forwarder-headers=SCRIPT_NAME,PATH_INFO"
# What is sent, and the answer to it.
SENT = {
    "no version": (f"GET /{SECRET} {SECRET}/ HTTP/1.1\r\n\r\n", 400),
    "a version that is not": (f"GET / HTTP/9.{SECRET}\r\n\r\n", 400),
    "no method": (f"G{{ET /{SECRET} HTTP/1.1\r\n\r\n", 400),
    "a header that is not": (f"GET / HTTP/1.1\r\nHost: a\r\nX {SECRET}: b\r\n\r\n", 400),
    "two lengths": ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "an unknown coding": (f"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {SECRET}\r\n\r\n", 400),
    "a long line": (f"GET /{'a' * 5000}{SECRET} HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "an expectation": (f"POST / HTTP/1.1\r\nHost: a\r\nExpect: {SECRET}\r\nContent-Length: 1\r\n\r\n", 417),
    "a long header": (f"GET / HTTP/1.1\r\nHost: a\r\nX-A: {SECRET}{'a' * 9000}\r\n\r\n", 431),
    "many headers": ("GET / HTTP/1.1\r\nHost: a\r\n" + "X-A: a\r\n" * 200 + "\r\n", 431),
}


class Server(NamedTuple):
    """A gunicorn with the project's own settings, and what it has written."""

    port: int
    log: Path

    def ask(self, sent: str) -> bytes:
        """What comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as wire:
            wire.sendall(sent.encode())
            came = b""
            try:
                while piece := wire.recv(65536):
                    came += piece
            except ConnectionResetError:
                pass  # it has not read all that was sent
        return came


@pytest.fixture(params=[OWN, pytest.param(STOCK, marks=pytest.mark.long)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """With everything else away, since none of this reaches it."""
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "https://portal.example.org",
        "ALLOWED_HOSTS": "portal.example.org",
        "DATABASE_URL": "postgres://none/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "DEFAULT_FROM_EMAIL": "portal@example.org",
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--bind", f"127.0.0.1:{port}", "--threads", "2", "--no-control-socket"]
    options += {OWN: [], STOCK: ["--worker-class", STOCK], PREFIXED: [PREFIXED]}[request.param]
    command = [sys.executable, "-m", "gunicorn", "taskforce.wsgi", *options]
    log = tmp_path / "log"
    with (
        log.open("w") as stream,
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=stream) as own,
    ):
        try:
            until = time.monotonic() + 60
            while "Booting worker" not in log.read_text():
                assert own.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.1)
            yield Server(port, log)
        finally:
            own.terminate()
            own.wait(30)


@pytest.mark.parametrize("server", [OWN], indirect=True)
def test_the_servers_own_refusals_have_the_headers_of_every_page(server: Server) -> None:
    """And 4xx whatever a client sends, a page that quotes nothing of it, and a line without it."""
    wrong: dict[str, list[str]] = {}
    for what, (sent, status) in SENT.items():
        head, _, body = server.ask(sent).partition(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        headers = BytesParser().parsebytes(rest)
        found = problems(headers, secure=True) + ([] if f" {status} ".encode() in line else [line.decode()])
        found += [] if headers["Cache-Control"] == "private, no-store" else ["may be kept"]
        found += (
            [body.decode()] if SECRET.encode() in head + body or len(body) != int(headers["Content-Length"]) else []
        )
        wrong |= {what: found} if found else {}
    assert wrong == {}
    assert server.log.read_text().count("WARNING gunicorn.error: no request: ") == len(SENT)
    assert server.log.read_text().count("400, UnsupportedTransferCoding") == 1


def test_no_line_of_the_server_holds_an_address_or_what_was_sent(server: Server) -> None:
    """With gunicorn's own worker too, whose lines hold both."""
    before = server.log.read_text()
    for sent, _ in SENT.values():
        server.ask(sent)
    lines = server.log.read_text().removeprefix(before)
    assert lines.count("WARNING gunicorn.error: ") == len(SENT)
    assert [line for line in lines.splitlines() if SECRET in line or "127.0.0.1" in line or "ip=" in line] == []


def asked(path: str, prefix: str) -> str:
    """A request as the proxy hands it on, with a prefix that only the client has named."""
    names = f"Host: portal.example.org\r\nX-Forwarded-Proto: https\r\nSCRIPT_NAME: {prefix}\r\nConnection: close"
    return f"GET {path} HTTP/1.1\r\n{names}\r\n\r\n"


@pytest.mark.parametrize(
    ("server", "is_obeyed"),
    [(OWN, False), *(pytest.param(*other, marks=pytest.mark.long) for other in ((STOCK, False), (PREFIXED, True)))],
    indirect=["server"],
)
def test_no_link_of_an_answer_begins_with_a_prefix_of_the_clients(server: Server, is_obeyed: bool) -> None:
    head, _, body = server.ask(asked(f"/{SECRET}/en/nothing/", f"/{SECRET}")).partition(b"\r\n\r\n")
    assert b" 404 " in head
    assert b'href="/en/' in body or is_obeyed
    assert (f'="/{SECRET}/'.encode() in head + body) is is_obeyed
    status = server.ask(asked("/healthz", f"/{SECRET}")).partition(b"\r\n")[0]
    assert (b" 200 " in status) is not is_obeyed


@pytest.mark.long
@pytest.mark.parametrize("server", [PREFIXED], indirect=True)
def test_a_prefix_that_does_not_fit_is_the_clients_fault(server: Server) -> None:
    """Never 5xx and a traceback, also where somebody has turned prefixes on."""
    before = server.log.read_text()
    assert server.ask(asked("/healthz", f"/{SECRET}")).startswith(b"HTTP/1.1 400 ")
    written = server.log.read_text().removeprefix(before)
    assert "WARNING gunicorn.error: no request: 400, ConfigurationProblem" in written
    assert [word for word in ("Traceback", "ERROR", SECRET) if word in written] == []
