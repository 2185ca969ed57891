"""What docs/addresses.md promises to programs is what they get."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve

from recruitment import links
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.timeline import services
from taskforce.timeline.enums import PhaseState
from taskforce.timeline.models import Phase
from tests.clients import Client
from tests.timeline.offering import offer_call

DOC = (Path(settings.BASE_DIR) / "docs" / "addresses.md").read_text("utf-8")
PhaseOf = Callable[[str], Phase]


def names_in(beginning: str, end: str = ".") -> set[str]:
    """The names in a sentence of the page, which begins like this."""
    sentence = DOC.partition(beginning)[2].partition(end)[0]
    assert sentence, beginning
    return set(re.findall(r"`([a-z_]+)`", sentence))


def addresses() -> list[str]:
    """Every address of the table, with an example for each placeholder. What stands behind the first one of a row has
    its own last parts."""
    table = re.findall(r"^\| (`/.*?) \|", DOC, re.MULTILINE)
    found = []
    for cell in table:
        first, *more = re.findall(r"`([^`]+)`", cell)
        parts = first.rstrip("/").split("/")
        found += [first, *("/".join(parts[: -one.strip("/").count("/") - 1]) + one for one in more)]
    return [
        one.replace("/L/", "/en/")
        .replace("/T/", "/tf/")
        .replace("TOKEN", "x")
        .replace("N..M", "1..2")
        .replace("/ID/", "/1/")
        .replace("/N/", "/1/")
        for one in found
    ]


@pytest.mark.parametrize("address", addresses())
def test_every_address_is_there(address: str) -> None:
    assert resolve(re.split("[?#]", address)[0]).view_name


def test_an_address_that_is_not_there_is_found() -> None:
    with pytest.raises(Resolver404):
        resolve("/en/subscriptions/confirm/x/y/")
    assert len(addresses()) >= 11
    assert {"/en/subscriptions/leave/x/", "/en/tf/tf/join/application/data.txt"} <= {*addresses()}


@pytest.fixture
def rows(phase: PhaseOf, people: dict[str, User], client: Client) -> list[dict[str, Any]]:
    """The dates as JSON, with one change."""
    services.extend(phase("feedback").pk, closes_on=date(2022, 3, 7), reason="Late.", actor=people["coordinator"])
    found: list[dict[str, Any]] = json.loads(client.get("/open-data/leadership-development/phases.json").content)
    return found


def test_the_names_of_the_data_are_the_ones_that_are_told(rows: list[dict[str, Any]], client: Client) -> None:
    assert names_in("A phase has these names:", ". The two") == set(rows[0])
    assert names_in("The two ends have", ":") == set(rows[0]["opens"]) == set(rows[0]["closes"])
    assert names_in("A change has", ";") == set(rows[0]["changes"][0])
    assert names_in("\n`state` (", ")") == set(PhaseState.values)
    raw = client.get("/open-data/leadership-development/phases.csv").content.decode("utf-8-sig")
    columns = csv.DictReader(io.StringIO(raw, newline="")).fieldnames or []
    assert {f"title_{code}" for code in languages.CODES} < set(columns)
    assert {"title_zh-hant", "opens_day", "closes_at", "capabilities", "changes"} <= set(columns)


def test_a_call_is_named_by_the_short_name_of_its_phase(phase: PhaseOf, client: Client) -> None:
    offer_call(phase("recruitment"))
    assert f"?{links.NAME}=PHASE" in DOC
    address = "/en/tf/leadership-development/join/"
    assert client.get(address, {links.NAME: "recruitment"}).status_code == 200
    assert client.get(address, {links.NAME: "feedback"}).status_code == 404
