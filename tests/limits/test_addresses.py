"""A limit counts the address that a request really came from, for the portal's forms and for django-allauth's."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import get_ip
from django.core.cache import cache
from django.test import RequestFactory
from pytest_django import Settings

from taskforce.limits import table
from taskforce.limits.clients import client_address
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.limits.standing import stand_still
from tests.sampling import FIGURE, WHOLE

FOLLOW = "/en/subscriptions/leadership-development/"
FIELDS = {"topics": ["deadlines"], "frequency": "immediate", "language": "en", "zone": "UTC"}


@pytest.fixture(autouse=True)
def nothing_counted_yet(db: None) -> Iterator[None]:
    """allauth counts in the cache."""
    cache.clear()
    yield
    cache.clear()


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
        (1, {"HTTP_X_FORWARDED_FOR": "192.0.2.1:50001"}, "192.0.2.1"),
        (1, {"HTTP_X_FORWARDED_FOR": "[2001:db8:1:2::7]:443"}, "2001:db8:1:2::/64"),
        (1, {"HTTP_X_FORWARDED_FOR": "[2001:db8:1:2::7]"}, "2001:db8:1:2::/64"),
        (1, {"HTTP_X_FORWARDED_FOR": "not an address"}, "not an address"),
        (1, {}, "203.0.113.9"),
    ],
)
def test_the_address_that_counts(settings: Settings, proxies: int, headers: dict[str, Any], address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", **headers)
    assert client_address(request) == address
    # allauth's limits count the very same.
    assert get_ip(request) == get_adapter().get_client_ip(request) == address


def forged(turn: int) -> str:
    """What a client writes in front, another one each time, and the address that the proxy appends."""
    made_up = f"10.{turn // 250}.{turn % 250}.7" if turn % 2 else f"2001:db8:{turn:x}::1"
    return f"{made_up}, 198.51.100.1"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "fields", "most"),
    [
        (FOLLOW, {**FIELDS, "email": "a{turn}@example.org"}, table.FOLLOW.most),
        ("/en/accounts/login/", {"login": "a{turn}@example.org", "password": "no"}, 10),
        ("/en/accounts/login/code/", {"email": "a{turn}@example.org"}, 20),
        ("/en/accounts/password/reset/", {"email": "a{turn}@example.org"}, 20),
        (
            "/en/accounts/signup/",
            {"email": "a{turn}@example.org", "password1": "a long enough secret", "password2": "a long enough secret"},
            20,
        ),
    ],
    ids=["follow", "login", "code", "reset", "signup"],
)
def test_forged_headers_make_no_other_visitor(
    tf: TaskForce,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, str], None],
    path: str,
    fields: dict[str, Any],
    most: int,
) -> None:
    """R1; the other forms count in the same way, and fewer tries show it."""
    settings.TRUSTED_PROXIES = 1
    stand_still(monkeypatch)
    passed, tries = 0, (1000 if "login" in fields else 200) if WHOLE else most + 4
    for turn in range(tries):
        sent = {name: value.format(turn=turn) if name != "topics" else value for name, value in fields.items()}
        answer = Client().post(path, sent, headers={"x-forwarded-for": forged(turn)})
        passed += answer.status_code != 429
        # Some say in the form itself that it was too often.
        assert ("Too many" in answer.content.decode() or "Retry-After" in answer.headers) is (answer.status_code == 429)
        assert answer.status_code != 429 or 0 < int(answer.headers["Retry-After"]) <= 600
    record_property(FIGURE, f"{path}, {tries} tries with forged addresses: {passed} pass, the limit is {most}")
    assert passed == most


@pytest.mark.long
@pytest.mark.django_db
def test_a_subscriber_of_a_whole_network_is_one_visitor(tf: TaskForce, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    statuses = []
    for turn in range(table.FOLLOW.most + 2):
        sent = {**FIELDS, "email": f"a{turn}@example.org"}
        answer = Client().post(FOLLOW, sent, headers={"x-forwarded-for": f"2001:db8:1:2:{turn:x}::{turn:x}"})
        statuses.append(answer.status_code)
    assert statuses == [303] * table.FOLLOW.most + [429] * 2
    other = Client().post(FOLLOW, {**FIELDS, "email": "b@example.org"}, headers={"x-forwarded-for": "2001:db8:1:3::1"})
    assert other.status_code == 303
