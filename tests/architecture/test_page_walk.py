"""Every address as every role: its status, one h1, `lang`, `dir`, the headers, and never a 5xx.

An address without a row in the table is a failure, so that no page comes into being that nobody has thought about.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse
from pytest_django.plugin import DjangoDbBlocker

from feedback import services as feedback
from feedback.models import FeedbackWindow
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.announcements import services as announcements
from taskforce.core import languages
from taskforce.portal.demo import clock
from taskforce.portal.models import DemoMail
from taskforce.portal.scenarios import builder
from taskforce.timeline import gates
from taskforce.timeline.models import Phase, TaskForce
from tests.architecture.routes import Route, all_routes, is_stock
from tests.architecture.table import ROLES, TABLE, Row

# By this mark the database is made also when only this file runs; the world itself spans the module.
pytestmark = pytest.mark.django_db
URLCONF = "tests.architecture.demo_urls"
World = dict[str, str]
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The scenario `announced`, one feedback item with its token, one mail; gone after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        builder.load("announced", reset=False)
        clock.set_to(datetime(2022, 2, 15, 12, tzinfo=UTC), back=True)
        window = FeedbackWindow.objects.get()
        receipt = feedback.submit(
            window.pk,
            form_key=gates.read_form_key(gates.new_form_key(datetime(2022, 2, 15, 12, tzinfo=UTC))),
            language="en",
            visibility="public",
            name="",
            answers=[],
        )
        moment = datetime(2022, 5, 16, 18, tzinfo=UTC)
        clock.set_to(moment)
        mail = DemoMail.objects.create(
            raw=b"Subject: s\r\nMessage-ID: <a@b>\r\n\r\nbody\r\n",
            recipient="member@demo.example",
            message_id="<a@b>",
            received_at=moment,
        )
        with override_settings(ROOT_URLCONF=URLCONF):
            yield {"token": receipt.token, "mail": str(mail.pk), "item": str(receipt.item.pk), **_rows(moment)}
        transaction.set_rollback(True)


def _rows(at: datetime) -> World:
    """The ids of the rows that the table's pages are about."""
    draft = announcements.draft(
        TaskForce.objects.get(), slug="draft", titles={"en": "A draft"}, bodies={"en": "Text"}, at=at, actor_id=None
    )
    found = {
        "draft": draft,
        "phase": Phase.objects.get(slug="work"),
        "call": Call.objects.get(),
        "application": Application.objects.first(),
    }
    return {name: str(row.pk) for name, row in found.items() if row}


def _client(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role != "anonymous":
        client.force_login(User.objects.get(email=f"{role}@demo.example"))
    return client


def _problems(row: Row, role: str, language: str, client: Client, world: World) -> list[str]:
    path = row.path.format(**world)
    address = path if path.startswith("/") else f"/{language}/{path}"
    response = client.get(address)
    found = []
    if response.status_code != row.expected(role):
        found.append(f"{role} {address}: {response.status_code} instead of {row.expected(role)}")
    return found + [f"{role} {address}: {problem}" for problem in _answer_problems(response, address)]


def _answer_problems(response: Any, address: str) -> list[str]:
    """What is wrong with an answer whatever its status: the policy, and the page where it is HTML."""
    policy = response.headers.get("Content-Security-Policy", "")
    found = [] if _is_policy(policy) else [f"the Content-Security-Policy is “{policy}”"]
    if response.headers.get("Content-Type", "").startswith("text/html") and not 300 <= response.status_code < 400:
        found += [
            f"{response.status_code}: {problem}" for problem in _page_problems(response.content.decode(), address)
        ]
    return found


def _is_policy(policy: str) -> bool:
    """Whether the header has each directive of the expected one once, and no other."""
    return sorted(directive.strip() for directive in policy.split(";")) == sorted(POLICY)


def _page_problems(html: str, address: str) -> list[str]:
    code = address.split("/")[1]
    code = code if languages.is_offered(code) else "en"
    tag = re.search(r"<html\b[^>]*>", html)
    attributes = tag.group(0) if tag else ""
    found = []
    if f'lang="{languages.html_lang(code)}"'.lower() not in attributes.lower():
        found.append(f"lang is wrong in {attributes}")
    if f'dir="{languages.direction(code)}"' not in attributes:
        found.append(f"dir is wrong in {attributes}")
    if len(re.findall(r"<h1\b", html)) != 1:
        found.append(f"{len(re.findall(r'<h1', html))} h1")
    return found


def test_every_address_has_a_row() -> None:
    """A new address without a row is red, and so is a row without an address."""
    own = {route.name for route in all_routes(URLCONF) if not is_stock(route)}
    assert own == set(TABLE)


def test_a_missing_row_is_noticed() -> None:
    """The failing twin: an admin page of ours and an unnamed page are not taken for stock ones."""
    assert not is_stock(Route("L/admin/x/y/<int:pk>/secret/", "admin:x_y_secret"))
    assert not is_stock(Route("L/somewhere/", ""))


def test_a_bad_page_is_noticed() -> None:
    """The failing twin of the page's checks."""
    assert len(_page_problems('<html lang="en" dir="ltr"><h1>a</h1><h1>b</h1>', "/ar/x/")) == 3


def test_a_bad_policy_is_noticed() -> None:
    """The failing twin of the policy's check: weaker, incomplete, longer, missing."""
    whole = "; ".join(POLICY)
    assert _is_policy(whole)
    assert not _is_policy(whole.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"))
    assert not _is_policy(whole.replace("base-uri 'none'; ", "").replace("; base-uri 'none'", ""))
    assert not _is_policy(f"{whole}; frame-src *")
    assert not _is_policy("")


@pytest.mark.parametrize("role", ROLES)
def test_own_pages(role: str, world: World) -> None:
    """Each of our pages, in a language of each direction."""
    client = _client(role)
    problems = [
        problem
        for row in TABLE.values()
        for language in ("en", "ar")
        for problem in _problems(row, role, language, client, world)
    ]
    assert problems == []


@pytest.mark.parametrize("role", ROLES)
def test_stock_pages(role: str, world: World) -> None:
    """allauth's and the stock admin's pages: never a 5xx, no admin page for outsiders, refusals are whole pages."""
    client = _client(role)
    staff = role != "anonymous" and User.objects.get(email=f"{role}@demo.example").is_staff
    problems = []
    for route in all_routes(URLCONF):
        if is_stock(route):
            for address in _addresses(route):
                response = client.get(address)
                status = response.status_code
                if status in (403, 404):
                    problems += [f"{role} {address}: {problem}" for problem in _answer_problems(response, address)]
                if status >= 500 or (status == 200 and route.name.startswith("admin:") and not staff):
                    problems.append(f"{role} {address}: {status}")
    assert problems == []


def _addresses(route: Route) -> list[str]:
    arguments = [[], ["1"], ["999999"], ["timeline"], ["1", "1"], ["x", "y"]]
    found = []
    for args in arguments:
        try:
            found.append(reverse(route.name, args=args, urlconf=URLCONF))
        except NoReverseMatch:
            continue
    if not found and route.name not in ("admin:", ""):
        found = [f"/en/admin/{name}" for name in ("nothing/", "r/1/1/")]
    return found


def _lookups(model: type[Model]) -> Iterator[str]:
    """Query strings of a list that are no question: a broken expression, a wrong shape, a character of no text."""
    for field in model._meta.concrete_fields:
        yield f"{field.name}__regex=("
        yield f"{field.name}__range=1"
    yield "id__exact=%00"
    yield "q=%00"


@pytest.mark.parametrize("role", ["admin", "coordinator"])
def test_odd_lookups(role: str, world: World) -> None:
    """What somebody writes behind a list's address is refused or ignored, never a 5xx."""
    client = _client(role)
    problems = []
    for model in admin.site._registry:
        address = f"/en/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for query in _lookups(model):
            before = transaction.savepoint()
            status = client.get(f"{address}?{query}").status_code
            if status >= 500:
                problems.append(f"{role} {address}?{query}: {status}")
                transaction.savepoint_rollback(before)
            else:
                transaction.savepoint_commit(before)
    assert problems == []


def test_every_registered_model_is_walked() -> None:
    """The admin's registry and the walked routes agree."""
    names = {route.name for route in all_routes(URLCONF)}
    for model in admin.site._registry:
        assert f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" in names
