"""Two kinds of mail of the tests' own, a mail server that can fail, and ways to run several senders at once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import MailKind, Recipient
from taskforce.notifications.models import OutboxMessage
from tests.notifications import sink as sinks
from tests.notifications.sink import Sink

AT = datetime(2022, 2, 15, 12, tzinfo=UTC)
AUDIENCE: list[list[Recipient]] = []


def _audience(params: dict[str, Any]) -> Iterator[list[Recipient]]:
    yield from AUDIENCE


def _news(params: dict[str, Any], language: str) -> dict[str, Any]:
    return {"name": params["name"], "body": f"*{language}*", "url": "", "closes_at": "2022-03-01T12:00:00+00:00"}


RECEIPT = MailKind("test-receipt", MailClass.TRANSACTIONAL, secrets=("code",))
NEWS = MailKind("test-news", MailClass.ANNOUNCEMENT, context=_news, audience=_audience)


@pytest.fixture(autouse=True)
def own_kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' kinds, known during the test; their templates lie beside the tests (`tests/settings.py`)."""
    monkeypatch.setattr(kinds, "_kinds", {**kinds._kinds, RECEIPT.name: RECEIPT, NEWS.name: NEWS})
    AUDIENCE.clear()
    yield
    AUDIENCE.clear()


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """A mail server that delivery finds."""
    handler = Sink()
    with sinks.running(handler) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        # Where the server is to be silent a test shortens this; anywhere else a busy machine is no lost mail.
        settings.EMAIL_TIMEOUT = 10
        yield handler


Write = Callable[..., OutboxMessage]


@pytest.fixture
def write() -> Write:
    """A mail in the outbox: `write("a@example.org")`, `write("a@example.org", NEWS)`."""
    numbers = count(1)

    def written(mailbox: str = "ann@example.org", kind: MailKind = RECEIPT, **options: Any) -> OutboxMessage:
        context = {"name": "Ann", "code": "ABCD-2345", "body": "", "url": "", "closes_at": AT.isoformat()}
        values: dict[str, Any] = {"key": f"{kind.name}:{next(numbers)}", "language": "en", "at": AT} | options
        values["context"] = context | values.get("context", {})
        return services.enqueue(kind.name, mailbox=mailbox, **values)

    return written
