"""The sweep notices each event once, in order, and tells only what is true."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.notifications import expansion, kinds, rendering
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import gates, services
from taskforce.timeline.models import Phase, PhaseEvent, TaskForce
from tests.conftest import Clock, utc

OPENS, CLOSES = utc(2022, 2, 1, 12), utc(2022, 3, 1, 12)
DAY = timedelta(days=1)
GRACE = timedelta(seconds=120)
PhaseOf = Callable[[str], Phase]


def seven(phase: Phase) -> int | None:
    """A count that anybody may know."""
    return 7


def notice(clock: Clock, at: datetime) -> int:
    clock.set(at)
    return services.notice_due(at, seven)


def events(**filters: object) -> list[tuple[str, int, str]]:
    found = PhaseEvent.objects.filter(**filters).order_by("id")
    return [(event.kind, event.ends_version, event.outcome) for event in found]


def keys() -> list[str]:
    """Which events were told, in order."""
    found = Mailing.objects.filter(key__startswith="phase-event:").order_by("id").values_list("key", flat=True)
    return [key.split(":", 2)[2] for key in found]


def test_each_event_once_at_its_time(tf: TaskForce, clock: Clock, phase: PhaseOf) -> None:
    pk = phase("feedback").pk
    for at, number in [
        (OPENS - timedelta(seconds=2), 0),
        (OPENS, 1),
        (CLOSES - 7 * DAY, 1),
        (CLOSES - DAY, 1),
        (CLOSES, 0),
        (CLOSES + GRACE, 1),
    ]:
        assert notice(clock, at) == number
        assert notice(clock, at + timedelta(seconds=1)) == 0
    assert events(phase=pk) == [
        ("opened", 1, "told"),
        ("closing-week", 1, "told"),
        ("closing-day", 1, "told"),
        ("closed", 1, "told"),
    ]
    assert keys() == ["opened:1", "closing-week:1", "closing-day:1", "closed:1"]


def test_the_mailing_carries_topic_and_how_long_it_is_true(tf: TaskForce, clock: Clock, phase: PhaseOf) -> None:
    notice(clock, OPENS)
    made = Mailing.objects.get()
    assert made.key == f"phase-event:{phase('feedback').pk}:opened:1"
    assert (made.topic, made.task_force_id, made.valid_until) == ("deadlines", tf.pk, CLOSES)
    entry = Entry.objects.get(action="phase.noticed")
    assert entry.details == {"kind": "opened", "ends_version": 1, "outcome": "told", "count": None}


def test_the_count_is_taken_at_the_hard_close_and_never_before(tf: TaskForce, clock: Clock, phase: PhaseOf) -> None:
    asked = []

    def three(phase: Phase) -> int | None:
        asked.append(phase.slug)
        return 3

    for at in (CLOSES, CLOSES + GRACE - timedelta(seconds=1), CLOSES + GRACE):
        clock.set(at)
        services.notice_due(at, three)
    assert asked == ["feedback"]
    assert PhaseEvent.objects.get(phase=phase("feedback"), kind="closed").count == 3
    assert not PhaseEvent.objects.exclude(kind="closed").exclude(count=None).exists()


def test_down_over_two_deadlines(tf: TaskForce, clock: Clock) -> None:
    """Nobody swept until the last day of the call: all of it is noticed in order, and what is over is not told."""
    at = utc(2022, 4, 11, 3)
    assert notice(clock, at) == 7
    found = PhaseEvent.objects.order_by("id")
    told = list(found.values_list("phase__slug", "kind", "outcome"))
    assert told == [
        ("feedback", "opened", "stale"),
        ("feedback", "closing-week", "stale"),
        ("feedback", "closing-day", "stale"),
        ("feedback", "closed", "stale"),
        ("recruitment", "opened", "stale"),
        ("recruitment", "closing-week", "stale"),
        ("recruitment", "closing-day", "told"),
    ]
    assert keys() == ["closing-day:1"]
    due = list(found.values_list("due_at", flat=True))
    assert due == sorted(due)
    assert notice(clock, at + timedelta(seconds=2)) == 0


@pytest.mark.long
def test_a_moved_end_renews_the_reminders(tf: TaskForce, clock: Clock, phase: PhaseOf, people: dict[str, User]) -> None:
    pk = phase("feedback").pk
    for at in (OPENS, CLOSES - 7 * DAY, CLOSES - DAY):
        notice(clock, at)
    services.extend(pk, closes_on=date(2022, 3, 10), reason="Late.", actor=people["coordinator"])
    later = utc(2022, 3, 11, 12)
    for at in (later - 10 * DAY, later - 7 * DAY, later - DAY, later + GRACE, later + 2 * GRACE):
        notice(clock, at)
        notice(clock, at)
    assert events(phase=pk)[3:] == [
        ("changed", 2, "quiet"),
        ("closing-week", 2, "told"),
        ("closing-day", 2, "told"),
        ("closed", 2, "told"),
    ]
    assert keys().count("closing-day:2") == keys().count("closing-day:1") == 1


def test_an_act_leaves_no_mail_of_the_old_end(
    tf: TaskForce, clock: Clock, phase: PhaseOf, people: dict[str, User]
) -> None:
    """Noticed before, not expanded yet: the mailing says no any more when its turn comes."""
    services.follow(tf, mailbox="ann@example.org", topics=["deadlines"], language="en", at=OPENS)
    for at in (OPENS, CLOSES - 7 * DAY, CLOSES - DAY):
        notice(clock, at)
    services.extend(phase("feedback").pk, closes_on=date(2022, 3, 10), reason="Late.", actor=people["coordinator"])
    expansion.expand_due()
    assert not OutboxMessage.objects.filter(state=MessageState.QUEUED, key__contains="closing-").exists()
    states = set(Mailing.objects.filter(key__contains="closing-").values_list("state", flat=True))
    assert states <= {MailingState.EXPIRED, MailingState.SUPERSEDED}


def test_closed_early_is_counted_and_not_told_again(
    tf: TaskForce, clock: Clock, phase: PhaseOf, people: dict[str, User]
) -> None:
    """The mail of the act has told it; nothing about the end that will not come is told any more."""
    pk = phase("feedback").pk
    notice(clock, OPENS)
    clock.set(utc(2022, 2, 20))
    services.close_early(pk, reason="Enough.", actor=people["coordinator"])
    notice(clock, utc(2022, 2, 21))
    assert events(phase=pk)[1:] == [
        ("closing-week", 2, "quiet"),
        ("closing-day", 2, "quiet"),
        ("changed", 2, "quiet"),
        ("closed", 2, "quiet"),
    ]
    assert PhaseEvent.objects.get(phase=pk, kind="closed").count == 7
    assert notice(clock, utc(2022, 3, 12)) == 0


def test_of_a_cancelled_phase_only_its_changes_are_noticed(
    tf: TaskForce, clock: Clock, phase: PhaseOf, people: dict[str, User]
) -> None:
    pk = phase("feedback").pk
    notice(clock, OPENS)
    clock.set(utc(2022, 2, 20))
    services.cancel_phase(pk, reason="No.", actor=people["coordinator"])
    assert notice(clock, utc(2022, 3, 12)) == 1
    assert events(phase=pk) == [("opened", 1, "told"), ("changed", 2, "quiet")]
    assert keys() == ["opened:1"]


def test_that_enough_have_come_in_is_told_once(tf: TaskForce, clock: Clock) -> None:
    """At once and with their number; the close that the sweep notices tells it no second time."""
    clock.set(OPENS)
    services.follow(tf, mailbox="ann@example.org", topics=["deadlines"], language="en", at=OPENS)
    full = services.publish_phase(
        tf, slug="full", titles={"en": "Full"}, capabilities=["apply"],
        opens_on=date(2022, 2, 1), closes_on=date(2022, 2, 20), cap=1, at=OPENS - DAY,
    )  # fmt: skip
    notice(clock, OPENS)
    clock.set(utc(2022, 2, 3))
    with transaction.atomic():
        services.close_full(gates.enter(full.pk, "apply", taken=lambda: 0))
    notice(clock, utc(2022, 2, 3, 1))
    assert events(phase=full.pk)[-1] == ("closed", 2, "quiet")
    expansion.expand_due()
    message = OutboxMessage.objects.exclude(kind="phase-opened").get()
    assert (message.kind, message.context["count"]) == ("phase-full", 1)
    text = rendering.render(kinds.get(message.kind), message.context, "en").text
    assert "What came in: 1\n" in text


def test_an_imported_past_is_told_to_nobody(tf: TaskForce, clock: Clock) -> None:
    at = clock.set(utc(2024, 1, 1))
    services.publish_phase(
        tf, slug="old", titles={"en": "Old"}, capabilities=["feedback"],
        opens_on=date(2021, 1, 1), closes_on=date(2021, 2, 1), at=at,
    )  # fmt: skip
    services.notice_due(at, seven)
    assert events(phase__slug="old") == [
        ("opened", 1, "quiet"),
        ("closing-week", 1, "quiet"),
        ("closing-day", 1, "quiet"),
        ("closed", 1, "quiet"),
    ]
    assert not Mailing.objects.filter(key__contains="closing").exists()


def test_of_a_task_force_that_has_ended_nothing_is_told(tf: TaskForce, clock: Clock) -> None:
    clock.set(OPENS - DAY)
    services.change_state(tf.pk, "cancel", at=OPENS - DAY, actor_id=None, reason="No.")
    notice(clock, OPENS)
    assert events() == [("opened", 1, "quiet")]
    assert not Mailing.objects.exists()


def test_a_broken_phase_holds_up_no_other(tf: TaskForce, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def breaks_for_feedback(phase: Phase) -> int | None:
        if phase.slug == "feedback":
            raise ZeroDivisionError
        return 1

    at = clock.set(utc(2022, 4, 12))
    services.notice_due(at, breaks_for_feedback)
    assert not PhaseEvent.objects.filter(phase__slug="feedback", kind="closed").exists()
    assert PhaseEvent.objects.get(phase__slug="recruitment", kind="closed").count == 1
    assert "cannot be noticed" in caplog.text
    assert services.notice_due(at, seven) == 1
    assert PhaseEvent.objects.get(phase__slug="feedback", kind="closed").count == 7


@pytest.mark.long
def test_nothing_is_asked_again_about_what_is_over(tf: TaskForce, clock: Clock, people: dict[str, User]) -> None:
    """As many statements beside fifty closed phases as beside one."""

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert services.notice_due(at, seven) == 0
        return len(found)

    at = clock.set(utc(2022, 4, 12))
    services.notice_due(at, seven)
    few = statements()
    for number in range(50):
        services.publish_phase(
            tf, slug=f"old-{number}", titles={"en": "Old"}, capabilities=[],
            opens_on=date(2021, 1, 1), closes_on=date(2021, 2, 1), at=at,
        )  # fmt: skip
    assert services.notice_due(at, seven) == 100
    assert statements() == few == 3
