"""The demo's mailbox: what arrives over SMTP is there to be seen, with the outbox's word beside it."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from pytest_django import Settings

from taskforce.core.clock import real_now
from taskforce.notifications import delivery
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import mailbox_server
from taskforce.portal.models import DemoMail
from tests.clients import Client
from tests.notifications import sink as sinks
from tests.notifications.conftest import AT, NEWS, Write


@pytest.fixture
def demo(settings: Settings) -> None:
    """The demo's addresses."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.architecture.demo_urls"


@pytest.fixture
def arrived(sink: sinks.Sink, write: Write, demo: None) -> list[OutboxMessage]:
    """Three mails, sent and received."""
    rows = [
        write("ann@example.org", context={"name": "<script>alert(1)</script>"}),
        write("bob@example.org", NEWS, language="ar", context={"body": "**مرحبا**"}),
        write("ann@example.org", language="zh-hant"),
    ]
    delivery.deliver_due()
    for arrival in sorted(
        sink.arrivals, key=lambda arrival: [row.message_id for row in rows].index(arrival.message_id)
    ):
        DemoMail.objects.create(
            raw=arrival.raw, recipient=arrival.recipients[0], message_id=arrival.message_id, received_at=AT
        )
    return rows


@pytest.mark.django_db
def test_json_as_the_contract_says(client: Client, arrived: list[OutboxMessage]) -> None:
    mails = client.get("/demo/mail.json").json()
    assert [mail["key"] for mail in mails] == [row.key for row in reversed(arrived)]
    second = mails[1]
    assert set(second) == {"key", "to", "language", "subject", "text", "html", "headers", "state", "at", "arrivals"}
    assert (second["to"], second["language"], second["state"]) == ("bob@example.org", "ar", "sent")
    assert second["at"] == "2022-02-15T12:00:00Z"
    assert second["headers"]["Message-ID"] == arrived[1].message_id
    assert "مرحبا" in second["text"]
    assert "<strong>مرحبا</strong>" in second["html"]
    assert len(client.get("/demo/mail.json?to=Bob@example.org").json()) == 1


@pytest.mark.django_db
def test_pages(client: Client, arrived: list[OutboxMessage]) -> None:
    page = client.get("/demo/mail/?to=bob@example.org&language=zh-hant")
    body = page.content.decode()
    assert page.status_code == 200
    assert '<html lang="zh-Hant" dir="ltr">' in body
    assert body.count("<h1") == 1
    assert 'lang="ar" dir="rtl"' in body
    assert body.count('class="pt-card"') == 1
    first = DemoMail.objects.earliest("id")
    mail = client.get(f"/demo/mail/{first.pk}/").content.decode()
    assert mail.count("<h1") == 1
    assert "<script>alert" not in mail
    assert "&lt;script&gt;alert" in mail
    assert not re.search(r"\sstyle=|<style|<iframe", mail)
    assert arrived[0].message_id.strip("<>") in mail
    assert client.get("/demo/mail/").content.decode().count('class="pt-card"') == 3


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["mail/0/", "mail/2147483648/", "mail/99999999999999999999999999/", "mail/x/"])
def test_no_such_mail(client: Client, demo: None, path: str) -> None:
    assert client.get(f"/demo/{path}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?q?\r\n\r\n",
        b"Content-Type: text/html; charset=nonsense\r\nContent-Language: tlh\r\n\r\n<img src=x onerror=alert(1)>",
        b"Content-Type: multipart/alternative\r\n\r\nno parts",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
    ],
)
def test_whatever_arrives_can_be_shown(client: Client, demo: None, raw: bytes) -> None:
    row = DemoMail.objects.create(raw=raw, recipient="", message_id="", received_at=AT)
    for path in ("/demo/mail/", f"/demo/mail/{row.pk}/", "/demo/mail.json"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"onerror" not in answer.content or path.endswith(".json")


@pytest.mark.django_db
def test_it_does_not_exist_outside_the_demo(client: Client, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo"):
        call_command("demo_mailbox", "--port", "1")


@pytest.mark.django_db(transaction=True)
def test_from_the_outbox_over_smtp_into_the_mailbox(write: Write, settings: Settings) -> None:
    row = write("ann@example.org")
    with sinks.running(mailbox_server.Mailbox()) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        delivery.deliver_due()
    stored = DemoMail.objects.get()
    assert (stored.recipient, stored.message_id) == ("ann@example.org", row.message_id)
    row.refresh_from_db()
    assert row.state == "sent"


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_the_sender_is_asked_again(
    write: Write, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = write("ann@example.org")
    whole = mailbox_server.store
    failures = [1]

    def fails_once(raw: bytes, recipients: list[str]) -> None:
        if failures:
            failures.pop()
            raise OperationalError
        whole(raw, recipients)

    monkeypatch.setattr(mailbox_server, "store", fails_once)
    with sinks.running(mailbox_server.Mailbox()) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        delivery.deliver_due()
        row.refresh_from_db()
        assert (row.state, row.error[:3]) == ("queued", "451")
        OutboxMessage.objects.update(not_before=real_now())
        delivery.deliver_due()
    assert DemoMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_database_has_cut_costs_no_mail(write: Write, settings: Settings) -> None:
    with sinks.running(mailbox_server.Mailbox()) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        write("ann@example.org")
        delivery.deliver_due()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        write("ann@example.org")
        delivery.deliver_due()
    assert DemoMail.objects.count() == 2


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_command_receives_until_it_is_told_to_stop(write: Write, settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "SITE_URL")}
    environment.pop("ALLOWED_HOSTS", None)
    environment |= {"DATABASE_URL": url, "DEMO": "1", "DJANGO_SETTINGS_MODULE": "taskforce.settings"}
    command = [sys.executable, "-m", "django", "demo_mailbox", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        write("ann@example.org")
        patience = real_now().timestamp() + 30
        while delivery.deliver_due() == 0 and real_now().timestamp() < patience:
            OutboxMessage.objects.update(not_before=real_now())
        assert DemoMail.objects.get().recipient == "ann@example.org"
        second = subprocess.run([*command], env=environment, capture_output=True, text=True, timeout=60)
        assert second.returncode == 1
        assert f"port {port} cannot be used" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        asyncio.run(mailbox_server.receive(taken.getsockname()[1], asyncio.Event()))
