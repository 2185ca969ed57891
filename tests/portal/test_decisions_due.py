"""The first page of the staff side says that a decision is due once feedback has closed."""

import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import FeedbackWindow
from proposals.services.lives import withdraw
from taskforce.accounts.models import User
from taskforce.timeline import services
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.queries import verdicts
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import AT, PhaseOf, make_text, make_window, words

INDEX = "/en/admin/"
IN_GRACE = datetime(2022, 3, 1, 12, 1, tzinfo=UTC)
CLOSED = datetime(2022, 3, 1, 12, 2, tzinfo=UTC)
LATER = datetime(2023, 1, 1, tzinfo=UTC)
WHY = {"en": "Most of it supports it."}


def said(client: Client) -> str:
    """What the first page says of decisions; "" where it says nothing."""
    found = re.search(r'<section class="rv-to-do" aria-labelledby="decide-to-do">.*?</section>', page_of(client), re.S)
    return found[0] if found else ""


def page_of(client: Client) -> str:
    return client.get(INDEX).content.decode()


def another(tf: TaskForce, month: int) -> Phase:
    """A later round of feedback."""
    return services.publish_phase(
        tf,
        slug=f"round-{month}",
        titles={"en": f"Round {month}"},
        capabilities=["feedback"],
        opens_on=date(2022, month, 1),
        closes_on=date(2022, month, 20),
        at=AT,
    )


def due(people: dict[str, User], at: datetime = LATER, name: str = "coordinator") -> list[str]:
    """The phases after which somebody has to decide."""
    return [phase.slug for phase in verdicts.due(people[name], at)]


def test_it_stands_there_from_the_close_to_the_decision(
    client: Client, window: FeedbackWindow, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    client.force_login(people["coordinator"])
    for at in (AT, IN_GRACE):
        clock.set(at)
        assert said(client) == ""
    clock.set(CLOSED)
    shown = said(client)
    assert "The feedback has closed, and a decision is due." in shown
    assert f'href="/en/admin/timeline/phase/{phase("feedback").pk}/decide/"' in shown
    assert "Feedback on the proposal" in words(shown)
    assert "28 February 2022, anywhere on Earth (AoE)" in words(shown)
    services.decide(phase("feedback").pk, outcome="revise", reasons=WHY, actor=people["deputy"])
    assert said(client) == ""


def test_a_phase_that_asked_about_nothing_waits_for_none(tf: TaskForce, people: dict[str, User]) -> None:
    """Without a window that was published nobody could say anything."""
    assert due(people) == []


def test_it_is_for_those_who_decide(window: FeedbackWindow, people: dict[str, User]) -> None:
    names = ["coordinator", "deputy", "admin", "observer", "moderator", "reviewer1", "member"]
    assert [name for name in names if due(people, name=name)] == ["coordinator", "deputy", "admin"]


def test_what_has_ended_waits_for_none(tf: TaskForce, window: FeedbackWindow, people: dict[str, User]) -> None:
    assert due(people) == ["feedback"]
    services.change_state(tf.pk, "cancel", at=CLOSED, actor_id=None)
    assert due(people) == []
    services.change_state(tf.pk, "resume", at=CLOSED, actor_id=None)
    assert due(people) == ["feedback"]


def test_a_cancelled_phase_waits_for_none(window: FeedbackWindow, phase: PhaseOf, people: dict[str, User]) -> None:
    assert due(people) == ["feedback"]
    services.cancel_phase(phase("feedback").pk, reason="R", actor=people["coordinator"])
    assert due(people) == []


def test_each_text_is_waited_for_as_long_as_it_goes_on(
    tf: TaskForce, window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    plan = make_text(tf, "plan", kind="plan")
    make_window(window.phase, plan, window.questions, "plan")
    clock.set(CLOSED)
    coordinator = people["coordinator"]
    services.decide(window.phase_id, outcome="proceed", reasons=WHY, actor=coordinator, about=window.proposal_id)
    assert due(people) == ["feedback"]
    withdraw(plan.pk, reasons=WHY, editor=coordinator, at=CLOSED)
    assert due(people) == []


def test_a_decision_after_a_later_round_on_the_text_counts(
    tf: TaskForce, window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    """One on another text does not, nor one that was made before."""
    second = another(tf, 5)
    make_window(second, window.proposal, window.questions, "second")
    third = another(tf, 9)
    make_window(third, make_text(tf, "plan", kind="plan"), window.questions, "plan")
    assert due(people) == ["feedback", "round-5", "round-9"]
    clock.set(LATER)
    services.decide(third.pk, outcome="proceed", reasons=WHY, actor=people["coordinator"])
    assert due(people) == ["feedback", "round-5"]
    services.decide(second.pk, outcome="proceed", reasons=WHY, actor=people["coordinator"])
    assert due(people) == []


def test_a_decision_before_the_close_of_a_later_round_does_not_count_for_it(
    tf: TaskForce, window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    make_window(another(tf, 5), window.proposal, window.questions, "second")
    clock.set(CLOSED)
    services.decide(window.phase_id, outcome="revise", reasons=WHY, actor=people["coordinator"])
    assert due(people, CLOSED) == []
    assert due(people) == ["round-5"]


@pytest.mark.parametrize("name", ["coordinator", "admin"])
def test_it_costs_one_statement_whatever_there_is(
    client: Client, tf: TaskForce, window: FeedbackWindow, people: dict[str, User], clock: Clock, name: str
) -> None:
    client.force_login(people[name])
    clock.set(LATER)
    page_of(client)
    counts = []
    for months in ((), (4, 5, 6, 7)):
        for month in months:
            make_window(another(tf, month), window.proposal, window.questions, f"w{month}")
        with CaptureQueriesContext(connection) as asked:
            assert said(client).count("<li>") == 1 + len(months)
        counts.append(sum("timeline_verdict" in query["sql"] for query in asked))
        counts.append(len(asked))
    assert counts[0] == counts[2] == 1
    assert counts[1] == counts[3]
