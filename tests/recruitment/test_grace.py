"""After the shown close of a call: forms from before it arrive and are marked, nothing twice; and calls with a cap."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from recruitment import services
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.errors import Refused
from taskforce.timeline.gates import new_form_key
from taskforce.timeline.models import Extension, Phase
from tests.conftest import Clock, Stand
from tests.feedback.pages import main_form, parsed
from tests.recruitment.conftest import AT, CALL, CLOSES, HARD_CLOSES, OPENS, PAGE, Apply, Run, draft
from tests.timeline.conftest import past_the_triggers

TICK = timedelta(microseconds=1)
Fields = dict[str, Any]


@pytest.fixture
def applicant(people: dict[str, User], sign_in: Callable[[User], Client]) -> Client:
    """The applicant's browser."""
    return sign_in(people["applicant"])


def filled(client: Client, call: Call, action: str, text: str = "I listen.") -> Fields:
    """A fresh form with an answer to both questions."""
    first, second = call.questions.questions.order_by("position").values_list("pk", flat=True)
    return {**main_form(client, PAGE), f"q-{first}": text, f"q-{second}": "four", "action": action}


def other(fields: Fields) -> Fields:
    """The same form with another text."""
    question = next(name for name in fields if name.startswith("q-"))
    return {**fields, question: "Another text."}


@pytest.mark.parametrize("at", [CLOSES, HARD_CLOSES - TICK, HARD_CLOSES])
@pytest.mark.parametrize("page", [CALL, PAGE])
def test_from_the_close_on_the_pages_are_closed_and_name_no_later_instant(
    call: Call, applicant: Client, standing: Stand, page: str, at: datetime
) -> None:
    standing(at)
    html = applicant.get(page).content.decode()
    assert parsed(html).fields is None
    assert "2022-04-11T12:00:00Z" in html
    assert "12:02" not in html


def test_an_application_from_before_the_close_arrives_and_staff_see_when(
    call: Call, applicant: Client, standing: Stand, coordinator: Client
) -> None:
    fields = filled(applicant, call, "submit")
    standing(HARD_CLOSES - TICK)
    assert applicant.post(PAGE, fields).status_code == 303
    assert Snapshot.objects.get().in_grace
    assert "(in the grace after the close)" in coordinator.get("/en/admin/recruitment/application/").content.decode()


def test_what_came_in_time_has_no_mark(call: Call, apply: Apply, coordinator: Client) -> None:
    apply("ada")
    assert not Snapshot.objects.get().in_grace
    assert "in the grace" not in coordinator.get("/en/admin/recruitment/application/").content.decode()


@pytest.mark.parametrize("issued_at", [OPENS - TICK, CLOSES, CLOSES + TICK])
def test_a_form_that_was_not_shown_while_it_was_open_does_not(
    call: Call, applicant: Client, standing: Stand, issued_at: datetime
) -> None:
    fields = filled(applicant, call, "submit")
    standing(CLOSES + TICK)
    key = new_form_key(issued_at, call.phase_id)
    response = applicant.post(PAGE, {**fields, "form_key": key})
    assert response.status_code == 403
    assert "I listen." in response.content.decode()
    assert not Application.objects.exists()


@pytest.mark.parametrize("first_at", [CLOSES - TICK, CLOSES, HARD_CLOSES - TICK])
@pytest.mark.parametrize("again_at", [HARD_CLOSES - TICK, HARD_CLOSES, HARD_CLOSES + timedelta(days=9)])
@pytest.mark.parametrize("action", ["save", "submit"])
def test_the_same_form_is_taken_for_ever_and_another_text_under_it_never(
    call: Call, applicant: Client, standing: Stand, first_at: datetime, again_at: datetime, action: str
) -> None:
    fields = filled(applicant, call, action)
    standing(first_at)
    assert applicant.post(PAGE, fields).status_code == 303
    standing(again_at)
    assert applicant.post(PAGE, fields).status_code == 303
    refused = applicant.post(PAGE, other(fields))
    assert refused.status_code == 409
    assert "Another text." in refused.content.decode()
    assert Application.objects.get().answers.get(question__position=1).text == "I listen."
    assert Snapshot.objects.count() == (action == "submit")


def test_what_cannot_be_the_same_fields_is_another_text_too(call: Call, applicant: Client, standing: Stand) -> None:
    fields = filled(applicant, call, "submit")
    applicant.post(PAGE, fields)
    too_long = {name: "x" * 501 if value == "I listen." else value for name, value in fields.items()}
    for at in (CLOSES - TICK, CLOSES, HARD_CLOSES):
        standing(at)
        assert applicant.post(PAGE, too_long).status_code == 409


def test_a_draft_that_is_kept_in_the_grace_can_still_be_submitted_by_its_form(
    call: Call, applicant: Client, standing: Stand
) -> None:
    fields = filled(applicant, call, "save")
    standing(CLOSES + TICK)
    assert applicant.post(PAGE, fields).status_code == 303
    assert parsed(applicant.get(PAGE).content.decode()).fields is None
    assert applicant.post(PAGE, {**fields, "action": "submit"}).status_code == 303
    assert Snapshot.objects.get().in_grace


def test_a_draft_does_not_become_an_application_after_the_hard_close(
    call: Call, applicant: Client, standing: Stand
) -> None:
    fields = filled(applicant, call, "save")
    applicant.post(PAGE, fields)
    standing(HARD_CLOSES)
    assert applicant.post(PAGE, {**fields, "action": "submit"}).status_code == 403
    assert not Snapshot.objects.exists()


def test_a_form_with_errors_stays_to_be_corrected_in_the_grace(call: Call, applicant: Client, standing: Stand) -> None:
    fields = filled(applicant, call, "submit", text="")
    standing(CLOSES + TICK)
    response = applicant.post(PAGE, fields)
    html = response.content.decode()
    again = parsed(html).fields
    assert response.status_code == 200
    assert again is not None
    assert again["form_key"] == fields["form_key"]
    assert "Less than 24 hours left" not in html
    assert applicant.post(PAGE, {**filled_again(again), "action": "submit"}).status_code == 303


def filled_again(fields: Fields) -> Fields:
    """The form with a text in its first question."""
    question = next(name for name in fields if name.startswith("q-"))
    return {**fields, question: "I listen."}


def test_a_repeat_after_the_hard_close_waits_for_the_first_that_is_under_way(
    call: Call, people: dict[str, User], aside: Run
) -> None:
    sent = draft(call)
    stored, may_commit = Event(), Event()

    def first() -> int:
        with transaction.atomic():
            made = services.submit(call.pk, people["applicant"], sent)
            stored.set()
            assert may_commit.wait(20)
            return made.pk

    user = people["applicant"]
    under_way = aside(first)
    assert stored.wait(20)
    Clock().set(HARD_CLOSES)
    repeat = aside(services.submit, call.pk, user, sent)
    with pytest.raises(TimeoutError):
        repeat.result(timeout=0.5)
    may_commit.set()
    assert repeat.result(timeout=20).pk == under_way.result(timeout=20)


# --- calls with a cap --------------------------------------------------------------------------------------------

CAP = 3


@pytest.fixture
def capped(call: Call) -> Call:
    """The call of a phase that takes three."""
    with past_the_triggers():
        Phase.objects.filter(pk=call.phase_id).update(cap=CAP)
    return call


def test_the_pages_say_when_it_closes_and_not_how_many_are_in(capped: Call, apply: Apply, applicant: Client) -> None:
    apply("ada")
    for page in (CALL, PAGE, "/en/tf/leadership-development/process/"):
        html = applicant.get(page).content.decode()
        assert "s soon as 3 are in" in html
        assert "1 is in" not in html


def test_the_last_one_that_a_cap_lets_in_closes_the_call(capped: Call, apply: Apply, applicant: Client) -> None:
    late = filled(applicant, capped, "submit")
    for name in ("ada", "bo", "cy"):
        apply(name)
    assert Extension.objects.get().act == "full"
    html = applicant.post(PAGE, late).content.decode()
    assert "is full: 3 are in; that was the limit" in html
    assert "I listen." in html
    assert Snapshot.objects.count() == CAP
    assert "s soon as 3 are in" not in applicant.get(CALL).content.decode()


def test_drafts_and_who_is_in_already_take_no_place(
    capped: Call, apply: Apply, applicant: Client, people: dict[str, User]
) -> None:
    apply("ada")
    applicant.post(PAGE, filled(applicant, capped, "save"))
    for text in ("One.", "Two.", "Three."):
        assert applicant.post(PAGE, filled(applicant, capped, "submit", text)).status_code == 303
    assert not Extension.objects.exists()
    application = Application.objects.get(applicant=people["applicant"])
    services.withdraw(application.pk, people["applicant"], at=CLOSES)
    apply("bo")
    assert not Extension.objects.exists()
    apply("cy")
    assert Extension.objects.get().act == "full"


def test_a_cap_holds_however_many_come_at_once(call: Call, aside: Run) -> None:
    with transaction.atomic(), past_the_triggers():
        Phase.objects.filter(pk=call.phase_id).update(cap=CAP)
    users = [create_account(f"person{number}@example.org", at=AT) for number in range(12)]
    futures = [aside(services.submit, call.pk, user, draft(call)) for user in users]
    refused = [type(future.exception(60)) for future in futures]
    assert refused.count(Refused) == len(users) - CAP
    assert Snapshot.objects.count() == Application.objects.filter(state="submitted").count() == CAP
    assert Extension.objects.get().act == "full"
