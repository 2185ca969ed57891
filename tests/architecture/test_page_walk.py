"""Every address as every role: its status, one h1, `lang`, `dir`, the headers, and never a 5xx.

An address without a row in the table is a failure, so that no page comes into being that nobody has thought about.
"""

import pytest
from django.contrib import admin
from django.urls import resolve
from django.utils.translation import get_language_from_path, override

from taskforce.accounts.models import User
from tests.architecture.demo_urls import urlpatterns
from tests.architecture.permissions import roles_left_out
from tests.architecture.routes import all_routes, is_stock, without_row
from tests.architecture.table import ROLES, STAFF, TABLE
from tests.architecture.walk import (
    World,
    broken_lookups,
    languages_for,
    list_problems,
    row_problems,
    stock_addresses,
    stock_problems,
)
from tests.clients import Client

# By this mark the database is made also when only this file runs; the world itself spans the module.
pytestmark = pytest.mark.django_db


def _client(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role != "anonymous":
        client.force_login(User.objects.get(email=f"{role}@demo.example"))
    return client


def test_every_address_has_a_row() -> None:
    """A new address without a row is red, and so is a row without an address."""
    assert without_row(urlpatterns, TABLE) == []


def test_every_role_walks() -> None:
    """A new role is red until somebody holds it who opens every address."""
    assert roles_left_out(ROLES, STAFF) == []


def test_every_row_is_walked_at_its_own_address(world: World) -> None:
    """The path of a row leads to the page that the row is called by."""
    paths = {name: row.path.format(**world) for name, row in TABLE.items()}
    led = {}
    for name, path in paths.items():
        address = path if path.startswith("/") else f"/en/{path}"
        with override(get_language_from_path(address) or "en"):
            led[name] = resolve(address).view_name
    assert led == {name: name for name in TABLE}


def test_every_answer_is_seen_in_both_directions() -> None:
    """Each answer that a row gives to anybody is walked from left to right and from right to left."""
    for row in TABLE.values():
        walked = {(row.expected(role), language) for role in ROLES for language in languages_for(row, role)}
        assert walked == {(row.expected(role), language) for role in ROLES for language in ("en", "ar")}


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_own_pages(role: str, world: World) -> None:
    """Each of our pages as each role."""
    client = _client(role)
    problems = [
        problem
        for row in TABLE.values()
        for language in languages_for(row, role)
        for problem in row_problems(row, role, language, client, world)
    ]
    assert problems == []


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_stock_pages(role: str, world: World) -> None:
    """allauth's and the stock admin's pages: never a 5xx, no admin page for outsiders, refusals are whole pages."""
    client = _client(role)
    problems = [
        problem
        for route in all_routes(urlpatterns)
        if is_stock(route)
        for address in stock_addresses(route, role, world)
        for problem in stock_problems(address, role, client)
    ]
    assert problems == []


def test_staff_are_those_who_enter(world: World) -> None:
    """The table's staff are the staff of the world."""
    entered = User.objects.filter(is_staff=True, email__in=[f"{role}@demo.example" for role in ROLES])
    assert {user.email.removesuffix("@demo.example") for user in entered} == set(STAFF)


@pytest.mark.long
def test_odd_lookups(world: World) -> None:
    """What somebody writes behind a list's address is refused or ignored; each list is asked by who sees it."""
    clients = {role: _client(role) for role in ("admin", "coordinator", "privacy")}
    problems, closed = [], []
    for model, page in admin.site._registry.items():
        address = f"/en/admin/{model._meta.app_label}/{model._meta.model_name}/"
        readers = [role for role, client in clients.items() if client.get(address).status_code == 200]
        closed += [] if readers else [model._meta.label]
        for role in readers[:1]:
            for query in broken_lookups(page):
                problems += list_problems(f"{address}?{query}", role, clients[role])
    assert (problems, closed) == ([], [])
