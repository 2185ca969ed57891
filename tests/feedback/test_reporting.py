"""Readers report what breaks a rule: once each, with account or without, seen by moderators alone, who decide."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from feedback import opendata, reporting, services
from feedback.forms.keyed import HONEYPOT
from feedback.models import FeedbackItem, FeedbackReply, FeedbackReport, FeedbackWindow
from feedback.services import Report
from feedback.services import reporting as service
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Refused
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import gates
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address, main_form
from tests.feedback.test_items import listed, of, page, read, say
from tests.feedback.test_participation import signed_in
from tests.feedback.test_queue import QUEUE
from tests.feedback.test_queue import listed as waiting
from tests.feedback.test_replay import in_parallel
from tests.feedback.test_replies import reply as replied
from tests.meeting import until

PEOPLE = dict[str, User]
WORDS = "It names where somebody lives."


@pytest.fixture
def item(window: FeedbackWindow) -> FeedbackItem:
    return say(window, "Strong words about somebody.")


def key(item: FeedbackItem) -> gates.FormKey:
    phase_id = item.window.phase_id
    return gates.read_form_key(gates.new_form_key(OPENS, phase_id), phase_id)


def report(item: FeedbackItem, rule: str = "attack", reporter: User | None = None, **more: Any) -> FeedbackReport:
    """As the form would, past the pages."""
    given = {key: more.pop(key) for key in ("reply_id",) if key in more}
    sent = Report(key(item), rule, **more)
    return services.report(item.pk, sent, reporter=reporter, at=OPENS, **given)


def decide(item: FeedbackItem | FeedbackReply, client: Client, kind: str = "feedbackitem", **fields: str) -> str:
    path = f"/en/admin/feedback/{kind}/{item.pk}/reports/"
    shown = client.get(path).content.decode()
    response = client.post(path, {**main_form(client, path), **fields})
    assert response.status_code == 302, response.content.decode()
    return str(shown)


# --- making it -----------------------------------------------------------------------------------------------------


def test_a_reader_reports_a_text_and_is_told_what_happens_next(
    item: FeedbackItem, visitor: Client, people: PEOPLE
) -> None:
    path = f"{of(item)}report/"
    assert f'href="{path}"' in read(item)
    assert f'href="{path}"' in page()
    fields = {**main_form(visitor, path), "rule": "private", "words": WORDS}
    wrong = visitor.post(path, {**fields, "rule": ""})
    assert "Please say which rule it breaks." in wrong.content.decode()
    assert WORDS in wrong.content.decode()
    response = visitor.post(path, fields)
    assert (response.status_code, response.headers["Location"]) == (303, f"{path}received/")
    assert "What happens next" in visitor.get(response.headers["Location"]).content.decode()
    (found,) = FeedbackReport.objects.all()
    assert (found.rule, found.words, found.reporter, found.outcome) == ("private", WORDS, None, "")
    assert found.browser_hash
    # Nothing happens by itself, nobody is mailed, and no page that others read changes.
    assert listed() == [item.reference]
    assert not OutboxMessage.objects.exists()
    entry = Entry.objects.get(action="feedback.reported")
    assert (entry.actor_id, entry.reason, WORDS in str(entry.details)) == (None, "", False)


def test_who_moderates_finds_the_decision_from_there_and_nobody_else_does(item: FeedbackItem, people: PEOPLE) -> None:
    """The page of the text is the same for all, so the way stands on this one."""
    path, way = f"{of(item)}report/", f"/admin/feedback/feedbackitem/{item.pk}/decide/"
    assert way in signed_in(people["moderator"]).get(path).content.decode()
    for browser in (Client(), signed_in(people["observer"]), signed_in(people["member"])):
        assert way not in browser.get(path).content.decode()


def test_each_counts_once_and_is_told_the_same(item: FeedbackItem, people: PEOPLE) -> None:
    """By account, or by browser where somebody is not signed in; whether they had reported it nobody can tell."""
    path, member, visitor = f"{of(item)}report/", signed_in(people["member"]), Client(enforce_csrf_checks=True)
    for client in (member, visitor, member, visitor):
        answer = client.post(path, {**main_form(client, path), "rule": "attack"})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}received/")
    assert [one.reporter for one in FeedbackReport.objects.order_by("pk")] == [people["member"], None]
    other = Client(enforce_csrf_checks=True)
    other.post(path, {**main_form(other, path), "rule": "attack"})
    assert FeedbackReport.objects.count() == 3
    # What was decided is not reported by the same people again.
    services.leave(item.pk, note="", actor=people["moderator"], at=OPENS)
    member.post(path, {**main_form(member, path), "rule": "other"})
    assert FeedbackReport.objects.count() == 3
    assert not FeedbackReport.objects.filter(outcome="").exists()


def test_what_the_trap_catches_brings_nobody_to_look(item: FeedbackItem, visitor: Client, people: PEOPLE) -> None:
    path = f"{of(item)}report/"
    fields = {**main_form(visitor, path), "rule": "attack", HONEYPOT: "x"}
    assert visitor.post(path, fields).headers["Location"] == f"{path}received/"
    assert FeedbackReport.objects.get().suspicion == "trap"
    assert waiting(signed_in(people["moderator"])) == []
    with pytest.raises(Conflict):
        services.leave(item.pk, note="", actor=people["moderator"], at=OPENS)


def test_one_address_reports_so_often(item: FeedbackItem, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "REPORT", table.REPORT._replace(most=1))
    path = f"{of(item)}report/"
    visitor.post(path, {**main_form(visitor, path), "rule": "attack"})
    # The same person again is counted for nothing.
    assert visitor.post(path, {**main_form(visitor, path), "rule": "attack"}).status_code == 303
    other = Client(enforce_csrf_checks=True)
    refused = other.post(path, {**main_form(other, path), "rule": "attack", "words": WORDS})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert WORDS in refused.content.decode()


@pytest.mark.parametrize("gone", ["held", "staff", "hidden", "withdrawn"])
def test_only_what_everybody_reads_is_reported(window: FeedbackWindow, people: PEOPLE, gone: str) -> None:
    item = say(window, "Words.", suspected=gone == "held", visibility="staff" if gone == "staff" else "public")
    if gone == "hidden":
        services.moderate(item.pk, "hide", reason="R.", rule="attack", actor=people["moderator"], at=OPENS)
    if gone == "withdrawn":
        services.withdraw(item.pk, at=OPENS)
    expected = 404 if gone in ("held", "staff") else 303
    assert Client().get(f"{of(item)}report/").status_code == expected
    with pytest.raises(Refused):
        report(item)


def test_it_is_possible_when_the_window_is_closed(item: FeedbackItem, visitor: Client, clock: Clock) -> None:
    clock.set(CLOSES + timedelta(days=9))
    path = f"{of(item)}report/"
    assert visitor.post(path, {**main_form(visitor, path), "rule": "attack"}).status_code == 303
    assert FeedbackReport.objects.exists()


def test_a_damaged_form_is_shown_again_with_what_was_typed(item: FeedbackItem, visitor: Client) -> None:
    path = f"{of(item)}report/"
    fields = {**main_form(visitor, path), "rule": "attack", "words": WORDS}
    again = visitor.post(path, {**fields, "form_key": "x"}).content.decode()
    assert WORDS in again
    assert "This form has expired" in again
    assert 'value="x"' not in again


# --- deciding about it ---------------------------------------------------------------------------------------------


def test_moderators_find_it_and_leave_the_text(item: FeedbackItem, people: PEOPLE) -> None:
    held = say(item.window, "Held.", suspected=True)
    for name in ("member", "applicant"):
        report(item, "attack", people[name], words=WORDS)
    report(item, "private", browser="b")
    client = signed_in(people["moderator"])
    assert waiting(client) == [item.reference, held.reference]
    shown = client.get(QUEUE).content.decode()
    assert "Readers have reported it" in shown
    assert "It attacks a person or a group: 2" in re.sub(r"<[^>]+>", "", shown)
    assert "1 text is reported." in client.get("/en/admin/").content.decode()
    shown = decide(item, client, action="leave", reason="Strong, and about the text.")
    assert shown.count(WORDS) == 2
    for name in ("member", "applicant"):
        assert people[name].email not in shown
    assert waiting(client) == [held.reference]
    assert set(FeedbackReport.objects.values_list("outcome", "note")) == {("left", "Strong, and about the text.")}
    entry = Entry.objects.get(action="feedback.reports-left")
    assert (entry.actor_id, entry.reason) == (people["moderator"].pk, "Strong, and about the text.")
    assert entry.details["count"] == 3
    assert read(item)
    # Only once.
    path = f"/en/admin/feedback/feedbackitem/{item.pk}/reports/"
    assert client.post(path, {"action": "leave", "seen": "0-published"}).status_code == 200


def test_hiding_closes_them(item: FeedbackItem, people: PEOPLE) -> None:
    report(item)
    client = signed_in(people["moderator"])
    path = f"/en/admin/feedback/feedbackitem/{item.pk}/reports/"
    wrong = client.post(path, {**main_form(client, path), "action": "hide"}).content.decode()
    assert "Please say which rule it breaks" in wrong
    assert "Please say why it is hidden" in wrong
    decide(item, client, action="hide", rule="attack", reason="It insults.")
    found = FeedbackReport.objects.get()
    assert (found.outcome, found.closed_by) == ("hidden", people["moderator"])
    item.refresh_from_db()
    assert (item.state, item.rule) == ("hidden", "attack")
    assert waiting(client) == []


@pytest.mark.parametrize(("act", "outcome"), [("hide", "hidden"), ("withdraw", "gone")])
def test_any_other_way_closes_them_too(item: FeedbackItem, people: PEOPLE, act: str, outcome: str) -> None:
    report(item)
    if act == "hide":
        services.moderate(item.pk, "hide", reason="R.", rule="other", actor=people["deputy"], at=OPENS)
    else:
        services.withdraw(item.pk, at=OPENS)
    assert FeedbackReport.objects.get().outcome == outcome


def test_replies_are_reported_too(item: FeedbackItem, people: PEOPLE, visitor: Client) -> None:
    first, second = (replied(item, people["member"], f"Nobody's business, {turn}.") for turn in range(2))
    path = f"{of(item)}replies/{first.reference}/report/"
    assert f'href="{path}"' in read(item)
    fields = {**main_form(visitor, path), "rule": "attack", "words": WORDS}
    assert visitor.post(path, fields).headers["Location"] == f"{of(item)}report/received/"
    report(item, reply_id=second.pk, browser="b")
    report(item, browser="b")
    assert FeedbackReport.objects.filter(reply=None).count() == 1
    client = signed_in(people["moderator"])
    assert "Reports of a reply to it" in client.get(QUEUE).content.decode()
    decide(first, client, "feedbackreply", action="hide", rule="attack", reason="It insults.")
    decide(second, client, "feedbackreply", action="leave")
    assert list(FeedbackReport.objects.order_by("pk").values_list("outcome", flat=True)) == ["hidden", "left", ""]
    first.refresh_from_db()
    assert first.state == "hidden"
    # That of another item is not there.
    other = say(item.window, "Another.")
    assert Client().get(f"{of(other)}replies/{second.reference}/report/").status_code == 404


@pytest.mark.parametrize("role", ["observer", "translator", "privacy"])
def test_nobody_else_reads_them(item: FeedbackItem, people: PEOPLE, role: str) -> None:
    report(item, words=WORDS)
    client = signed_in(people[role])
    for path in ("reports/", "change/"):
        response = client.get(f"/en/admin/feedback/feedbackitem/{item.pk}/{path}", follow=True)
        assert WORDS not in response.content.decode()
    with pytest.raises(Refused):
        services.leave(item.pk, note="", actor=people[role], at=OPENS)


def test_nothing_public_says_that_it_was_reported(item: FeedbackItem, people: PEOPLE) -> None:
    def public() -> list[bytes]:
        found = [Client().get(path).content for path in (of(item), f"{address()}items/", f"{address()}moderation/")]
        return [*found, b"".join(opendata.as_json(item.window.phase.task_force))]

    before = public()
    report(item, "attack", people["member"], words=WORDS)
    assert public() == before


# --- counting and forgetting ---------------------------------------------------------------------------------------


def test_they_are_counted_for_everybody_without_small_groups(item: FeedbackItem, people: PEOPLE) -> None:
    def counted() -> str:
        return str(Client().get(f"{address()}moderation/").content.decode()).split("Reports of readers")[-1]

    for turn in range(4):
        report(item, browser=f"b{turn}")
    assert "How many reports" not in counted()
    services.leave(item.pk, note="", actor=people["moderator"], at=OPENS)
    for turn in range(4, 12):
        report(item, browser=f"b{turn}")
    shown = counted()
    assert "Not decided yet</th>" in shown
    assert "It stands: it breaks no rule" not in shown
    services.moderate(item.pk, "hide", reason="R.", rule="attack", actor=people["moderator"], at=OPENS)
    other = say(item.window, "Another one.")
    for turn in range(7):
        report(other, browser=f"b{turn}")
    services.leave(other.pk, note="", actor=people["moderator"], at=OPENS)
    shown = counted()
    assert "It stands: it breaks no rule</th>" in shown
    assert "at least 10" in shown


def test_who_reported_is_forgotten(item: FeedbackItem, people: PEOPLE) -> None:
    report(item, "attack", people["member"], words=WORDS)
    other = say(item.window, "Another one.")
    report(other, "attack", people["member"], words=WORDS)
    services.leave(item.pk, note="So.", actor=people["moderator"], at=OPENS)
    assert services.forget_reports(OPENS + reporting.KEPT - timedelta(seconds=1)) == 0
    assert services.forget_reports(OPENS + reporting.KEPT) == 1
    assert services.forget_reports(OPENS + reporting.KEPT) == 0
    first, second = FeedbackReport.objects.order_by("pk")
    assert (first.reporter, first.words, first.note) == (None, "", "So.")
    assert (second.reporter, second.words) == (people["member"], WORDS)


def test_the_queue_costs_the_same_for_two_and_for_many(window: FeedbackWindow, people: PEOPLE) -> None:
    client = signed_in(people["moderator"])

    def cost() -> int:
        waiting(client)
        with CaptureQueriesContext(connection) as found:
            waiting(client)
        return len(found)

    def more(number: int) -> None:
        for turn in range(number):
            item = say(window, f"Words {turn}.")
            report(item, browser="a")
            report(item, browser="b", reply_id=replied(item, people["member"], f"Reply {turn}").pk)

    more(2)
    few = cost()
    more(8)
    assert cost() == few


# --- races ---------------------------------------------------------------------------------------------------------


def _unlocked(item_id: int) -> FeedbackItem:
    return FeedbackItem.objects.select_related("window__phase").get(pk=item_id)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_one_person_in_many_tabs_is_one_report(committed: None, item: FeedbackItem, people: PEOPLE) -> None:
    told: list[int] = []
    person = people["member"]

    def tab(_turn: int) -> int:
        found = report(item, "attack", person)
        told.append(found.pk)
        return 0

    in_parallel(8, tab)
    assert len(set(told)) == 1
    assert FeedbackReport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("find", "left"), [(None, 0), (_unlocked, 1)], ids=["service", "twin"])
def test_no_report_waits_for_what_was_hidden_at_the_same_moment(
    committed: None,
    item: FeedbackItem,
    people: PEOPLE,
    monkeypatch: pytest.MonkeyPatch,
    find: Callable[[int], FeedbackItem] | None,
    left: int,
) -> None:
    """The twin takes the item for what it was before."""
    inside, tried, moderator = Event(), Event(), people["moderator"]
    if find is not None:
        monkeypatch.setattr(service, "queries", SimpleNamespace(locked=find))

    def hide() -> None:
        try:
            with transaction.atomic():
                services.moderate(item.pk, "hide", reason="R.", rule="other", actor=moderator, at=OPENS)
                inside.set()
                until(tried.is_set)
        finally:
            connection.close()

    def tell() -> None:
        inside.wait(30)
        try:
            with suppress(Refused):
                report(item)
        finally:
            tried.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(hide), pool.submit(tell)]:
            done.result(30)
    assert FeedbackReport.objects.filter(outcome="").count() == left
