"""Whoever sent something hears once, in their language, that it was hidden, what came of an appeal, and of answers."""

import secrets
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import answering, services
from feedback.enums import Participation
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.notices import answers as answer_notices
from feedback.notices import author as author_notices
from feedback.notices import moderation as moderation_notices
from feedback.services import answering as acts
from feedback.services.answering import Wanted
from proposals.models import Revision
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict
from taskforce.notifications import expansion, kinds, rendering
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.queries import mail_key
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries.digests import told_already
from tests.clients import Client
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.test_answering import AT, draft, draft_for, put, release, theme
from tests.feedback.test_elsewhere import key as entering_key
from tests.feedback.test_elsewhere import told as said_elsewhere
from tests.feedback.test_items import say
from tests.feedback.test_replay import in_parallel
from tests.pieces import CAST
from tests.timeline.bulletins import follow

Cast = dict[str, User]


@pytest.fixture
def circle(window: FeedbackWindow, people: Cast) -> FeedbackWindow:
    """The window, for whoever has an account; the member reads the portal in Arabic."""
    FeedbackWindow.objects.filter(pk=window.pk).update(participation=Participation.ACCOUNT)
    User.objects.filter(pk=people["member"].pk).update(language="ar", zone="Africa/Cairo")
    people["member"].refresh_from_db()
    window.refresh_from_db()
    return window


def of_member(window: FeedbackWindow, people: Cast, words: str = "Strong words.", **more: Any) -> FeedbackItem:
    return say(window, words, author_id=people["member"].pk, **more)


def hide(item: FeedbackItem, people: Cast, role: str = "moderator") -> FeedbackItem:
    reason = "It <b>names</b> [somebody](http://x.example)."
    return services.moderate(item.pk, "hide", reason=reason, rule="private", actor=people[role], at=OPENS)


def appeal(item: FeedbackItem, people: Cast, outcome: str) -> None:
    services.appeal(item.pk, words="I meant nobody.", at=OPENS)
    later = OPENS + timedelta(hours=1)
    services.decide_appeal(item.pk, outcome, reason="Read again.", actor=people["deputy"], at=later)


def mails(*names: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind__in=names).order_by("pk"))


def written(mail: OutboxMessage) -> tuple[str, str]:
    made = rendering.render(kinds.get(mail.kind), mail.context, mail.language, mail.zone)
    return made.subject, made.text


def states() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", "state"))


# --- hidden, and appealed for --------------------------------------------------------------------------------------


def test_who_sent_it_reads_rule_reason_and_how_to_appeal(circle: FeedbackWindow, people: Cast) -> None:
    """In their language, by the private link; nothing of the text, no reference, nothing in the key."""
    item = hide(of_member(circle, people, visibility="nameless"), people)
    (mail,) = mails("feedback-hidden")
    assert (mail.mailbox, mail.language, mail.zone) == (people["member"].email, "ar", "Africa/Cairo")
    subject, text = written(mail)
    assert "ينتهك" in text or "خاصة" in text, text
    assert "It <b>names</b>" in text.replace("\u2060", "").replace("\u2068", "").replace("\u2069", "")
    own = mail.context["url"].removeprefix("http://testserver")
    shown = Client().get(own)
    assert shown.status_code == 200
    assert f'href="{own}appeal/"' in shown.content.decode()
    for secret in (item.reference, "Strong words", str(item.form_key)):
        assert secret not in subject + text
    assert item.reference not in mail.key
    assert str(item.pk) not in mail.key.rpartition(":2022")[0].split(":")


def test_nobody_is_written_to_of_whom_nothing_is_kept(
    window: FeedbackWindow, circle: FeedbackWindow, people: Cast
) -> None:
    hide(of_member(circle, people), people)
    FeedbackWindow.objects.update(participation=Participation.ANYBODY)
    hide(say(window, "Words of nobody."), people)
    assert len(mails("feedback-hidden")) == 1


@pytest.mark.parametrize("change", ["inactive", "unconfirmed"])
def test_nobody_is_written_to_whose_address_is_not_theirs(circle: FeedbackWindow, people: Cast, change: str) -> None:
    item = of_member(circle, people)
    if change == "inactive":
        User.objects.filter(pk=people["member"].pk).update(is_active=False)
    else:
        EmailAddress.objects.filter(user=people["member"]).update(verified=False)
    hide(item, people)
    assert states() == []


def test_what_was_held_and_stands_is_told_nobody(circle: FeedbackWindow, people: Cast) -> None:
    """They have a receipt; held and then hidden they hear of it."""
    one, other = (of_member(circle, people, f"Words {turn}.", suspected=True) for turn in range(2))
    services.moderate(one.pk, "publish", reason="Read.", actor=people["moderator"], at=OPENS)
    assert states() == []
    hide(other, people)
    assert states() == [("feedback-hidden", "queued")]


@pytest.mark.parametrize(
    ("outcome", "kind"), [("put-back", "feedback-shown-again"), ("upheld", "feedback-stays-hidden")]
)
def test_who_appealed_hears_what_came_of_it(circle: FeedbackWindow, people: Cast, outcome: str, kind: str) -> None:
    item = hide(of_member(circle, people), people)
    appeal(item, people, outcome)
    (mail,) = mails(kind)
    assert "Read again." in written(mail)[1]
    assert mail.context["rule"] == ("" if outcome == "put-back" else moderation_notices.rule_in_words("private", "ar"))


@pytest.mark.parametrize(("outcome", "can_appeal"), [("put-back", True), ("upheld", False)])
def test_hidden_once_more_they_hear_of_it_once_more_and_whether_they_can_appeal(
    circle: FeedbackWindow, people: Cast, outcome: str, can_appeal: bool
) -> None:
    item = hide(of_member(circle, people), people)
    OutboxMessage.objects.update(state="sent")
    appeal(item, people, outcome)
    later = OPENS + timedelta(hours=2)
    if outcome == "upheld":
        services.moderate(item.pk, "publish", reason="On second thoughts.", actor=people["deputy"], at=OPENS)
        OutboxMessage.objects.update(state="sent")
    services.moderate(item.pk, "hide", reason="Again.", rule="other", actor=people["deputy"], at=later)
    assert [mail.context["can_appeal"] for mail in mails("feedback-hidden")] == [True, can_appeal]


def test_who_has_not_heard_yet_hears_of_neither(circle: FeedbackWindow, people: Cast) -> None:
    """Mails are held: a slip that was mended meanwhile is no news. Once one has gone, the other follows."""
    item = hide(of_member(circle, people), people)
    services.moderate(item.pk, "publish", reason="A slip.", actor=people["moderator"], at=OPENS)
    assert states() == [("feedback-hidden", "superseded")]
    other = hide(of_member(circle, people, "Other words."), people)
    OutboxMessage.objects.filter(state="queued").update(state="sent")
    services.moderate(other.pk, "publish", reason="A slip.", actor=people["moderator"], at=OPENS)
    assert states()[1:] == [("feedback-hidden", "sent"), ("feedback-shown-again", "queued")]


def test_who_withdraws_it_hears_no_more_of_it(circle: FeedbackWindow, people: Cast) -> None:
    item = hide(of_member(circle, people), people)
    services.withdraw(item.pk, at=OPENS)
    assert states() == [("feedback-hidden", "superseded")]


def test_what_is_refused_is_told_nobody(circle: FeedbackWindow, people: Cast) -> None:
    """Mail and act are one transaction; the second of two who hide it is told, not its author."""
    item = hide(of_member(circle, people), people)
    with pytest.raises(Conflict):
        hide(item, people, "deputy")
    assert len(mails("feedback-hidden")) == 1


def test_many_at_once_are_one_mail_each(circle: FeedbackWindow, people: Cast) -> None:
    items = [of_member(circle, people, f"Words {turn}.") for turn in range(3)]
    services.moderate_many(
        [one.pk for one in items], "hide", reason="Why.", rule="other", actor=people["moderator"], at=OPENS
    )
    assert len({mail.context["url"] for mail in mails("feedback-hidden")}) == 3


# --- answers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def lead(people: Cast) -> User:
    return people["coordinator"]


def test_who_said_it_hears_once_a_release_whatever_it_answers(circle: FeedbackWindow, people: Cast, lead: User) -> None:
    """Of their own texts alone, with the revision, by a theme or by itself."""
    mine = [of_member(circle, people, f"Mine {turn}.") for turn in range(3)]
    other = say(circle, "Of somebody else.", author_id=people["observer"].pk)
    shared = theme(circle, lead)
    put(circle, lead, shared, mine[1], other)
    Revision.objects.create(proposal=circle.proposal, number=2, language="en", editor_name="E", at=AT)
    draft_for(circle, lead, shared, Wanted("adopted", 2, {"en": "It **is** in.", "ar": "أُخذ به."}))
    draft(circle, lead, mine[0])
    assert author_notices.to_be_told(circle) == 2
    made = release(circle, lead)
    found = {mail.mailbox: mail for mail in mails("feedback-own-answers")}
    assert set(found) == {people["member"].email, people["observer"].email}
    told = found[people["member"].email].context["answers"]
    assert [one["reference"] for one in told] == [mine[0].reference, mine[1].reference]
    assert [one["revision"] for one in told] == [None, 2]
    assert told[1]["answer"] == {"text": "أُخذ به.", "language": "ar"}
    _subject, body = written(found[people["member"].email])
    assert f"/ar/tf/leadership-development/feedback/responsibilities/items/{mine[1].reference}/" in body
    assert "/proposals/proposal/r/2/" in body
    answer_notices.released(made)
    assert len(mails("feedback-own-answers")) == 2
    draft(circle, lead, mine[2])
    release(circle, lead)
    assert len(mails("feedback-own-answers")) == 3


def test_what_not_everybody_may_read_has_no_address_and_what_is_hidden_no_answer(
    circle: FeedbackWindow, people: Cast, lead: User
) -> None:
    one, gone = of_member(circle, people, visibility="staff"), of_member(circle, people, "Other words.")
    draft(circle, lead, one, gone)
    hide(gone, people)
    release(circle, lead)
    (mail,) = mails("feedback-own-answers")
    assert [(each["reference"], each["url"]) for each in mail.context["answers"]] == [(one.reference, "")]


def test_of_very_many_texts_twenty_stand_in_the_mail(circle: FeedbackWindow, people: Cast, lead: User) -> None:
    items = [of_member(circle, people, f"Words {turn}.") for turn in range(author_notices.MOST + 2)]
    draft(circle, lead, *items)
    release(circle, lead)
    (mail,) = mails("feedback-own-answers")
    assert (len(mail.context["answers"]), mail.context["count"], mail.context["more"]) == (20, 22, 2)


@pytest.mark.parametrize("is_same", [True, False], ids=["one key", "twin"])
def test_who_follows_too_gets_one_mail_not_two(
    circle: FeedbackWindow, people: Cast, lead: User, tf: TaskForce, monkeypatch: pytest.MonkeyPatch, *, is_same: bool
) -> None:
    """Whichever worker comes first and however often; and nothing of it in the daily mail."""
    if not is_same:
        monkeypatch.setattr(author_notices, "mail_key", lambda key, mailbox: secrets.token_hex(8))
    follow(tf, people["member"].email, topic="answers")
    follow(tf, "else@example.org", topic="answers")
    draft(circle, lead, of_member(circle, people))
    made = release(circle, lead)
    for _ in range(2):
        expansion.expand_due()
        answer_notices.released(made)
    to_member = OutboxMessage.objects.filter(mailbox=people["member"].email, kind__startswith="feedback-")
    assert (to_member.count() == 1) is is_same
    assert OutboxMessage.objects.filter(mailbox="else@example.org").count() == 1
    mailing = Mailing.objects.get()
    told = told_already(people["member"].email, [mailing], digests="digest:nobody")
    assert told == {mailing.pk}
    assert told_already("third@example.org", [mailing], digests="digest:nobody") == set()


def test_who_reads_daily_is_not_told_again_in_the_morning(circle: FeedbackWindow, people: Cast, lead: User) -> None:
    draft(circle, lead, of_member(circle, people))
    release(circle, lead)
    mailing, mailbox = Mailing.objects.get(), people["member"].email
    assert OutboxMessage.objects.get().key == mail_key(mailing.key, mailbox)
    assert told_already(mailbox, [mailing], digests="digest:nobody") == {mailing.pk}
    OutboxMessage.objects.update(state="superseded")
    assert told_already(mailbox, [mailing], digests="digest:nobody") == set()


@pytest.mark.long
def test_two_release_at_once_and_two_workers_write_the_followers(
    committed: None, circle: FeedbackWindow, people: Cast, lead: User, tf: TaskForce
) -> None:
    follow(tf, people["member"].email, topic="answers")
    items = [of_member(circle, people, f"Words {turn}.") for turn in range(3)]
    draft(circle, lead, *items)
    shown, together = answering.ready(circle).seen, Barrier(2)

    def act(_turn: int) -> int:
        together.wait(30)
        try:
            acts.release(circle.pk, seen=shown, actor=lead, at=CLOSES)
        except Conflict:
            return 0
        finally:
            expansion.expand_due()
        return 1

    assert sum(in_parallel(2, act)) == 1
    expansion.expand_due()
    assert [mail.kind for mail in OutboxMessage.objects.filter(mailbox=people["member"].email)] == [
        "feedback-own-answers"
    ]


def test_a_release_costs_the_same_for_two_authors_and_for_ten(circle: FeedbackWindow, people: Cast, lead: User) -> None:
    def cost(number: int) -> int:
        authors = [people[name] for name in list(CAST)[:number]]
        draft(circle, lead, *(say(circle, f"Words of {one.pk}.", author_id=one.pk) for one in authors))
        with CaptureQueriesContext(connection) as found:
            release(circle, lead)
        return len(found)

    assert cost(2) == cost(9)
    assert len(mails("feedback-own-answers")) == 11


def test_who_entered_it_hears_of_it_to_carry_word_back(window: FeedbackWindow, people: Cast, lead: User) -> None:
    item = services.enter(window.pk, said_elsewhere(window), form_key=entering_key(window), actor=people["facilitator"])
    draft(window, lead, item)
    release(window, lead)
    (mail,) = mails("feedback-own-answers")
    assert mail.mailbox == people["facilitator"].email
    hide(item, people)
    (told,) = mails("feedback-hidden")
    assert told.context["url"].endswith(f"/feedback/responsibilities/enter/#{item.reference}")
