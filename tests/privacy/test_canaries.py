"""No personal value turns up where the map does not allow it: tables, pages of all roles, lists, the log.

`make whole` (FUZZ=all) walks every page as every role and asks every list by every value; `make test` a sample.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin

from taskforce.audit import log
from taskforce.core import personal
from taskforce.timeline.models import TaskForce
from tests.architecture.table import STAFF, TABLE
from tests.clients import Client
from tests.privacy import planting
from tests.privacy.planting import NOW, Canaries
from tests.privacy.search import Book, Lines, answer_problems
from tests.privacy.walking import LINKED, WALKERS, Walk
from tests.privacy.walking import client_of as _client
from tests.sampling import sample

pytestmark = pytest.mark.django_db


# --- the planting ----------------------------------------------------------------------------------------------------


def test_every_field_has_its_canary(canaries: Canaries) -> None:
    """A field that comes onto the map and is not planted is red; nothing is planted beside the map."""
    assert planting.to_plant() - set(canaries.words) == set(), (
        "plant a word (`made.of`, `made.mail`) in each in tests/privacy/planting.py, or name the field in its NO_TEXT"
    )
    assert set(canaries.words) - planting.to_plant() == {("cache_default", "value")}


def test_a_field_without_canary_is_found(canaries: Canaries) -> None:
    row = next(row for row in personal.rows() if row.model == "audit.Entry")
    new = personal.Row(row.purpose, "timeline.TaskForce", ("purpose",), "", "", row.readers, row.places, row.erasure)
    personal.register(new)
    try:
        assert planting.to_plant() - set(canaries.words) == {("timeline.TaskForce", "purpose")}
    finally:
        personal._rows.remove(new)


def test_no_value_lies_where_no_row_speaks_of_it(book: Book) -> None:
    """In no column beside the map, in no detail of the log but the one that was planted there."""
    assert book.unmapped == set()


def test_a_value_in_another_column_is_found(book: Book, canaries: Canaries) -> None:
    word = canaries.of("accounts.User", "email")
    spread = Book(canaries, [(("timeline.TaskForce", "purpose"), f"asked for by {word}")])
    assert spread.unmapped == {"timeline.TaskForce.purpose holds accounts.User.email"}


def test_the_log_of_acts_repeats_nobody(book: Book, canaries: Canaries) -> None:
    """No entry holds a text or an address of anybody, but the reason that was planted as one."""
    own = {canaries.of("audit.Entry", "reason"), canaries.of("audit.Entry", "details")}
    for place, text in planting.stored():
        if place[0] == "audit.Entry":
            found = set(book.found(text)) - own
            # Reasons of staff are entries' own texts.
            assert place[1] == "reason" or not found, (place, [book.name(word) for word in found])


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", WALKERS)
def test_pages(walk: Walk, book: Book, canaries: Canaries, role: str) -> None:
    """Every address of the table, with the canary's rows in its places."""
    # A reviewer's note is that reviewer's own.
    own = ["recruitment.Review.note stands there"] if role == "reviewer1" else []
    assert [problem for problem in walk.of(role).problems if problem.split(": ", 1)[1] not in own] == []


def test_no_page_leaves_a_value_in_the_log(walk: Walk, book: Book) -> None:
    logged = [line for way in walk.all() for line in way.logged]
    assert logged
    assert [book.name(word) for line in logged for word in book.found_coded(line)] == []


# Hidden fields by which a list might be asked, though no page offers it.
_LOOKUPS = ("name", "email", "mailbox", "reason", "applicant__email", "identity__name", "user__email")
_ORDERS = ("", "?o=1", "?o=-1", "?o=2", "?o=-2", "?all=")


def _questions(book: Book, role: str, client: Client) -> Iterator[tuple[Any, str]]:
    """(page of a list, query) of everything that a role may ask the lists that it sees."""
    index = client.get("/en/admin/").context["available_apps"]
    seen = {one["model"] for app in index for one in app["models"]}
    for page in (page for model, page in admin.site._registry.items() if model in seen):
        yield from ((page, query) for query in _ORDERS)
        yield from ((page, f"?{name}__startswith={planting.MARK}") for name in _LOOKUPS)
        if page.search_fields:
            yield from ((page, f"?q={word}") for word in book.hidden_from(role))


def _told(book: Book, role: str, client: Client, page: Any, query: str) -> list[str]:
    """What a list tells that it may not, asked like this."""
    options = page.model._meta
    response = client.get(address := f"/en/admin/{options.app_label}/{options.model_name}/{query}")
    if "__startswith" in query:
        # The log of acts has a search of its own, and no lookups.
        is_known = options.label != "audit.Entry" and response.status_code not in (302, 400, 403)
        return [f"{role} {address}: {response.status_code}"] if is_known else []
    if query.startswith("?q="):
        rows = response.context["cl"]
        return [f"{role} finds {rows.result_count} by {address}"] if rows.result_count else []
    return answer_problems(book, response, address, role, is_own=False)


@pytest.mark.parametrize("role", STAFF)
def test_lists_are_no_oracle(canaries: Canaries, book: Book, role: str) -> None:
    """Whoever searches, sorts or filters a list by what they may not see learns nothing from it (S7)."""
    client = _client(role)
    questions = sample(_questions(book, role, client), 4, of=f"lists {role}")
    assert questions
    assert [problem for page, query in questions for problem in _told(book, role, client, page, query)] == []


def test_the_searched_log_names_nobody_to_whom_it_may_not(canaries: Canaries, book: Book) -> None:
    """By a name that one may not know, nothing of that person's own affairs is found."""
    name = canaries.of("accounts.User", "name")
    for role in ("coordinator", "deputy", "observer", "admin"):
        page = _client(role).get(f"/en/admin/audit/entry/?person={name}&action=application.submitted")
        assert page.status_code == 200
        assert page.context["rows"] == []


# --- the search can see ----------------------------------------------------------------------------------------------


def test_a_page_that_leaks_is_found(canaries: Canaries, book: Book) -> None:
    """A name in the purpose of a task force: seen on the home page by everybody, and found there."""
    word = canaries.of("recruitment.ApplicantIdentity", "name")
    (before,) = TaskForce.objects.values_list("purpose_en", flat=True)
    TaskForce.objects.update(purpose_en=f"For {word}.")
    try:
        problems = answer_problems(book, _client("anonymous").get("/en/"), "/en/", "anonymous", is_own=False)
    finally:
        TaskForce.objects.update(purpose_en=before)
    assert problems == ["anonymous /en/: recruitment.ApplicantIdentity.name stands there"]


def test_a_header_and_a_line_that_leak_are_found(
    canaries: Canaries, book: Book, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = canaries.of("accounts.User", "email")
    response = _client("anonymous").get("/en/")
    response.headers["Location"] = f"/en/?mail={word}"
    response.set_cookie("kept", word)
    assert [one.split(": ", 1)[1] for one in answer_problems(book, response, "/en/", "anonymous", is_own=False)] == [
        "accounts.User.email is in a header", "accounts.User.email is in a cookie",
    ]  # fmt: skip
    logging.getLogger("portal").warning("sent to %s", word)
    assert [book.name(found) for line in lines.lines for found in book.found(line)] == ["accounts.User.email"] * 2


def test_a_list_that_is_an_oracle_is_found(canaries: Canaries, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that searches by a hidden field answers how many there are."""
    page = next(page for model, page in admin.site._registry.items() if model._meta.label == "recruitment.Application")
    monkeypatch.setattr(page, "search_fields", ("identity__name",))
    word = canaries.of("recruitment.ApplicantIdentity", "name")
    assert word in book.hidden_from("reviewer1")
    found = _client("reviewer1").get(f"/en/admin/recruitment/application/?q={word}").context["cl"]
    assert found.result_count == 1


def test_an_entry_that_repeats_an_address_is_found(canaries: Canaries, book: Book) -> None:
    log.record("phase.extended", at=NOW, actor_id=None, mailbox=canaries.mail("accounts.User", "email"))
    with pytest.raises(AssertionError, match=r"accounts\.User\.email"):
        test_the_log_of_acts_repeats_nobody(book, canaries)


def test_whoever_reads_a_page_by_link_is_its_owner() -> None:
    """What the walk takes for a link of a mail is one."""
    assert [name for name, row in TABLE.items() if LINKED.search(row.path)] == [
        "unsubscribe", "subscriptions:confirm", "subscriptions:manage", "subscriptions:leave", "feedback:mine",
        "feedback:edit", "feedback:appeal", "feedback:withdraw",
    ]  # fmt: skip
