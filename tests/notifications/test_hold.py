"""The hold switch, and what staff do with single mails: release, send again, settle; each with its reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import real_now
from taskforce.core.errors import Conflict, Invalid
from taskforce.notifications import delivery, kinds, queries, rules, services
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import Hold, Mailing, OutboxMessage, Suppression
from tests.clients import Client
from tests.notifications.conftest import AT, NEWS, RECEIPT, Write
from tests.notifications.sink import Sink

pytestmark = pytest.mark.django_db


def held() -> Hold:
    """Mail on hold."""
    return services.hold("a wrong text", at=AT, actor_id=5, actor_name="Ada", allow=None)


@pytest.mark.parametrize(
    ("by_environment", "by_staff", "said"),
    [
        (False, False, "still due 1\n"),
        (True, False, "still due 1 (held by MAIL_HOLD)\n"),
        (False, True, "still due 1 (held by staff)\n"),
        (True, True, "still due 1 (held by MAIL_HOLD and by staff)\n"),
    ],
)
def test_the_command_says_who_holds_what_is_due(
    write: Write,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    by_environment: bool,
    by_staff: bool,
    said: str,
) -> None:
    """Without a server that answers, too: what is held is not blamed on it."""
    settings.MAIL_HOLD = by_environment
    if by_staff:
        held()
    write()
    call_command("send_outbox")
    assert capsys.readouterr().out.endswith(said)


@pytest.mark.parametrize("by_environment", [True, False])
def test_on_hold_only_what_staff_release_goes(
    sink: Sink, write: Write, settings: Settings, by_environment: bool
) -> None:
    settings.MAIL_HOLD = by_environment
    if not by_environment:
        held()
    kept, released = write("kept@example.org"), write("released@example.org", NEWS)
    assert delivery.deliver_due() == 0
    assert services.act(rules.RELEASE, [released.pk], reason="checked", at=AT, actor_id=5, allow=None) == (1, [])
    assert delivery.deliver_due() == 1
    kept.refresh_from_db()
    assert (kept.state, kept.attempts) == (MessageState.QUEUED, 0)
    settings.MAIL_HOLD = False
    if not by_environment:
        services.lift("all is well", at=AT, actor_id=6, allow=None)
    assert delivery.deliver_due() == 1
    assert [arrival.recipients for arrival in sink.arrivals] == [["released@example.org"], ["kept@example.org"]]


@pytest.mark.parametrize(("first", "second"), [("staff", "staff"), ("staff", "MAIL_HOLD"), ("MAIL_HOLD", "staff")])
def test_a_release_is_from_one_hold(sink: Sink, write: Write, settings: Settings, first: str, second: str) -> None:
    """Greylisted, it waits in the queue while its hold is lifted and another one put; the next one keeps it."""

    def put(name: str) -> None:
        settings.MAIL_HOLD = name == "MAIL_HOLD"
        if name == "staff":
            held()

    def due() -> None:
        OutboxMessage.objects.update(not_before=AT - timedelta(days=1))

    put(first)
    row = write("ann@example.org", NEWS)
    services.act(rules.RELEASE, [row.pk], reason="checked", at=AT, actor_id=5, allow=None)
    sink.faults["ann@example.org"] = ["451", "451"]
    assert delivery.deliver_due() == 1
    due()
    assert delivery.deliver_due() == 1  # under the hold from which it was released it is tried again
    settings.MAIL_HOLD = False
    if first == "staff":
        services.lift("over", at=AT, actor_id=5, allow=None)
    put(second)
    due()
    assert delivery.deliver_due() == 0
    assert services.act(rules.RELEASE, [row.pk], reason="this one too", at=AT, actor_id=5, allow=None) == (1, [])
    assert delivery.deliver_due() == 1
    assert len(sink.arrivals) == 1


def test_a_release_from_the_environments_hold_ends_with_the_first_try_after_it(
    sink: Sink, write: Write, settings: Settings
) -> None:
    settings.MAIL_HOLD = True
    row = write("ann@example.org", NEWS)
    services.act(rules.RELEASE, [row.pk], reason="checked", at=AT, actor_id=5, allow=None)
    settings.MAIL_HOLD = False
    sink.faults["ann@example.org"] = ["451"]
    assert delivery.deliver_due() == 1
    settings.MAIL_HOLD = True
    OutboxMessage.objects.update(not_before=AT - timedelta(days=1))
    assert delivery.deliver_due() == 0


def test_a_release_is_from_one_time_of_the_environments_hold(sink: Sink, write: Write, settings: Settings) -> None:
    """It waited for its turn while the hold was off, and no sender has tried it; the next one keeps it."""
    settings.MAIL_HOLD = True
    row = write("ann@example.org", NEWS)
    services.act(rules.RELEASE, [row.pk], reason="checked", at=AT, actor_id=5, allow=None)
    OutboxMessage.objects.update(not_before=real_now() + timedelta(hours=1))
    assert delivery.deliver_due() == 0
    row.refresh_from_db()
    assert row.released_at is not None, "a pass under the same hold keeps what was released from it"
    settings.MAIL_HOLD = False
    assert delivery.deliver_due() == 0
    settings.MAIL_HOLD = True
    OutboxMessage.objects.update(not_before=AT)
    assert delivery.deliver_due() == 0
    assert sink.arrivals == []


def test_a_release_stands_on_the_same_clock_as_the_rest_of_its_mail(write: Write) -> None:
    held()
    row = write("ann@example.org", NEWS)
    services.act(rules.RELEASE, [row.pk], reason="checked", at=AT + timedelta(hours=1), actor_id=5, allow=None)
    row.refresh_from_db()
    assert (row.created_at, row.released_at) == (AT, AT + timedelta(hours=1))


def test_what_waits_for_a_hold_to_end_is_what_would_go(write: Write) -> None:
    """Not what was taken back or is over, though its row is not brought after yet."""
    held()
    made: dict[str, dict[str, Any]] = {
        "goes": {"state": "expanded"},
        "void": {"state": "superseded"},
        "stopped": {"state": "stopped"},
        "over": {"state": "expanded", "valid_until": AT},
    }
    mailings = {
        name: Mailing.objects.create(key=name, kind=NEWS.name, not_before=AT, created_at=AT, **values)
        for name, values in made.items()
    }
    for name, mailing in mailings.items():
        row = write(f"{name}@example.org", NEWS)
        # A mail of a mailing is of use as long as that, whatever stands in its row.
        OutboxMessage.objects.filter(pk=row.pk).update(mailing=mailing, valid_until=AT if name == "goes" else None)
    write("single@example.org")
    write("late@example.org", valid_until=AT)
    later = write("later@example.org")
    OutboxMessage.objects.filter(pk=later.pk).update(not_before=real_now() + timedelta(hours=1))
    assert queries.due_count(AT) == 2
    assert OutboxMessage.objects.filter(state=MessageState.QUEUED).count() == 7


def test_a_hold_has_a_reason_and_is_one() -> None:
    with pytest.raises(Invalid):
        services.hold("  ", at=AT, actor_id=5, actor_name="Ada", allow=None)
    with pytest.raises(Conflict):
        services.lift("why", at=AT, actor_id=5, allow=None)
    held()
    with pytest.raises(Conflict):
        held()
    with pytest.raises(Invalid):
        services.lift("", at=AT, actor_id=5, allow=None)
    services.lift("why", at=AT, actor_id=6, allow=None)
    row = Hold.objects.get()
    assert (row.lifted_at, row.lifted_by_id, queries.hold_in_force()) == (AT, 6, None)
    kept = Entry.objects.order_by("id").values_list("action", "actor_id", "reason")
    assert list(kept) == [("mail.held", 5, "a wrong text"), ("mail.hold-lifted", 6, "why")]
    held()


def in_state(row: OutboxMessage, state: str, **values: object) -> OutboxMessage:
    """The row as if it had come there."""
    OutboxMessage.objects.filter(pk=row.pk).update(state=state, **values)
    return row


def test_each_mail_is_judged_as_it_stands_and_the_rest_stays(write: Write) -> None:
    sent_meanwhile = in_state(write("a@example.org", NEWS), MessageState.SENT)
    unknown = in_state(write("b@example.org", NEWS, task_force_id=7), MessageState.UNKNOWN)
    ids = [sent_meanwhile.pk, unknown.pk]
    report = services.act(rules.AS_SENT, ids, reason="their server has it", at=AT, actor_id=5, allow=None)
    assert report.done == 1
    assert [(row.pk, why) for row, why in report.refused] == [(sent_meanwhile.pk, "Its state is now “sent”.")]
    unknown.refresh_from_db()
    assert (unknown.state, unknown.sent_at) == (MessageState.SENT, AT)
    entry = Entry.objects.get(action="mail.resolve-sent")
    assert (entry.task_force_id, entry.reason, entry.details) == (
        7, "their server has it", {"count": 1, "ids": [unknown.pk]}
    )  # fmt: skip
    with pytest.raises(Invalid):
        services.act(rules.AS_FAILED, ids, reason="", at=AT, actor_id=5, allow=None)


def test_a_mail_of_unknown_outcome_that_did_not_arrive_may_go_again(sink: Sink, write: Write) -> None:
    row = in_state(write(kind=NEWS), MessageState.UNKNOWN, attempts=1)
    assert services.act(rules.REQUEUE, [row.pk], reason="again", at=AT, actor_id=5, allow=None).done == 0
    assert services.act(rules.AS_FAILED, [row.pk], reason="they looked", at=AT, actor_id=5, allow=None).done == 1
    assert services.act(rules.REQUEUE, [row.pk], reason="again", at=AT, actor_id=5, allow=None).done == 1
    delivery.deliver_due()
    assert sink.message_ids() == {row.message_id: 1}


def test_why_a_failed_mail_cannot_go_again(write: Write) -> None:
    failed = {"state": MessageState.FAILED}
    mailing = Mailing.objects.create(key="m", kind=NEWS.name, state="stopped", not_before=AT, created_at=AT)
    late = in_state(write("a@example.org", NEWS, valid_until=AT), **failed)
    blank = in_state(write("b@example.org", RECEIPT, context={"code": ""}), **failed)
    stopped = in_state(write("c@example.org", NEWS), mailing=mailing, **failed)
    refused = in_state(write("D@example.org", NEWS), **failed)
    twofold = in_state(write("e@x.test, f@x.test", NEWS), **failed)
    foreign = in_state(write("g@example.org", NEWS), kind="gone", **failed)
    fine = in_state(write("h@example.org", NEWS, valid_until=AT + timedelta(seconds=1)), **failed)
    Suppression.objects.create(mailbox="d@example.org", at=AT)
    report = services.act(
        rules.REQUEUE, OutboxMessage.objects.values_list("pk", flat=True), reason="again", at=AT, actor_id=5, allow=None
    )
    why = {row.pk: words for row, words in report.refused}
    expected = {late: "time is over", blank: "ask for a new one", stopped: "stopped", refused: "refuses mail"}
    expected |= {twofold: "not an address", foreign: "does not know"}
    for row, words in expected.items():
        assert words in why.pop(row.pk)
    assert not why
    fine.refresh_from_db()
    assert (fine.state, report.done) == (MessageState.QUEUED, 1)


def test_no_hold_of_staff_keeps_what_somebody_waits_for_at_the_door(
    sink: Sink, write: Write, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a coordinator of one task force would keep everybody of all of them out; the operator's setting does."""
    monkeypatch.setitem(kinds._kinds, RECEIPT.name, replace(RECEIPT, passes_hold=True))
    held()
    news, code = write("news@example.org", NEWS), write("code@example.org")
    settings.MAIL_HOLD = True
    assert queries.is_held(RECEIPT.name)
    assert delivery.deliver_due() == 0
    assert services.judge(rules.RELEASE, [code], at=AT)[0][1] == ""
    settings.MAIL_HOLD = False
    assert (queries.is_held(RECEIPT.name), queries.is_held()) == (False, True)
    assert services.judge(rules.RELEASE, [code], at=AT)[0][1] == "No mail is on hold: it goes by itself."
    assert delivery.deliver_due() == 1
    assert [arrival.recipients for arrival in sink.arrivals] == [["code@example.org"]]
    news.refresh_from_db()
    assert news.state == MessageState.QUEUED


def test_which_mails_pass_a_hold_of_staff() -> None:
    assert kinds.that_pass_a_hold() == [
        "account-confirm-code", "account-connect", "account-exists", "account-locked", "account-login-code",
        "account-password-reset", "account-proof-code", "account-unknown",
    ]  # fmt: skip


@pytest.mark.parametrize("by_environment", [True, False])
def test_the_pages_that_wait_for_a_mail_say_when_none_leaves(
    client: Client, people: dict[str, User], settings: Settings, *, by_environment: bool
) -> None:
    held()
    settings.MAIL_HOLD = by_environment
    client.post("/en/accounts/login/code/", {"email": people["member"].email})
    for page in ("login/code/confirm/", "password/reset/done/"):
        assert (b"No mail leaves at the moment" in client.get(f"/en/accounts/{page}").content) is by_environment


def test_what_nothing_holds_need_not_be_released(write: Write) -> None:
    row = write()
    assert services.judge(rules.RELEASE, [row], at=AT)[0][1] == "No mail is on hold: it goes by itself."
    held()
    assert services.judge(rules.RELEASE, [row], at=AT)[0][1] == ""
    services.act(rules.RELEASE, [row.pk], reason="checked", at=AT, actor_id=5, allow=None)
    row.refresh_from_db()
    assert services.judge(rules.RELEASE, [row], at=AT)[0][1].startswith("It was released already")
