"""Every answer carries the headers that protect its reader: pages, files, redirects and errors, whoever gives them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core import middleware
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.notifications import leaving
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import TaskForce
from taskforce.urls import urlpatterns as own_urlpatterns
from tests.clients import Client
from tests.security.protection import problems

HERE = "tests.security.test_headers"
LOGIN = "/en/accounts/login/"
TF = "/en/tf/leadership-development/"


def fails(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a page that fails")


def waits(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("the database is away")


urlpatterns = [path("fails/", fails), path("waits/", waits), *own_urlpatterns]
handler400 = "taskforce.core.errorpages.bad_request"
handler403 = "taskforce.core.errorpages.denied"
handler404 = "taskforce.core.errorpages.not_found"
handler500 = "taskforce.core.errorpages.failed"
handler429 = "taskforce.accounts.views.too_often"


@pytest.fixture
def visitor() -> Client:
    """A browser that shows a 5xx as a status and has to send CSRF tokens."""
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def test_every_kind_of_answer_has_them(
    tf: TaskForce, people: dict[str, User], visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, member, free = Client(), Client(), Client()
    staff.force_login(people["coordinator"])
    member.force_login(people["member"])
    monkeypatch.setattr(table, "FOLLOW", table.FOLLOW._replace(most=1))
    follow = {"email": "a@example.org", "topics": ["deadlines"]}
    one_click = f"/unsubscribe/{leaving.token(Leave('a@example.org', tf.pk, ''))}/"
    Client().post("/en/subscriptions/leadership-development/", follow)
    static = next(file for file in Path(settings.STATIC_ROOT).rglob("*.css"))
    tag = visitor.get(TF).headers["ETag"]
    with override_settings(ROOT_URLCONF=HERE):
        answers = {
            "a page": (200, visitor.get("/en/")),
            "a page of allauth": (200, visitor.get(LOGIN)),
            "the staff side": (200, staff.get("/en/admin/")),
            "a list of the staff side": (200, staff.get("/en/admin/timeline/phase/")),
            "a calendar": (200, visitor.get(f"{TF}timeline.ics")),
            "open data": (200, visitor.get("/open-data/leadership-development/phases.json")),
            "health": (200, visitor.get("/healthz")),
            "readiness": (200, visitor.get("/readyz")),
            "a file": (200, visitor.get(f"/static/{static.relative_to(settings.STATIC_ROOT)}")),
            "a post without a page": (200, visitor.post(one_click)),
            "nothing but a head": (200, visitor.head("/en/")),
            "a redirect": (302, visitor.get("/")),
            "to sign-in": (302, visitor.get("/en/admin/")),
            "without a slash": (301, visitor.get("/en/accounts/login")),
            "nothing new": (304, visitor.get(TF, headers={"if-none-match": tag})),
            "bad bytes": (400, visitor.get("/en/?a=%00")),
            "a foreign host": (400, visitor.get("/en/", headers={"host": "evil.test"})),
            "a file of a foreign host": (
                400,
                visitor.get(f"/static/{static.relative_to(settings.STATIC_ROOT)}", headers={"host": "evil.test"}),
            ),
            "a broken host": (400, visitor.get("/en/", headers={"host": "a b"})),
            "too much": (
                400,
                free.post(LOGIN, "a=" + "x" * 2_700_000, content_type="application/x-www-form-urlencoded"),
            ),
            "no token": (403, visitor.post(LOGIN, {})),
            "not staff": (403, member.get("/en/admin/login/")),
            "not there": (404, visitor.get("/en/nothing/")),
            "no such file": (404, visitor.get("/static/nothing.css")),
            "a method that is not": (405, free.post(TF)),
            "no method at all": (405, free.generic("BREW", "/healthz")),
            "too often": (429, free.post("/en/subscriptions/leadership-development/", follow)),
            "a fault": (500, visitor.get("/fails/")),
            "a database that is away": (503, visitor.get("/waits/")),
        }
    assert {what: answer.status_code for what, (_, answer) in answers.items()} == {
        what: status for what, (status, _) in answers.items()
    }
    assert {what: found for what, (_, answer) in answers.items() if (found := problems(answer.headers))} == {}
    errors = {what: answer for what, (status, answer) in answers.items() if status >= 400}
    assert {what for what, answer in errors.items() if "no-store" not in answer.headers["Cache-Control"]} == set()


def test_without_the_outermost_a_foreign_host_would_get_a_bare_page(visitor: Client) -> None:
    inner = [each for each in settings.MIDDLEWARE if not each.endswith(".Headers")]
    assert len(inner) == len(settings.MIDDLEWARE) - 1
    with override_settings(MIDDLEWARE=inner, SECURE_SSL_REDIRECT=True):
        answer = Client().get("/en/", headers={"host": "evil.test"})
    assert "Content-Security-Policy" in problems(answer.headers)
    assert settings.MIDDLEWARE[0].endswith(middleware.Headers.__name__)


# --- as in production ---------------------------------------------------------------------------------------------

HOST = "portal.example.org"
TLS = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1", "Referer": f"https://{HOST}/"}


class Answer(NamedTuple):
    """What came back over the wire."""

    status: int
    headers: HTTPMessage
    body: str

    @property
    def cookies(self) -> SimpleCookie:
        """What is to be kept, with its attributes."""
        kept: SimpleCookie = SimpleCookie()
        for line in self.headers.get_all("Set-Cookie", []):
            kept.load(line)
        return kept


class Served:
    """The portal behind a proxy with TLS: gunicorn with the settings of production."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.jar: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, /, **headers: str) -> Answer:
        """One request; `headers` over those of the proxy."""
        given = {**TLS, "Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())}
        given |= {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        wire = HTTPConnection("127.0.0.1", self.port, timeout=60)
        wire.putrequest(method, path, skip_host=True)
        body = urlencode(fields or {}).encode()
        for name, value in {**given, "Content-Length": str(len(body))}.items():
            if value:
                wire.putheader(name, value)
        wire.endheaders(body)
        came = wire.getresponse()
        answer = Answer(came.status, came.headers, came.read().decode())
        wire.close()
        self.jar |= {name: morsel.value for name, morsel in answer.cookies.items() if morsel.value}
        return answer

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """A form that was read before it is sent."""
        page = self.ask("GET", path).body
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        return self.ask("POST", path, {**fields, "csrfmiddlewaretoken": token}, **headers)


@pytest.fixture
def served(transactional_db: None) -> Iterator[Served]:
    """On the database of this test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": place.geturl(),
        "REDIS_URL": settings.REDIS_URL,
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "DEFAULT_FROM_EMAIL": "portal@example.org",
        "TRUSTED_PROXIES": "1",
    }
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", "taskforce.wsgi", *options]
    with (
        TemporaryFile("w+") as log,
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=log) as process,
    ):
        try:
            wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1).close(), process)
            yield Served(port)
        finally:
            process.terminate()
            process.wait(30)
            log.seek(0)
            print(log.read())  # noqa: T201 - shown where the test fails


def wait_for(connect: Callable[[], None], process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while True:
        try:
            return connect()
        except OSError:
            assert process.poll() is None, "gunicorn does not start"
            assert time.monotonic() < until, "gunicorn does not listen"
            time.sleep(0.1)


def wrong_cookies(cookies: SimpleCookie) -> dict[str, dict[str, Any]]:
    """Cookies that another host, another path, plain HTTP or a script could get at."""
    return {
        name: dict(morsel)
        for name, morsel in cookies.items()
        if not (
            morsel["secure"]
            and morsel["httponly"]
            and morsel["samesite"] in ("Lax", "Strict")
            and not morsel["domain"]
            and (name.startswith("__Host-") and morsel["path"] == "/")
        )
    }


def test_in_production_hosts_cookies_and_links_hold(served: Served) -> None:
    """One server for all of it: a start takes seconds."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"]):
        ann = create_account("ann@example.org", at=app_now(), name="Ann", password="a long enough secret")

    # A foreign host is refused, with the headers of every page; what a proxy may have believed does not help it.
    for headers in (
        {"Host": "evil.test"},
        {"Host": "evil.test", "X_Forwarded_Host": HOST},
        {"Host": f"{HOST}.evil.test"},
    ):
        answer = served.ask("GET", "/en/", None, **headers)
        assert answer.status == 400
        assert problems(answer.headers, secure=True) == []
        assert "evil.test" not in answer.body
    for place in ("/en/", LOGIN, "/en/nothing/", "/healthz", "/open-data/nothing/phases.json"):
        answer = served.ask("GET", place, X_Forwarded_Host="evil.test")
        assert problems(answer.headers, secure=True) == []
        assert "evil.test" not in answer.body + answer.headers.get("Location", "")
    plain = served.ask("GET", "/en/", X_Forwarded_Proto="http")
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{HOST}/en/")
    assert problems(plain.headers) == []

    # A mail's link is on the portal's own origin, whoever asked for it and how.
    sent = served.post("/en/accounts/password/reset/", {"email": ann.email}, X_Forwarded_Host="evil.test")
    assert sent.status == 302
    row = OutboxMessage.objects.get()
    assert row.context["url"].startswith(f"https://{HOST}/en/accounts/password/reset/key/")
    refused = served.ask("POST", "/en/accounts/password/reset/", {"email": ann.email}, Host="evil.test")
    assert refused.status == 400
    assert OutboxMessage.objects.count() == 1

    # Cookies, and another session once somebody is signed in.
    served.jar.clear()
    form = served.ask("GET", LOGIN)
    served.jar["__Host-session"] = "x" * 32
    entered = served.post(LOGIN, {"login": ann.email, "password": "a long enough secret"})
    assert entered.status == 302
    assert set(form.cookies) == {"__Host-csrf"}
    assert (
        {"__Host-session", "__Host-csrf", "__Host-messages", "__Host-known"}
        >= set(entered.cookies)
        >= {"__Host-session"}
    )
    assert entered.cookies["__Host-session"].value != "x" * 32
    assert {**wrong_cookies(form.cookies), **wrong_cookies(entered.cookies)} == {}
    assert served.ask("GET", "/en/accounts/email/").status == 200
