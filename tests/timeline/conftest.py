"""Fixtures for tests that need several real transactions at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pgtrigger
import pytest
from django.db import connection

from tests.conftest import Clock

Run = Callable[..., Future[Any]]


@pytest.fixture
def committed_clock(transactional_db: None) -> Iterator[Clock]:
    """A clock that other connections see too; put back afterwards, since no transaction takes it back."""
    yield Clock()
    with connection.cursor() as cursor:
        cursor.execute(import_module("taskforce.core.migrations.0001_clock").CREATE)


@contextmanager
def _threads(count: int) -> Iterator[Run]:
    def with_own_connection(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=count) as pool:
        yield lambda function, *arguments, **named: pool.submit(with_own_connection, function, *arguments, **named)


@pytest.fixture
def aside(transactional_db: None) -> Iterator[Run]:
    """Run a function in a thread with a connection of its own; every error comes out of `.result()`."""
    with _threads(8) as run:
        yield run


@pytest.fixture
def crowd(transactional_db: None) -> Iterator[Run]:
    """As `aside`, for many at once."""
    with _threads(32) as run:
        yield run


@contextmanager
def past_the_triggers() -> Iterator[None]:
    """Rows of phases changed as nobody can change them, for a state that a test needs."""
    with (
        pgtrigger.ignore("timeline.Phase:published_dates_need_an_act", "timeline.Phase:published_stays"),
        connection.cursor() as cursor,
    ):
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class Meeting:
    """Two threads that meet: `arrive` says that one is there, `wait` gives up after a while (False)."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def arrive(self) -> None:
        self._event.set()

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds)
