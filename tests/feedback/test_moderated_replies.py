"""A reply is moderated as an item: a rule and a reason, one appeal that another decides, the same queue."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from feedback import queries, responses, services, undecided
from feedback.enums import Participation
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply, FeedbackWindow
from feedback.services import Reply
from feedback.services.reporting import Report, leave, report
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, main_form
from tests.feedback.test_elsewhere import key as entering_key
from tests.feedback.test_elsewhere import told
from tests.feedback.test_items import of, read, say
from tests.feedback.test_participation import signed_in
from tests.feedback.test_queue import QUEUE, as_person, held, listed
from tests.feedback.test_replies import key, reply

Cast = dict[str, User]
WORDS = "Strong words in a reply."


@pytest.fixture
def item(window: FeedbackWindow) -> FeedbackItem:
    return say(window, "Leaders grow where they are trusted.")


@pytest.fixture
def hidden(item: FeedbackItem, people: Cast) -> FeedbackReply:
    return hide(reply(item, people["member"], WORDS), people)


def hide(found: FeedbackReply, people: Cast, role: str = "moderator") -> FeedbackReply:
    return services.moderate_reply(found.pk, "hide", reason="It insults.", rule="attack", actor=people[role], at=OPENS)


def decide(found: FeedbackReply, outcome: str, actor: User) -> FeedbackAppeal:
    return services.decide_reply_appeal(found.pk, outcome, reason="Read again.", actor=actor, at=OPENS)


def appeal(found: FeedbackReply, author: User) -> FeedbackAppeal:
    return services.appeal_reply(found.pk, words="I meant nobody.", author=author, at=OPENS)


def own(found: FeedbackReply) -> str:
    return f"{of(found.item)}replies/{found.reference}/own/"


# --- deciding ------------------------------------------------------------------------------------------------------


def test_in_its_place_stand_rule_and_reason(hidden: FeedbackReply) -> None:
    shown = read(hidden.item)
    assert WORDS not in shown
    assert "It attacks a person or a group" in shown
    assert "It insults." in shown
    assert f"{address()}moderation/" in shown


def test_without_a_rule_nothing_is_hidden_and_the_database_holds_to_it(item: FeedbackItem, people: Cast) -> None:
    found = reply(item, people["member"], WORDS)
    for rule in ("", "made-up"):
        with pytest.raises(Invalid):
            services.moderate_reply(found.pk, "hide", reason="x", rule=rule, actor=people["moderator"], at=OPENS)
    for wrong in ({"state": "hidden"}, {"rule": "attack"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FeedbackReply.objects.update(**wrong)


def test_its_author_hears_of_it_in_their_language(hidden: FeedbackReply, people: Cast) -> None:
    """The mail leads to the page of the reply, which leads to an appeal; no word of the reply, nor its reference."""
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.mailbox, mail.language) == ("feedback-hidden", people["member"].email, "zh-hant")
    assert mail.context["url"] == f"http://testserver{own(hidden).replace('/en/', '/zh-hant/')}"
    made = rendering.render(kinds.get(mail.kind), mail.context, mail.language)
    assert "It insults." in made.text
    for secret in (WORDS, str(hidden.pk), hidden.reference):
        assert secret not in made.subject
        assert secret not in mail.key
    shown = signed_in(people["member"]).get(own(hidden)).content.decode()
    assert f'href="{own(hidden)}appeal/"' in shown
    assert "It attacks a person or a group" in shown


def test_published_again_they_hear_of_it_and_withdrawn_of_nothing(hidden: FeedbackReply, people: Cast) -> None:
    OutboxMessage.objects.update(state="sent")
    services.moderate_reply(hidden.pk, "publish", reason="A slip.", actor=people["moderator"], at=OPENS)
    assert [mail.kind for mail in OutboxMessage.objects.order_by("pk")] == ["feedback-hidden", "feedback-shown-again"]
    services.withdraw_reply(hidden.pk, author=people["member"], at=OPENS)
    assert OutboxMessage.objects.get(kind="feedback-shown-again").state == "superseded"


# --- appeals -------------------------------------------------------------------------------------------------------


def test_somebody_else_decides_and_the_author_hears_of_it(hidden: FeedbackReply, people: Cast) -> None:
    with pytest.raises(Refused):
        appeal(hidden, people["observer"])
    appeal(hidden, people["member"])
    for role in ("moderator", "observer", "member"):
        with pytest.raises(Refused):
            decide(hidden, "put-back", people[role])
    with pytest.raises(Conflict):
        services.moderate_reply(hidden.pk, "publish", reason="x", actor=people["deputy"], at=OPENS)
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackAppeal.objects.update(outcome="upheld", decided_at=OPENS, decided_by=people["moderator"])
    decide(hidden, "put-back", people["deputy"])
    assert WORDS in read(hidden.item)
    hidden.item.refresh_from_db()
    assert hidden.item.replied == 1
    assert OutboxMessage.objects.filter(kind="feedback-shown-again").count() == 1
    with pytest.raises(Conflict):
        decide(hidden, "upheld", people["deputy"])
    with pytest.raises(Conflict):
        appeal(hidden, people["member"])
    acts = Entry.objects.filter(action__startswith="feedback.reply-appeal").order_by("pk")
    assert [(one.action, one.actor_id) for one in acts] == [
        ("feedback.reply-appealed", None),
        ("feedback.reply-appeal-put-back", people["deputy"].pk),
    ]


def test_moderators_do_not_decide_whether_their_own_text_stands(item: FeedbackItem, people: Cast) -> None:
    own = reply(item, people["moderator"], WORDS)
    report(item.pk, Report(key(item), "attack"), reporter=people["member"], at=OPENS, reply_id=own.pk)
    with pytest.raises(Refused, match="sent this text yourself"):
        leave(item.pk, note="Fine.", actor=people["moderator"], at=OPENS, reply_id=own.pk)
    FeedbackReply.objects.filter(pk=own.pk).update(state="held")
    assert undecided.counts(people["moderator"]).get("held") is None
    assert undecided.counts(people["deputy"])["held"] == 1
    client = Client()
    client.force_login(people["moderator"])
    queue = client.get("/en/admin/feedback/feedbackitem/queue/").content.decode()
    assert own.reference in queue
    assert f'name="reply" value="{own.pk}"' not in queue
    asked = client.get(f"/en/admin/feedback/feedbackreply/{own.pk}/decide/").content.decode()
    assert "You have sent this text yourself" in asked
    assert 'name="action"' not in asked
    with pytest.raises(Refused, match="sent this text yourself"):
        services.moderate_reply(own.pk, "publish", reason="", actor=people["moderator"], at=OPENS)
    services.moderate_reply(own.pk, "publish", reason="", actor=people["deputy"], at=OPENS)


def test_who_sent_it_does_not_decide_about_it(window: FeedbackWindow, item: FeedbackItem, people: Cast) -> None:
    """A coordinator's reply, and what they entered for others."""
    found = hide(reply(item, people["coordinator"], WORDS), people)
    appeal(found, people["coordinator"])
    with pytest.raises(Refused, match="sent this text yourself"):
        decide(found, "put-back", people["coordinator"])
    entered = services.enter(window.pk, told(window), form_key=entering_key(window), actor=people["coordinator"])
    services.moderate(entered.pk, "hide", reason="x", rule="other", actor=people["moderator"], at=OPENS)
    with pytest.raises(Refused):
        services.appeal(entered.pk, words="Why?", at=OPENS)
    with pytest.raises(Refused):
        services.appeal_entered(entered.pk, words="Why?", actor=people["facilitator"], at=OPENS)
    services.appeal_entered(entered.pk, words="Why?", actor=people["coordinator"], at=OPENS)
    with pytest.raises(Refused, match="sent this text yourself"):
        services.decide_appeal(entered.pk, "put-back", reason="x", actor=people["coordinator"], at=OPENS)
    services.decide_appeal(entered.pk, "put-back", reason="x", actor=people["deputy"], at=OPENS)


def test_an_appeal_is_for_one_of_both(hidden: FeedbackReply, people: Cast) -> None:
    appeal(hidden, people["member"])
    for wrong in ({"item": hidden.item}, {"reply": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FeedbackAppeal.objects.update(**wrong)


def test_withdrawn_its_words_are_gone_and_nothing_waits(hidden: FeedbackReply, people: Cast) -> None:
    appeal(hidden, people["member"])
    services.withdraw_reply(hidden.pk, author=people["member"], at=OPENS)
    found = FeedbackAppeal.objects.get()
    assert (found.words, found.outcome) == ("", "withdrawn")


def test_its_author_appeals_on_a_page_of_their_own(hidden: FeedbackReply, people: Cast) -> None:
    """Nobody else has that page; signed out what was typed is back after the sign-in; a second time gives it back."""
    client, path = signed_in(people["member"]), f"{own(hidden)}appeal/"
    assert signed_in(people["coordinator"]).get(path).status_code == 404
    fields = main_form(client, path)
    assert client.post(path, {**fields, "words": " "}).status_code == 200
    client.logout()
    away = client.post(path, {**fields, "words": "I meant nobody."})
    assert (away.status_code, FeedbackAppeal.objects.count()) == (302, 0)
    client.force_login(people["member"])
    fields = main_form(client, path)
    assert fields["words"] == "I meant nobody."
    sent = client.post(path, fields)
    assert (sent.status_code, sent.headers["Location"]) == (303, own(hidden))
    shown = client.get(own(hidden)).content.decode()
    assert "I meant nobody." in shown
    assert f'href="{path}"' not in shown
    again = client.post(path, {**fields, "words": "Another thing."})
    assert again.status_code == 409
    assert "Another thing." in again.content.decode()
    decide(hidden, "upheld", people["deputy"])
    assert "It stays hidden" in client.get(own(hidden)).content.decode()


def test_a_facilitator_appeals_for_who_spoke(window: FeedbackWindow, people: Cast) -> None:
    """On the page with what they have entered, which says so and what came of it."""
    entered = services.enter(window.pk, told(window), form_key=entering_key(window), actor=people["facilitator"])
    services.moderate(entered.pk, "hide", reason="Why so.", rule="other", actor=people["moderator"], at=OPENS)
    client, page = signed_in(people["facilitator"]), f"{address()}enter/"
    path = f"{page}{entered.reference}/appeal/"
    shown = client.get(page).content.decode()
    assert f'href="{path}"' in shown
    assert "you appeal for whoever spoke" in shown
    assert signed_in(people["translator"]).get(path).status_code == 404
    sent = client.post(path, {**main_form(client, path), "words": "They meant nobody."})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{page}#{entered.reference}")
    assert f'href="{path}"' not in client.get(page).content.decode()
    assert client.post(path, {"words": "Again."}).status_code == 409
    services.decide_appeal(entered.pk, "upheld", reason="Read again.", actor=people["deputy"], at=OPENS)
    assert "Read again." in client.get(page).content.decode()


# --- the queue and the numbers -------------------------------------------------------------------------------------


def test_replies_wait_beside_texts_and_are_decided_with_them(
    window: FeedbackWindow, item: FeedbackItem, people: Cast
) -> None:
    text = held(window, "A text.")
    waits = reply(item, people["member"], "A reply.", suspected=True)
    gone = hide(reply(item, people["member"], WORDS), people)
    appeal(gone, people["member"])
    client = as_person(people["coordinator"])
    page = client.get(QUEUE).content.decode()
    assert re.findall(r'<h2 id="[a-z]+-\d+"><a [^>]*><bdi dir="ltr">([^<]+)', page) == [
        gone.reference,
        text.reference,
        waits.reference,
    ]
    assert "A reply." in page
    assert "I meant nobody." in page
    assert undecided.counts(people["coordinator"]) == {"appeal": 1, "held": 2}
    assert "Nothing of this waits" in client.get(f"{QUEUE}?language=fr").content.decode()
    fields: dict[str, Any] = {
        **main_form(client, QUEUE), "action": "hide", "rule": "advertising", "reason": "Spam.",
    }  # fmt: skip
    # The number of a text is not that of a reply.
    fields |= {"item": [str(waits.pk)], "reply": [str(waits.pk)]}
    assert client.post(QUEUE, fields).status_code == 302
    waits.refresh_from_db()
    assert (waits.state, waits.rule, waits.moderator) == ("hidden", "advertising", people["coordinator"])
    assert FeedbackItem.objects.get(pk=text.pk).state == "held"
    client.post(QUEUE, {**fields, "action": "publish", "rule": "", "item": [], "reply": [], "all": "on"})
    assert FeedbackItem.objects.get(pk=text.pk).state == "published"
    assert listed(client) == []
    assert gone.reference in client.get(QUEUE).content.decode()


def test_what_somebody_else_has_decided_is_left_with_its_reason(
    window: FeedbackWindow, item: FeedbackItem, people: Cast
) -> None:
    text = held(window, "A text.")
    found = reply(item, people["member"], "A reply.", suspected=True)
    services.moderate_reply(found.pk, "publish", reason="Fine.", actor=people["deputy"], at=OPENS)
    made = services.moderate_many(
        [text.pk], "publish", reason="Fine.", actor=people["moderator"], at=OPENS, reply_ids=[found.pk]
    )
    assert (made.done, [reference for reference, _why in made.left]) == (1, [found.reference])


def test_the_page_of_a_reply_asks_about_its_appeal(hidden: FeedbackReply, people: Cast) -> None:
    appeal(hidden, people["member"])
    path = f"/en/admin/feedback/feedbackreply/{hidden.pk}/decide/"
    who_hid, other = as_person(people["moderator"]), as_person(people["deputy"])
    assert "somebody else decides about the appeal" in who_hid.get(path).content.decode()
    assert who_hid.post(path, {"outcome": "put-back", "reason": "x"}).status_code == 403
    sent = {**main_form(other, path), "outcome": "upheld", "reason": "Read again."}
    assert other.post(path, sent).status_code == 302
    assert "It stays hidden" in other.get(path.replace("decide", "change")).content.decode()


def test_a_queue_of_both_costs_the_same_for_two_and_for_a_page(
    window: FeedbackWindow, item: FeedbackItem, people: Cast
) -> None:
    client = as_person(people["moderator"])

    def more(number: int) -> None:
        for turn in range(number):
            held(window, f"Text {turn} of {number}.")
            reply(item, people["member"], f"Reply {turn} of {number}.", suspected=True)

    def cost() -> int:
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as found:
            client.get(QUEUE)
        return len(found)

    more(1)
    few = cost()
    more(8)
    assert cost() == few


def test_replies_are_counted_for_everybody_without_small_groups(
    window: FeedbackWindow, item: FeedbackItem, people: Cast
) -> None:
    def table() -> str:
        page = Client().get(f"{address()}moderation/").content.decode()
        return page.partition('<caption class="pt-visually-hidden">Replies</caption>')[2].partition("<h2>Appeals")[0]

    found = [reply(item, people["member"], f"Reply {turn}.") for turn in range(14)]
    for one in found[:4]:
        hide(one, people)
    made = table()
    assert "Fewer than" in made
    assert re.findall(r'class="pt-number">(\d+)<', made) == ["10"]
    for one in found[4:8]:
        hide(one, people)
    made = table()
    assert "Fewer than" not in made
    assert re.findall(r'<th scope="row">([^<]+)</th><td class="pt-number">([^<]+)<', made) == [
        ("Everybody may read it", "6"),
        ("Hidden", "at least 5"),
    ]
    for one in found[:6]:
        appeal(one, people["member"])
    assert "Not decided yet" in Client().get(f"{address()}moderation/").content.decode()


def test_held_first_as_the_window_says(window: FeedbackWindow, item: FeedbackItem, people: Cast) -> None:
    FeedbackWindow.objects.update(is_read_first=True, participation=Participation.ANYBODY)
    found = services.reply(item.pk, Reply(key(item), "en", WORDS, ""), author=people["member"])
    assert found.state == "held"
    assert [one.reference for one in undecided.page(people["moderator"], undecided.Chosen(), 1)] == [found.reference]
    assert queries.counts(window)["held"] == 0
    assert responses.appeal_of(found) is None
