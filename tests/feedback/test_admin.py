"""Feedback on the staff side: who sees what, and how held items are decided about."""

import re
from typing import Any

import pytest

from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services import moderate
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from tests.clients import Client
from tests.feedback.conftest import AT
from tests.feedback.pages import address, filled, main_form

LIST = "/en/admin/feedback/feedbackitem/"
READERS = ("coordinator", "deputy", "moderator", "observer", "admin")
OTHERS = ("reviewer1", "translator", "facilitator", "privacy", "member")
Cast = dict[str, User]


@pytest.fixture
def item(window: FeedbackWindow, visitor: Client) -> FeedbackItem:
    response = visitor.post(address(), filled(visitor, visibility="public", name="Somebody", second_remark="x"))
    assert response.status_code == 303
    return FeedbackItem.objects.get()


def as_person(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("role", READERS)
def test_readers_see_the_item(item: FeedbackItem, people: Cast, role: str) -> None:
    client = as_person(people[role])
    listed = client.get(LIST).content.decode()
    assert item.reference in listed
    shown = client.get(f"{LIST}{item.pk}/change/").content.decode()
    assert "Leaders grow where they are trusted." in shown
    assert "Somebody" in shown
    assert ("Publish or hide" in shown) == (role != "observer")
    assert 'name="state"' not in shown
    assert client.get("/en/admin/feedback/feedbackwindow/").status_code == 200


@pytest.mark.parametrize("role", OTHERS)
def test_others_do_not(item: FeedbackItem, people: Cast, role: str) -> None:
    client = as_person(people[role])
    for path in (LIST, f"{LIST}{item.pk}/change/", f"{LIST}{item.pk}/decide/"):
        response = client.get(path)
        assert response.status_code in (302, 403, 404)
        assert item.reference not in response.content.decode()


def test_staff_of_another_task_force_find_nothing(item: FeedbackItem, people: Cast) -> None:
    stranger = create_account("stranger@demo.example", at=AT)
    grant_role(stranger, Role.MODERATOR, at=AT, actor_id=None, task_force_id=10_000)
    client = as_person(stranger)
    assert item.reference not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{item.pk}/change/").status_code == 404
    assert client.get(f"{LIST}{item.pk}/decide/").status_code == 404


@pytest.mark.long
def test_a_held_item_is_published_with_a_reason_that_its_author_reads(
    item: FeedbackItem, people: Cast, visitor: Client
) -> None:
    client = as_person(people["moderator"])
    path = f"{LIST}{item.pk}/decide/"
    fields = main_form(client, path)
    assert client.post(path, {**fields, "action": "hide", "reason": " "}).status_code == 200
    assert FeedbackItem.objects.get().state == "held"
    done = client.post(path, {**fields, "action": "publish", "reason": "A person wrote this."})
    assert done.status_code == 302
    changed = FeedbackItem.objects.get()
    assert (changed.state, changed.state_reason) == ("published", "A person wrote this.")
    entry = Entry.objects.get(action="feedback.publish")
    assert (entry.actor_id, entry.reason) == (people["moderator"].pk, "A person wrote this.")
    shown = client.get(f"{LIST}{item.pk}/change/").content.decode()
    assert "The decision is saved" in shown
    assert "still wait" not in shown
    again = client.post(path, {**fields, "action": "publish", "reason": "Twice."})
    assert again.status_code == 409
    assert "It was changed, or decided about, since you opened the page." in again.content.decode()


@pytest.mark.long
def test_after_a_decision_the_way_leads_to_what_still_waits(
    item: FeedbackItem, window: FeedbackWindow, people: Cast
) -> None:
    stranger = Client()
    assert stranger.post(address(), filled(stranger, second_remark="x")).status_code == 303
    assert FeedbackItem.objects.filter(state="held").count() == 2
    client = as_person(people["moderator"])
    path = f"{LIST}{item.pk}/decide/"
    fields = {**main_form(client, path), "action": "hide", "rule": "advertising", "reason": "Spam."}
    shown = client.post(path, fields, follow=True).content.decode()
    assert f'<a href="{LIST}queue/"><bdi>1</bdi> text still waits</a>' in shown
    assert item.reference not in client.get(f"{LIST}?state__exact=held").content.decode()


@pytest.mark.parametrize("role", ["observer", "reviewer1", "member"])
def test_the_service_refuses_those_who_may_not(item: FeedbackItem, people: Cast, role: str) -> None:
    with pytest.raises(Refused):
        moderate(item.pk, "hide", rule="other", reason="x", actor=people[role], at=AT)
    assert FeedbackItem.objects.get().state == "held"


@pytest.mark.parametrize(
    ("action", "reason", "rule"),
    [("delete", "x", ""), ("withdraw", "x", ""), ("hide", " ", "other"), ("hide", "x", ""), ("hide", "x", "rudeness")],
)
def test_the_service_refuses_other_acts_and_what_has_no_reason_or_rule(
    item: FeedbackItem, people: Cast, action: str, reason: str, rule: str
) -> None:
    with pytest.raises(Invalid):
        moderate(item.pk, action, reason=reason, rule=rule, actor=people["moderator"], at=AT)


def test_hidden_and_shown_again_but_never_twice_the_same(item: FeedbackItem, people: Cast) -> None:
    def decide(action: str) -> Any:
        rule = "attack" if action == "hide" else ""
        return moderate(item.pk, action, reason="Because.", rule=rule, actor=people["deputy"], at=AT).state

    assert [decide("hide"), decide("publish"), decide("hide")] == ["hidden", "published", "hidden"]
    with pytest.raises(Conflict):
        decide("hide")


def test_a_withdrawn_text_is_not_shown_to_staff(window: FeedbackWindow, visitor: Client, people: Cast) -> None:
    location = visitor.post(address(), filled(visitor, visibility="public", name="Somebody")).headers["Location"]
    visitor.post(f"{location}withdraw/", filled(visitor, f"{location}withdraw/", confirm="on"))
    item = FeedbackItem.objects.get()
    client = as_person(people["coordinator"])
    shown = client.get(f"{LIST}{item.pk}/change/").content.decode()
    assert item.reference in shown
    assert "Publish or hide" not in shown
    assert client.get(f"{LIST}{item.pk}/decide/").status_code == 404
    assert "Leaders grow" not in shown
    assert "Somebody" not in shown


@pytest.mark.long
@pytest.mark.parametrize("role", ["coordinator", "moderator"])
def test_the_staff_side_speaks_chinese(item: FeedbackItem, people: Cast, role: str) -> None:
    client = as_person(people[role])
    windows = "/zh-hant/admin/feedback/feedbackwindow/"
    pages = {
        "windows": client.get(windows).content.decode(),
        "window": client.get(f"{windows}{item.window_id}/change/").content.decode(),
        "items": client.get(LIST.replace("/en/", "/zh-hant/")).content.decode(),
        "item": client.get(f"{LIST.replace('/en/', '/zh-hant/')}{item.pk}/change/").content.decode(),
    }
    for name, html in pages.items():
        # A set of questions has nothing but its short name.
        shown = html[html.index('id="main"') :].replace('<bdi dir="ltr">responsibilities</bdi> · ', "")
        assert "專案組的職責" in shown, name
        for raw in ("Slug", "Phase", "Proposal", "Published at", "feedback of #", ">responsibilities<", ">public<"):
            assert raw not in shown, (name, raw)
    for name in ("items", "item"):
        assert "English" in pages[name], name
        assert ">en<" not in pages[name], name
    assert "人人可領導" in pages["window"]
    assert '<a href="/zh-hant/tf/leadership-development/feedback/responsibilities/" dir="ltr">' in pages["window"]


def test_odd_numbers_in_the_address_are_404(item: FeedbackItem, people: Cast) -> None:
    client = as_person(people["moderator"])
    for number in ("0", "9" * 30):
        assert client.get(f"{LIST}{number}/decide/").status_code == 404


def test_a_reason_that_cannot_be_stored_is_refused(item: FeedbackItem, people: Cast) -> None:
    client = as_person(people["moderator"])
    path = f"{LIST}{item.pk}/decide/"
    fields = {**main_form(client, path), "action": "publish", "reason": "x\\ud800y"}
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    kind = "multipart/form-data; boundary=cut; charset=raw_unicode_escape"
    response = client.post(path, f"{parts}--cut--\r\n".encode(), content_type=kind)
    assert response.status_code == 400
    assert FeedbackItem.objects.get().state == "held"


def test_the_page_of_a_window_shows_what_was_chosen_for_good(window: FeedbackWindow, people: Cast) -> None:
    FeedbackWindow.objects.update(
        participation="account", is_read_first=True, introduction_en="Read it first.", terms_en="Mine stays mine."
    )
    client = as_person(people["observer"])
    shown = client.get(f"/en/admin/feedback/feedbackwindow/{window.pk}/change/").content.decode()
    questions = window.questions
    for words in (
        *("Whoever has an account", "Read it first.", "Mine stays mine.", "English", "Open now", "Not published"),
        f'<bdi dir="ltr">{questions.question_set.slug}</bdi> · Version {questions.number}',
    ):
        assert words in shown, words
    assert re.search(r"ead before it appears.*?Yes", shown, re.DOTALL)
    assert "Open now" in client.get("/en/admin/feedback/feedbackwindow/").content.decode()
