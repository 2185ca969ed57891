"""A wiki whose accounts people sign in with: MediaWiki's OAuth 2 as the portal meets it, on the loopback address.

It is as strict as the real one (consumer, secret, the registered address letter by letter, PKCE, codes that work once)
and, where a test wants it, as broken as a server can be. Its consent page lies on another origin than its addresses,
as Wikimedia's sign-in does.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

KEY, SECRET = "portal-consumer", "portal-secret"
TOKEN = "token-that-nobody-keeps"
REFRESH = "refresh-that-nobody-keeps"
REAL_NAME = "Canary Realname"
Answer = tuple[int, dict[str, str], bytes]


def a_person(**changed: Any) -> dict[str, Any]:
    """What the wiki says about somebody, with everything that it says."""
    return {
        "sub": "4711",
        "username": "Wiki Ann",
        "realname": REAL_NAME,
        "email": "ann@wiki.example",
        "confirmed_email": True,
        "editcount": 12,
        "blocked": False,
        "groups": ["user"],
        **changed,
    }


class Wiki:
    """The wiki: who is signed in there, what is registered, what it was asked, and what is wrong with it."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}/w"
        self.person: Any = a_person()
        self.redirect_uri = ""
        # (which of `token` and `profile`, what is wrong with it)
        self.fault: tuple[str, str] = ("", "")
        self.asked: list[tuple[str, str, str]] = []
        self.refused: list[str] = []
        self._codes: dict[str, str] = {}
        self._over = threading.Event()

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Answer no more; who is kept waiting is let go."""
        self._over.set()
        self.server.shutdown()
        self.server.server_close()

    # --- what a browser asks -----------------------------------------------------------------------------------------

    def authorize(self, sent: dict[str, str]) -> Answer:
        """On to the consent page, if the consumer may ask at all."""
        problem = self._problem_of(sent)
        if problem:
            return self._refuse(problem)
        return 302, {"Location": f"http://localhost:{self.port}/consent?{urlencode(sent)}"}, b""

    def _problem_of(self, sent: dict[str, str]) -> str:
        if sent.get("client_id") != KEY or sent.get("response_type") != "code":
            return "unknown consumer"
        if sent.get("redirect_uri") != self.redirect_uri:
            return f"the address to go back to is not the registered one: {sent.get('redirect_uri')}"
        if sent.get("code_challenge_method") != "S256" or len(sent.get("code_challenge", "")) != 43:
            return "no PKCE"
        return ""

    def consent(self, sent: dict[str, str]) -> Answer:
        """The page that asks."""
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in sent.items()
        )
        page = (
            f'<!DOCTYPE html><html lang="en"><title>Wiki</title><link rel="icon" href="data:,"><h1>Allow?</h1>'
            f'<form method="post" action="/consent">{hidden}'
            f'<button name="allow" value="1">Allow</button><button name="deny" value="1">Deny</button></form>'
        )
        return 200, {"Content-Type": "text/html"}, page.encode()

    def decide(self, sent: dict[str, str]) -> Answer:
        """Back to the portal, with a code or without."""
        said = {"state": sent.get("state", "")}
        if "allow" in sent:
            said["code"] = self.new_code(sent["code_challenge"])
        else:
            said["error"] = "access_denied"
        return 302, {"Location": f"{sent['redirect_uri']}?{urlencode(said)}"}, b""

    def new_code(self, challenge: str) -> str:
        """A code for whoever can answer this challenge."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = challenge
        return code

    # --- what the portal asks ----------------------------------------------------------------------------------------

    def token(self, sent: dict[str, str]) -> Answer:
        """A token for a code, once."""
        challenge = self._codes.pop(sent.get("code", ""), "")
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if sent.get("client_id") != KEY or sent.get("client_secret") != SECRET:
            return self._refuse("wrong secret", 401)
        if sent.get("redirect_uri") != self.redirect_uri:
            return self._refuse("wrong address")
        if not challenge or base64.urlsafe_b64encode(verifier).decode().rstrip("=") != challenge:
            return self._refuse("wrong code or verifier")
        return _json({"token_type": "Bearer", "expires_in": 14400, "access_token": TOKEN, "refresh_token": REFRESH})

    def profile(self, authorization: str) -> Answer:
        """Who is signed in there."""
        if authorization != f"Bearer {TOKEN}":
            return self._refuse("wrong token", 401)
        return _json(self.person)

    def _refuse(self, why: str, status: int = 400) -> Answer:
        self.refused.append(why)
        return _json({"error": "invalid_request", "message": why}, status)

    # --- what is wrong with it ---------------------------------------------------------------------------------------

    def spoilt(self, which: str, good: Answer) -> Answer | Iterator[bytes]:
        """The answer as this wiki gives it: the good one, unless `fault` says otherwise. An iterator is raw bytes.

        A fault that names a charset is the type that the good answer is said to be of; "nested 900" adds lists in lists
        to it."""
        place, fault = self.fault
        if place != which:
            return good
        if fault.startswith("nested "):
            depth = int(fault.removeprefix("nested "))
            more = b', "more": ' + b"[" * depth + b"]" * depth + b"}"
            return (200, {"Content-Type": "application/json"}, good[2][:-1] + more)
        answers: dict[str, Answer | Iterator[bytes]] = {
            "error": (500, {"Content-Type": "text/html"}, b"<h1>Fatal exception</h1>"),
            "no json": (200, {"Content-Type": "application/json"}, b"<html>"),
            "no type": (200, {}, good[2]),
            "empty": (200, {"Content-Type": "application/json"}, b""),
            "list": _json([good[2].decode()]),
            "number": _json(7),
            "null": _json(None),
            "other object": _json({"hello": "world"}),
            "deep": (200, {"Content-Type": "application/json"}, b'{"a":' + b"[" * 60_000),
            "long": (200, {"Content-Type": "application/json"}, b'{"a": "' + b"x" * 200_000 + b'"}'),
            "elsewhere": (302, {"Location": f"http://localhost:{self.port}/elsewhere"}, good[2]),
            "broken": iter([b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"]),
            "no http": iter([b"\x00\x01\x02 what?\r\n\r\n"]),
            "silent": self._slowly([], 60),
            "slow headers": self._slowly([b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 60], 0.5),
            "slow body": self._slowly([b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b" "] * 60], 0.5),
            "bad token": _json({"access_token": "a\r\nX-Evil: b"}),
            "foreign token": _json({"access_token": "токен"}),
            "token of numbers": _json({"access_token": 7}),
            "other token": _json({"access_token": "not-the-one"}),
        }
        return (200, {"Content-Type": fault}, good[2]) if "charset=" in fault else answers[fault]

    def _slowly(self, parts: list[bytes], pause: float) -> Iterator[bytes]:
        for part in parts or [b""]:
            yield part
            if self._over.wait(pause):
                return


def _json(value: Any, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _handler(wiki: Wiki) -> type[BaseHTTPRequestHandler]:
    """Hands each request on to the wiki."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(_first(urlsplit(self.path).query))

        def do_POST(self) -> None:
            self._answer(_first(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))

        def _answer(self, sent: dict[str, str]) -> None:
            path = urlsplit(self.path).path.removeprefix("/w/rest.php/oauth2")
            wiki.asked.append((self.command, path, self.headers.get("User-Agent", "")))
            ways: dict[tuple[str, str], Callable[[], Answer | Iterator[bytes]]] = {
                ("GET", "/authorize"): lambda: wiki.authorize(sent),
                ("GET", "/consent"): lambda: wiki.consent(sent),
                ("POST", "/consent"): lambda: wiki.decide(sent),
                ("POST", "/access_token"): lambda: wiki.spoilt("token", wiki.token(sent)),
                ("GET", "/resource/profile"): lambda: wiki.spoilt(
                    "profile", wiki.profile(self.headers.get("Authorization", ""))
                ),
            }
            way = ways.get((self.command, path))
            self._send(way() if way else (404, {}, b""))

        def _send(self, answer: Answer | Iterator[bytes]) -> None:
            try:
                if not isinstance(answer, tuple):
                    for part in answer:
                        self.wfile.write(part)
                        self.wfile.flush()
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    return Handler


def _first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


@contextmanager
def running() -> Iterator[Wiki]:
    """A wiki for the length of a block."""
    wiki = Wiki()
    wiki.start()
    try:
        yield wiki
    finally:
        wiki.stop()
