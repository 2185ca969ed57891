"""The staff side of mails to followers: who sees what, what each page says, what each button does."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.models import User
from taskforce.core.side_by_side import own_texts
from taskforce.notifications import expansion
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline.models import Bulletin, TaskForce
from taskforce.timeline.services import bulletins as services
from taskforce.timeline.services import digests
from tests.accounts.entering import prove, send_stale
from tests.clients import Client
from tests.conftest import Clock
from tests.timeline.bulletins import AT, draft, follow, offered, sent

LIST = "/en/admin/timeline/bulletin/"
People = dict[str, User]
ClientAs = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(clock: Clock) -> None:
    """A day after the announcement."""
    clock.set(AT)


@pytest.fixture
def client_as(client: Client, people: People) -> ClientAs:
    """A client signed in as one of the cast."""

    def signed_in(name: str) -> Client:
        client.force_login(people[name])
        return client

    return signed_in


def page_of(bulletin: Bulletin, name: str = "change", language: str = "") -> str:
    return f"{LIST}{bulletin.pk}/{name}/" + (f"?language={language}" if language else "")


def text_of(response: Any) -> str:
    page: str = response.content.decode()
    return page


def fields(bulletin: Bulletin, **changes: Any) -> dict[str, Any]:
    """What the form of the text sends: what is stored, changed."""
    subject, body = own_texts(bulletin, "subject", "en")
    return {"source_subject": subject, "source_body": body, "version": bulletin.version, **changes}


def press(client: Client, bulletin: Bulletin, act: str, **values: Any) -> Any:
    """Press one of the buttons of the bulletin's page."""
    return client.post(page_of(bulletin), {"act": act, "version": bulletin.version, **values})


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["coordinator", "deputy", "admin"])
def test_a_draft_is_written_in_english_first(client_as: ClientAs, tf: TaskForce, name: str) -> None:
    client = client_as(name)
    page = text_of(client.get(f"{LIST}add/"))
    assert page.count("<h1") == 1
    assert "answers to my feedback" not in page
    values = {"task_force": tf.pk, "topic": "updates", "subject": "A meeting", "body": "On Thursday."}
    response = client.post(f"{LIST}add/", values)
    made = Bulletin.objects.get()
    assert response["Location"] == page_of(made, "edit")
    assert "A meeting" in text_of(client.get(LIST))


WRONG = [
    ("subject", ""),
    ("subject", "\u202e\u200b"),
    ("subject", "x" * 201),
    ("body", ""),
    ("body", "x" * 100_000),
    ("body", "[x](//evil.example)"),
    ("topic", "answers"),
    ("task_force", "9" * 30),
]


@pytest.mark.long
def test_what_is_wrong_stands_at_its_field(client_as: ClientAs, tf: TaskForce) -> None:
    good = {"task_force": tf.pk, "topic": "updates", "subject": "Typed subject", "body": "Typed body"}
    client, found = client_as("coordinator"), {}
    for name, value in WRONG:
        response = client.post(f"{LIST}add/", {**good, name: value})
        assert response.status_code == 200, (name, value)
        what = (set(response.context["form"].errors), "Typed" in text_of(response), Bulletin.objects.count())
        if what != ({name}, True, 0):
            found[name, value] = what
    assert found == {}


def test_bytes_that_no_text_has_are_refused(client_as: ClientAs, tf: TaskForce) -> None:
    values = {"task_force": tf.pk, "topic": "updates", "subject": "a\x00b", "body": "Text"}
    assert client_as("coordinator").post(f"{LIST}add/", values).status_code == 400
    assert not Bulletin.objects.exists()


def test_the_source_stands_beside_one_language(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made = draft(tf, people["coordinator"])
    client = client_as("coordinator")
    page = text_of(client.get(page_of(made, "edit", "ar")))
    assert page.count("<textarea") == 2
    assert 'lang="ar" dir="rtl"' in page
    response = client.post(page_of(made, "edit", "ar"), fields(made, subject="اجتماع", body="يوم الخميس", go="page"))
    assert response["Location"] == page_of(made, "change", "ar")
    made.refresh_from_db()
    assert own_texts(made, "subject", "ar") == ("اجتماع", "يوم الخميس")
    assert own_texts(made, "subject", "zh-hant")[0] == "第一次會議"


def test_a_second_save_shows_both_texts(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made = draft(tf, people["coordinator"])
    stale = fields(made, source_subject="My subject", subject="Meins", body="")
    services.edit(made.pk, subjects={"en": "Their subject"}, bodies={}, actor=people["deputy"], version=1)
    client = client_as("coordinator")
    response = client.post(page_of(made, "edit", "de"), stale)
    page = text_of(response)
    assert response.status_code == 409
    assert "Their subject" in page
    assert page.count("My subject") == 2, "beside the stored one, and in its field"
    assert "Deputy Demo has changed" in page
    made.refresh_from_db()
    assert own_texts(made, "subject", "en")[0] == "Their subject"
    again = client.post(page_of(made, "edit", "de"), {**stale, "version": response.context["version"]})
    assert again.status_code == 302
    made.refresh_from_db()
    assert own_texts(made, "subject", "de")[0] == "Meins"


def test_a_save_after_the_sending_loses_nothing_typed(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org")
    made = offered(tf, people["coordinator"])
    services.send(made.pk, actor=people["deputy"], version=1, count=1)
    response = client_as("coordinator").post(page_of(made, "edit"), fields(made, source_subject="Typed too late"))
    assert response.status_code == 409
    assert "Typed too late" in text_of(response)


def test_going_on_without_a_change_keeps_the_offer(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made = offered(tf, people["coordinator"])
    client = client_as("deputy")
    assert "waits for a second person" in text_of(client.get(page_of(made, "edit")))
    response = client.post(page_of(made, "edit"), fields(made, go="page"))
    assert response["Location"] == page_of(made, "change", "en")
    made.refresh_from_db()
    assert (made.state, made.version) == ("offered", 1)


# --- the bulletin's page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "subject"), [("en", "The first meeting"), ("zh-hant", "第一次會議")])
def test_the_mail_is_shown_as_it_would_be_sent(
    client_as: ClientAs, tf: TaskForce, people: People, language: str, subject: str
) -> None:
    made = draft(tf, people["coordinator"])
    response = client_as("observer").get(page_of(made, language=language))
    mail = response.context["mail"]
    assert mail.subject.endswith(subject)
    assert "<strong>" in mail.html
    assert mail.text in text_of(response).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')


def test_before_sending_it_says_who_gets_which_language(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    for number, language in enumerate(["zh-hant", "ar", "ar"]):
        follow(tf, f"{number}@example.org", language, frequency="daily" if number == 2 else "immediate")
    made = offered(tf, people["coordinator"])
    response = client_as("deputy").get(page_of(made))
    rows = {row["code"]: (row["complete"], row["at_once"], row["daily"]) for row in response.context["readers"]}
    assert rows["ar"] == (False, 1, 1)
    assert rows["zh-hant"] == (True, 1, 0)
    assert response.context["totals"] == {"at_once": 2, "daily": 1, "all": 3}
    page = text_of(response)
    assert "followers will read it in another language" in page
    assert "I have read this mail. Send it to 3 followers." in page


@pytest.mark.long
def test_the_way_of_a_mail(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org")
    made = draft(tf, people["coordinator"])
    client = client_as("coordinator")
    assert "First send a test" in text_of(client.get(page_of(made)))
    assert press(client, made, "offer").status_code == 400
    response = press(client, made, "test", language="ar")
    assert response["Location"] == page_of(made, language="en")
    assert OutboxMessage.objects.get().language == "ar"
    assert press(client, made, "offer").status_code == 302
    page = text_of(client.get(page_of(made)))
    assert "Somebody else must read and send it" in page
    assert 'value="send"' not in page
    assert press(client, made, "send", count=1, confirmed="on").status_code == 403
    client = client_as("deputy")
    unticked = press(client, made, "send", count=1)
    assert unticked.status_code == 200
    assert "Tick the box" in text_of(unticked)
    assert not Mailing.objects.exists()
    assert press(client, made, "send", count=1, confirmed="on").status_code == 302
    assert press(client, made, "send", count=1, confirmed="on").status_code == 409
    assert Mailing.objects.count() == 1
    assert "Stop this mail" in text_of(client.get(page_of(made)))


def test_sending_asks_anew_who_sends_and_is_done_once(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    """Only sending does: whoever writes and tests is not asked. The page's language stays."""
    follow(tf, "a@example.org")
    made = offered(tf, people["coordinator"])
    client, address = client_as("deputy"), page_of(made, language="ar")
    form = {"act": "send", "version": made.version, "count": 1, "confirmed": "on"}
    place = send_stale(client, people["deputy"], address, form)
    assert press(client, made, "test", language="en").status_code == 302
    assert not Mailing.objects.exists()
    assert prove(client, place).headers["Location"] == address
    assert Mailing.objects.count() == 1


def hidden(page: str) -> dict[str, str]:
    """The hidden numbers of the form that sends."""
    return dict(re.findall(r'<input type="hidden" name="(count|readers)" value="([^"]*)"', page))


@pytest.mark.long
def test_a_number_that_is_none_or_out_of_date_is_said_and_asked_again(
    client_as: ClientAs, tf: TaskForce, people: People
) -> None:
    """Nothing goes out; the page says so, keeps the tick, and works as it stands now."""
    follow(tf, "a@example.org")
    follow(tf, "late@example.org")
    made = offered(tf, people["coordinator"])
    client, found = client_as("deputy"), {}
    for count in ("abc", "", "-1", "9" * 5000, "1"):
        refused = press(client, made, "send", count=count, confirmed="on")
        page = text_of(refused)
        is_said = ("more people follow this topic: 2" if count == "1" else "This page is out of date.") in page
        is_ticked = bool(re.search(r'<input[^>]* name="confirmed"[^>]* checked', page))
        found[count] = (refused.status_code, is_said, hidden(page), is_ticked, Mailing.objects.count())
    assert {count: what for count, what in found.items() if what != (409, True, {"count": "2"}, True, 0)} == {}
    assert press(client, made, "send", **hidden(page), confirmed="on").status_code == 302
    assert Mailing.objects.count() == 1


@pytest.mark.long
def test_a_stopped_mail_says_what_had_gone(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    for number in range(3):
        follow(tf, f"{number}@example.org")
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    OutboxMessage.objects.filter(mailbox="0@example.org").update(state="sent")
    OutboxMessage.objects.filter(mailbox="1@example.org").update(state="unknown")
    client = client_as("coordinator")
    assert press(client, made, "stop").status_code == 302
    response = client.get(page_of(made))
    shown = {name: response.context[name] for name in ("gone", "stopped", "unknown", "never_written")}
    assert shown == {"gone": 1, "stopped": 1, "unknown": 1, "never_written": 0}
    mailing = Mailing.objects.get()
    assert f"/en/admin/notifications/mailing/{mailing.pk}/change/" in text_of(response)
    assert press(client, made, "stop").status_code == 409


@pytest.mark.long
def test_a_correction_is_linked_from_both_sides(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org")
    made = sent(tf, people["coordinator"], people["deputy"])
    client = client_as("coordinator")
    response = press(client, made, "correct")
    correction = Bulletin.objects.get(corrects=made)
    assert response["Location"] == page_of(correction, "edit", "en")
    assert page_of(correction) in text_of(client.get(page_of(made)))
    assert page_of(made) in text_of(client.get(page_of(correction)))
    assert "Write a correction" not in text_of(client.get(page_of(made)))
    assert press(client, made, "correct").status_code == 409


@pytest.mark.long
def test_a_correction_says_what_is_not_changed_yet(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org", "zh-hant")
    made = sent(tf, people["coordinator"], people["deputy"])
    client = client_as("coordinator")
    press(client, made, "correct")
    correction = Bulletin.objects.get(corrects=made)
    page = text_of(client.get(page_of(correction, "edit", "zh-hant")))
    assert page.count("copied, not changed yet") == 4, "over the two columns, and beside the two languages"
    assert page.count("What it corrects") == 2
    shown = client.get(page_of(correction))
    assert [row["code"] for row in shown.context["copied"]] == ["en", "zh-hant"]
    assert not any(row["complete"] for row in shown.context["readers"])
    assert 'value="offer"' not in text_of(shown)
    assert press(client, correction, "leave-out").status_code == 302
    changed = {"source_subject": "On Friday", "source_body": "Right", "version": 2}
    assert client.post(page_of(correction, "edit"), changed).status_code == 302
    shown = client.get(page_of(correction))
    assert shown.context["copied"] == []
    assert "not changed yet" not in text_of(shown)
    edited = text_of(client.get(page_of(correction, "edit")))
    assert "The first meeting</strong>" in edited, "what it corrects stays beside it"


@pytest.mark.long
@pytest.mark.parametrize(("to", "reached"), [("readers", 1), ("everybody", 2)])
def test_the_second_person_chooses_who_gets_a_correction(
    client_as: ClientAs, tf: TaskForce, people: People, to: str, reached: int
) -> None:
    """One has come since; who tested it, and both numbers, stand on the page."""
    follow(tf, "a@example.org")
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    OutboxMessage.objects.filter(mailing__isnull=False).update(state="sent")
    follow(tf, "late@example.org")
    correction = services.correct(made.pk, actor=people["coordinator"])
    texts = {"en": "Put right", "zh-hant": "更正"}
    services.edit(correction.pk, subjects=texts, bodies=texts, actor=people["coordinator"], version=1)
    services.test(correction.pk, language="zh-hant", actor=people["coordinator"], version=2)
    services.offer(correction.pk, actor=people["coordinator"], version=2)
    client = client_as("deputy")
    shown = client.get(page_of(correction))
    page = text_of(shown)
    assert shown.context["totals"] == {"at_once": 1, "daily": 0, "all": 2}
    assert "Those who got what it corrects, or may have got it: 1" in page
    assert "All who follow now, also those who never got it: 2" in page
    assert "Tests of the text as it is now:" in page
    assert people["coordinator"].email in page
    assert "You have not sent it to yourself yet." in page
    values = {"version": 2, "to": to, "count": 2, "readers": 1}
    assert press(client, correction, "send", **values).status_code == 200, "without the tick nothing goes"
    damaged = press(client, correction, "send", **{**values, "readers": "abc"}, confirmed="on")
    assert damaged.status_code == 409
    assert hidden(text_of(damaged)) == {"count": "2", "readers": "1"}
    assert re.search(rf'<input[^>]* name="to" value="{to}"[^>]* checked', text_of(damaged)), "the choice is kept"
    assert press(client, correction, "send", **values, confirmed="on").status_code == 302
    assert expansion.expand_due() == reached
    Bulletin.objects.get(pk=correction.pk, followers_at_once=reached)


@pytest.mark.long
def test_nothing_is_stopped_once_all_has_gone(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org")
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    client = client_as("coordinator")
    assert "Stop this mail" in text_of(client.get(page_of(made)))
    OutboxMessage.objects.filter(mailing__isnull=False).update(state="sent")
    page = text_of(client.get(page_of(made)))
    assert "Stop this mail" not in page
    assert "Everything has been sent" in page
    assert 'href="#correct"' in page


@pytest.mark.long
def test_a_daily_mail_still_to_come_can_be_stopped(
    client_as: ClientAs, tf: TaskForce, people: People, clock: Clock
) -> None:
    """Of all readers one has it told tomorrow at six; until then there is something to stop."""
    follow(tf, "a@example.org", frequency="daily")
    digests.send_digests(AT)
    clock.set(AT + timedelta(hours=1))
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    client = client_as("coordinator")
    assert "Stop this mail" in text_of(client.get(page_of(made)))
    clock.set(AT + timedelta(days=1))
    assert digests.send_digests(AT + timedelta(days=1)) == 1
    assert "Stop this mail" in text_of(client.get(page_of(made))), "the daily mail is written and has not left"
    OutboxMessage.objects.filter(kind="digest").update(state="sent")
    assert "Stop this mail" not in text_of(client.get(page_of(made)))


def test_what_was_sent_stays_as_it_was(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    """The task force has another name since; a language in which nobody got a mail says so."""
    follow(tf, "a@example.org")
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    TaskForce.objects.filter(pk=tf.pk).update(name_en="A later name")
    client = client_as("coordinator")
    kept, other = (client.get(page_of(made, language=code)) for code in ("en", "de"))
    assert kept.context["mail"].subject == "Leadership development: The first meeting"
    assert other.context["mail"].subject == "A later name: The first meeting"
    assert "so it would read now" in text_of(other)
    assert "so it would read now" not in text_of(kept)


@pytest.mark.long
def test_the_list_shows_what_waits_for_the_reader(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    offered(tf, people["coordinator"])
    address = f"{LIST}?waits=me"
    assert "The first meeting" in text_of(client_as("deputy").get(address))
    assert "The first meeting" not in text_of(client_as("coordinator").get(address))
    assert "The first meeting" not in text_of(client_as("observer").get(address)), "who may not send waits for nothing"


def test_a_test_in_no_language_is_an_error_at_its_field(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made = draft(tf, people["coordinator"])
    response = press(client_as("coordinator"), made, "test", language="tlh")
    assert response.status_code == 200
    assert "language" in response.context["forms"].test.errors


@pytest.mark.long
def test_what_no_button_sends_does_nothing(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made, client = draft(tf, people["coordinator"]), client_as("coordinator")
    sent: list[dict[str, str]] = [{}, {"act": "x"}, {"act": "offer", "version": "9" * 5000}]
    assert [client.post(page_of(made), values).status_code for values in sent] == [409, 409, 409]


def test_names_and_texts_are_text(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    people["coordinator"].name = "<script>alert(1)</script>"
    people["coordinator"].save()
    hostile = '<img src=x onerror=1> ![p](https://evil.example/p.png) [j](javascript:alert(1)) "quoted"'
    made = draft(tf, people["coordinator"], subjects={"en": "<b>Bold</b>"}, bodies={"en": hostile})
    client = client_as("deputy")
    for address in (page_of(made), page_of(made, "edit"), LIST):
        page = text_of(client.get(address))
        assert not [bad for bad in ("<script>alert", "<img", "<b>Bold", 'href="javascript') if bad in page]


# --- who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_an_observer_reads_and_changes_nothing(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made = offered(tf, people["coordinator"])
    client = client_as("observer")
    page = text_of(client.get(page_of(made)))
    assert 'name="act"' not in page
    for act in ("test", "offer", "take-back", "send", "stop", "correct", "drop"):
        values = {"language": "en", "count": 1, "confirmed": "on"}
        assert press(client, made, act, **values).status_code == 403, act
    assert client.get(page_of(made, "edit")).status_code == 403
    assert client.post(page_of(made, "edit"), fields(made)).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    made.refresh_from_db()
    assert (made.state, made.version) == ("offered", 1)


@pytest.mark.long
def test_other_roles_find_nothing(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made, found = draft(tf, people["coordinator"]), {}
    # What they type themselves is given back to them.
    sent = {name: str(value).replace("The first meeting", "Mine") for name, value in fields(made).items()}
    for name in ("reviewer1", "moderator", "privacy", "translator", "facilitator", "member"):
        client = client_as(name)
        for address in (LIST, f"{LIST}add/", page_of(made), page_of(made, "edit")):
            for response in (client.get(address), client.post(address, sent)):
                if response.status_code not in (302, 403, 404) or "The first meeting" in text_of(response):
                    found[name, response.request["REQUEST_METHOD"], address] = response.status_code
    assert found == {}


def test_another_task_forces_mails_are_not_there(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made = draft(tf, people["coordinator"])
    other = TaskForce.objects.create(slug="other", created_at=AT)
    Bulletin.objects.filter(pk=made.pk).update(task_force=other)
    client = client_as("deputy")
    assert "The first meeting" not in text_of(client.get(LIST))
    for address in (page_of(made), page_of(made, "edit")):
        assert client.get(address).status_code == 404
        assert client.post(address, fields(made)).status_code == 404


def test_a_bulletin_that_is_not_there_is_not_found(client_as: ClientAs) -> None:
    client = client_as("coordinator")
    found = {number: client.get(f"{LIST}{number}/change/").status_code for number in ("0", "9" * 5000, "x", "²")}
    assert {number: status for number, status in found.items() if status != 404} == {}


# --- what it costs ---------------------------------------------------------------------------------------------------


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.long
def test_the_list_costs_the_same_for_more(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org")
    sent(tf, people["coordinator"], people["deputy"])
    client = client_as("coordinator")
    few = queries_of(client, LIST)
    for number in range(6):
        make = sent(tf, people["coordinator"], people["deputy"], subjects={"en": f"Number {number}"})
        services.correct(make.pk, actor=people["deputy"])
    assert queries_of(client, LIST) == few


@pytest.mark.long
@pytest.mark.parametrize("is_sent", [False, True])
def test_the_page_costs_the_same_for_more(client_as: ClientAs, tf: TaskForce, people: People, *, is_sent: bool) -> None:
    costs = []
    for size in (1, 40):
        for number in range(size):
            follow(tf, f"{size}-{number}@example.org", ["en", "ar", "de"][number % 3])
        make = sent(tf, people["coordinator"], people["deputy"]) if is_sent else offered(tf, people["coordinator"])
        expansion.expand_due()
        costs.append(queries_of(client_as("deputy"), page_of(make)))
    assert costs[0] == costs[1]
