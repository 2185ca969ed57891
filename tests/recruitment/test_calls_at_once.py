"""Two who change a published call at once, and one who does while another reviews; each also without its lock."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction

from recruitment import services
from recruitment.models import Call, CallChange, Review
from recruitment.services import building
from taskforce.accounts.models import User
from taskforce.core import locks
from taskforce.core.errors import Conflict, Invalid
from taskforce.timeline import services as timeline
from tests.conftest import Clock
from tests.meeting import until
from tests.recruitment.calling import line
from tests.recruitment.conftest import REVIEW, Apply, Run

WHY = {"en": "Because."}


@pytest.fixture(autouse=True)
def _committed(committed: None) -> None:
    """All of these commit."""


def _first_and_second(aside: Run, first: Callable[[], object], second: Callable[[], object]) -> Future[Any]:
    """The second begins when the first has done its part and has not ended; the first ends once the other waits for it
    or is done."""
    has_acted, may_end = Event(), Event()

    def act() -> None:
        with transaction.atomic():
            first()
            has_acted.set()
            assert may_end.wait(20)

    one = aside(act)
    assert has_acted.wait(20)
    other = aside(second)
    until(other.done)
    may_end.set()
    assert one.exception(30) is None
    other.exception(30)
    return other


def _without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "take", lambda *_given, **_named: None)
    monkeypatch.setattr(locks, "share", lambda *_given, **_named: None)


@pytest.mark.parametrize(("is_locked", "outcome"), [(True, Conflict), (False, IntegrityError)])
def test_of_two_who_change_the_seats_the_second_is_told(
    call: Call, people: dict[str, User], aside: Run, monkeypatch: pytest.MonkeyPatch, outcome: type[Exception],
    *, is_locked: bool,
) -> None:  # fmt: skip
    actor = people["coordinator"]
    if not is_locked:
        _without_locks(monkeypatch)
    second = _first_and_second(
        aside,
        lambda: services.change_seats(call.pk, 3, WHY, actor=actor, expected=2),
        lambda: services.change_seats(call.pk, 4, WHY, actor=actor, expected=2),
    )
    assert type(second.exception()) is outcome
    call.refresh_from_db()
    assert (call.seats, CallChange.objects.get().new_seats) == (3, 3)


@pytest.mark.parametrize("is_locked", [True, False])
def test_no_review_is_submitted_by_criteria_that_just_change(
    call: Call, people: dict[str, User], apply: Apply, clock: Clock, aside: Run, monkeypatch: pytest.MonkeyPatch,
    *, is_locked: bool,
) -> None:  # fmt: skip
    application, actor, reviewer = apply("ada"), people["coordinator"], people["reviewer1"]
    clock.set(REVIEW)
    scores = dict.fromkeys(call.criteria.values_list("pk", flat=True), 4)
    if not is_locked:
        monkeypatch.setattr(building, "_to_hold", lambda _call_id, **_more: [call.phase_id])
    second = _first_and_second(
        aside,
        lambda: services.change_criteria(call.pk, [line(weight=100)], WHY, actor=actor),
        lambda: services.save_review(application.pk, reviewer, scores, "", submit=True),
    )
    assert isinstance(second.exception(), Invalid) is is_locked
    assert Review.objects.filter(state="submitted").exists() is not is_locked


@pytest.mark.parametrize("in_order", [True, False])
def test_who_changes_criteria_and_who_cancels_the_task_force_wait_one_for_the_other(
    call: Call, people: dict[str, User], clock: Clock, aside: Run, monkeypatch: pytest.MonkeyPatch, *, in_order: bool
) -> None:
    """The one holds its first phase when the other comes. In another order each has what the other one waits for."""
    clock.set(REVIEW)
    actor, take, has_one, may_go = people["coordinator"], locks.take, Event(), Event()
    to_hold = building._to_hold

    def slowly(kind: locks.Kind, key: int, **named: Any) -> Any:
        row = take(kind, key, **named)
        if not has_one.is_set():
            has_one.set()
            assert may_go.wait(20)
        return row

    def change() -> None:
        monkeypatch.setattr(locks, "take", slowly)
        services.change_criteria(call.pk, [line(weight=100)], WHY, actor=actor)

    if not in_order:
        monkeypatch.setattr(building, "_to_hold", lambda *given, **more: to_hold(*given, **more)[::-1])
    one = aside(change)
    assert has_one.wait(20)
    other = aside(
        lambda: timeline.change_state(call.phase.task_force_id, "cancel", at=REVIEW, actor_id=actor.pk, reason="Over.")
    )
    until(other.done)
    may_go.set()
    failed = [found for found in (one.exception(30), other.exception(30)) if found is not None]
    assert [type(found) for found in failed] == ([] if in_order else [OperationalError])
