"""What goes wrong says nothing of anybody: no answer but 200, whatever its status, and no line about it.

Only whoever typed something gets it back, so that nothing is lost; no cache may keep such a page, and whoever comes
next finds nothing of it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError

from feedback import services as feedback
from recruitment.models import Call
from taskforce.accounts import services as accounts
from taskforce.accounts.enums import Role
from taskforce.accounts.models import DeletionRequest, User
from taskforce.core.errors import Invalid
from taskforce.limits import table
from taskforce.portal.demo import clock
from taskforce.timeline import gates
from tests.clients import Client
from tests.feedback.pages import address, fresh, main_form, text_question
from tests.privacy.planting import NOW, Canaries
from tests.privacy.search import Book, Lines, answer_problems, held_in
from tests.privacy.walking import client_of

pytestmark = pytest.mark.django_db
TYPED = "kntypedwordx"
FEEDBACK_OPEN, CALL_OPEN = datetime(2022, 2, 15, 12, tzinfo=UTC), datetime(2022, 3, 20, 12, tzinfo=UTC)
WINDOW, APPLICATION = address(), "/en/tf/leadership-development/join/application/"


def problems(book: Book, response: Any, role: str, *, is_own: bool = False) -> list[str]:
    """What an answer says of others, where it hides what was typed, and whether a cache may keep that."""
    found = answer_problems(book, response, "/en/accounts/", role, is_own=is_own)
    headers = f"{dict(response.headers)} {response.cookies.output()}"
    found += ["what was typed is in a header"] if held_in(headers, TYPED) else []
    is_shown = TYPED in response.getvalue().decode("utf-8", "replace")
    is_kept = "no-store" not in response.headers.get("Cache-Control", "")
    return found + (["a cache may keep what was typed"] if is_shown and is_kept else [])


# --- what a stranger types -------------------------------------------------------------------------------------------


@dataclass
class Visit:
    """A stranger at the window's page, with a form filled in."""

    client: Client
    fields: dict[str, Any]
    monkeypatch: pytest.MonkeyPatch
    secret: str

    def post(self, **changes: Any) -> Any:
        """Send it."""
        return self.client.post(WINDOW, {**self.fields, **changes})


def _unreadable(visit: Visit) -> Any:
    return visit.post(name=f"{TYPED}\x00")


def _forged(visit: Visit) -> Any:
    client = Client(enforce_csrf_checks=True)
    return client.post(WINDOW, visit.fields)


def _too_late(visit: Visit) -> Any:
    clock.set_to(NOW, back=True)
    return visit.post()


def _nowhere(visit: Visit) -> Any:
    return visit.client.post("/en/nothing/", visit.fields)


def _wrong_method(visit: Visit) -> Any:
    return visit.client.delete(WINDOW, TYPED)


def _only_read(visit: Visit) -> Any:
    return visit.client.post("/en/privacy/", visit.fields)


def _other_text(visit: Visit) -> Any:
    assert visit.post().status_code == 303
    return visit.post(**{text_question(visit.fields): f"something else, {TYPED}"})


def _too_long(visit: Visit) -> Any:
    return visit.post(name=TYPED + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _too_often(visit: Visit) -> Any:
    clock.set_to(CALL_OPEN, back=True)
    call = Call.objects.get(published_at__isnull=False)
    fields = {"form_key": gates.new_form_key(CALL_OPEN, call.phase_id), "name": TYPED, "action": "save"}
    for _ in range(table.KEPT_FORM.most):
        assert visit.client.post(APPLICATION, fields).status_code == 302
    return visit.client.post(APPLICATION, fields)


def _fails(error: Exception) -> Callable[[Visit], Any]:
    def post(visit: Visit) -> Any:
        def fail(*args: Any, **values: Any) -> Any:
            raise type(error)(f"{visit.secret} {values}")

        visit.monkeypatch.setattr(feedback, "submit", fail)
        return visit.post()

    return post


# How each comes about, its status, and whether what was typed is given back.
CASES: dict[str, tuple[Callable[[Visit], Any], int, bool]] = {
    "unreadable": (_unreadable, 400, True),
    "forged": (_forged, 403, True),
    "too late": (_too_late, 403, True),
    "nowhere": (_nowhere, 404, False),
    "another method": (_wrong_method, 405, False),
    "only read": (_only_read, 405, True),
    "another text": (_other_text, 409, True),
    "too long": (_too_long, 400, False),
    "too often": (_too_often, 429, True),
    "broken": (_fails(ValueError()), 500, True),
    "busy": (_fails(OperationalError()), 503, True),
}


@pytest.fixture
def visit(canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """At the open window."""
    clock.set_to(FEEDBACK_OPEN, back=True)
    client = Client(raise_request_exception=False)
    fields = fresh(client, name=TYPED, visibility="staff")
    fields[text_question(fields)] += f" {TYPED}"
    return Visit(client, fields, monkeypatch, canaries.mail("accounts.User", "email"))


@pytest.mark.parametrize("case", CASES)
def test_an_error_says_nothing_of_anybody(book: Book, lines: Lines, visit: Visit, case: str) -> None:
    """Of what was typed, only to whoever typed it; nothing of it in the log, nor on the page of whoever comes next."""
    happens, status, is_given_back = CASES[case]
    response = happens(visit)
    assert response.status_code == status
    assert problems(book, response, "anonymous") == []
    assert (TYPED in response.getvalue().decode()) is is_given_back
    assert lines.lines
    assert [line for line in lines.lines if held_in(line, TYPED) or book.found_coded(line)] == []
    for path in (WINDOW, "/en/", "/en/nothing/"):
        assert TYPED not in Client(raise_request_exception=False).get(path).content.decode()


def test_every_status_of_an_error_has_its_case() -> None:
    assert {status for _happens, status, _back in CASES.values()} == {400, 403, 404, 405, 409, 429, 500, 503}


# --- what somebody else has written ----------------------------------------------------------------------------------


def test_a_conflict_shows_nobody_the_text_of_another(canaries: Canaries, book: Book, lines: Lines) -> None:
    """The form in which the canary has applied, sent by somebody else: both keep their own."""
    clock.set_to(CALL_OPEN, back=True)
    stranger = Client()
    stranger.force_login(accounts.create_account("stranger@demo.example", at=NOW))
    first, second = Call.objects.get(published_at__isnull=False).questions.questions.order_by("position")
    fields = {
        **main_form(stranger, APPLICATION),
        "form_key": canaries.form_keys["application"],
        "name": TYPED,
        f"q-{first.pk}": TYPED,
        f"q-{second.pk}": second.choices.all()[0].code,
        "action": "submit",
    }
    response = stranger.post(APPLICATION, fields)
    assert response.status_code == 409
    assert problems(book, response, "applicant") == []
    assert TYPED in response.content.decode()
    assert [line for line in lines.lines if held_in(line, TYPED) or book.found_coded(line)] == []


def test_a_conflict_shows_its_sender_their_own_text(canaries: Canaries, book: Book) -> None:
    """Feedback needs no account: whoever holds the key of a form is who has sent it, and nobody else is in it."""
    clock.set_to(FEEDBACK_OPEN, back=True)
    client = Client()
    response = client.post(WINDOW, fresh(client, form_key=canaries.form_keys["feedback"]))
    assert response.status_code == 409
    assert canaries.of("feedback.FeedbackAnswer", "text") in response.content.decode()
    assert problems(book, response, "anonymous", is_own=True) == []
    assert problems(book, response, "anonymous") != [], "the search sees what a conflict shows"


@pytest.mark.parametrize("status", [403, 404, 409])
def test_refusals_on_the_staff_side(canaries: Canaries, book: Book, lines: Lines, status: int) -> None:
    """An answer to a request that is none's to give, that one must not see, that was answered meanwhile."""
    role = {403: "privacy", 404: "observer", 409: "privacy"}[status]
    request = DeletionRequest.objects.get(pk=canaries.world["deletionrequest"])
    if status == 403:
        request = accounts.ask_for_deletion(User.objects.get(email="privacy@demo.example"), "", at=NOW)
    client = client_of(role)
    fields = {"action": "refuse", "answer": TYPED}
    if status == 409:
        officer = accounts.create_account("officer@demo.example", at=NOW)
        accounts.grant_role(officer, Role.DATA_OFFICER, at=NOW, actor_id=None, tell=False)
        accounts.answer_deletion(request.pk, "refuse", "Not yet.", actor=officer, at=NOW)
    path = f"/en/admin/accounts/deletionrequest/{request.pk}/answer/"
    response = client.post(path, fields)
    assert response.status_code == status
    assert answer_problems(book, response, path, role, is_own=False) == []
    assert [line for line in lines.lines if held_in(line, TYPED) or book.found_coded(line)] == []


# --- what the machine says -------------------------------------------------------------------------------------------


def test_a_broken_rule_of_the_database_names_nobody(canaries: Canaries, book: Book, lines: Lines) -> None:
    """PostgreSQL quotes the row that broke its rule: that stays out of the line, the rule's name is in it."""
    try:
        accounts.create_account(canaries.mail("accounts.User", "email"), at=NOW)
    except Exception:
        logging.getLogger("portal").exception("failed")
    assert [book.name(word) for line in lines.lines for word in book.found(line)] == []
    assert any("accounts_user_email_key" in line or "one_account_per_address" in line for line in lines.lines)


def test_addresses_and_headers_with_a_value_in_them(canaries: Canaries, book: Book, lines: Lines) -> None:
    """Whoever looks for a person by the address of a page, or comes from one, leaves no trace of that in the log."""
    client, word = Client(raise_request_exception=False), canaries.of("recruitment.Snapshot", "answers")
    client.get("/en/", {"q": word}, headers={"Referer": f"https://x.example/{word}"})
    client.get(f"/en/tf/{word}/")
    client.get(f"/en/tf/leadership-development/feedback/responsibilities/mine/{word}/")
    client_of("reviewer1").get(f"/en/admin/accounts/deletionrequest/{canaries.world['deletionrequest']}/answer/")
    assert lines.lines
    assert [book.name(found) for line in lines.lines for found in book.found_coded(line)] == []


# --- the search can see ----------------------------------------------------------------------------------------------


def test_an_error_that_repeats_a_value_is_found(book: Book, visit: Visit, lines: Lines) -> None:
    """A refusal that quotes somebody, a header that quotes what was typed, a page with it that a cache may keep."""

    def refuse(*args: Any, **values: Any) -> Any:
        raise Invalid(f"{visit.secret} has said that before")

    with visit.monkeypatch.context() as broken:
        broken.setattr(feedback, "submit", refuse)
        response = visit.post()
    assert response.status_code == 400
    assert problems(book, response, "anonymous") == ["anonymous /en/accounts/: accounts.User.email stands there"]
    late = _too_late(visit)
    late.headers["Location"], late.headers["Cache-Control"] = f"/en/?name={TYPED}", "public"
    assert problems(book, late, "anonymous") == ["what was typed is in a header", "a cache may keep what was typed"]
    logging.getLogger("portal").warning("from %s", TYPED)
    assert [line for line in lines.lines if held_in(line, TYPED)]
