"""A moderator decides about what they have read: who changes a text meanwhile does not have it published or hidden."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from feedback import services
from feedback.models import FeedbackItem, FeedbackReport, FeedbackWindow
from feedback.services import as_read
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.pages import main_form, parsed
from tests.feedback.test_agreeing import change
from tests.feedback.test_items import read, say
from tests.feedback.test_queue import QUEUE, as_person
from tests.feedback.test_reporting import report
from tests.meeting import until

READ = "A harmless text about the proposal."
NOW = "All of them are thieves, and one of them lives in Peace Street."
TOLD = "since you opened the page"


@pytest.fixture
def waits(window: FeedbackWindow) -> FeedbackItem:
    """A text of a window in which each is read first."""
    FeedbackWindow.objects.update(is_read_first=True)
    item = say(window, READ)
    assert item.state == "held"
    return item


def decide(item: FeedbackItem) -> str:
    return f"/en/admin/feedback/feedbackitem/{item.pk}/decide/"


def test_what_was_not_read_is_not_published(waits: FeedbackItem, people: dict[str, User]) -> None:
    """Both texts stand on the page, with what was typed, and the second try is about what it says now."""
    staff, path = as_person(people["moderator"]), decide(waits)
    fields = {**main_form(staff, path), "action": "publish", "reason": "It is about the proposal."}
    change(waits, NOW)
    refused = staff.post(path, fields)
    html = refused.content.decode()
    assert refused.status_code == 409
    for words in (READ, NOW, TOLD, "It is about the proposal.", "What you read"):
        assert words in html
    waits.refresh_from_db()
    assert waits.state == "held"
    again = {**(parsed(html).fields or {}), "action": "publish"}
    assert staff.post(path, again).status_code == 302
    waits.refresh_from_db()
    assert (waits.state, waits.state_reason) == ("published", "It is about the proposal.")


def test_what_was_corrected_is_not_hidden(window: FeedbackWindow, people: dict[str, User]) -> None:
    item = say(window, NOW)
    staff, path = as_person(people["moderator"]), decide(item)
    fields = {**main_form(staff, path), "action": "hide", "rule": "attack", "reason": "It attacks."}
    change(item, READ)
    assert staff.post(path, fields).status_code == 409
    assert READ in read(item)


@pytest.mark.parametrize("action", ["hide", "leave"])
def test_reports_are_decided_about_what_was_read(window: FeedbackWindow, people: dict[str, User], action: str) -> None:
    item = say(window, READ)
    report(item)
    staff, path = as_person(people["moderator"]), f"/en/admin/feedback/feedbackitem/{item.pk}/reports/"
    fields = {**main_form(staff, path), "action": action, "reason": "Why."}
    fields["rule"] = "attack" if action == "hide" else ""
    change(item, NOW)
    refused = staff.post(path, fields)
    assert refused.status_code == 409
    for words in (READ, NOW, TOLD):
        assert words in refused.content.decode()
    assert FeedbackReport.objects.get().outcome == ""


def test_who_decides_about_another_state_than_was_shown_is_told(waits: FeedbackItem, people: dict[str, User]) -> None:
    """Somebody has hidden it meanwhile: publishing what was held does not overrule that unseen."""
    staff, path = as_person(people["moderator"]), decide(waits)
    fields = {**main_form(staff, path), "action": "publish"}
    services.moderate(waits.pk, "hide", reason="R.", rule="attack", actor=people["coordinator"], at=OPENS)
    assert staff.post(path, fields).status_code == 409
    waits.refresh_from_db()
    assert waits.state == "hidden"


def test_in_the_queue_the_others_are_decided_and_this_one_is_named(
    waits: FeedbackItem, window: FeedbackWindow, people: dict[str, User]
) -> None:
    other = say(window, "Another text that waits to be read.")
    staff = as_person(people["moderator"])
    fields = {**main_form(staff, QUEUE), "action": "hide", "rule": "off-topic", "reason": "Not about it.", "all": "on"}
    change(waits, NOW)
    answer = staff.post(QUEUE, fields)
    html = answer.content.decode()
    assert answer.status_code == 409
    for words in (READ, NOW, TOLD, "Not about it.", "1 text is decided.", "1 text is left as it was"):
        assert words in html.replace("<bdi>", "").replace("</bdi>", "")
    assert " checked>" not in html.split('class="queue-mark"')[1].split("</p>")[0]
    states = dict(FeedbackItem.objects.values_list("pk", "state"))
    assert states == {waits.pk: "held", other.pk: "hidden"}


def test_what_is_missing_is_told_at_once(waits: FeedbackItem, people: dict[str, User]) -> None:
    html = as_person(people["moderator"]).post(QUEUE, {}).content.decode()
    for words in (
        "Please mark at least one text",
        "Please choose one.",
        "please say also which rule it breaks, and why",
    ):
        assert words in html


def test_a_reason_is_needed_for_hiding_alone_and_none_is_offered(waits: FeedbackItem, people: dict[str, User]) -> None:
    staff, path = as_person(people["moderator"]), decide(waits)
    fields = main_form(staff, path)
    assert fields["reason"] == ""
    missing = staff.post(path, {**fields, "action": "hide", "rule": "attack"})
    assert "Please say why it is hidden" in missing.content.decode()
    assert staff.post(path, {**fields, "action": "publish"}).status_code == 302


def test_who_hid_a_text_reads_in_the_queue_why_somebody_else_decides(
    window: FeedbackWindow, people: dict[str, User]
) -> None:
    item = say(window, READ)
    services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["moderator"], at=OPENS)
    services.appeal(item.pk, words="I meant nobody.", at=OPENS)
    mine, others = (as_person(people[role]).get(QUEUE).content.decode() for role in ("moderator", "coordinator"))
    assert "You have hidden this text yourself" in mine
    assert decide(item) not in mine
    assert decide(item) in others


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_checked", [True, False], ids=["service", "twin"])
def test_who_decides_while_the_author_changes_it_waits_and_is_told(
    committed: None,
    window: FeedbackWindow,
    people: dict[str, User],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_checked: bool,
) -> None:
    FeedbackWindow.objects.update(is_read_first=True)
    item, staff = say(window, READ), people["moderator"]
    if not is_checked:
        monkeypatch.setattr(as_read, "check", lambda text, seen: None)
    inside, called = Event(), Event()
    told: list[object] = []

    def write() -> None:
        try:
            with transaction.atomic():
                change(item, NOW)
                inside.set()
                until(called.is_set)
        finally:
            inside.set()
            connection.close()

    def publish() -> None:
        inside.wait(30)
        try:
            told.append(services.moderate(item.pk, "publish", reason="", actor=staff, at=OPENS, seen="0-held").state)
        except Conflict as error:
            told.append(type(error))
        finally:
            called.set()
            connection.close()

    threads = [Thread(target=write), Thread(target=publish)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == ([services.OtherWords] if is_checked else ["published"])
    html = Client().get(f"/en/tf/leadership-development/feedback/{window.slug}/items/").content.decode()
    assert (NOW in html) is not is_checked
