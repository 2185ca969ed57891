"""An applicant's way through the page: sign in, save, submit, change, withdraw."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.http import Http404

from recruitment import kept, queries, services
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import gates
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import main_form, parsed
from tests.recruitment.conftest import (
    CALL,
    CLOSES,
    HARD_CLOSES,
    OPEN,
    OPENS,
    PAGE,
    draft,
    question_names,
    shown_form,
    typed_answer,
    withdrawal,
)

Fields = dict[str, Any]


def filled(client: Client, call: Call, text: str = "I listen.", **changes: Any) -> Fields:
    """A fresh form with an answer to both questions."""
    first, second = question_names(call)
    return {**shown_form(client, call), first: text, second: "four", **changes}


def reference(html: str) -> str:
    found = re.search(r"<output\b[^>]*\bdata-ref\b[^>]*>([^<]+)<", html)
    assert found, "no receipt"
    return found[1]


def test_without_a_call_there_is_no_application(tf: TaskForce, applicant: Client, client: Client) -> None:
    assert applicant.get(PAGE).status_code == 404
    assert client.get(PAGE).status_code == 302


def test_saving_keeps_what_is_there(call: Call, applicant: Client, people: dict[str, User]) -> None:
    first, _second = question_names(call)
    fields = filled(applicant, call, "", name="Ada", action="save")
    response = applicant.post(PAGE, fields)
    assert (response.status_code, response.headers["Location"]) == (303, PAGE)
    html = applicant.get(PAGE).content.decode()
    assert "This is a draft" in html
    assert "data-ref" not in html
    assert parsed(html).fields is not None
    again = main_form(applicant, PAGE)
    assert (again[first], again["name"], again["version-identity"][:2]) == ("", "Ada", "1-")
    assert not Snapshot.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert list(Entry.objects.order_by("pk").values_list("action", flat=True))[-2:] == [
        "application.opened",
        "application.saved",
    ]


def test_submitting_gives_a_receipt(call: Call, applicant: Client, people: dict[str, User]) -> None:
    response = applicant.post(PAGE, filled(applicant, call, action="submit"))
    assert response.status_code == 303
    page = applicant.get(PAGE)
    html = page.content.decode()
    application = Application.objects.get()
    snapshot = Snapshot.objects.get()
    assert reference(html) == application.reference
    assert snapshot.sha256 in html
    assert "10 April 2022, anywhere on Earth (AoE)" in html
    assert "Submit again" in html
    assert page.headers["Cache-Control"] == "private, no-store"
    assert (application.state, snapshot.number) == ("submitted", 1)
    assert snapshot.sha256 == queries.fingerprint(snapshot)
    assert Entry.objects.filter(action="application.submitted").count() == 1


def test_the_receipt_mail_is_in_the_applicants_language_and_holds_no_answer(
    call: Call, people: dict[str, User], sign_in: Callable[[User], Client]
) -> None:
    # The account reads Chinese; the application is written on the English page.
    people["applicant"].language = "zh-hant"
    people["applicant"].save()
    applicant = sign_in(people["applicant"])
    applicant.post(PAGE, filled(applicant, call, "CANARY answer", action="submit"))
    message = OutboxMessage.objects.get()
    assert (message.kind, message.mailbox, message.language) == (
        "application-receipt",
        "applicant@demo.example",
        "zh-hant",
    )
    rendered = rendering.render(kinds.get(message.kind), message.context, "en", "Asia/Taipei")
    application = Application.objects.get()
    assert application.language == "en"
    assert application.reference in rendered.subject
    assert Snapshot.objects.get().sha256 in rendered.text
    assert "/zh-hant/tf/leadership-development/join/application/" in rendered.text
    assert "CANARY" not in rendered.text + rendered.html + str(message.context)


@pytest.mark.parametrize("name", ["application-receipt", "decision-accepted", "decision-declined"])
def test_each_mail_renders_its_sample(db: None, name: str) -> None:
    kind = kinds.get(name)
    rendered = rendering.render(kind, kind.sample(), "en")
    assert rendered.subject
    assert "A-2345-BCDF" in rendered.text


def test_the_least_post_works(call: Call, applicant: Client) -> None:
    first, second = question_names(call)
    form_key = main_form(applicant, PAGE)["form_key"]
    fields = {"form_key": form_key, first: "Brief.", second: "two", "action": "submit"}
    assert applicant.post(PAGE, fields).status_code == 303
    identity = Application.objects.get().identity
    assert (identity.name, identity.publish_name) == ("Applicant Demo", False)


def test_a_post_without_the_name_keeps_the_stored_one(call: Call, applicant: Client) -> None:
    applicant.post(PAGE, filled(applicant, call, name="Ada", publish_name="on", action="save"))
    first, second = question_names(call)
    form_key = main_form(applicant, PAGE)["form_key"]
    applicant.post(PAGE, {"form_key": form_key, first: "More.", second: "two", "action": "save"})
    identity = Application.objects.get().identity
    assert identity.typed == {"name": ["Ada"], "publish_name": ["on"]}
    assert (identity.name, identity.publish_name) == ("Applicant Demo", False), "nothing was submitted yet"


def test_what_is_missing_is_said_at_its_field(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    response = applicant.post(PAGE, filled(applicant, call, "  ", name="Ada", action="submit"))
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<a href="#id_{first}">' in html
    assert f'id="id_{first}_error"' in html
    assert main_form_of(html)["name"] == "Ada"
    assert not Application.objects.exists()


def main_form_of(html: str) -> dict[str, str]:
    fields = parsed(html).fields
    assert fields is not None
    return fields


def test_a_name_to_publish_must_be_given(call: Call, applicant: Client) -> None:
    response = applicant.post(PAGE, filled(applicant, call, name=" ", publish_name="on", action="submit"))
    assert response.status_code == 200
    assert "To have your name published, please give it." in response.content.decode()


def test_too_long_an_answer_is_saved_and_not_submitted(call: Call, applicant: Client) -> None:
    long = "x" * 501
    first, _second = question_names(call)
    assert applicant.post(PAGE, filled(applicant, call, long, action="save")).status_code == 303
    assert main_form(applicant, PAGE)[first] == long
    response = applicant.post(PAGE, filled(applicant, call, long, action="submit"))
    assert response.status_code == 200
    assert long in response.content.decode()
    assert f'<a href="#id_{first}">' in response.content.decode()
    assert not Snapshot.objects.exists()


def test_the_same_form_twice_is_one_snapshot(call: Call, applicant: Client) -> None:
    fields = filled(applicant, call, action="submit")
    assert [applicant.post(PAGE, fields).status_code for _ in range(3)] == [303, 303, 303]
    assert Snapshot.objects.count() == OutboxMessage.objects.count() == 1


@pytest.mark.long
def test_the_same_form_again_is_accepted_after_the_close(call: Call, applicant: Client, clock: Clock) -> None:
    saved = filled(applicant, call, "A draft.", action="save")
    applicant.post(PAGE, saved)
    clock.set(HARD_CLOSES)
    assert applicant.post(PAGE, saved).status_code == 303
    clock.set(OPEN)
    submitted = filled(applicant, call, action="submit")
    applicant.post(PAGE, submitted)
    clock.set(HARD_CLOSES)
    assert applicant.post(PAGE, submitted).status_code == 303
    assert applicant.post(PAGE, saved).status_code == 403


@pytest.mark.long
@pytest.mark.parametrize("action", ["submit", "save"])
def test_other_text_under_the_same_key_is_a_conflict(call: Call, applicant: Client, action: str) -> None:
    first, _second = question_names(call)
    fields = filled(applicant, call, "The first text.", action=action)
    applicant.post(PAGE, fields)
    for sent in (fields, {name: value for name, value in fields.items() if not name.startswith("version-")}):
        response = applicant.post(PAGE, {**sent, first: "The second text."})
        html = response.content.decode()
        assert response.status_code == 409
        assert "The first text." in html
        assert main_form_of(html)[first] == "The second text."
    assert typed_answer(Application.objects.get()) == "The first text."
    assert Snapshot.objects.count() == (action == "submit")


@pytest.mark.long
def test_a_stale_tab_is_told_and_overwrites_nothing(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    early, late = filled(applicant, call, "From the first tab."), filled(applicant, call, "From the second tab.")
    applicant.post(PAGE, {**early, "action": "save"})
    response = applicant.post(PAGE, {**late, "action": "save"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "From the first tab." in html
    offered = main_form_of(html)
    assert (offered[first], offered["version-answers"][:2]) == ("From the second tab.", "1-")
    assert typed_answer(Application.objects.get()) == "From the first tab."
    chosen = {**offered, f"choose-{first}": "mine", "action": "save"}
    assert applicant.post(PAGE, chosen).status_code == 303
    assert typed_answer(Application.objects.get()) == "From the second tab."


def test_a_stale_tab_that_says_the_same_is_no_conflict(call: Call, applicant: Client) -> None:
    early, late = filled(applicant, call), filled(applicant, call)
    applicant.post(PAGE, {**early, "action": "save"})
    assert applicant.post(PAGE, {**late, "action": "submit"}).status_code == 303


@pytest.mark.long
def test_changes_after_submitting_count_only_once_submitted(call: Call, applicant: Client) -> None:
    applicant.post(PAGE, filled(applicant, call, "First.", action="submit"))
    first_reference = reference(applicant.get(PAGE).content.decode())
    applicant.post(PAGE, filled(applicant, call, "Second.", action="save"))
    html = applicant.get(PAGE).content.decode()
    assert "Your draft is newer than what you submitted" in html
    assert Application.objects.get().state == "submitted"
    applicant.post(PAGE, filled(applicant, call, "Second.", action="submit"))
    html = applicant.get(PAGE).content.decode()
    assert "Your draft is newer" not in html
    assert reference(html) == first_reference
    assert [s.number for s in Snapshot.objects.all()] == [1, 2]


@pytest.mark.parametrize("moment", [OPENS, CLOSES - timedelta(seconds=5), CLOSES])
@pytest.mark.parametrize("action", ["save", "submit"])
def test_inside_the_boundaries(call: Call, applicant: Client, clock: Clock, moment: datetime, action: str) -> None:
    fields = filled(applicant, call, "Typed at the boundary.", action=action)
    clock.set(moment)
    assert applicant.post(PAGE, fields).status_code == 303
    assert Application.objects.exists()


@pytest.mark.long
def test_outside_the_boundaries(call: Call, applicant: Client, clock: Clock) -> None:
    fields, found = filled(applicant, call, "Typed at the boundary."), {}
    for moment in (OPENS - timedelta(seconds=5), HARD_CLOSES):
        clock.set(moment)
        for action in ("save", "submit"):
            response = applicant.post(PAGE, {**fields, "action": action})
            html = response.content.decode()
            lacking = [text for text in ("Typed at the boundary.", "2022-04-11T12:00:00Z", "UTC") if text not in html]
            found[moment, action] = (response.status_code, lacking, Application.objects.count())
    assert {where: what for where, what in found.items() if what != (403, [], 0)} == {}


def test_an_invalid_form_to_a_closed_call_is_refused_too(call: Call, applicant: Client, clock: Clock) -> None:
    fields = filled(applicant, call, "", action="submit")
    clock.set(HARD_CLOSES)
    assert applicant.post(PAGE, fields).status_code == 403


def test_a_draft_stays_readable_after_the_close(call: Call, applicant: Client, clock: Clock) -> None:
    applicant.post(PAGE, filled(applicant, call, "Not finished.", action="save"))
    clock.set(CLOSES)
    html = applicant.get(PAGE).content.decode()
    assert "Not finished." in html
    assert "It was not submitted before the call closed" in html
    assert parsed(html).fields is None


@pytest.mark.long
def test_damaged_fields_are_a_400_that_keeps_the_text(call: Call, applicant: Client) -> None:
    fields, found = filled(applicant, call, "Still here.", action="save"), {}
    for name, value in (
        ("form_key", ""),
        ("form_key", "forged"),
        ("form_key", "x" * 5000),
        ("version-answers", "-1"),
        ("version-answers", "9" * 5000),
        ("version-profile", "٣x"),
        ("version-identity", "1-<>"),
        ("action", ""),
        ("action", "delete"),
    ):
        response = applicant.post(PAGE, {**fields, name: value})
        is_kept = "Still here." in response.content.decode()
        found[name, value[:9]] = (response.status_code, is_kept, Application.objects.count())
    assert {sent: what for sent, what in found.items() if what != (400, True, 0)} == {}


@pytest.mark.parametrize("action", ["save", "submit"])
def test_bad_bytes_are_refused_and_nothing_is_stored(call: Call, applicant: Client, action: str) -> None:
    first, _second = question_names(call)
    fields, found = filled(applicant, call, name="Ada", action=action), {}
    for name in (first, "name"):
        for raw in (b"\xff", b"\xed\xa0\x80", b"\xc3", b"\x00"):
            body = urlencode({**fields, name: b"before" + raw + b"after"})
            response = applicant.post(PAGE, body, content_type="application/x-www-form-urlencoded")
            is_said = "What was sent holds damaged characters" in response.content.decode()
            found[name, raw] = (response.status_code, is_said, Application.objects.count())
    assert {sent: what for sent, what in found.items() if what != (400, True, 0)} == {}
    # The key is not used up.
    assert applicant.post(PAGE, fields).status_code == 303


@pytest.mark.long
def test_what_can_be_read_is_submitted_as_it_was_sent(call: Call, applicant: Client) -> None:
    sent = ["\ufffd", "the \ufffd there", "\u202eevil", "می\u200cخواهم", "क्\u200dष", "x" * 500]
    for number, text in enumerate(sent, start=1):
        body = urlencode(filled(applicant, call, text, action="submit"))
        assert applicant.post(PAGE, body, content_type="application/x-www-form-urlencoded").status_code == 303, text
        assert typed_answer(Application.objects.get()) == text
        snapshot = Snapshot.objects.get(number=number)
        assert text in [answer["text"] for answer in snapshot.answers]
        assert snapshot.sha256 == queries.fingerprint(snapshot)


UNSEEN = [
    "\u200b",
    "\u200c\u200d",
    "\u3164",
    "\u115f\u1160\uffa0",
    "\u2800",
    "\u00ad\u180e",
    "\ufe0f\U000e0041",
    "\u202e\u2003",
]


@pytest.mark.long
def test_what_cannot_be_seen_is_no_answer(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    found = {}
    for text in UNSEEN:
        response = applicant.post(PAGE, filled(applicant, call, text, action="submit"))
        html = response.content.decode()
        is_said = f'id="id_{first}_error"' in html and "Please answer this question." in html
        found[text] = (response.status_code, is_said, Application.objects.count())
    assert {text: what for text, what in found.items() if what != (200, True, 0)} == {}


@pytest.mark.long
def test_a_name_that_cannot_be_seen_cannot_be_published(call: Call, applicant: Client) -> None:
    found = {}
    for name in UNSEEN:
        response = applicant.post(PAGE, filled(applicant, call, name=name, publish_name="on", action="submit"))
        is_said = "To have your name published, please give it." in response.content.decode()
        found[name] = (response.status_code, is_said, Application.objects.count())
    assert {name: what for name, what in found.items() if what != (200, True, 0)} == {}
    stored = {}
    for name in UNSEEN:
        status = applicant.post(PAGE, filled(applicant, call, name=name, action="submit")).status_code
        stored[name] = (status, Application.objects.get().identity.name)
    assert {name: what for name, what in stored.items() if what != (303, "")} == {}


@pytest.mark.long
def test_what_cannot_be_stored_is_said_at_its_field(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    found = {}
    for action in ("save", "submit"):
        for raw in ("a\x1bb", "a\x07b"):
            for name in (first, "name"):
                response = applicant.post(PAGE, {**filled(applicant, call, action=action), name: raw})
                html = response.content.decode()
                is_said = "This holds characters that cannot be stored." in html
                found[action, raw, name] = (response.status_code, is_said, main_form_of(html)[name])
    assert {sent: what for sent, what in found.items() if what != (200, True, "ab")} == {}
    assert not Application.objects.exists()


def test_a_charset_with_lone_surrogates_is_refused(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    fields, visitor, found = filled(applicant, call, action="submit"), Client(), {}
    kind = "multipart/form-data; boundary=cut; charset=raw_unicode_escape"
    for hostile in ("name", first, "version-answers", "form_key", "action", "owner", "publish_name"):
        parts = "".join(
            f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {**fields, hostile: "x\\ud800y"}.items()
        )
        sent = f"{parts}--cut--\r\n".encode()
        statuses = {browser.post(PAGE, sent, content_type=kind).status_code for browser in (applicant, visitor)}
        found[hostile] = (statuses, Application.objects.count(), len(visitor.session.items()))
    assert {name: what for name, what in found.items() if what != ({400}, 0, 0)} == {}


@pytest.mark.long
def test_a_date_that_has_passed_is_told_as_passed(call: Call, applicant: Client, clock: Clock) -> None:
    expected = {OPEN: "Closes", CLOSES: "Closed", OPENS - timedelta(days=1): "Closes"}
    found = {}
    for moment, said in expected.items():
        clock.set(moment)
        for path in (PAGE, CALL):
            html = applicant.get(path).content.decode()
            found[moment, path] = (re.findall("<dt>(Closes|Closed)</dt>", html), [said])
    assert {where: what for where, what in found.items() if what[0] != what[1]} == {}


@pytest.mark.long
def test_pages_show_the_form_that_is_sent_in_these_tests(call: Call, applicant: Client) -> None:
    def differing() -> dict[str, Any]:
        on_page, made = main_form(applicant, PAGE), shown_form(applicant, call)
        on_page.pop("csrfmiddlewaretoken")
        for fields in (on_page, made):
            gates.read_form_key(fields.pop("form_key"), call.phase_id)
        return {name: (on_page.get(name), made.get(name)) for name in {*on_page, *made}}

    submitted = {"name": "Bea", "action": "submit"}
    for changes in ({}, {"name": "Ada", "publish_name": "on", "action": "save"}, submitted):
        if changes:
            assert applicant.post(PAGE, filled(applicant, call, **changes)).status_code == 303
        assert {name: both for name, both in differing().items() if both[0] != both[1]} == {}


def test_twice_the_same_field_is_refused(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    response = applicant.post(PAGE, {**filled(applicant, call, action="submit"), first: ["one", "two"]})
    assert response.status_code == 200
    assert not Application.objects.exists()


def test_a_key_of_somebody_else_is_a_conflict(
    call: Call, applicant: Client, people: dict[str, User], sign_in: Callable[[User], Client]
) -> None:
    fields = filled(applicant, call, "Mine alone.", action="submit")
    applicant.post(PAGE, fields)
    response = sign_in(people["member"]).post(PAGE, fields)
    assert response.status_code == 409
    assert Snapshot.objects.count() == 1
    assert not Application.objects.filter(applicant=people["member"]).exists()


@pytest.mark.long
def test_withdrawing_asks_first_then_ends_it(call: Call, applicant: Client, clock: Clock) -> None:
    applicant.post(PAGE, filled(applicant, call, action="submit"))
    clock.set(CLOSES)
    form = withdrawal(applicant)
    unticked = {name: value for name, value in form.items() if name != "confirm"}
    assert applicant.post(PAGE, unticked).status_code == 200
    assert Application.objects.get().state == "submitted"
    assert applicant.post(PAGE, form).status_code == 303
    html = applicant.get(PAGE).content.decode()
    assert "You have withdrawn your application" in html
    assert "data-ref" not in html
    assert Application.objects.get().state == "withdrawn"
    assert applicant.post(PAGE, form).status_code == 303
    assert Entry.objects.filter(action="application.withdrawn").count() == 1


@pytest.mark.long
def test_after_withdrawing_one_can_apply_again(call: Call, applicant: Client) -> None:
    applicant.post(PAGE, filled(applicant, call, action="submit"))
    form = withdrawal(applicant)
    applicant.post(PAGE, form)
    assert applicant.post(PAGE, filled(applicant, call, "Once more.", action="submit")).status_code == 303
    assert sorted(Application.objects.values_list("state", "number")) == [("submitted", 2), ("withdrawn", 1)]
    assert applicant.post(PAGE, form).status_code == 409, "a page that was left open takes back no later one"
    assert Application.objects.filter(state="submitted").exists()


def test_nobody_withdraws_for_another(call: Call, applicant: Client, people: dict[str, User]) -> None:
    applicant.post(PAGE, filled(applicant, call, action="submit"))
    with pytest.raises(Http404):
        services.withdraw(Application.objects.get().pk, people["member"], at=app_now())
    assert Application.objects.get().state == "submitted"


def test_an_opened_application_is_empty_and_one(call: Call, people: dict[str, User]) -> None:
    made = [services.open_application(call.pk, people["applicant"], language="en") for _ in range(2)]
    assert made[0] == made[1]
    assert made[0].version == 0


def test_a_service_conflict_leaves_no_trace(call: Call, people: dict[str, User]) -> None:
    services.save_draft(call.pk, people["applicant"], draft(call, "One."))
    with pytest.raises(Conflict):
        services.save_draft(call.pk, people["applicant"], draft(call, "Two.", version=0))
    assert Application.objects.get().version == 1


class TestExpiredSession:
    """Fields that came without sign-in are back in the form after it."""

    def test_a_visitor_is_sent_to_sign_in(self, call: Call, client: Client) -> None:
        for response in (client.get(PAGE), client.post(PAGE, {"action": "save"})):
            assert response.status_code == 302
            assert response.headers["Location"] == f"/en/accounts/login/?next={PAGE}"

    @pytest.mark.long
    def test_what_was_typed_is_back_after_signing_in(self, call: Call, client: Client) -> None:
        client.post("/en/accounts/login/", SIGN_IN)
        first, second = question_names(call)
        fields = filled(client, call, "Typed for an hour.", name="Ada L.", publish_name="on", action="submit")
        client.cookies.pop("session")
        sent_away = client.post(PAGE, fields)
        assert sent_away.status_code == 302
        signed_in = client.post(sent_away.headers["Location"], SIGN_IN)
        assert (signed_in.status_code, signed_in.headers["Location"]) == (302, PAGE)
        page = client.get(PAGE)
        assert "What you typed is back" in page.content.decode()
        back = main_form_of(page.content.decode())
        assert (back[first], back[second], back["name"]) == ("Typed for an hour.", "four", "Ada L.")
        assert back["publish_name"] == "on"
        assert not Application.objects.exists()
        assert client.post(PAGE, {**back, "action": "submit"}).status_code == 303
        assert "What you typed is back" not in client.get(PAGE).content.decode()

    def test_it_is_not_shown_to_another_person(self, call: Call, applicant: Client, people: dict[str, User]) -> None:
        fields = filled(applicant, call, "Only mine.", action="save")
        shared = Client()
        shared.post(PAGE, fields)
        shared.post("/en/accounts/login/", {**SIGN_IN, "login": "member@demo.example"})
        assert "Only mine." not in shared.get(PAGE).content.decode()
        assert not any("kept" in name for name in shared.session.keys())  # noqa: SIM118 - a session is no dict

    @pytest.mark.parametrize(("minutes", "waits"), [(14, True), (16, False)])
    def test_what_is_nobodys_waits_a_short_while(self, call: Call, client: Client, minutes: int, waits: bool) -> None:
        """What has a mark of whose it is waits as long as the session."""
        first, _second = question_names(call)
        client.post(PAGE, {first: "Nobody's words.", "action": "save"})
        session = client.session
        session[f"recruitment.kept.{call.pk}"][0]["at"] -= minutes * 60
        session.save()
        client.post("/en/accounts/login/", SIGN_IN)
        assert ("Nobody&#x27;s words." in client.get(PAGE).content.decode()) is waits

    @pytest.mark.long
    def test_a_stale_version_is_still_told(self, call: Call, applicant: Client, people: dict[str, User]) -> None:
        late = filled(applicant, call, "Typed on nothing.", action="save")
        applicant.post(PAGE, filled(applicant, call, "Saved meanwhile.", action="save"))
        shared = Client()
        shared.post(PAGE, late)
        shared.post("/en/accounts/login/", SIGN_IN)
        back = main_form(shared, PAGE)
        assert shared.post(PAGE, {**back, "action": "save"}).status_code == 409

    def test_after_the_close_it_is_shown_to_copy(self, call: Call, client: Client, clock: Clock) -> None:
        first, _second = question_names(call)
        client.post(PAGE, {first: "Too late, alas.", "action": "save"})
        clock.set(CLOSES)
        client.post("/en/accounts/login/", SIGN_IN)
        html = client.get(PAGE).content.decode().partition("<main")[2]
        assert "Too late, alas." in html
        assert "has not been saved" in html

    @pytest.mark.parametrize("long", [20_000, 300_000])
    def test_what_is_too_long_to_be_kept_stands_on_the_page(self, call: Call, client: Client, long: int) -> None:
        """Under its question, with why and how long it may be; whoever sends it is not led on as if it were kept."""
        first, _second = question_names(call)
        answer = client.post(PAGE, {first: "x" * long, "name": "Ada <L.", "action": "submit"})
        html = answer.content.decode()
        assert answer.status_code == 403
        assert re.findall(r'<pre class="pt-typed"[^>]*>([^<]*)</pre>', html) == ["x" * long, "Ada &lt;L."]
        assert f"at most {kept.most(call)} characters" in html
        assert "sign in, open the form again" in html
        assert "Your sign-in has ended" not in html, "they have never been in"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert not client.session.items()

    def test_only_what_the_form_has_room_for_is_kept(self, call: Call, client: Client) -> None:
        first, second = question_names(call)
        client.post(PAGE, {first: "x" * 20_000})
        assert not client.session.items()
        others = {"q-1000000": "y" * 10_000, "version-answers": "1" * 10_000, "owner": "z" * 10_000}
        client.post(PAGE, {first: "語" * 500, second: "two", "name": "n" * 120, **others})
        assert len(str(dict(client.session.items()))) < 1_500
        assert "語" * 500 in str(dict(client.session.items()))

    def test_what_cannot_be_stored_is_not_kept(self, call: Call, client: Client) -> None:
        first, _second = question_names(call)
        client.post(PAGE, {first: "a\x07b", "action": "save"})
        client.post("/en/accounts/login/", SIGN_IN)
        assert main_form(client, PAGE)[first] == "ab"

    @pytest.mark.long
    def test_many_kept_forms_are_too_many(self, call: Call) -> None:
        statuses = [Client().post(PAGE, {"action": "save"}).status_code for _ in range(21)]
        assert statuses == [302] * 20 + [429]

    @pytest.fixture(autouse=True)
    def cast(self, people: dict[str, User]) -> None:
        """People with a password."""
        for name in ("applicant", "member"):
            people[name].set_password(SIGN_IN["password"])
            people[name].save()


SIGN_IN = {"login": "applicant@demo.example", "password": "demo"}


def test_the_mark_of_a_form_cannot_be_made_up(call: Call, applicant: Client) -> None:
    owner = main_form(applicant, PAGE)["owner"]
    with pytest.raises(signing.BadSignature):
        signing.Signer(salt="another").unsign(owner)
