"""Asking, confirming and leaving that meet at one mailbox, each in a real transaction of its own."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from taskforce.limits import mailboxes, table
from taskforce.limits import services as limits
from taskforce.limits.models import Counter
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import services
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import Subscription, TaskForce
from tests.clients import Client
from tests.timeline.conftest import Meeting, Run

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)
ANN = "ann@example.org"
MOST, WITHIN = table.MAILS_TO_UNCONFIRMED.most, table.MAILS_TO_UNCONFIRMED.within
SPELLINGS = (ANN, "a.n.n@example.org", "ann+news@example.org", "ANN@example.org")


@pytest.fixture
def tf(transactional_db: None) -> TaskForce:
    return services.create_task_force("tf", {"en": "Task force"}, at=AT)


def ask_for(tf: TaskForce, mailbox: str = ANN) -> Ask:
    return Ask(mailbox, tf.pk, ("deadlines", "updates"), "immediate", "en", "UTC")


def at_once(act: Callable[[int], Any], times: int = 20) -> list[Any]:
    """So many calls in parallel, each with a connection of its own; errors come out."""

    def one(turn: int) -> Any:
        try:
            return act(turn)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.long
def test_twenty_forms_at_once_are_one_row_for_each_topic_and_three_mails(tf: TaskForce) -> None:
    answers = at_once(
        lambda turn: Client(REMOTE_ADDR=f"198.51.100.{turn}").post(
            "/en/subscriptions/tf/",
            {"email": ANN, "topics": ["deadlines", "updates"], "frequency": "daily", "language": "ar", "zone": "UTC"},
        )
    )
    assert {answer.status_code for answer in answers} == {303}
    assert Subscription.objects.count() == 2
    assert OutboxMessage.objects.count() == 3


def read_then_written(mailbox: str) -> bool:
    """What this test must be able to catch: nobody waits for anybody."""
    return bool(mailboxes._admitted([mailbox], table.MAILS_TO_UNCONFIRMED))


@pytest.mark.long
@pytest.mark.parametrize(("admit", "holds"), [(mailboxes.admit, True), (read_then_written, False)])
def test_three_of_twenty_spellings_are_admitted(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, admit: Callable[[str], bool], *, holds: bool
) -> None:
    """Slow between the count and its row, so that whoever reads before they write counts the same as everybody."""
    write = Counter.objects.bulk_create

    def slow(rows: Collection[Counter], **options: Any) -> list[Counter]:
        time.sleep(0.5 if rows else 0)
        return write(rows, **options)

    monkeypatch.setattr(Counter.objects, "bulk_create", slow)
    admitted = sum(at_once(lambda turn: admit(SPELLINGS[turn % len(SPELLINGS)])))
    assert (admitted == MOST) is holds


@pytest.mark.long
@pytest.mark.django_db
def test_there_is_no_way_to_six_around_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    """At any instant at most three in the 24 hours before it."""
    moment = datetime(2026, 3, 1, 23, 59, 50, tzinfo=UTC)
    monkeypatch.setattr(limits, "real_now", lambda: moment)
    admitted = []
    for _ in range(200):
        if mailboxes.admit(ANN):
            admitted.append(moment)
        moment += timedelta(minutes=17)
    assert len(admitted) > 6
    for last in admitted:
        assert sum(last - WITHIN < one <= last for one in admitted) <= MOST
    assert len(Counter.objects.get().hits) <= MOST


def test_what_is_rolled_back_is_not_counted(transactional_db: None) -> None:
    for _ in range(5):
        with transaction.atomic():
            assert mailboxes.admit(ANN)
            transaction.set_rollback(True)
    assert not Counter.objects.exists()


def slow_confirmation(ask: Ask, inside: Meeting, go: Meeting) -> services.Confirmed:
    """A confirmation that has not committed yet."""
    with transaction.atomic():
        outcome = services.confirm(ask, at=AT)
        inside.arrive()
        go.wait(30)
        return outcome


@pytest.mark.long
@pytest.mark.parametrize("what", ["", "deadlines"])
def test_who_leaves_while_a_confirmation_is_under_way_has_left(tf: TaskForce, aside: Run, what: str) -> None:
    services.ask_to_follow(ask_for(tf), sender=None, at=AT)
    inside, go = Meeting(), Meeting()
    confirmation = aside(slow_confirmation, ask_for(tf), inside, go)
    assert inside.wait(30)
    leaving = aside(services.leave, Leave(ANN, None, what), at=AT)
    time.sleep(0.3)
    assert not leaving.done()
    go.arrive()
    assert confirmation.result(30) is services.Confirmed.NOW
    assert leaving.result(30) == (1 if what else 2)
    assert Subscription.objects.count() == (1 if what else 0)


@pytest.mark.long
def test_confirming_and_leaving_at_once_end_with_nothing_left(tf: TaskForce) -> None:
    """Whichever comes first: what was left does not come back by a confirmation of before."""
    for number in range(5):
        ask = ask_for(tf, f"ann{number}@example.org")
        services.ask_to_follow(ask, sender=None, at=AT)
        left = at_once(partial(confirm_or_leave, ask), times=6)
        assert Subscription.objects.filter(mailbox=ask.mailbox).count() == 0
        assert sum(left) == 2


def confirm_or_leave(ask: Ask, turn: int) -> int:
    """By turns; how many rows a leaving has ended."""
    if turn % 2:
        return services.leave(Leave(ask.mailbox, None, ""), at=AT)
    services.confirm(ask, at=AT)
    return 0


@pytest.mark.long
def test_a_list_waits_for_a_form_and_a_form_for_a_list(tf: TaskForce, aside: Run) -> None:
    def slow(hold: Callable[[], None], inside: Meeting, go: Meeting) -> None:
        with transaction.atomic():
            hold()
            inside.arrive()
            go.wait(30)

    for first, second in (
        (mailboxes.hold_all, lambda: mailboxes.hold(ANN)),
        (lambda: mailboxes.hold(ANN), mailboxes.hold_all),
    ):
        inside, go, there = Meeting(), Meeting(), Meeting()
        holder = aside(slow, first, inside, go)
        assert inside.wait(30)
        waiter = aside(slow, second, there, go)
        assert not there.wait(0.3)
        go.arrive()
        holder.result(30)
        waiter.result(30)
        assert there.wait(0)
