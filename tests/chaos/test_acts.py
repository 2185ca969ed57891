"""Closing early, extending and a cap, while many write."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import partial
from itertools import accumulate
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection

from feedback.models import FeedbackWindow
from recruitment import services as applications
from recruitment.enums import ApplicationState
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.core import locks
from taskforce.core.clock import app_now
from taskforce.notifications import expansion
from taskforce.questions.models import Question
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Extension
from tests.chaos import case as cases
from tests.chaos import crowd
from tests.chaos.conftest import Figures
from tests.chaos.scale import SCALE, allowed, dice, within
from tests.chaos.stack import Stack

CAP = 10
# Of those who meet at the cap of a call: who sends again, who withdraws, who takes a withdrawal back.
AGAIN, LEAVING, BACK = 4, 2, 4
EXTENSIONS = 3
FOLLOWERS = 5000
Lock = Callable[..., locks.Row | None]


def row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate with row locks in place of advisory ones: sharers keep coming, and a closer waits for all of them."""

    def lock(statement: str) -> Lock:
        def hold(_kind: locks.Kind, key: int, *, then: locks.Then | None = None, **_: object) -> locks.Row | None:
            with connection.cursor() as cursor:
                cursor.execute(statement, [key])
                if then is None:
                    return None
                cursor.execute(*then)
                row: locks.Row | None = cursor.fetchone()
            return row

        return hold

    monkeypatch.setattr(locks, "share", lock("SELECT 1 FROM timeline_phase WHERE id = %s FOR SHARE"))
    monkeypatch.setattr(locks, "take", lock("SELECT 1 FROM timeline_phase WHERE id = %s FOR UPDATE"))


def opened(**more: Any) -> tuple[cases.Case, FeedbackWindow, int]:
    """A window that stays open for a day, and its question."""
    made = cases.case()
    window = cases.window(made, cases.phase(made, cases.FEEDBACK, cases.in_seconds(86_400), **more))
    return made, window, Question.objects.get(version=window.questions_id).pk


def extend(made: cases.Case, window: FeedbackWindow) -> None:
    """Move the end by a day."""
    phase = window.phase
    phase.refresh_from_db()
    later = phase.closes_at.astimezone(UTC) + timedelta(days=1)
    timeline.extend(
        phase.pk, closes_on=later.date(), closes_time=later.time(), reason="More time.", actor=made.coordinator
    )


def timed(act: Callable[[], object]) -> float:
    """How many seconds it took until the act was committed; on a connection of its own."""
    begun = time.monotonic()
    try:
        act()
    finally:
        connection.close()
    return time.monotonic() - begun


def committed_after_the_close(stack: Stack, extension: Extension) -> int:
    """Items whose commit is later than that of the act that closed the window."""
    found = stack.sql(
        "SELECT count(*) FROM feedback_feedbackitem WHERE pg_xact_commit_timestamp(xmin) >"
        " (SELECT pg_xact_commit_timestamp(xmin) FROM timeline_extension WHERE id = %s)",
        extension.pk,
    )
    return int(found[0][0])


def test_extending_and_closing_early_under_writers(stack: Stack, figures: Figures) -> None:
    made, window, question = opened()
    cases.followers(made, FOLLOWERS)
    extend(made, window)
    # The mails of this act wait, and the next makes them void: it must not take the longer for it.
    assert expansion.expand_due() == FOLLOWERS
    with crowd.writing(window, question, SCALE.writers) as outcomes, ThreadPoolExecutor(1) as aside:
        extended = [aside.submit(timed, lambda: extend(made, window)).result() for _ in range(EXTENSIONS)]
        time.sleep(0.5)
        closing = aside.submit(
            timed, lambda: timeline.close_early(window.phase_id, reason="Enough.", actor=made.coordinator)
        )
        closed = closing.result()
        final = crowd.rows(window)
        time.sleep(1)
    late = committed_after_the_close(stack, Extension.objects.latest("id"))
    took = ", ".join(f"{seconds:.2f}" for seconds in extended)
    figures(
        f"{SCALE.writers} writers, {dict(outcomes)}: extended in {took} s, closed in {closed:.2f} s ({within(1)}); "
        f"rows at the close {final}, later {crowd.rows(window)}, committed after it {late}"
    )
    assert max(*extended, closed) <= allowed(1)
    assert final == crowd.rows(window)
    assert late == 0
    assert outcomes["stored"] == final
    assert outcomes["Refused"]
    assert set(outcomes) == {"stored", "Refused"}


def test_the_naive_row_lock_starves_the_closer(stack: Stack, figures: Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    row_locks(monkeypatch)
    made, window, question = opened()
    patience = allowed(1) + 1
    done = threading.Event()

    def act() -> None:
        with suppress(OperationalError):  # on a slow machine it has given up before the last writer leaves
            extend(made, window)
            done.set()

    with ThreadPoolExecutor(1) as aside:
        # Whoever waits for the last of many is measured above without this: it would only wait that much longer.
        with crowd.writing(window, question, SCALE.writers, alone=crowd.ALONE):
            waiting = aside.submit(timed, act)
            in_time = done.wait(patience)
        took = waiting.result()
    figures(f"not extended within {patience:g} s, over after {took:.1f} s (limit {within(1)})")
    assert not in_time


def submit_until_full(window: FeedbackWindow, question: int, room: crowd.Room) -> str:
    """One submission; where two closed the full phase at once, the second meets the constraint on acts."""
    try:
        return crowd.submit(window, question, room)
    except IntegrityError:
        return "collided"


@pytest.mark.parametrize("naive", [False, True], ids=["gate", "naive shared lock"])
def test_a_cap_under_parallel_submits(
    stack: Stack, figures: Figures, monkeypatch: pytest.MonkeyPatch, *, naive: bool
) -> None:
    if naive:
        monkeypatch.setattr(locks, "take", locks.share)
    _, window, question = opened(cap=CAP)
    room = crowd.Room()
    outcomes = crowd.together(lambda _: submit_until_full(window, question, room), SCALE.submits)
    figures(f"cap {CAP}, {SCALE.submits} submits: {crowd.rows(window)} rows, {dict(outcomes)}")
    assert (crowd.rows(window) == CAP and not outcomes["collided"]) is not naive
    assert outcomes["stored"] == crowd.rows(window)


def until_full(act: Callable[[], object], room: crowd.Room) -> str:
    """One act on an application; where two closed the full phase at once, the second meets the constraint on acts."""
    try:
        return crowd.in_the_room(act, room)
    except IntegrityError:
        return "collided"


@dataclass(frozen=True)
class Places:
    """What takes the places of a call with a cap, and frees them, all at the same moment.

    Of those who are in, some send theirs again, which takes no second place, and some withdraw, which frees one; some
    have withdrawn before and take that back, which takes one again; all others send theirs for the first time.
    """

    call: Call
    question: int
    people: list[User]

    def draft(self, number: int, words: str) -> applications.Draft:
        """A form of one of them, with these words."""
        return crowd.drafted(self.call, self.question, f"{words} {self.people[number].pk}.")

    def acts(self) -> list[Callable[[], object]]:
        """What each does. Made beforehand: fifty at once would be at work on their forms for longer than a transaction
        may stand still. So are their applications: numbers of candidates are given under a lock of their own, which is
        not what is tried here."""
        here = [applications.open_application(self.call.pk, user, language="en") for user in self.people]
        found: list[Callable[[], object]] = []
        for number, (user, mine) in enumerate(zip(self.people, here, strict=True)):
            if number < AGAIN + LEAVING + BACK:
                applications.submit(self.call.pk, user, self.draft(number, "First words of"))
            if AGAIN <= number < AGAIN + LEAVING:
                found.append(partial(applications.withdraw, mine.pk, user, at=app_now()))
            elif AGAIN <= number < AGAIN + LEAVING + BACK:
                applications.withdraw(mine.pk, user, at=app_now())
                key = cases.form_key(self.call.phase, app_now())
                found.append(partial(applications.take_back, mine.pk, user, key))
            else:
                draft = self.draft(number, "Words of")
                found.append(partial(applications.submit, self.call.pk, user, draft))
        return found


def places_taken(stack: Stack) -> list[int]:
    """How many were in after each act, in the order in which the acts were committed."""
    found = stack.sql(
        "SELECT action, details ->> 'snapshot' FROM audit_entry WHERE action IN ('application.submitted',"
        " 'application.withdrawn', 'application.taken-back') ORDER BY pg_xact_commit_timestamp(xmin), id"
    )
    steps = {
        ("application.submitted", "1"): 1,
        ("application.withdrawn", None): -1,
        ("application.taken-back", None): 1,
    }
    return list(accumulate(steps.get(row, 0) for row in found))


@pytest.mark.parametrize("naive", [False, True], ids=["gate", "naive shared lock"])
def test_the_cap_of_a_call_under_parallel_submits(
    stack: Stack, figures: Figures, monkeypatch: pytest.MonkeyPatch, *, naive: bool
) -> None:
    made = cases.case()
    call = cases.call(made, cases.phase(made, cases.APPLY, cases.in_seconds(86_400), cap=CAP))
    question = Question.objects.get(version=call.questions_id).pk
    people = [user for user, _cookie in cases.applicants(SCALE.submits, made.at)]
    acts = Places(call, question, people).acts()
    connection.close()
    if naive:
        monkeypatch.setattr(locks, "take", locks.share)
    room = crowd.Room()
    # Who comes first is chance: those who were never in must not be the last.
    dice("places").shuffle(acts)
    outcomes = crowd.together(lambda one: until_full(acts[one], room), SCALE.submits)
    taken = places_taken(stack)
    live = Application.objects.filter(state=ApplicationState.SUBMITTED).count()
    figures(
        f"cap {CAP}, {SCALE.submits} at once, of whom {AGAIN} send again, {LEAVING} leave, {BACK} come back: at most "
        f"{max(taken)} in, {live} in the end, {dict(outcomes)}"
    )
    assert taken[-1] == live
    assert (max(taken) == CAP and not outcomes["collided"]) is not naive
