"""An error tracker for tests: takes what is sent to it, byte by byte, or takes it and never answers."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli  # type: ignore[import-untyped]
import sentry_sdk

from taskforce.core import faults

_OPENED = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@dataclass
class Tracker:
    """What has come: of each request its head and its body, unpacked. `is_let` off: nobody gets an answer."""

    port: int = 0
    came: list[str] = field(default_factory=list)
    is_let: threading.Event = field(default_factory=threading.Event)

    @property
    def dsn(self) -> str:
        """Where it takes reports, as the setting names it."""
        return f"http://key@127.0.0.1:{self.port}/1"

    def reports(self) -> list[dict[str, Any]]:
        """The events in what has come, each a line of JSON in its envelope."""
        lines = [json.loads(line) for one in self.came for line in one.splitlines() if line.startswith("{")]
        return [line for line in lines if "platform" in line]


@contextmanager
def tracking(*, answers: bool = True) -> Iterator[Tracker]:
    """One on a port of its own."""
    tracker = Tracker()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take it."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            opened = _OPENED[self.headers.get("Content-Encoding", "")](body).decode()
            tracker.came.append(f"{self.requestline}\n{self.headers}\n{opened}")
            tracker.is_let.wait()
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    tracker.port = server.server_address[1]
    if answers:
        tracker.is_let.set()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield tracker
    finally:
        tracker.is_let.set()
        server.shutdown()
        server.server_close()


@contextmanager
def reporting(tracker: Tracker, **changed: Any) -> Iterator[None]:
    """This process reports meanwhile, as the portal's do but for what is `changed`."""
    sentry_sdk.init(**{**faults.options(tracker.dsn, "test"), **changed})
    try:
        yield
    finally:
        # What is left is thrown away: only a tracker that answers was waited for.
        sentry_sdk.get_client().close(timeout=5.0 if tracker.is_let.is_set() else 0.0)
        sentry_sdk.get_global_scope().set_client(None)
