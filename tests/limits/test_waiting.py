"""Who is counted waits for whoever is counted before them: not for a refusal, and not until the database gives up."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from taskforce.core.clock import real_now
from taskforce.limits import mailboxes, services, table
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services import create_task_force
from tests.clients import Client
from tests.limits.test_addresses import FIELDS, FOLLOW

WHO = "127.0.0.1"


@pytest.fixture
def tf(transactional_db: None) -> TaskForce:
    return create_task_force("leadership-development", {"en": "Leadership Development"}, at=real_now())


def count_one() -> None:
    """As somebody who asks to follow is counted."""
    services.hit(table.FOLLOW, WHO)


@contextmanager
def somebody_is_being_counted(by: Callable[[], object] = count_one) -> Iterator[None]:
    """A transaction that holds the counter of following, or what else `by` takes, until the block ends."""
    begun, over = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                by()
                begun.set()
                over.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        begun.wait(20)
        try:
            yield
        finally:
            over.set()


def ask(turn: int = 0) -> Any:
    return Client(raise_request_exception=False).post(FOLLOW, {**FIELDS, "email": f"a{turn}@example.org"})


def ask_in_haste() -> Any:
    """As somebody who waits for a second at most, which no statement takes that is not kept waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '1s'")
    try:
        return ask()
    finally:
        connection.close()


@pytest.mark.long
@pytest.mark.parametrize(
    "by", [count_one, lambda: mailboxes.hold("a0@example.org")], ids=["at the counter", "at the mailbox"]
)
@pytest.mark.parametrize(("line", "status"), [(services.in_line, 429), (nullcontext, 503)], ids=["as it is", "twin"])
def test_who_waits_too_long_has_come_too_often(
    tf: TaskForce, monkeypatch: pytest.MonkeyPatch, line: Callable[[], Any], status: int, by: Callable[[], object]
) -> None:
    """Never an error of ours, whatever comes at once."""
    monkeypatch.setattr(services, "in_line", line)
    with somebody_is_being_counted(by):
        answer = ask_in_haste()
    assert answer.status_code == status
    assert 0 < int(answer.headers["Retry-After"]) <= 10


@pytest.mark.long
def test_who_waits_for_a_long_list_of_staffs_has_sent_nothing_too_often(tf: TaskForce) -> None:
    with somebody_is_being_counted(mailboxes.hold_all):
        answer = ask_in_haste()
    assert answer.status_code == 503
    assert 0 < int(answer.headers["Retry-After"]) <= 10
    html = answer.content.decode()
    assert "Too busy just now" in html
    assert "very often" not in html


def test_who_is_refused_anyway_waits_for_nobody(tf: TaskForce, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mails of this address are used up: it is told so while the counter of following is held."""
    monkeypatch.setattr(table, "MAILS_OF_SENDER", table.MAILS_OF_SENDER._replace(most=1))
    assert ask().status_code == 303
    with somebody_is_being_counted():
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '2s'")
        try:
            answer = ask(1)
        finally:
            connection.close()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 3000


@pytest.mark.long
def test_many_at_once_are_taken_or_refused(tf: TaskForce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAILS_OF_SENDER", table.MAILS_OF_SENDER._replace(most=5))

    def status(turn: int) -> int:
        try:
            return int(ask(turn).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(status, range(30)))
    assert statuses == [303] * 5 + [429] * 25
