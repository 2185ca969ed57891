"""Two who change a published call at once, and one who does while another reviews; each also without its lock."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from recruitment import services
from recruitment.models import Call, CallChange, Review
from taskforce.accounts.models import User
from taskforce.core import locks
from taskforce.core.errors import Conflict, Invalid
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
        monkeypatch.setattr("recruitment.services.call_acts._hold_reviews", lambda _call_id: None)
    second = _first_and_second(
        aside,
        lambda: services.change_criteria(call.pk, [line(weight=100)], WHY, actor=actor),
        lambda: services.save_review(application.pk, reviewer, scores, "", submit=True),
    )
    assert isinstance(second.exception(), Invalid) is is_locked
    assert Review.objects.filter(state="submitted").exists() is not is_locked
