"""Moderators block who posted something, nobody learns who that is, and whoever is blocked is told plainly."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from feedback import blocks, earlier, opendata, services
from feedback.blocks import Blocked
from feedback.enums import BlockKind, Participation
from feedback.models import (
    FeedbackAgreement,
    FeedbackBlock,
    FeedbackItem,
    FeedbackReply,
    FeedbackReport,
    FeedbackUnconfirmed,
    FeedbackWindow,
)
from feedback.services import blocking
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Invalid, Refused
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, fresh, main_form, text_question
from tests.feedback.test_elsewhere import ENTER, key, told, typed
from tests.feedback.test_items import listed, of, read, say
from tests.feedback.test_participation import signed_in
from tests.feedback.test_replies import answer as answered
from tests.feedback.test_replies import reply
from tests.meeting import until

PEOPLE = dict[str, User]
WHY = "Three texts against one person."
HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


def block(item: FeedbackItem, people: PEOPLE, days: int = 3, **more: Any) -> FeedbackBlock:
    given = {"rule": "attack", "reason": WHY, "actor": people["moderator"], "at": app_now(), **more}
    return services.block(item.pk, days=days, **given)


def from_(network: str) -> Client:
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=network)


def asking(window: FeedbackWindow, participation: str) -> FeedbackWindow:
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=participation)
    window.refresh_from_db()
    return window


# --- being blocked -------------------------------------------------------------------------------------------------


def test_a_network_is_blocked_for_some_days(window: FeedbackWindow, people: PEOPLE, clock: Clock) -> None:
    visitor = from_(HERE)
    first = visitor.post(address(), fresh(visitor)).headers["Location"]
    item = FeedbackItem.objects.get()
    assert item.poster
    assert HERE not in item.poster
    made = block(item, people, days=3)
    fields = fresh(visitor, name="Ada", visibility="public")
    refused = visitor.post(address(), fields)
    assert refused.status_code == 403
    shown = refused.content.decode()
    for said in ("You cannot post here now", "It attacks a person or a group", WHY, "18 February 2022"):
        assert said in shown
    assert "blocked posting from your network" in shown
    assert "mailto" in shown or "@" in shown
    assert fields[text_question(fields)] in shown
    assert item.reference not in shown
    assert FeedbackItem.objects.count() == 1
    # A draft is saved all the same, the own text can be read and withdrawn, and who sits elsewhere is not meant.
    assert visitor.post(address(), {**fields, "act": "keep"}).status_code == 303
    assert visitor.get(first).status_code == 200
    other = from_(ELSEWHERE)
    assert other.post(address(), fresh(other)).status_code == 303
    assert (
        visitor.post(f"{first}withdraw/", {**main_form(visitor, f"{first}withdraw/"), "confirm": "on"}).status_code
        == 303
    )
    assert made.until is not None
    clock.set(made.until)
    assert visitor.post(address(), fresh(visitor)).status_code == 303


def test_an_account_is_blocked_everywhere_in_the_task_force(window: FeedbackWindow, people: PEOPLE) -> None:
    """Texts, replies, agreements and reports; in a window that keeps no account too, for whoever is signed in."""
    other = say(window, "Somebody else's words.")
    asking(window, Participation.ACCOUNT)
    client = signed_in(people["member"])
    client.post(address(), fresh(client))
    item = FeedbackItem.objects.get(author=people["member"])
    assert item.poster == ""
    made = block(item, people, days=0)
    assert (made.kind, made.user, made.code, made.until) == ("account", people["member"], "", None)
    said = fresh(client)
    for participation in (Participation.ACCOUNT, Participation.ANYBODY):
        asking(window, participation)
        refused = client.post(address(), said)
        assert refused.status_code == 403
        assert "blocked your account" in refused.content.decode()
        assert said[text_question(said)] in refused.content.decode()
    path = f"{of(other)}reply/"
    words = "A reply of some length."
    refused = client.post(path, {**main_form(client, path), "text": words})
    assert refused.status_code == 403
    assert words in refused.content.decode()
    assert WHY in refused.content.decode()
    assert client.post(f"{of(other)}agree/", {"act": "agree"}).status_code == 403
    path = f"{of(other)}report/"
    assert client.post(path, {**main_form(client, path), "rule": "other"}).status_code == 403
    assert not FeedbackReply.objects.exists()
    assert not FeedbackAgreement.objects.exists()
    assert not FeedbackReport.objects.exists()
    assert FeedbackItem.objects.count() == 2
    # Somebody else is not meant.
    assert signed_in(people["applicant"]).post(f"{of(other)}agree/", {"act": "agree"}).status_code == 303


def test_whoever_is_blocked_changes_nothing_and_withdraws(window: FeedbackWindow, people: PEOPLE) -> None:
    visitor = from_(HERE)
    own = visitor.post(address(), fresh(visitor)).headers["Location"]
    item = FeedbackItem.objects.get()
    fields = {**main_form(visitor, f"{own}edit/")}
    fields[text_question(fields)] = "Something else that is longer than before."
    block(item, people)
    refused = visitor.post(f"{own}edit/", fields)
    assert refused.status_code == 403
    assert "Something else that is longer" in refused.content.decode()
    # From another network it is the same: the text is theirs.
    assert from_(ELSEWHERE).get(own).status_code == 200
    with pytest.raises(Blocked):
        blocking.require_free(window.phase.task_force_id, blocks.poster(None, item.poster), app_now())


def test_a_mailbox_is_blocked_and_only_its_owner_is_told(window: FeedbackWindow, people: PEOPLE) -> None:
    """Whoever types its address gets the answer that everybody gets; the text waits, and is not lost. The browser whose
    text was confirmed from it needs no mail any more, and is told at once."""
    asking(window, Participation.MAIL)
    visitor, other = from_(HERE), from_(ELSEWHERE)

    def send(mailbox: str) -> FeedbackUnconfirmed:
        browser = other if FeedbackItem.objects.exists() else visitor
        assert browser.post(address(), fresh(browser, mailbox=mailbox)).status_code == 303
        return FeedbackUnconfirmed.objects.latest("pk")

    def link(row: FeedbackUnconfirmed) -> str:
        return f"{address()}confirm/{earlier.confirm_token(row)}/"

    first = send("ada@example.org")
    visitor.post(link(first), main_form(visitor, link(first)))
    item = FeedbackItem.objects.get()
    made = block(item, people, days=30)
    assert (made.kind, made.code) == ("mailbox", item.poster)
    fields = fresh(visitor, mailbox="ada@example.org")
    told = visitor.post(address(), fields)
    assert told.status_code == 403
    for said in ("blocked your mail address", fields[text_question(fields)]):
        assert said in told.content.decode()
    second = send("A.da+x@example.org")
    refused = visitor.post(link(second), main_form(visitor, link(second)))
    assert refused.status_code == 403
    assert "blocked your mail address" in refused.content.decode()
    assert FeedbackUnconfirmed.objects.filter(pk=second.pk).exists()
    third = send("bob@example.org")
    assert visitor.post(link(third), main_form(visitor, link(third))).status_code == 303
    services.lift(made.pk, reason="A mistake.", actor=people["moderator"], at=app_now())
    assert visitor.post(link(second), main_form(visitor, link(second))).status_code == 303
    assert FeedbackItem.objects.count() == 3


def test_the_same_form_keeps_its_receipt(window: FeedbackWindow, people: PEOPLE) -> None:
    visitor = from_(HERE)
    fields = fresh(visitor)
    first = visitor.post(address(), fields).headers["Location"]
    block(FeedbackItem.objects.get(), people)
    assert visitor.post(address(), fields).headers["Location"] == first


# --- blocking ------------------------------------------------------------------------------------------------------


def test_moderators_block_by_a_page_and_lift_it(window: FeedbackWindow, people: PEOPLE) -> None:
    item = say(window, "Words.", sender=HERE)
    client = signed_in(people["moderator"])
    path = f"/en/admin/feedback/feedbackitem/{item.pk}/block/"
    assert f'href="{path}"' in client.get(f"/en/admin/feedback/feedbackitem/{item.pk}/change/").content.decode()
    shown = client.get(path).content.decode()
    assert "By a code of the network" in shown
    assert "30 days" not in shown
    assert "Until somebody lifts it" not in shown
    fields = {**main_form(client, path), "rule": "attack", "reason": WHY, "days": "7"}
    assert client.post(path, {**fields, "reason": ""}).status_code == 200
    response = client.post(path, fields)
    assert response.status_code == 302
    made = FeedbackBlock.objects.get()
    assert made.until is not None
    assert WHY in client.get(response.headers["Location"]).content.decode()
    list_of = client.get("/en/admin/feedback/feedbackblock/?holds=yes").content.decode()
    assert item.reference in list_of
    assert item.poster not in list_of
    lift = f"/en/admin/feedback/feedbackblock/{made.pk}/lift/"
    assert client.post(lift, main_form(client, lift)).status_code == 200
    assert client.post(lift, {**main_form(client, lift), "reason": "They wrote to us."}).status_code == 302
    assert client.post(lift, {**main_form(client, lift), "reason": "Again."}).status_code == 200
    assert item.reference not in client.get("/en/admin/feedback/feedbackblock/?holds=yes").content.decode()
    assert item.reference in client.get("/en/admin/feedback/feedbackblock/?holds=no").content.decode()
    acts = Entry.objects.filter(action__startswith="feedback.block").order_by("pk")
    assert [(one.action, one.target_id, one.reason) for one in acts] == [
        ("feedback.blocked", item.pk, WHY),
        ("feedback.block-lifted", item.pk, "They wrote to us."),
    ]
    assert all(item.poster not in str(one.details) for one in acts)


def test_a_reported_text_leads_to_the_block_of_its_poster(window: FeedbackWindow, people: PEOPLE) -> None:
    """Before the decision and once it is hidden, with that rule; not where nobody can be told apart."""
    item, unknown = say(window, "Words.", sender=HERE), say(window, "Others.")
    text = say(window, "Replied to.")
    replied = reply(text, people["member"], "Nobody's business.")
    client, observer = signed_in(people["moderator"]), signed_in(people["observer"])
    for reference, kind, pk, is_offered in (
        (item.reference, "feedbackitem", item.pk, True),
        (unknown.reference, "feedbackitem", unknown.pk, False),
        (replied.reference, "feedbackreply", replied.pk, True),
    ):
        path, block_path = (f"/en/admin/feedback/{kind}/{pk}/{page}/" for page in ("reports", "block"))
        link = f'<a href="{block_path}">Block who posted it</a>'
        about = {"reply": replied} if kind == "feedbackreply" else {}
        FeedbackReport.objects.create(
            item_id=text.pk if about else pk, form_key=f"form-{reference}", rule="attack", at=OPENS, **about
        )
        assert (link in client.get(path).content.decode()) is is_offered
        assert observer.get(path).status_code == 404
        fields = {**main_form(client, path), "action": "hide", "rule": "attack", "reason": WHY}
        told = client.post(path, fields, follow=True).content.decode()
        assert "the reports are closed" in told
        assert (link in told) is is_offered
        if is_offered:
            # The page of its reports still leads there, and the form has the rule for which it is hidden.
            assert link in client.get(path).content.decode()
            assert main_form(client, block_path)["rule"] == "attack"
            sent = {**main_form(client, block_path), "reason": WHY, "days": "3"}
            assert client.post(block_path, sent).status_code == 302
    made = FeedbackBlock.objects.order_by("pk")
    assert [(one.reply_id, one.user_id, bool(one.code)) for one in made] == [
        (None, None, True),
        (replied.pk, people["member"].pk, False),
    ]
    assert Entry.objects.filter(action="feedback.blocked", actor_id=people["moderator"].pk).count() == 2


def test_a_decision_to_hide_leads_to_the_block_and_one_to_publish_does_not(
    window: FeedbackWindow, people: PEOPLE
) -> None:
    item = say(window, "Words.", sender=HERE)
    client = signed_in(people["moderator"])
    path, link = (f"/en/admin/feedback/feedbackitem/{item.pk}/{page}/" for page in ("decide", "block"))

    def told(**fields: str) -> str:
        """The message alone: the page of the item has the same link among its buttons."""
        page = client.post(path, {**main_form(client, path), **fields}, follow=True).content.decode()
        return page.partition('class="messagelist"')[2].partition("</ul>")[0]

    assert f'href="{link}"' in told(action="hide", rule="attack", reason=WHY)
    assert f'href="{link}"' not in told(action="publish", rule="", reason="")


@pytest.mark.parametrize("days", [0, 8, 30, -1])
def test_a_network_is_blocked_for_a_week_at_most(window: FeedbackWindow, people: PEOPLE, days: int) -> None:
    item = say(window, "Words.", sender=HERE)
    with pytest.raises(Invalid):
        block(item, people, days=days)
    made = block(item, people, days=7)
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedbackBlock.objects.filter(pk=made.pk).update(until=None)


@pytest.mark.parametrize("role", ["observer", "translator", "facilitator", "privacy", "member"])
def test_nobody_else_blocks_or_sees_blocks(window: FeedbackWindow, people: PEOPLE, role: str) -> None:
    item = say(window, "Words.", sender=HERE)
    made = block(item, people)
    with pytest.raises(Refused):
        block(item, people, actor=people[role])
    with pytest.raises(Refused):
        services.lift(made.pk, reason="R.", actor=people[role], at=app_now())
    response = signed_in(people[role]).get("/en/admin/feedback/feedbackblock/")
    assert response.status_code in (302, 403)


def test_who_cannot_be_told_apart_cannot_be_blocked(window: FeedbackWindow, people: PEOPLE) -> None:
    with pytest.raises(Conflict):
        block(say(window, "Words.", sender=None), people)
    answer = answered(say(window, "Others."), people["coordinator"], "We will.")
    with pytest.raises(Conflict):
        block(answer.item, people, reply_id=answer.pk)
    shown = signed_in(people["moderator"]).get(f"/en/admin/feedback/feedbackreply/{answer.pk}/block/").content.decode()
    assert "Nothing is kept any more" in shown


# --- who learns what -----------------------------------------------------------------------------------------------


def test_nobody_learns_who_is_blocked_nor_what_else_is_theirs(window: FeedbackWindow, people: PEOPLE) -> None:
    """Two nameless texts of one account: blocking for one says nothing of the other, and neither names the account."""
    asking(window, Participation.ACCOUNT)
    client, moderator = signed_in(people["member"]), signed_in(people["moderator"])
    for _ in range(2):
        client.post(address(), fresh(client, visibility="nameless"))
    first, second = FeedbackItem.objects.order_by("pk")

    def staff(item: FeedbackItem) -> str:
        found = []
        for page in ("change/", "block/", "reports/"):
            html = moderator.get(f"/en/admin/feedback/feedbackitem/{item.pk}/{page}").content.decode()
            found.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html))
        return "".join(found)

    def public() -> list[bytes]:
        found = [Client().get(path).content for path in (of(first), of(second), f"{address()}items/")]
        return [*found, b"".join(opendata.as_json(window.phase.task_force))]

    before, others = public(), staff(second)
    block(first, people, days=0)
    assert public() == before
    assert staff(second) == others
    # A second block for the other text is made as if there were none.
    block(second, people, days=7)
    pages = [f"/en/admin/feedback/feedbackblock/{one.pk}/change/" for one in FeedbackBlock.objects.all()]
    for path in ("/en/admin/feedback/feedbackblock/", *pages):
        shown = moderator.get(path).content.decode()
        for secret in (people["member"].email, people["member"].name):
            assert not secret or secret not in shown
    # The longest holds.
    found = blocks.of(window.phase.task_force_id, blocks.poster(people["member"].pk), app_now())
    assert found is not None
    assert found.item_id == first.pk


def test_a_code_is_of_one_task_force_and_goes_by_itself(window: FeedbackWindow, people: PEOPLE) -> None:
    assert blocks.network(HERE, 1) != blocks.network(HERE, 2)
    assert blocks.mailbox("ada@example.org", 1) != blocks.network("ada@example.org", 1)
    item = say(window, "Words.", sender=HERE)
    made = block(item, people, days=7)
    assert services.forget_posters(item.received_at + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert services.forget_posters(item.received_at + timedelta(days=7)) == 1
    item.refresh_from_db()
    made.refresh_from_db()
    assert item.poster == ""
    assert made.code
    assert made.until is not None
    assert services.forget_posters(made.until + blocks.KEPT_AFTER) == 1
    made.refresh_from_db()
    assert made.code == ""
    assert listed() == [item.reference]
    assert read(item)


# --- every other door ----------------------------------------------------------------------------------------------


def blocked_account(window: FeedbackWindow, people: PEOPLE, who: str) -> FeedbackBlock:
    """A block of somebody's account, made by what it had posted in another window of the task force."""
    item = say(window, "Words.", author_id=people[who].pk)
    FeedbackItem.objects.filter(pk=item.pk).update(author=people[who])
    return block(FeedbackItem.objects.get(pk=item.pk), people)


def says_all_of_it(page: str) -> bool:
    """What, for which rule, why, until when, and to whom one can object."""
    wanted = ("blocked your account", "It attacks a person or a group", WHY, "18 February 2022", "If you object")
    return all(said in page for said in wanted)


def test_a_blocked_account_sends_nothing_by_mail_either(window: FeedbackWindow, people: PEOPLE) -> None:
    """Neither by the form nor by the link that it has had before; nothing typed is lost, and what waits waits on."""
    asking(window, Participation.MAIL)
    visitor = signed_in(people["member"])
    assert visitor.post(address(), fresh(visitor, mailbox="ada@example.org")).status_code == 303
    row = FeedbackUnconfirmed.objects.get()
    made = blocked_account(asking(window, Participation.ANYBODY), people, "member")
    asking(window, Participation.MAIL)
    fields = fresh(visitor, mailbox="bob@example.org")
    refused = visitor.post(address(), fields)
    assert refused.status_code == 403
    assert says_all_of_it(refused.content.decode())
    assert fields[text_question(fields)] in refused.content.decode()
    link = f"{address()}confirm/{earlier.confirm_token(row)}/"
    refused = visitor.post(link, main_form(visitor, link))
    assert refused.status_code == 403
    assert says_all_of_it(refused.content.decode())
    assert FeedbackUnconfirmed.objects.get() == row
    # It is the account that is blocked: with the block lifted both ways are open.
    services.lift(made.pk, reason="A mistake.", actor=people["moderator"], at=app_now())
    assert visitor.post(link, main_form(visitor, link)).status_code == 303


def test_a_blocked_account_changes_nothing_of_what_it_said_without_one(window: FeedbackWindow, people: PEOPLE) -> None:
    visitor = signed_in(people["member"])
    own = visitor.post(address(), fresh(visitor)).headers["Location"]
    blocked_account(window, people, "member")
    fields = {**main_form(visitor, f"{own}edit/")}
    fields[text_question(fields)] = "Something else that is longer than before."
    refused = visitor.post(f"{own}edit/", fields)
    assert refused.status_code == 403
    assert says_all_of_it(refused.content.decode())
    assert "Something else that is longer" in refused.content.decode()
    # Who has the same link and is not blocked changes it, and whoever is withdraws.
    gone = visitor.post(f"{own}withdraw/", {**main_form(visitor, f"{own}withdraw/"), "confirm": "on"})
    assert gone.status_code == 303
    assert FeedbackItem.objects.order_by("pk")[0].state == "withdrawn"


def test_a_blocked_facilitator_enters_nothing_and_takes_back(window: FeedbackWindow, people: PEOPLE) -> None:
    actor = people["facilitator"]
    item = services.enter(window.pk, told(window), form_key=key(window), actor=actor)
    blocked_account(window, people, "facilitator")
    with pytest.raises(Blocked):
        services.enter(window.pk, told(window), form_key=key(window), actor=actor)
    with pytest.raises(Blocked):
        services.correct(item.pk, told(window, spoke="other"), version=0, form_key=key(window), actor=actor)
    page = Client()
    page.force_login(actor)
    refused = page.post(ENTER, typed(page))
    assert refused.status_code == 403
    assert says_all_of_it(refused.content.decode())
    assert services.take_back(item.pk, reason="Blocked.", actor=actor, at=app_now()).state == "withdrawn"


def test_a_blocked_translator_translates_nothing(window: FeedbackWindow, people: PEOPLE) -> None:
    item = say(window, "كلمات", language="ar")
    blocked_account(window, people, "facilitator")
    question = item.answers.get().question_id or 0
    words = services.Words({question: "Words"}, "", 0, 0)
    with pytest.raises(Blocked):
        services.translate(item.pk, "en", words, actor=people["facilitator"], at=app_now())


@pytest.mark.parametrize("kind", [Participation.ANYBODY, Participation.MAIL])
def test_who_withdraws_can_be_blocked_all_the_same(window: FeedbackWindow, people: PEOPLE, kind: str) -> None:
    """For as long as anybody: then, or with the deletion of what is theirs, the code goes."""
    asking(window, kind)
    visitor = from_(HERE)
    visitor.post(address(), fresh(visitor, **({"mailbox": "ada@example.org"} if kind == Participation.MAIL else {})))
    if kind == Participation.MAIL:
        services.confirm(FeedbackUnconfirmed.objects.get().pk, at=app_now())
    item = FeedbackItem.objects.get()
    withdrawn = services.withdraw(item.pk, at=app_now())
    assert (withdrawn.state, withdrawn.poster) == ("withdrawn", item.poster)
    assert block(withdrawn, people).code == item.poster
    long = blocks.KEPT[BlockKind.MAILBOX if kind == Participation.MAIL else BlockKind.NETWORK]
    assert services.forget_posters(item.received_at + long - timedelta(seconds=1)) == 0
    assert services.forget_posters(item.received_at + long) == 1
    assert FeedbackItem.objects.get().poster == ""


# --- races ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def unheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that wait for nobody."""
    monkeypatch.setattr(blocking, "_hold_all_of", lambda item_id: None)


def _race(window: FeedbackWindow, people: PEOPLE) -> int:
    """Somebody posts and the block is made before that is committed; how much comes after it was made."""
    item, moderator = say(window, "Words.", sender=HERE), people["moderator"]
    inside, made = Event(), Event()
    there: list[int] = []

    def post() -> None:
        try:
            with transaction.atomic(), suppress(Blocked):
                say(window, "Words that come at the same moment.", sender=HERE)
                inside.set()
                until(made.is_set)
        finally:
            inside.set()
            connection.close()

    def ban() -> None:
        inside.wait(30)
        try:
            services.block(item.pk, rule="other", reason="R.", days=3, actor=moderator, at=app_now())
            there.append(FeedbackItem.objects.count())
        finally:
            made.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(post), pool.submit(ban)]:
            done.result(30)
    return FeedbackItem.objects.count() - there[0]


@pytest.mark.django_db(transaction=True)
def test_nothing_comes_after_a_block(committed: None, window: FeedbackWindow, people: PEOPLE) -> None:
    assert _race(window, people) == 0
    with pytest.raises(Blocked):
        say(window, "Afterwards.", sender=HERE)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_block_that_waits_for_nobody_lets_something_in(
    committed: None, window: FeedbackWindow, people: PEOPLE, unheld: None
) -> None:
    """The failing twin."""
    assert _race(window, people) == 1


def test_replies_are_a_door_to_their_author(window: FeedbackWindow, people: PEOPLE) -> None:
    made = reply(say(window, "Words."), people["member"], "A reply of theirs.")
    block(made.item, people, days=365, reply_id=made.pk)
    with pytest.raises(Blocked):
        reply(say(window, "Others."), people["member"], "Another.")
