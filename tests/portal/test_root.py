"""Addresses without a language, and what a stale form gets."""

import logging

import pytest
from django.db import connection

from taskforce.accounts.models import User
from taskforce.core.logs import JsonFormatter, WithoutAddress
from taskforce.portal import mailbox_server
from taskforce.portal.models import DemoMail
from tests.clients import Client
from tests.conftest import Clock


@pytest.mark.parametrize(
    ("cookie", "account", "header", "expected"),
    [
        ("ja", True, "fr", "/ja/"),
        ("", True, "fr", "/zh-hant/"),
        ("", False, "fr", "/fr/"),
        ("xx", False, "fr", "/fr/"),
        ("", False, "xx", "/en/"),
        ("", False, "de;q=0,en;q=0", "/en/"),
        ("", False, "de;q=0, fr;q=0.5", "/fr/"),
        ("", False, "ar;q=0.1,de; Q=0.000,*;q=0", "/ar/"),
        ("", False, "de;q=0.001", "/de/"),
    ],
)
def test_the_persons_choice_comes_first(
    client: Client, people: dict[str, User], cookie: str, account: bool, header: str, expected: str
) -> None:
    """Cookie, account, browser, English."""
    if account:
        client.force_login(people["member"])
    if cookie:
        client.cookies["language"] = cookie
    assert client.get("/", headers={"accept-language": header}).headers["Location"] == expected


@pytest.mark.django_db
def test_a_stale_form_shows_what_was_typed() -> None:
    """The text is there to be copied; secrets are not."""
    client = Client(enforce_csrf_checks=True)
    page = client.post("/en/accounts/login/", {"q-1": "Six <b>years</b> of meet-ups", "password": "SECRET"})
    assert page.status_code == 403
    html = page.content.decode()
    assert "Six &lt;b&gt;years&lt;/b&gt; of meet-ups" in html
    assert "SECRET" not in html


def test_an_unhandled_error_is_logged_without_its_address() -> None:
    """Django's line repeats the path, which may hold a token."""
    record = logging.LogRecord(
        "django.request", logging.ERROR, "x", 1, "Internal Server Error: %s", ("/x/TOKEN/",), None
    )
    WithoutAddress().filter(record)
    assert "TOKEN" not in JsonFormatter().format(record)


def test_a_mail_that_comes_again_is_shown_once_and_counted(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """By Message-ID and recipient; a mail without a Message-ID is always a new one."""
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's transaction lives in it
    raw = b"Subject: s\r\nMessage-ID: <a@b>\r\n\r\nbody\r\n"
    for _turn in range(2):
        mailbox_server.store(raw, ["member@demo.example"])
        mailbox_server.store(b"Subject: s\r\n\r\nbody\r\n", ["member@demo.example"])
    assert list(DemoMail.objects.order_by("id").values_list("message_id", "arrivals")) == [
        ("<a@b>", 2),
        ("", 1),
        ("", 1),
    ]
