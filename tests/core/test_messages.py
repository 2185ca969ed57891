"""Messages to the next page: sealed on their way, and no session for who has none."""

import base64
import zlib
from contextlib import suppress

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from taskforce.core.messages import Storage

ADDRESS = "secret.friend@example.org"
SAID = f"Done: Observer for {ADDRESS}"


def request() -> HttpRequest:
    """Of somebody who has no session yet."""
    made = RequestFactory().get("/")
    made.session = {}  # type: ignore[assignment]  # nothing looks for more
    return made


def stored(said: str = SAID) -> HttpResponse:
    """The answer that carries a message."""
    response, storage = HttpResponse(), Storage(request())
    storage.add(messages.SUCCESS, said)
    storage.update(response)
    return response


def shown(cookie: str) -> list[Message]:
    """What the next page shows."""
    asked = request()
    asked.COOKIES["messages"] = cookie
    return list(Storage(asked))


def opened(cookie: str) -> bytes:
    """All that a reader of the cookie may make of it without a key."""
    found = cookie.encode()
    for part in cookie.strip('"').split(":"):
        with suppress(ValueError):
            raw = base64.urlsafe_b64decode(part.strip(".") + "==")
            found += raw
            with suppress(zlib.error):
                found += zlib.decompress(raw)
    return found


def test_the_cookie_says_nothing_on_its_way_and_the_next_page_shows_it() -> None:
    cookie = stored().cookies["messages"].value
    assert ADDRESS.encode() not in opened(cookie)
    assert [(one.level, str(one)) for one in shown(cookie)] == [(messages.SUCCESS, SAID)]


def test_the_twin_that_is_only_signed_is_seen() -> None:
    response, storage = HttpResponse(), CookieStorage(RequestFactory().get("/"))
    storage.add(messages.SUCCESS, SAID)
    storage.update(response)
    signed = response.cookies["messages"].value
    assert ADDRESS.encode() in opened(signed)
    assert shown(signed) == []


@pytest.mark.parametrize("cookie", ["", "x", "x:y:z", "\x00", "A" * 64])
def test_what_is_made_up_shows_nothing(cookie: str) -> None:
    assert shown(cookie) == []


def test_a_message_begins_no_session() -> None:
    asked, response = request(), HttpResponse()
    storage = Storage(asked)
    storage.add(messages.SUCCESS, SAID)
    storage.update(response)
    assert set(response.cookies) == {"messages"}
    assert not asked.session
