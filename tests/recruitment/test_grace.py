"""After the shown close of a call: forms from before it arrive and are marked, nothing twice; and calls with a cap."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from recruitment import queries, services
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.errors import Refused
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import numbers
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline import services as timeline
from taskforce.timeline.gates import new_form_key
from taskforce.timeline.models import Extension, Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock, Stand
from tests.feedback.pages import parsed
from tests.recruitment.conftest import (
    AT,
    CALL,
    CLOSES,
    HARD_CLOSES,
    OPENS,
    PAGE,
    Apply,
    Run,
    draft,
    publish,
    question_names,
    shown_form,
    typed_answer,
    withdrawal,
)
from tests.timeline.conftest import past_the_triggers

TICK = timedelta(microseconds=1)
Fields = dict[str, Any]


def filled(client: Client, call: Call, action: str, text: str = "I listen.") -> Fields:
    """A fresh form with an answer to both questions."""
    first, second = question_names(call)
    return {**shown_form(client, call), first: text, second: "four", "action": action}


def other(fields: Fields) -> Fields:
    """The same form with another text."""
    question = next(name for name in fields if name.startswith("q-"))
    return {**fields, question: "Another text."}


def test_from_the_close_on_the_pages_are_closed_and_name_no_later_instant(
    call: Call, applicant: Client, standing: Stand
) -> None:
    found = {}
    for at in (CLOSES, HARD_CLOSES - TICK, HARD_CLOSES):
        standing(at)
        for page in (CALL, PAGE):
            html = applicant.get(page).content.decode()
            found[page, at] = (parsed(html).fields, "2022-04-11T12:00:00Z" in html, "12:02" in html)
    assert {where: what for where, what in found.items() if what != (None, True, False)} == {}


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


IN_GRACE = "It came in after the close that was shown, within the grace"


@pytest.mark.parametrize(("at", "is_late"), [(CLOSES - TICK, False), (CLOSES, True), (HARD_CLOSES - TICK, True)])
def test_page_and_mail_say_that_it_came_in_the_grace(
    call: Call, applicant: Client, standing: Stand, at: datetime, *, is_late: bool
) -> None:
    fields = filled(applicant, call, "submit")
    standing(at)
    applicant.post(PAGE, fields)
    receipt = applicant.get(PAGE).content.decode()
    assert "data-ref" in receipt
    assert (IN_GRACE in receipt) is is_late
    message = OutboxMessage.objects.get()
    mail = rendering.render(kinds.get(message.kind), message.context, "en")
    assert (IN_GRACE in mail.text) is is_late
    assert ("Until the call closes you can change it" in mail.text) is not is_late
    assert "10 April 2022, anywhere on Earth (AoE)" in mail.text


@pytest.mark.long
def test_a_form_that_was_not_shown_while_it_was_open_does_not(call: Call, applicant: Client, standing: Stand) -> None:
    fields = filled(applicant, call, "submit")
    standing(CLOSES + TICK)
    found = {}
    for issued_at in (OPENS - TICK, CLOSES, CLOSES + TICK):
        answer = applicant.post(PAGE, {**fields, "form_key": new_form_key(issued_at, call.phase_id)})
        found[issued_at] = (answer.status_code, "I listen." in answer.content.decode(), Application.objects.count())
    assert {issued_at: what for issued_at, what in found.items() if what != (403, True, 0)} == {}


@pytest.mark.long
@pytest.mark.parametrize("first_at", [CLOSES - TICK, CLOSES, HARD_CLOSES - TICK])
@pytest.mark.parametrize("action", ["save", "submit"])
def test_the_same_form_is_taken_for_ever_and_another_text_under_it_never(
    call: Call, applicant: Client, standing: Stand, first_at: datetime, action: str
) -> None:
    fields = filled(applicant, call, action)
    standing(first_at)
    assert applicant.post(PAGE, fields).status_code == 303
    found = {}
    for again_at in (HARD_CLOSES - TICK, HARD_CLOSES, HARD_CLOSES + timedelta(days=9)):
        standing(again_at)
        taken, refused = applicant.post(PAGE, fields), applicant.post(PAGE, other(fields))
        found[again_at] = (taken.status_code, refused.status_code, "Another text." in refused.content.decode())
    # What was submitted is told apart for ever; of a draft only as long as it can be saved at all.
    late = 409 if action == "submit" else 403
    expected = {HARD_CLOSES - TICK: (303, 409, True)}
    assert {
        again_at: what for again_at, what in found.items() if what != expected.get(again_at, (303, late, True))
    } == {}
    assert typed_answer(Application.objects.get()) == "I listen."
    assert Snapshot.objects.count() == (action == "submit")


@pytest.fixture
def next_call(call: Call, version: QuestionSetVersion, tf: TaskForce) -> Call:
    """A second call, which opens at the instant at which the first one closes."""
    adjacent = timeline.publish_phase(
        tf,
        slug="second-call",
        titles={"en": "Second call"},
        capabilities=["apply"],
        opens_on=date(2022, 4, 11),
        closes_on=date(2022, 4, 30),
        at=AT,
    )
    assert adjacent.opens_at == CLOSES
    return publish(adjacent, version)


@pytest.mark.long
@pytest.mark.parametrize("action", ["save", "submit"])
def test_a_form_is_of_its_own_call_where_the_next_one_has_opened(
    call: Call, next_call: Call, applicant: Client, standing: Stand, action: str
) -> None:
    fields = filled(applicant, call, action)
    standing(CLOSES + timedelta(seconds=5))
    for at in (CLOSES + timedelta(seconds=5), HARD_CLOSES + timedelta(days=1)):
        standing(at)
        assert applicant.post(PAGE, fields).status_code == 303
        late = 403 if action == "save" and at > HARD_CLOSES else 409
        assert applicant.post(PAGE, other(fields)).status_code == late
    assert Application.objects.get().call == call
    assert [one.in_grace for one in Snapshot.objects.all()] == [True] * (action == "submit")


@pytest.mark.parametrize("action", ["save", "submit"])
def test_after_the_post_stands_the_call_that_was_answered(
    call: Call, next_call: Call, applicant: Client, standing: Stand, action: str
) -> None:
    fields = filled(applicant, call, action)
    standing(CLOSES + TICK)
    answer = applicant.post(PAGE, fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?call=recruitment")
    page = applicant.get(answer.headers["Location"]).content.decode()
    assert ("data-ref" in page) is (action == "submit")
    assert "I listen." in page
    assert f'href="{CALL}?call=recruitment"' in page, "the way to the call leads to another one"
    assert f'href="/ar{CALL.removeprefix("/en")}application/?call=recruitment"' in page
    assert "You have not applied yet" in applicant.get(PAGE).content.decode()
    public = applicant.get(f"{CALL}?call=recruitment").content.decode()
    assert "This call has closed" in public
    assert f'href="{PAGE}?call=recruitment"' in public


@pytest.mark.long
def test_what_is_withdrawn_is_of_the_call_on_the_page(
    call: Call, next_call: Call, applicant: Client, standing: Stand
) -> None:
    applicant.post(PAGE, filled(applicant, call, "submit"))
    standing(CLOSES + TICK)
    applicant.post(PAGE, filled(applicant, next_call, "submit"))
    page = applicant.get(f"{PAGE}?call=recruitment").content.decode()
    own = re.search(
        r'action="([^"]+)"[^>]*>\s*<input[^>]*>\s*<input type="hidden" name="action" value="withdraw"', page
    )
    assert own is not None
    answer = applicant.post(own[1], withdrawal(applicant, f"{PAGE}?call=recruitment"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?call=recruitment")
    states = {one.call_id: one.state for one in Application.objects.all()}
    assert states == {call.pk: "withdrawn", next_call.pk: "submitted"}


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_a_page_that_was_left_open_withdraws_no_other_application(
    call: Call, applicant: Client, standing: Stand, request: pytest.FixtureRequest, language: str
) -> None:
    """When it was shown, its call was the only one, so that its address does not name it."""
    page = PAGE.replace("/en/", f"/{language}/")
    applicant.post(PAGE, filled(applicant, call, "submit"))
    form = withdrawal(applicant, page)
    later = request.getfixturevalue("next_call")
    standing(CLOSES + TICK)
    applicant.post(PAGE, filled(applicant, later, "submit"))
    found = {}
    for reference in (form["reference"], "", "A-none", "x" * 21):
        answer = applicant.post(page, {**form, "reference": reference})
        html = answer.content.decode()
        # The form's own script has other words about what was overwritten.
        said = ("Nothing was changed." in html or language != "en", "Nothing was overwritten. Below you" in html)
        states = set(Application.objects.values_list("state", flat=True))
        found[reference] = (answer.status_code, *said, form["reference"] in html, states)
    expected = (409, True, False, False, {"submitted"})
    assert {reference: what for reference, what in found.items() if what != expected} == {}
    assert applicant.post(page, withdrawal(applicant, page)).status_code == 303
    assert {one.call_id: one.state for one in Application.objects.all()} == {
        call.pk: "submitted",
        later.pk: "withdrawn",
    }


def test_the_reference_of_somebody_else_withdraws_nothing(
    call: Call, applicant: Client, people: dict[str, User], sign_in: Callable[[User], Client]
) -> None:
    applicant.post(PAGE, filled(applicant, call, "submit"))
    form, member = withdrawal(applicant), sign_in(people["member"])
    member.post(PAGE, filled(member, call, "submit"))
    assert member.post(PAGE, form).status_code == 409
    assert set(Application.objects.values_list("state", flat=True)) == {"submitted"}


def test_what_was_typed_without_sign_in_comes_back_at_its_own_call(
    call: Call, next_call: Call, applicant: Client, people: dict[str, User], standing: Stand
) -> None:
    fields = filled(applicant, call, "submit")
    standing(CLOSES + TICK)
    applicant.logout()
    asked = applicant.post(PAGE, fields)
    assert asked.status_code == 302
    assert asked.headers["Location"].endswith(f"?next={PAGE}%3Fcall%3Drecruitment")
    applicant.force_login(people["applicant"])
    assert "I listen." in applicant.get(f"{PAGE}?call=recruitment").content.decode()
    assert "I listen." not in applicant.get(PAGE).content.decode()


def test_a_call_that_is_not_there_is_not_found(call: Call, applicant: Client) -> None:
    found = {
        (page, name): applicant.get(page, {"call": name}).status_code
        for page in (CALL, PAGE)
        for name in ("nothing", "feedback", "", "x' OR 1=1")
    }
    assert {where: status for where, status in found.items() if status != 404} == {}


def test_one_call_needs_no_name(call: Call, applicant: Client) -> None:
    assert applicant.post(PAGE, filled(applicant, call, "submit")).headers["Location"] == PAGE
    assert "?call=" not in applicant.get(CALL).content.decode()


def test_the_mail_leads_to_its_own_call(call: Call, applicant: Client) -> None:
    applicant.post(PAGE, filled(applicant, call, "submit"))
    assert OutboxMessage.objects.get().context["url"].endswith(f"{PAGE}?call=recruitment")


def test_a_form_that_comes_too_late_for_its_call_is_not_taken_for_the_next_one(
    call: Call, next_call: Call, applicant: Client, standing: Stand
) -> None:
    fields = filled(applicant, call, "submit")
    standing(HARD_CLOSES)
    response = applicant.post(PAGE, fields)
    assert response.status_code == 403
    assert "I listen." in response.content.decode()
    assert not Application.objects.exists()


def test_each_call_has_its_own_application(call: Call, next_call: Call, applicant: Client, standing: Stand) -> None:
    applicant.post(PAGE, filled(applicant, call, "submit"))
    standing(CLOSES + TICK)
    assert applicant.post(PAGE, filled(applicant, next_call, "submit")).status_code == 303
    assert {one.application.call_id for one in Snapshot.objects.all()} == {call.pk, next_call.pk}


def test_a_form_of_another_task_forces_call_is_none_here(
    call: Call, version: QuestionSetVersion, applicant: Client
) -> None:
    elsewhere = timeline.create_task_force("elsewhere", {"en": "Elsewhere"}, at=AT)
    theirs = timeline.publish_phase(
        elsewhere,
        slug="call",
        titles={"en": "Call"},
        capabilities=["apply"],
        opens_on=date(2022, 3, 14),
        closes_on=date(2022, 4, 30),
        at=AT,
    )
    publish(theirs, version)
    key = new_form_key(OPENS, theirs.pk)
    assert applicant.post(PAGE, {**filled(applicant, call, "submit"), "form_key": key}).status_code == 400
    assert not Application.objects.exists()


@pytest.mark.parametrize("at", [CLOSES, HARD_CLOSES - TICK, HARD_CLOSES])
def test_how_many_applied_is_told_once_no_more_can_come(
    call: Call, applicant: Client, apply: Apply, standing: Stand, at: datetime
) -> None:
    apply("ada")
    late = filled(applicant, call, "submit")
    standing(at)
    told = numbers.applications([call], at)
    assert told == ({call.pk: 1} if at == HARD_CLOSES else {})
    assert applicant.post(PAGE, late).status_code == (403 if told else 303)


@pytest.mark.parametrize(("at", "waiting"), [(CLOSES, 0), (HARD_CLOSES - TICK, 0), (HARD_CLOSES, 1)])
def test_a_call_waits_for_decisions_once_they_can_be_made(
    call: Call, apply: Apply, people: dict[str, User], at: datetime, waiting: int
) -> None:
    apply("ada")
    assert len(queries.to_decide_now(people["coordinator"], at)) == waiting
    with past_the_triggers():
        Phase.objects.filter(pk=call.phase_id).update(cancelled_at=OPENS)
    # What was cancelled is not decided on.
    assert queries.to_decide_now(people["coordinator"], at) == []


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_a_cap_holds_however_many_come_at_once(call: Call, aside: Run) -> None:
    with transaction.atomic(), past_the_triggers():
        Phase.objects.filter(pk=call.phase_id).update(cap=CAP)
    users = [create_account(f"person{number}@example.org", at=AT) for number in range(12)]
    futures = [aside(services.submit, call.pk, user, draft(call)) for user in users]
    refused = [type(future.exception(60)) for future in futures]
    assert refused.count(Refused) == len(users) - CAP
    assert Snapshot.objects.count() == Application.objects.filter(state="submitted").count() == CAP
    assert Extension.objects.get().act == "full"
