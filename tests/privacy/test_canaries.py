"""No personal value turns up where the map does not allow it: pages of all roles, lists, mails, logs, broker, errors.

`make fuzz` (FUZZ=all) walks every page as every role; `make test` walks what several roles get alike by turns.
"""

import logging
import os
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from itertools import count
from typing import Any

import pytest
import redis
from django.contrib import admin
from django.db import OperationalError
from pytest_django.plugin import DjangoDbBlocker

from taskforce.accounts import services as accounts
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.celery import app as celery_app
from taskforce.core import personal
from taskforce.core.personal import Place
from taskforce.notifications import composing, kinds, rendering
from taskforce.notifications.kinds import UnknownKind
from taskforce.notifications.mailboxes import UnusableMailbox
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import queries
from taskforce.timeline.models import TaskForce
from tests.architecture.table import ROLES, STAFF, TABLE
from tests.architecture.walk import World
from tests.clients import Client
from tests.privacy import planting
from tests.privacy.planting import NOW, Canaries
from tests.privacy.search import Book, Lines, answer_problems

pytestmark = pytest.mark.django_db
WHOLE = os.environ.get("FUZZ") == "all"
CANARY = "canary"
# What a link in a mail opens is its reader's own, whoever they are.
_LINKED = re.compile(r"\{(token|choose|leave|ask)\}")
_turn = count()


@pytest.fixture(scope="module")
def canaries(world: World, django_db_blocker: DjangoDbBlocker) -> Canaries:
    """One person's life, with a word of their own in each field."""
    with django_db_blocker.unblock():
        return planting.plant(world)


@pytest.fixture(scope="module")
def book(canaries: Canaries, django_db_blocker: DjangoDbBlocker) -> Book:
    """Where each word may be."""
    with django_db_blocker.unblock():
        return Book(canaries, planting.stored())


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged during a test."""
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def _client(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role == CANARY:
        client.force_login(User.objects.get(memberships__name__startswith=planting.MARK))
    elif role != "anonymous":
        client.force_login(User.objects.get(email=f"{role}@demo.example"))
    return client


# --- the planting ----------------------------------------------------------------------------------------------------


def test_every_field_has_its_canary(canaries: Canaries) -> None:
    """A field that comes onto the map and is not planted is red; nothing is planted beside the map."""
    assert planting.to_plant() - set(canaries.words) == set()
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


def _walked(role: str) -> list[str]:
    """The paths that a role walks: each status that it alone or first gets, the rest by turns."""
    found = []
    for number, row in enumerate(TABLE.values()):
        alike = [other for other in ROLES if row.expected(other) == row.expected(role)] if role in ROLES else [role]
        if row.path.startswith("/demo/"):
            continue  # the demonstration's mailbox shows every mail to everybody, and a real portal has none
        if WHOLE or len(alike) < 4 or (row.expected(role) == 200 and number % len(alike) == alike.index(role)):
            found.append(row.path)
    return found


@pytest.mark.parametrize("role", [*ROLES, CANARY])
def test_pages(canaries: Canaries, book: Book, lines: Lines, role: str) -> None:
    """Every address of the table, with the canary's rows in its places."""
    client, problems, seen = _client(role), [], set()
    for pattern in _walked(role):
        path = pattern.format(**canaries.world)
        path = path if path.startswith("/") else f"/en/{path}"
        response = client.get(path)
        is_own = role == CANARY or bool(_LINKED.search(pattern))
        problems += answer_problems(book, response, path, role, is_own=is_own)
        seen |= set(book.found(response.getvalue().decode("utf-8", "replace")))
    # A reviewer's note is that reviewer's own.
    own = ["recruitment.Review.note stands there"] if role == "reviewer1" else []
    assert [problem for problem in problems if problem.split(": ", 1)[1] not in own] == []
    assert [book.name(word) for line in lines.lines for word in book.found_coded(line)] == []
    if role in ("coordinator", "privacy", CANARY):
        assert seen, "a walk that meets no canary at all proves nothing"


@pytest.mark.parametrize("role", STAFF)
def test_lists_are_no_oracle(canaries: Canaries, book: Book, role: str) -> None:
    """Whoever searches, sorts or filters a list by what they may not see learns nothing from it (S7)."""
    client, problems = _client(role), []
    hidden = book.hidden_from(role)
    for model, page in admin.site._registry.items():
        address = f"/en/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if client.get(address).status_code != 200:
            continue
        for query in ("", "?o=1", "?o=-1", "?o=2", "?o=-2", "?all="):
            problems += answer_problems(book, client.get(f"{address}{query}"), f"{address}{query}", role, is_own=False)
        words = hidden if WHOLE or not page.search_fields else hidden[next(_turn) % 3 :: 3]
        for word in words if page.search_fields else []:
            rows = client.get(f"{address}?q={word}").context["cl"]
            problems += [f"{role} finds {rows.result_count} by {book.name(word)}"] if rows.result_count else []
        for name in ("name", "email", "mailbox", "reason", "applicant__email", "identity__name", "user__email"):
            response = client.get(f"{address}?{name}__startswith={planting.MARK}")
            is_ignored = model._meta.label == "audit.Entry"  # it has a search of its own, and no lookups
            assert is_ignored or response.status_code in (302, 400, 403), (role, address, name)
    assert problems == []


def test_the_searched_log_names_nobody_to_whom_it_may_not(canaries: Canaries, book: Book) -> None:
    """By a name that one may not know, nothing of that person's own affairs is found."""
    name = canaries.of("accounts.User", "name")
    for role in ("coordinator", "deputy", "observer", "admin"):
        page = _client(role).get(f"/en/admin/audit/entry/?person={name}&action=application.submitted")
        assert page.status_code == 200
        assert page.context["rows"] == []


# --- mails -----------------------------------------------------------------------------------------------------------


def _mails() -> Iterator[tuple[OutboxMessage, str]]:
    """Every mail as it goes over the wire, decoded, its links too."""
    for message in OutboxMessage.objects.select_related("mailing"):
        try:
            kind, ways = kinds.get(message.kind), composing.ways_of(message)
            if not message.context:
                continue
            rendered = rendering.render(
                kind, message.context, message.language, message.zone, topic=message.topic, ways=ways
            )
            envelope = composing.compose(message, rendered, ways)
        except (UnknownKind, UnusableMailbox):
            continue
        mail = message_from_bytes(envelope.content, policy=policy.default)
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        yield message, "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])


def test_mails(canaries: Canaries, book: Book) -> None:
    """A mail holds of others only what is public, and of its reader what may be in a mail."""
    problems, own = [], 0
    for message, text in _mails():
        is_own = planting.MARK in message.mailbox.lower()
        own += is_own
        place = Place.OWN_MAIL if is_own else Place.OTHER_MAIL
        problems += [(message.kind, name) for name in book.forbidden(text, "", place, is_own=is_own)]
    # The number of a mail stands in its own header.
    assert [one for one in problems if one[1] != "notifications.OutboxMessage.message_id"] == []
    assert own >= 4


# --- errors and logs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError("%s is broken"), 500), (OperationalError("away: %s"), 503)],
)
def test_errors_say_nothing(
    canaries: Canaries,
    book: Book,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
) -> None:
    """What an error says about a value is neither on its page nor in its line, in no format."""
    word = canaries.of("accounts.User", "email")

    def fails(*args: Any, **values: Any) -> Any:
        raise type(error)(str(error.args[0]) % word)

    monkeypatch.setattr(queries, "overviews", fails)
    response = _client("anonymous").get("/en/")
    assert response.status_code == status
    assert answer_problems(book, response, "/en/", "anonymous", is_own=False) == []
    assert lines.lines
    assert [line for line in lines.lines if word in line] == []


def test_a_broken_rule_of_the_database_names_nobody(canaries: Canaries, book: Book, lines: Lines) -> None:
    """PostgreSQL quotes the row that broke its rule: that stays out of the line, the rule's name is in it."""
    try:
        accounts.create_account(canaries.mail("accounts.User", "email"), at=NOW)
    except Exception:
        logging.getLogger("portal").exception("failed")
    assert [book.name(word) for line in lines.lines for word in book.found(line)] == []
    assert any("accounts_user_email_key" in line or "one_account_per_address" in line for line in lines.lines)


def test_refusals_and_unknown_addresses(canaries: Canaries, book: Book, lines: Lines) -> None:
    """404, 400, 403, 405 and what is posted without a token: the person's own words at most, to themselves."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    word = canaries.of("recruitment.Snapshot", "answers")
    answers = [
        client.get("/en/nothing/"),
        client.get("/en/%00/"),
        client.get(f"/en/tf/leadership-development/feedback/responsibilities/mine/{'x' * 30}/"),
        client.post("/en/accounts/login/", {"login": "a", "password": "b"}),
        client.delete("/en/privacy/"),
        _client("reviewer1").get(f"/en/admin/accounts/deletionrequest/{canaries.world['deletionrequest']}/answer/"),
        _client("observer").get(f"/en/admin/recruitment/application/{canaries.world['application']}/review/"),
    ]
    assert {response.status_code for response in answers} <= {400, 403, 404, 405}
    problems = [problem for one in answers for problem in answer_problems(book, one, "/", "anonymous", is_own=False)]
    assert problems == []
    client.post("/en/tf/leadership-development/join/application/", {"q-1": word, "action": "save"})
    client.get("/en/", {"q": word}, headers={"Referer": f"https://x.example/{word}"})
    client.get(f"/en/tf/{word}/")
    assert [book.name(found) for line in lines.lines for found in book.found_coded(line)] == []


# --- the broker ------------------------------------------------------------------------------------------------------


def _broker_holds() -> str:
    """Every key and value of the whole server: what tasks and caches have left there."""
    found: list[str] = []
    for number in range(16):
        with redis.Redis.from_url(re.sub(r"(/|db=)\d+$", rf"\g<1>{number}", os.environ["REDIS_URL"])) as server:
            for key in server.scan_iter(count=1000):
                is_list = server.type(key) == b"list"
                held = server.lrange(key, 0, -1) if is_list else [server.dump(key)]
                found += [repr(key), *map(repr, held)]
    return "\n".join(found)


def test_the_broker_holds_nobody(canaries: Canaries, book: Book) -> None:
    """Every task of the portal is put into the broker after all of this life: names of tasks, and nothing of people."""
    celery_app.loader.import_default_modules()
    ours = [name for name in celery_app.tasks if not name.startswith("celery.")]
    assert ours
    queue = "canaries"
    for name in ours:
        celery_app.send_task(name, queue=queue)
    try:
        held = _broker_holds()
        assert all(name in held for name in ours)
        assert [book.name(word) for word in book.found_coded(held)] == []
    finally:
        with redis.Redis.from_url(os.environ["REDIS_URL"]) as server:
            server.delete(queue)


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


def test_a_header_a_line_and_a_message_that_leak_are_found(
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
    celery_app.send_task("portal.sweep", kwargs={"mailbox": word}, queue="canaries")
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as server:
        assert word in book.found_coded(_broker_holds())
        server.delete("canaries")


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
    assert [name for name, row in TABLE.items() if _LINKED.search(row.path)] == [
        "unsubscribe", "subscriptions:confirm", "subscriptions:manage", "subscriptions:leave", "feedback:mine",
        "feedback:withdraw",
    ]  # fmt: skip
