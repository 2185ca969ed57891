"""Wherever somebody wants to be led afterwards, it is a page of the portal."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.core.cache import cache

from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from tests.clients import Client
from tests.sampling import WHOLE

ORIGIN = "http://testserver"
PASSWORD = "a long enough secret"
HOSTILE = (
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "\\\\evil.test",
    "/\\evil.test",
    "\\/evil.test",
    "/\t/evil.test",
    "/%09/evil.test",
    "\t//evil.test",
    "/\n/evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https://evil.test",
    "HTTPS://EVIL.TEST/",
    "http://testserver@evil.test/",
    "http://testserver.evil.test/",
    "//testserver:80@evil.test",
    "javascript:alert(1)",
    "data:text/html,x",
    "//evil%E3%80%82test",
    "http://[::1]evil.test/",
    "ftp://testserver/",
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> Iterator[None]:
    """allauth counts in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ann() -> User:
    """Somebody with an account and a password."""
    return create_account("ann@example.org", at=app_now(), name="Ann", password=PASSWORD)


# Whom to write to.
CONTACT = "mailto:portal@example.org"


def leads_away(location: str) -> bool:
    """Whether a browser would leave the portal: it passes over tabs and line ends, takes \\ for / and three for two."""
    seen = re.sub(r"[\t\r\n]", "", location.strip("\x00 \t\r\n")).replace("\\", "/")
    seen = re.sub(r"^/{2,}", "//", seen)
    try:
        parts = urlsplit(urljoin(f"{ORIGIN}/en/", seen))
    except ValueError:
        return True
    return (parts.scheme, parts.netloc) != ("http", "testserver")


def test_what_leads_away_is_known() -> None:
    """Each value would lead a browser away, or to no page at all, if it were followed as it is."""
    harmless = [value for value in HOSTILE if not leads_away(value)]
    assert harmless == ["/%09/evil.test"]
    assert not any(leads_away(value) for value in ("/en/", "?a=1", "/en/accounts/email/", "//testserver/en/"))


def locations(client: Client, path: str, fields: dict[str, Any] | None = None) -> Iterator[str]:
    """Where an answer and those that it leads to lead on."""
    answer = client.post(path, fields) if fields is not None else client.get(path)
    for _ in range(5):
        if answer.status_code not in (301, 302, 303, 307, 308):
            return
        yield answer.headers["Location"]
        if leads_away(answer.headers["Location"]):
            return
        answer = client.get(urljoin(f"{ORIGIN}{path}", answer.headers["Location"]).removeprefix(ORIGIN))


@pytest.mark.dear
@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_leads_away(ann: User, value: str) -> None:
    """At signing in and out, and on every page that hands on where to go afterwards."""
    cache.clear()
    login = {"login": ann.email, "password": PASSWORD}
    signed_in = Client()
    signed_in.force_login(ann)
    asked = quote(value, safe="")
    ways: list[tuple[Client, str, dict[str, Any] | None]] = [
        (Client(), f"/en/accounts/login/?next={asked}", login),
        (Client(), "/en/accounts/login/", {**login, "next": value}),
        (signed_in, f"/en/accounts/reauthenticate/?next={asked}", {"password": PASSWORD, "next": value}),
        (signed_in, f"/en/accounts/login/?next={asked}", None),
        (signed_in, f"/en/accounts/signup/?next={asked}", None),
        (Client(), f"/en/admin/login/?next={asked}", None),
        (Client(), f"/en/admin/?next={asked}", None),
        (signed_in, f"/en/accounts/logout/?next={asked}", {"next": value}),
    ]
    followed = {way[1]: list(locations(*way)) for way in (ways if WHOLE else ways[HOSTILE.index(value) % 2 :: 2])}
    assert {path: found for path, found in followed.items() if any(map(leads_away, found))} == {}
    assert all(followed.values())


@pytest.mark.parametrize("value", HOSTILE)
def test_no_page_offers_a_link_away(value: str) -> None:
    for page in ("login/", "signup/", "login/code/", "password/reset/"):
        html = Client().get(f"/en/accounts/{page}?next={quote(value, safe='')}").content.decode()
        links = re.findall(r'(?:href|action|formaction)="([^"]*)"', html.replace("&amp;", "&"))
        assert [link for link in links if leads_away(link) and link != CONTACT] == []


@pytest.mark.parametrize(
    "path",
    [
        "//evil.test",
        "//evil.test/",
        "//evil.test/%2e%2e",
        "/en//evil.test",
        "/%5cevil.test",
        "/tf//evil.test",
        "/%09/evil.test",
    ],
)
def test_no_path_leads_away(path: str) -> None:
    """Neither the slash that is put behind an address nor the language in front."""
    answer = Client().generic("GET", path)
    assert not leads_away(answer.headers.get("Location", "/"))
    links = re.findall(r'href="([^"]*)"', answer.content.decode())
    assert [link for link in links if leads_away(link)] == []
