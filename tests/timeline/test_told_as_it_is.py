"""A mail that waits says what is true when it goes, and an act on an end costs the same however many wait."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.models import User
from taskforce.core.clock import real_now
from taskforce.notifications import delivery, expansion, kinds, services
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.portal import outbox
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Extension, Phase, Subscription, TaskForce
from taskforce.timeline.notices import dates, events
from tests.conftest import Clock, utc
from tests.notifications.conftest import sink as sink
from tests.notifications.sink import Sink
from tests.timeline.offering import offer_feedback

pytestmark = pytest.mark.django_db
OPENS = utc(2022, 2, 1, 12)
ANN, BOB = "ann@example.org", "bob@example.org"
OLD, LATER, SOONER = "28 February 2022", "7 March 2022", "20 February 2022"
WHY: dict[str, Any] = {"reason": "The translations came late."}


def follow(tf: TaskForce, *mailboxes: str) -> None:
    """People who follow the deadlines."""
    Subscription.objects.bulk_create(
        Subscription(task_force=tf, mailbox=mailbox, topic="deadlines", language="en", confirmed_at=utc(2022, 1, 25))
        for mailbox in mailboxes
    )


@pytest.fixture
def window(tf: TaskForce, phase: Callable[[str], Phase], clock: Clock) -> Phase:
    """The phase for feedback at the moment at which it opens; two people follow it, and a mailing is to tell them."""
    made = phase("feedback")
    offer_feedback(made)
    follow(tf, ANN, BOB)
    timeline.notice_due(clock.set(OPENS), lambda _phase: None)
    return made


@pytest.fixture
def coordinator(people: dict[str, User]) -> User:
    return people["coordinator"]


def extend(window: Phase, actor: User) -> Extension:
    return timeline.extend(window.pk, closes_on=date(2022, 3, 7), actor=actor, **WHY)


def shorten(window: Phase, actor: User) -> Extension:
    return timeline.shorten(window.pk, closes_on=date(2022, 2, 20), actor=actor, **WHY)


def close(window: Phase, actor: User) -> Extension:
    return timeline.close_early(window.pk, actor=actor, **WHY)


@pytest.fixture(params=[True, False], ids=["as it is now", "as it was written"])
def is_renewed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether such a mail is made anew when it goes; the twin takes it as it was written."""
    renewed: bool = request.param
    if not renewed:
        monkeypatch.setitem(kinds._kinds, events.OPENED, replace(kinds.get(events.OPENED), renewed=None))
    return renewed


def deliver() -> None:
    """A pass after which nothing waits, whatever was to wait for its next attempt."""
    OutboxMessage.objects.filter(state="queued").update(not_before=real_now() - timedelta(hours=1))
    delivery.deliver_due()


def told(sink: Sink, mailbox: str) -> list[str]:
    """The mails to a mailbox that say that the phase is open."""
    parts = [arrival.mail.get_body(("plain",)) for arrival in sink.to(mailbox) if "is open" in arrival.mail["Subject"]]
    return [part.get_content() for part in parts if part]


def ends_in(texts: list[str]) -> list[str]:
    """The end that the one mail names."""
    (text,) = texts
    return [each for each in (OLD, LATER, SOONER) if each in text]


# --- the end as it is when the mail goes --------------------------------------------------------------------------


def test_extended_between_two_batches_both_say_the_new_end(
    window: Phase, coordinator: User, sink: Sink, *, is_renewed: bool
) -> None:
    mailing = Mailing.objects.get(kind=events.OPENED)
    old = expansion._contexts(kinds.get(mailing.kind), mailing.params)
    services.add_recipients(mailing.pk, [(ANN, "en", "UTC")], old, at=OPENS)
    extend(window, coordinator)
    # As one that was read before the act and is written after it.
    services.add_recipients(mailing.pk, [(BOB, "en", "UTC")], old, at=OPENS)
    deliver()
    for mailbox in (ANN, BOB):
        assert ends_in(told(sink, mailbox)) == [LATER if is_renewed else OLD]
    rows = OutboxMessage.objects.filter(kind=events.OPENED, state="sent")
    assert {row.context["closes_at"][:10] for row in rows} == {"2022-03-08" if is_renewed else "2022-03-01"}


def test_the_next_batch_is_written_with_the_new_end(
    window: Phase, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What staff read of a mail that waits, too, is as it is."""
    write = services.add_recipients

    def and_extended(*arguments: Any, **named: Any) -> int | None:
        new = write(*arguments, **named)
        if not Extension.objects.exists():
            extend(window, coordinator)
        return new

    monkeypatch.setattr(services, "add_recipients", and_extended)
    expansion.expand_due(batch=1)
    rows = OutboxMessage.objects.filter(kind=events.OPENED).order_by("id")
    assert [row.context["closes_at"][:10] for row in rows] == ["2022-03-01", "2022-03-08"]


def test_put_off_while_it_was_being_sent_it_says_the_new_end_later(
    window: Phase, coordinator: User, sink: Sink, *, is_renewed: bool
) -> None:
    expansion.expand_due()
    claimed = services.claim()
    assert claimed is not None
    extend(window, coordinator)
    services.settle(claimed, "defer", error="451 later")
    deliver()
    assert ends_in(told(sink, claimed.mailbox)) == [LATER if is_renewed else OLD]


def send_again(at: Any) -> int:
    """What staff do with what has failed; how many that could be done to."""
    failed = list(OutboxMessage.objects.filter(state="failed").values_list("pk", flat=True))
    return services.act("requeue", failed, reason="The server works again.", at=at, actor_id=1, allow=None).done


@pytest.mark.parametrize(
    ("is_voided", "is_asked", "goes"),
    [(True, True, False), (True, False, False), (False, True, False), (False, False, True)],
    ids=["both", "taken back", "asked anew", "neither"],
)
def test_failed_before_an_early_close_it_is_not_sent_again(
    window: Phase,
    coordinator: User,
    clock: Clock,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_voided: bool,
    is_asked: bool,
    goes: bool,
) -> None:
    """Each of the two guards keeps it; the twin has neither, and tells of an open phase that is closed."""
    if not is_voided:
        monkeypatch.setattr(services, "supersede", lambda _prefix: 0)
    if not is_asked:
        monkeypatch.setitem(kinds._kinds, events.OPENED, replace(kinds.get(events.OPENED), renewed=None))
    expansion.expand_due()
    OutboxMessage.objects.update(state="failed")
    close(window, coordinator)
    assert send_again(clock.set(OPENS + timedelta(days=1))) == (0 if is_voided else 2)
    # Nor where it was on its way again already.
    OutboxMessage.objects.update(state="queued")
    deliver()
    assert bool(told(sink, ANN)) is goes
    if is_voided:
        why = "what it says was taken back"
        assert set(OutboxMessage.objects.values_list("state", "error")) == {("superseded", why)}


def test_failed_before_the_end_moved_it_is_sent_again_with_the_new_end(
    window: Phase, coordinator: User, clock: Clock, sink: Sink, *, is_renewed: bool
) -> None:
    expansion.expand_due()
    OutboxMessage.objects.update(state="failed")
    clock.set(utc(2022, 2, 5, 12))
    shorten(window, coordinator)
    assert send_again(utc(2022, 2, 5, 13)) == 2
    deliver()
    assert ends_in(told(sink, ANN)) == [SOONER if is_renewed else OLD]


def test_after_the_new_end_it_goes_no_more_and_before_it_it_still_goes(
    window: Phase, coordinator: User, clock: Clock, sink: Sink
) -> None:
    expansion.expand_due()
    services.hold("a look first", at=OPENS, actor_id=1, actor_name="Postmaster", allow=None)
    extend(window, coordinator)
    clock.set(utc(2022, 3, 2, 12))
    services.lift("fine", at=OPENS, actor_id=1, allow=None)
    OutboxMessage.objects.filter(mailbox=BOB).update(state="failed")
    deliver()
    assert ends_in(told(sink, ANN)) == [LATER]
    assert send_again(clock.set(utc(2022, 3, 8, 12))) == 0
    OutboxMessage.objects.filter(mailbox=BOB).update(state="queued")
    deliver()
    assert told(sink, BOB) == []


def test_a_phase_that_is_not_open_is_not_told_to_be(window: Phase) -> None:
    params = Mailing.objects.get(kind=events.OPENED).params
    for at, is_open in [(OPENS, True), (utc(2022, 3, 1, 11, 59), True), (utc(2022, 3, 1, 12), False)]:
        assert (events._renewed(params, "en", at=at) is not None) is is_open


# --- what an act costs --------------------------------------------------------------------------------------------


def written() -> int:
    """Rows that this transaction has inserted, changed or deleted so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


def cost(act: Callable[[], object]) -> tuple[int, int]:
    """Statements and rows."""
    before = written()
    with CaptureQueriesContext(connection) as statements:
        act()
    return len(statements), written() - before


def every_row(prefix: str) -> int:
    """The twin: as one would write it, with its mails at once."""
    return OutboxMessage.objects.filter(state="queued", key__startswith=prefix).update(state="superseded")


@pytest.mark.long
@pytest.mark.parametrize("is_plain", [True, False], ids=["the mailing", "its mails"])
@pytest.mark.parametrize("act", [extend, shorten, close])
def test_an_act_touches_no_mail_however_many_wait(
    tf: TaskForce,
    window: Phase,
    coordinator: User,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Phase, User], object],
    *,
    is_plain: bool,
) -> None:
    if not is_plain:
        monkeypatch.setattr(services, "supersede", every_row)
    costs = []
    for more in (0, 40):
        follow(tf, *(f"p{number}@d{number}.example" for number in range(more)))
        clock.set(OPENS + timedelta(days=1, hours=more))
        # Two ends, of which the mails wait: how it opened and how it was moved.
        timeline.extend(window.pk, closes_on=date(2022, 3, 2 + bool(more)), actor=coordinator, **WHY)
        expansion.expand_due()
        with transaction.atomic():
            costs.append(cost(lambda: act(window, coordinator)))
            transaction.set_rollback(True)
    assert (costs[0] == costs[1]) is is_plain


def test_what_was_taken_back_counts_as_that_before_its_rows_are_brought_after(
    window: Phase, coordinator: User, sink: Sink
) -> None:
    expansion.expand_due()
    mailing = Mailing.objects.get(kind=events.OPENED)
    close(window, coordinator)
    mailing.refresh_from_db()
    assert mailing.state == "superseded"
    assert outbox.counts(mailing.pk) == {"en": {"superseded": 2}}
    assert set(mailing.messages.values_list("state", flat=True)) == {"queued"}
    assert expansion.clear_superseded(batch=1) == 2
    assert outbox.counts(mailing.pk) == {"en": {"superseded": 2}}
    assert set(mailing.messages.values_list("state", flat=True)) == {"superseded"}
    assert expansion.clear_superseded() == 0
    assert expansion.expand_due() == 2
    deliver()
    assert {arrival.mail["Subject"] for arrival in sink.arrivals} == {
        "Leadership development: “Feedback on the proposal” was closed early"
    }
    assert Mailing.objects.get(kind=dates.KINDS[Extension.objects.get().act]).state == "expanded"  # type: ignore[index]


# --- who has left -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_did_not_go_is_not_sent_again_to_whoever_has_left(window: Phase, sink: Sink, state: str) -> None:
    expansion.expand_due()
    OutboxMessage.objects.update(state=state)
    timeline.leave(Leave(ANN, window.task_force_id, "deadlines"), at=OPENS)
    row = OutboxMessage.objects.get(mailbox=ANN)
    assert (row.state, row.error, row.context) == ("superseded", "the recipient has left", {})
    if state == "unknown":
        waiting = list(OutboxMessage.objects.filter(state=state).values_list("pk", flat=True))
        services.act("resolve-failed", [row.pk, *waiting], reason="Looked up.", at=OPENS, actor_id=1, allow=None)
    assert send_again(OPENS) == 1
    deliver()
    assert (len(sink.to(ANN)), len(sink.to(BOB))) == (0, 1)


def test_another_pace_leaves_what_may_have_arrived_as_it_is(window: Phase) -> None:
    expansion.expand_due()
    OutboxMessage.objects.filter(mailbox=ANN).update(state="unknown")
    services.take_back(ANN, instead="comes once a day instead")
    assert OutboxMessage.objects.get(mailbox=ANN).state == "unknown"


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "as it was claimed"])
def test_put_off_while_they_left_it_does_not_go_later(
    window: Phase, sink: Sink, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    if not is_asked:
        monkeypatch.setitem(kinds._kinds, events.OPENED, replace(kinds.get(events.OPENED), follows=None))
    expansion.expand_due()
    claimed = services.claim()
    assert claimed is not None
    timeline.leave(Leave(claimed.mailbox, None, ""), at=OPENS)
    services.settle(claimed, "defer", error="451 later")
    deliver()
    assert len(sink.to(claimed.mailbox)) == (0 if is_asked else 1)
    assert len(sink.arrivals) == (1 if is_asked else 2)


def test_put_off_for_whoever_follows_it_goes_later(window: Phase, sink: Sink) -> None:
    expansion.expand_due()
    sink.faults[ANN] = ["451"]
    delivery.deliver_due()
    deliver()
    assert (len(sink.to(ANN)), len(sink.to(BOB))) == (1, 1)
