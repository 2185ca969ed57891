"""Replies: one level, through the gate, judged like texts; answers of staff outlive the window."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import opendata, responses, services
from feedback.enums import Participation
from feedback.forms.keyed import HONEYPOT
from feedback.models import FeedbackItem, FeedbackReply, FeedbackWindow
from feedback.services import Reply, replying
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Refused
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import gates
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, HARD_CLOSES, OPENS
from tests.feedback.pages import main_form
from tests.feedback.test_items import listed, of, page, read, say
from tests.feedback.test_participation import signed_in
from tests.feedback.test_replay import in_parallel

WORDS = "I see it the same way, and more."


@pytest.fixture
def item(window: FeedbackWindow) -> FeedbackItem:
    return say(window, "Leaders grow where they are trusted.")


def key(item: FeedbackItem) -> gates.FormKey:
    phase_id = item.window.phase_id
    return gates.read_form_key(gates.new_form_key(OPENS, phase_id), phase_id)


def reply(item: FeedbackItem, author: User, text: str = WORDS, name: str = "", **more: Any) -> FeedbackReply:
    """As the form would, past the pages."""
    return services.reply(item.pk, Reply(key(item), "en", text, name, **more), author=author)


def answer(item: FeedbackItem, author: User, text: str = "We will.", name: str = "") -> FeedbackReply:
    return services.answer(item.pk, Reply(key(item), "en", text, name), author=author)


def number(item: FeedbackItem) -> int:
    """How many replies stand, which is always that of the rows."""
    item.refresh_from_db()
    assert item.replied == FeedbackReply.objects.filter(item=item, state="published").count()
    return item.replied


def moderated(found: FeedbackReply, action: str, people: dict[str, User], reason: str = "It insults.") -> FeedbackReply:
    rule = "attack" if action == "hide" else ""
    return services.moderate_reply(found.pk, action, reason=reason, rule=rule, actor=people["moderator"], at=OPENS)


# --- saying it -----------------------------------------------------------------------------------------------------


def test_a_reply_stands_below_the_text_and_is_withdrawn_again(item: FeedbackItem, people: dict[str, User]) -> None:
    client, path = signed_in(people["member"]), f"{of(item)}reply/"
    assert f'href="{path}"' in read(item)
    fields = {**main_form(client, path), "text": WORDS, "name": "Ada", "language": "fr"}
    response = client.post(path, fields)
    (found,) = FeedbackReply.objects.all()
    own = f"{of(item)}replies/{found.reference}/own/"
    assert (response.status_code, response.headers["Location"]) == (303, own)
    assert client.post(path, fields).headers["Location"] == own
    assert number(item) == 1
    shown = read(item)
    assert WORDS in shown
    assert f'id="{found.reference}"' in shown
    assert "<bdi>Ada</bdi>" in shown
    assert "1 reply" in page()
    assert listed() == [item.reference]
    place = Client().get(f"{of(item)}replies/{found.reference}/")
    assert (place.status_code, place.headers["Location"]) == (302, f"{of(item)}#{found.reference}")
    assert WORDS in client.get(own).content.decode()
    assert found.reference in client.get("/en/accounts/email/").content.decode()
    assert client.post(own, {}).status_code == 200
    assert number(item) == 1
    for _ in range(2):
        assert client.post(own, {"confirm": "on"}).status_code == 303
    assert number(item) == 0
    shown = read(item)
    assert WORDS not in shown
    assert "Ada" not in shown
    assert "Whoever wrote this reply has withdrawn it." in shown
    assert [entry.actor_id for entry in Entry.objects.filter(action__startswith="feedback.repl")] == [None, None]


def test_who_is_not_signed_in_comes_back_with_what_was_typed(item: FeedbackItem, people: dict[str, User]) -> None:
    client, path = signed_in(people["member"]), f"{of(item)}reply/"
    fields = {**main_form(client, path), "text": WORDS}
    client.logout()
    for response in (client.get(path), client.post(path, fields)):
        assert response.status_code == 302
        assert response.headers["Location"].endswith(f"?next={path}")
    assert not FeedbackReply.objects.exists()
    client.force_login(people["member"])
    assert main_form(client, path)["text"] == WORDS


def test_the_window_closes_for_replies_too(item: FeedbackItem, people: dict[str, User], clock: Clock) -> None:
    client, path = signed_in(people["member"]), f"{of(item)}reply/"
    in_time, too_late = ({**main_form(client, path), "text": f"{WORDS} {turn}"} for turn in range(2))
    clock.set(HARD_CLOSES - timedelta(seconds=1))
    assert client.post(path, in_time).status_code == 303
    assert FeedbackReply.objects.get().in_grace
    clock.set(HARD_CLOSES)
    refused = client.post(path, too_late)
    assert refused.status_code == 403
    assert f"{WORDS} 1" in refused.content.decode()
    assert f'href="{path}"' not in read(item)
    assert 'name="text"' not in client.get(path).content.decode()
    # The same form again is the same receipt, also after the close.
    assert client.post(path, in_time).status_code == 303
    # With errors it is refused all the same.
    assert client.post(path, {**too_late, "text": ""}).status_code == 403
    assert number(item) == 1


def test_the_same_form_with_other_words_is_a_conflict(item: FeedbackItem, people: dict[str, User]) -> None:
    client, path = signed_in(people["member"]), f"{of(item)}reply/"
    fields = {**main_form(client, path), "text": WORDS}
    client.post(path, fields)
    response = client.post(path, {**fields, "text": "Something else altogether."})
    assert response.status_code == 409
    shown = response.content.decode()
    assert WORDS in shown
    assert "Something else altogether." in shown
    again = re.search(r'name="form_key" value="([^"]+)"', shown)
    assert again
    assert again[1] != fields["form_key"]


@pytest.mark.parametrize("gone", ["held", "staff", "hidden", "withdrawn"])
def test_nobody_replies_to_what_does_not_stand(window: FeedbackWindow, people: dict[str, User], gone: str) -> None:
    item = say(window, "Words.", suspected=gone == "held", visibility="staff" if gone == "staff" else "public")
    if gone == "hidden":
        services.moderate(item.pk, "hide", rule="attack", reason="It insults.", actor=people["moderator"], at=OPENS)
    if gone == "withdrawn":
        services.withdraw(item.pk, at=OPENS)
    status = 404 if gone in ("held", "staff") else 303
    assert signed_in(people["member"]).get(f"{of(item)}reply/").status_code == status
    for act in (reply, answer):
        with pytest.raises(Refused, match="does not stand"):
            act(item, people["coordinator"])


@pytest.mark.parametrize(
    "said", ["", " \u200b ", "x" * 5001, "a\x00b", "[" * 20_000], ids=["nothing", "blank", "long", "NUL", "brackets"]
)
def test_what_cannot_be_a_reply(item: FeedbackItem, people: dict[str, User], said: str) -> None:
    client, path = signed_in(people["member"]), f"{of(item)}reply/"
    response = client.post(path, {**main_form(client, path), "text": said})
    assert response.status_code == (400 if "\x00" in said else 200)
    assert response.status_code == 400 or 'aria-invalid="true"' in response.content.decode()
    assert not FeedbackReply.objects.exists()


def test_what_is_hostile_is_harmless(item: FeedbackItem, people: dict[str, User]) -> None:
    reply(item, people["member"], "<script>alert(1)</script> \u202e javascript:alert(1)", "<b>Ada</b>")
    shown = read(item)
    assert "<script>alert(1)" not in shown
    assert "<b>Ada" not in shown


# --- looking like a machine's --------------------------------------------------------------------------------------


def test_what_looks_like_a_machines_is_held(item: FeedbackItem, people: dict[str, User]) -> None:
    client, path = signed_in(people["member"]), f"{of(item)}reply/"
    client.post(path, {**main_form(client, path), "text": WORDS, HONEYPOT: "x"})
    found = FeedbackReply.objects.get()
    assert (found.state, found.suspicion) == ("held", "trap")
    assert number(item) == 0
    assert WORDS not in read(item)
    assert Client().get(f"{of(item)}replies/{found.reference}/").status_code == 404
    assert "before anybody else can" in client.get(f"{of(item)}replies/{found.reference}/own/").content.decode()
    assert [one.pk for one in responses.held(people["moderator"])] == [found.pk]
    assert not responses.held(people["member"])
    moderated(found, "publish", people, "A person has read it.")
    assert WORDS in read(item)
    assert number(item) == 1


def test_where_each_text_is_read_first_so_is_each_reply(item: FeedbackItem, people: dict[str, User]) -> None:
    FeedbackWindow.objects.update(is_read_first=True)
    found = reply(item, people["member"])
    assert (found.state, found.suspicion) == ("held", "")
    assert WORDS not in read(item)
    assert answer(item, people["coordinator"]).state == "published"


def test_many_that_are_nearly_the_same_are_held(
    item: FeedbackItem, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few stand, with the mark; who quotes the text that they reply to has none."""
    monkeypatch.setattr(table, "ODD_REPLY", table.ODD_REPLY._replace(most=2))
    long = "Leaders grow where they are trusted, and nowhere else, as we have always said here."
    quoted = say(item.window, long)
    found = [reply(quoted, people["member"], f"{long} {turn}") for turn in range(4)]
    assert [(one.state, one.suspicion) for one in found] == [
        ("published", ""), ("published", "repeated"), ("published", "repeated"), ("held", "repeated"),
    ]  # fmt: skip


def test_very_often_is_too_often(item: FeedbackItem, people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "REPLY", table.REPLY._replace(most=1))
    client, path = signed_in(people["member"]), f"{of(item)}reply/"
    first, second = ({**main_form(client, path), "text": f"{WORDS} {turn}"} for turn in range(2))
    assert client.post(path, first).status_code == 303
    response = client.post(path, second)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert f"{WORDS} 1" in response.content.decode()
    assert number(item) == 1


# --- deciding about it ---------------------------------------------------------------------------------------------


def test_a_hidden_reply_leaves_word_of_it_and_its_author_reads_why(item: FeedbackItem, people: dict[str, User]) -> None:
    stood, never = reply(item, people["member"]), reply(item, people["member"], "Other words.", suspected=True)
    for found in (stood, never):
        moderated(found, "hide", people, f"It insults {found.reference}.")
    shown = read(item)
    assert WORDS not in shown
    assert f"It insults {stood.reference}." in shown
    assert never.reference not in shown
    own = signed_in(people["member"]).get(f"{of(item)}replies/{never.reference}/own/").content.decode()
    assert f"It insults {never.reference}." in own
    assert number(item) == 0


def test_staff_decide_on_a_page_of_their_own(item: FeedbackItem, people: dict[str, User]) -> None:
    found = reply(item, people["member"], suspected=True)
    staff = Client()
    staff.force_login(people["moderator"])
    change = f"/en/admin/feedback/feedbackreply/{found.pk}/change/"
    assert WORDS in staff.get(change).content.decode()
    decide = change.replace("change", "decide")
    assert "Leaders grow where they are trusted." in staff.get(decide).content.decode()
    assert staff.post(decide, {"action": "hide", "reason": ""}).status_code == 200
    response = staff.post(decide, {**main_form(staff, decide), "action": "publish"})
    assert (response.status_code, response.headers["Location"]) == (302, change)
    assert number(item) == 1
    assert staff.post(decide, {**main_form(staff, decide), "action": "publish", "reason": "Again."}).status_code == 200
    with pytest.raises(Refused):
        services.moderate_reply(found.pk, "hide", reason="x", actor=people["member"], at=OPENS)


# --- answers of staff ----------------------------------------------------------------------------------------------


def test_staff_answer_also_when_the_window_has_closed(
    item: FeedbackItem, people: dict[str, User], clock: Clock
) -> None:
    clock.set(CLOSES + timedelta(days=30))
    client, path = Client(), f"{of(item)}reply/"
    client.force_login(people["coordinator"])
    fields = {**main_form(client, path), "text": "We will.", HONEYPOT: "", "name": ""}
    assert client.post(path, fields).status_code == 303
    found = FeedbackReply.objects.get()
    assert (found.is_answer, found.state) == (True, "published")
    shown = read(item)
    assert "Answer by the people who run this" in shown
    assert "We will." in shown
    (entry,) = Entry.objects.filter(action="feedback.answered")
    assert entry.actor_id == people["coordinator"].pk
    for name in ("member", "moderator", "observer"):
        with pytest.raises(Refused, match="coordinators and their deputies"):
            answer(item, people[name])
    with pytest.raises(Refused, match="closed"):
        reply(item, people["member"])


def test_whoever_said_it_hears_of_the_answer_where_they_are_known(
    window: FeedbackWindow, people: dict[str, User]
) -> None:
    """Once, in their language, without a word of anybody; who is not known is written nothing."""
    answer(say(window, "Words."), people["coordinator"])
    assert not OutboxMessage.objects.exists()
    FeedbackWindow.objects.update(participation=Participation.ACCOUNT)
    User.objects.filter(pk=people["member"].pk).update(language="zh-hant")
    item = say(window, "Other words.", author_id=people["member"].pk)
    form = Reply(key(item), "en", "We will.", "")
    for _ in range(2):
        made = services.answer(item.pk, form, author=people["coordinator"])
    (mail,) = OutboxMessage.objects.all()
    assert (mail.kind, mail.mailbox, mail.language) == ("feedback-answered", people["member"].email, "zh-hant")
    assert f"/zh-hant/tf/leadership-development/feedback/responsibilities/items/{item.reference}/" in str(mail.context)
    assert made.reference in str(mail.context)
    assert "We will." not in str(mail.context)
    reply(item, people["applicant"])
    assert OutboxMessage.objects.count() == 1


def test_a_reply_of_anybody_else_is_not_marked(item: FeedbackItem, people: dict[str, User]) -> None:
    for name in ("member", "moderator", "translator"):
        client, path = Client(), f"{of(item)}reply/"
        client.force_login(people[name])
        client.post(path, {**main_form(client, path), "text": f"{WORDS} {name}"})
    assert FeedbackReply.objects.filter(is_answer=False).count() == 3
    assert "Answer by the people who run this" not in read(item)


# --- nobody is found out -------------------------------------------------------------------------------------------


def test_nobody_learns_whose_a_reply_is(item: FeedbackItem, people: dict[str, User], settings: LazySettings) -> None:
    settings.DEMO = False
    found = reply(item, people["member"])
    client = signed_in(people["member"])
    for path in (of(item), f"{of(item)}?page=2"):
        shown = client.get(path)
        assert shown.content == Client().get(path).content
        assert people["member"].name not in shown.content.decode()
        assert "csrf" not in shown.content.decode()
    (row,) = json.loads(b"".join(opendata.as_json(item.window.phase.task_force)))
    (said,) = row["replies"]
    assert (said["name"], said["received_at"], said["text"]) == (None, None, WORDS)
    assert people["member"].name not in str(row)
    own = f"{of(item)}replies/{found.reference}/own/"
    assert signed_in(people["coordinator"]).get(own).status_code == 404
    assert Client().get(own).status_code == 302
    with pytest.raises(Refused, match="not yours"):
        services.withdraw_reply(found.pk, author=people["applicant"], at=OPENS)


def test_their_order_tells_no_minute(item: FeedbackItem, people: dict[str, User], clock: Clock) -> None:
    """By day, then by references; one without a name says the day alone."""
    many: list[list[str]] = []
    for day in range(2):
        clock.set(OPENS + timedelta(days=day, hours=3))
        many.append([reply(item, people["member"], f"{day} {turn}").reference for turn in range(6)])
    shown = read(item)
    assert re.findall(r'pt-said--reply" id="([^"]+)"', shown) == [one for day in many for one in sorted(day)]
    assert "15:00" not in shown


def test_many_replies_have_pages_at_the_same_cost(
    item: FeedbackItem, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = reply(item, people["member"])
    with CaptureQueriesContext(connection) as few:
        read(item)
    rows = [
        FeedbackReply(
            item=item, reference=f"R-{turn:04}", form_key=f"k{turn}", author=people["member"], language="en",
            text="x", state="published", was_public=True, received_at=first.received_at,
        )
        for turn in range(120)
    ]  # fmt: skip
    FeedbackReply.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as many:
        shown = read(item)
    assert len(many) == len(few)
    assert len(re.findall("pt-said--reply", shown)) == responses.REPLIES_PER_PAGE
    last = FeedbackReply.objects.get(reference="R-0119")
    assert responses.page_of(last) == 3
    place = Client().get(f"{of(item)}replies/R-0119/").headers["Location"]
    assert place == f"{of(item)}?page=3#R-0119"
    assert 'id="R-0119"' in Client().get(place).content.decode()


# --- at once -------------------------------------------------------------------------------------------------------


def both_first(stored: Callable[..., Any]) -> Callable[..., Any]:
    """Both posts have looked for an earlier one before either stores: what the lock and the key must catch."""
    both = Barrier(2, timeout=20)

    def store(*args: Any) -> Any:
        both.wait()
        return stored(*args)

    return store


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("keys", "replies"), [(1, 1), (2, 2)], ids=["one form", "two forms"])
def test_the_same_form_twice_at_once_is_one_reply(
    committed: None,
    item: FeedbackItem,
    people: dict[str, User],
    monkeypatch: pytest.MonkeyPatch,
    keys: int,
    replies: int,
) -> None:
    """The twin: two forms with the same words are two."""
    author, forms = people["member"], [key(item) for _ in range(keys)]
    monkeypatch.setattr(replying, "_stored", both_first(replying._stored))
    found = in_parallel(
        2, lambda turn: services.reply(item.pk, Reply(forms[turn % keys], "en", WORDS, ""), author=author).pk
    )
    assert len(set(found)) == replies
    assert FeedbackReply.objects.count() == replies
    assert number(item) == replies
