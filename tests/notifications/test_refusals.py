"""Mailboxes that refuse mail for good: which refusals mean that, and what it means for later mail."""

import pytest

from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict
from taskforce.notifications import delivery, replies, services
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import Suppression
from tests.notifications.conftest import AT, NEWS, RECEIPT, Write
from tests.notifications.sink import Sink
from tests.notifications.test_delivery import make_due

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("reply", "stage", "action", "suppresses"),
    [
        ("550 no such user", replies.RECIPIENT, "refuse", True),
        ("550 5.1.1 unknown", replies.RECIPIENT, "refuse", True),
        ("551 moved", replies.RECIPIENT, "refuse", True),
        ("553 not allowed", replies.RECIPIENT, "refuse", True),
        ("550 5.1.10 null MX", replies.RECIPIENT, "refuse", True),
        ("550 5.2.1 disabled", replies.RECIPIENT, "refuse", True),
        ("554 5.1.1 unknown", replies.RECIPIENT, "refuse", True),
        ("550 5.1.1 unknown", replies.BODY, "refuse", True),
        ("550 5.7.1 policy", replies.RECIPIENT, "refuse", False),
        ("550 5.1.8 your domain", replies.RECIPIENT, "refuse", False),
        ("550 5.4.1 no route", replies.RECIPIENT, "refuse", False),
        ("552 full", replies.RECIPIENT, "refuse", False),
        ("552 5.2.2 full", replies.RECIPIENT, "refuse", False),
        ("554 policy", replies.RECIPIENT, "refuse", False),
        ("550 spam", replies.BODY, "refuse", False),
        ("554 5.6.0 content", replies.BODY, "refuse", False),
        ("553 not you", replies.SENDER, "defer", False),
        ("550 5.7.1 not you", replies.SENDER, "defer", False),
        ("450 4.1.1 later", replies.RECIPIENT, "defer", False),
        ("452 full", replies.BODY, "defer", False),
    ],
)
def test_what_a_reply_means(reply: str, stage: str, action: str, suppresses: bool) -> None:
    code, _, words = reply.partition(" ")
    outcome = replies.meaning(int(code), words, stage, body_began=stage == replies.BODY)
    assert (outcome.action, outcome.detail, outcome.is_the_mailbox) == (action, reply, suppresses)


def test_an_unreadable_reply_is_of_unknown_outcome_only_after_the_body_began() -> None:
    assert replies.meaning(-1, "", replies.BODY, body_began=True).action == "lose"
    assert replies.meaning(-1, "", replies.RECIPIENT, body_began=False).action == "defer"


def test_a_mailbox_that_refused_gets_no_announcement_but_what_its_owner_asks_for(sink: Sink, write: Write) -> None:
    sink.refusals = {"Gone@example.org": "550 5.1.1 unknown"}
    first = write("Gone@example.org", NEWS, task_force_id=7)
    delivery.deliver_due()
    first.refresh_from_db()
    assert (first.state, first.error) == (MessageState.FAILED, "550 5.1.1 unknown")
    row = Suppression.objects.get()
    assert (row.mailbox, row.words, row.lifted_at) == ("gone@example.org", "550 5.1.1 unknown", None)
    assert Entry.objects.get(action="suppression.made").task_force_id == 7
    sink.refusals.clear()
    news, code = write("gone@Example.org", NEWS), write("gone@example.org", RECEIPT)
    delivery.deliver_due()
    news.refresh_from_db()
    code.refresh_from_db()
    assert (news.state, news.error) == (MessageState.SUPERSEDED, "the mailbox refuses mail")
    assert code.state == MessageState.SENT
    services.lift_suppression(row.pk, reason="they wrote to us", at=AT, actor_id=5, allow=None)
    with pytest.raises(Conflict):
        services.lift_suppression(row.pk, reason="again", at=AT, actor_id=5, allow=None)
    again = write("gone@example.org", NEWS)
    delivery.deliver_due()
    again.refresh_from_db()
    assert again.state == MessageState.SENT


def test_a_refusal_of_a_mail_shuts_nobody_out(sink: Sink, write: Write) -> None:
    sink.refusals = {"ann@example.org": "550 5.7.1 looks like spam"}
    row = write("ann@example.org", NEWS)
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.state == MessageState.FAILED
    assert not Suppression.objects.exists()


def test_an_unusable_mailbox_is_refused_like_one(sink: Sink, write: Write) -> None:
    write("a@x.test, b@x.test", NEWS)
    delivery.deliver_due()
    assert Suppression.objects.get().words == "the mailbox is not one plain address"


def test_a_sender_that_is_refused_costs_no_mail(sink: Sink, write: Write) -> None:
    row = write()
    sink.sender_refusals = ["550 5.7.1 who are you"]
    delivery.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.error) == (MessageState.QUEUED, "550 5.7.1 who are you")
    make_due()
    delivery.deliver_due()
    row.refresh_from_db()
    assert row.state == MessageState.SENT


@pytest.mark.parametrize("closing", ["close", "421 too many mails"])
def test_a_server_that_closes_a_kept_connection_between_two_mails_costs_no_attempt(
    sink: Sink, write: Write, closing: str
) -> None:
    rows = [write(f"p{number}@example.org", NEWS) for number in range(3)]
    sink.sender_refusals = [closing]
    assert delivery.deliver_due() == 3
    assert sink.message_ids() == {row.message_id: 1 for row in rows}
    assert sink.connections == 2
    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.attempts) == (MessageState.SENT, 1)
