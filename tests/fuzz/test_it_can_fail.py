"""The twins: what the fuzz and the matrix are there to find is found."""

import re

import pytest

from tests.architecture import reading
from tests.architecture.matrix import Cell, cell_problems, changed, changed_since
from tests.architecture.table import ELSEWHERE, Row
from tests.clients import Client
from tests.fuzz import caller as callers
from tests.fuzz.caller import Books, Caller, Sent
from tests.fuzz.forms import read
from tests.fuzz.values import ASKED
from tests.sampling import sample, sample_of_each, told

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.architecture.bad_urls")]


@pytest.fixture
def visitor() -> Caller:
    """Somebody who walks the bad pages."""
    return Caller(Client(), Books())


def _asked(visitor: Caller, address: str, right: int, verb: str = "GET") -> list[str]:
    return cell_problems(Cell("bad", "anonymous", "", verb, address, frozenset({right})), visitor)


def test_an_error_is_found(visitor: Caller) -> None:
    (found,) = visitor.problems([Sent("/en/bad/failing/", "x")], "bad")
    assert "500" in found
    assert "RuntimeError" in found


def test_a_slow_answer_is_found(visitor: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST_SECONDS", -1.0)  # what it waited for the machine is taken off
    assert len(visitor.problems([Sent("/en/good/")], "good")) == 1


def test_a_page_for_the_wrong_people_is_found(visitor: Caller) -> None:
    assert "200 instead of 404" in _asked(visitor, "/en/good/", 404)[0]


def test_a_change_is_found(visitor: Caller) -> None:
    assert "changed timeline_taskforce" in _asked(visitor, "/en/bad/writing/", 200, "POST")[0]


def test_what_is_taken_back_counts_as_a_change() -> None:
    before = changed()
    Caller(Client(), Books()).send(Sent("/en/bad/writing/"))
    assert changed_since(before) == ["timeline_taskforce"]


def test_rows_say_what_holds_elsewhere() -> None:
    row = Row("admin/x/", 404, {"coordinator": 200, "observer": 403, "admin": 200}, post=409, states={"gone": 404})
    assert [row.expected(role, ELSEWHERE) for role in ("coordinator", "observer", "admin")] == [404, 404, 200]
    assert [row.expected(role, "gone") for role in ("coordinator", "observer", "privacy")] == [404, 404, 404]
    assert [row.expected_by_post(role) for role in ("coordinator", "observer", "privacy")] == [409, 403, 404]
    assert row.expected_by_post("coordinator", ELSEWHERE) == 404


def test_forms_are_read_as_browsers_read_them() -> None:
    html = """<form method="post" action="?x=1"><input name="a" value="1"><input type="checkbox" name="b" value="2">
    <textarea name="c">t</textarea><select name="d"><option value="3"><option value="4" selected></select>
    <button name="e" value="5">Go</button></form><form id="f"></form><input name="g" form="f"><a href="y/">y</a>"""
    (first, second), links = read(html, "/en/p/")
    assert first.action == "/en/p/?x=1"
    assert first.fields == {"a": ["1"], "c": ["t"], "d": ["4"], "e": ["5"]}
    assert first.filled()["b"] == ["2"]
    assert second.names == ["g"]
    assert links == {"/en/p/y/"}


def test_samples_are_drawn_by_the_seed() -> None:
    drawn = sample(range(1000), 5, of="x")
    assert drawn == sample(range(1000), 5, of="x")
    assert len(drawn) in (5, 1000)
    assert sample(range(3), 5, of="x") == [0, 1, 2]


def test_each_kind_is_in_every_sample() -> None:
    """Of a thousand by their last digit: one of each, but of the nines, and the draw besides."""
    drawn = sample_of_each(range(1000), 5, of="x", kind=lambda one: one % 10 if one % 10 < 9 else None)
    assert {one % 10 for one in drawn} >= set(range(9))
    assert len(drawn) in (9 + 5, 1000)


def test_nothing_sent_is_told_of_nowhere() -> None:
    assert told([]) == []


def test_every_name_that_a_page_reads_from_a_query_is_asked() -> None:
    """As the code reads them, one by one; what a form of a page's own sends is read from the page."""
    apps = ("taskforce", "proposals", "feedback", "recruitment")
    sources = [path.read_text("utf-8") for app in apps for path in (reading.ROOT / app).rglob("*.py")]
    names = {name for source in sources for name in re.findall(r"GET(?:\.get|\.getlist)?[(\[]\"(\w+)\"", source)}
    assert {"show", "language", "next"} <= names
    assert sorted(names - {*ASKED}) == []
