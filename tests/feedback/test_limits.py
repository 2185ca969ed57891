"""The counter holds under parallel use, and it counts the address that a request really came from."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from pytest_django import Settings

from taskforce.core.clock import real_now
from taskforce.core.errors import TooOften
from taskforce.limits.clients import client_address
from taskforce.limits.models import Counter
from taskforce.limits.services import hit

LIMIT = 10


def counted(subject: str) -> None:
    hit("test", subject, limit=LIMIT, window=timedelta(days=1))


def read_then_written(subject: str) -> None:
    """How a limit must not be counted: what it reads is old by the time it writes."""
    start = real_now().replace(hour=0, minute=0, second=0, microsecond=0)
    counter, _made = Counter.objects.get_or_create(what="naive", key=subject, window_start=start)
    if counter.count >= LIMIT:
        raise TooOften("", retry_after=1)
    time.sleep(0.005)
    Counter.objects.filter(pk=counter.pk).update(count=counter.count + 1)


def passed(count: Callable[[str], None], times: int = 200) -> int:
    """How many of so many parallel calls got through."""

    def once(_turn: int) -> bool:
        try:
            count("192.0.2.1")
        except TooOften:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(20) as pool:
        return sum(pool.map(once, range(times)))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_parallel_calls_pass_exactly_ten_times() -> None:
    assert passed(counted) == LIMIT


@pytest.mark.django_db(transaction=True)
def test_a_counter_that_reads_and_then_writes_would_fail_this_test() -> None:
    assert passed(read_then_written) > LIMIT


@pytest.mark.django_db
def test_a_counter_holds_no_address() -> None:
    counted("192.0.2.1")
    assert "192" not in Counter.objects.get().key[:4]
    assert len(Counter.objects.get().key) == 64


@pytest.mark.parametrize(
    ("proxies", "headers", "address"),
    [
        (0, {}, "203.0.113.9"),
        (0, {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "203.0.113.9"),
        (1, {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "198.51.100.1"),
        (1, {"HTTP_X_FORWARDED_FOR": "10.0.0.1, 198.51.100.1"}, "198.51.100.1"),
        (2, {"HTTP_X_FORWARDED_FOR": "10.0.0.1, 198.51.100.1, 192.0.2.3"}, "198.51.100.1"),
        (2, {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "203.0.113.9"),
        (1, {"HTTP_X_FORWARDED_FOR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
        (1, {"HTTP_X_FORWARDED_FOR": "::ffff:198.51.100.1"}, "198.51.100.1"),
        (1, {"HTTP_X_FORWARDED_FOR": "not an address"}, "not an address"),
        (1, {}, ""),
    ],
)
def test_the_address_that_counts(settings: Settings, proxies: int, headers: dict[str, Any], address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", **headers)
    assert client_address(request) == (address or "203.0.113.9")
