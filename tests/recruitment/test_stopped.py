"""A call whose task force ends before its close: what came is final, and there is nothing to decide."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from recruitment import queries, rules, services
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.core.errors import Refused
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import TF, words
from tests.recruitment.conftest import (
    AT,
    CALL,
    CLOSES,
    HARD_CLOSES,
    OPEN,
    PAGE,
    REVIEW,
    Apply,
    draft,
    withdrawal,
)
from tests.recruitment.deciding import decisions_page, release_page

# What a page says of something that is still to come in.
STILL = re.compile(r"can still|is still taken|Counted when the|once (?:the call|it) has closed")
INDEX = "/en/admin/"


@pytest.fixture
def second(tf: TaskForce) -> Phase:
    """A second round of feedback, as long as the call."""
    return timeline.publish_phase(
        tf,
        slug="second",
        titles={"en": "Second round"},
        capabilities=["feedback"],
        opens_on=date(2022, 3, 14),
        closes_on=date(2022, 4, 10),
        at=AT,
    )


def pages(client: Client, call: Call, phase: Phase) -> dict[str, str]:
    """{page: its words}, of those that wait for the close."""
    addresses = {
        "decisions": decisions_page(call),
        "release": release_page(call),
        "decide": f"/en/admin/timeline/phase/{phase.pk}/decide/",
        "process": f"{TF}process/",
    }
    return {name: words(client.get(address).content.decode()) for name, address in addresses.items()}


def test_no_page_waits_for_what_was_stopped(
    tf: TaskForce, call: Call, second: Phase, apply: Apply, coordinator: Client, people: dict[str, User], clock: Clock
) -> None:
    application = apply("ada")
    assert [name for name, page in pages(coordinator, call, second).items() if not STILL.search(page)] == []
    timeline.change_state(tf.pk, "cancel", at=OPEN, actor_id=None)
    why = "This task force ended before the call closed, so there is nothing to decide."
    for at in (OPEN, HARD_CLOSES):
        clock.set(at)
        shown = pages(coordinator, call, second)
        assert [name for name, page in shown.items() if STILL.search(page)] == []
        assert why in shown["decisions"]
        assert why in shown["release"]
        assert "This task force has ended, so there is nothing to decide any more." in shown["decide"]
        assert re.search(r"Applications submitted .{0,40}Become a member \W*1\b", shown["process"])
        assert "Nothing is decided about" not in coordinator.get(INDEX).content.decode()
        with pytest.raises(Refused, match="ended before the call closed"):
            services.decide(application.pk, people["coordinator"], "accept")
    # Taken up again after its close, the call has closed like any other.
    timeline.change_state(tf.pk, "resume", at=HARD_CLOSES, actor_id=None)
    assert "Nothing is decided about" in coordinator.get(INDEX).content.decode()
    services.decide(application.pk, people["coordinator"], "accept")


def test_what_closed_before_its_task_force_ended_is_decided(
    tf: TaskForce, call: Call, apply: Apply, people: dict[str, User], clock: Clock
) -> None:
    """At once: an end in the grace leaves nothing of it. Those who applied are told."""
    apply("ada")
    at = CLOSES + timedelta(seconds=60)
    clock.set(at)
    assert not rules.may(people["coordinator"], "decision.hold", call, at)[0]
    assert queries.to_decide_now(people["coordinator"], at) == []
    timeline.change_state(tf.pk, "end" if tf.state == "active" else "cancel", at=at, actor_id=None)
    again = Call.objects.get(pk=call.pk)
    assert rules.may(people["coordinator"], "decision.hold", again, at) == (True, "")
    assert [one.call for one in queries.to_decide_now(people["coordinator"], at)] == [call]


# --- what those who applied read --------------------------------------------------------------------------------------

UNTRUE = re.compile(
    r"The call has closed|too late|told to all who applied|has closed, reviewers|What happens next"
    r"|This is the version that counts|Review of applications|before the call closed"
)
WHY = "Nobody could be found to review."


def _draft(call: Call, user: User, clock: Clock) -> None:
    services.save_draft(call.pk, user, draft(call))


def _submitted(call: Call, user: User, clock: Clock) -> None:
    services.submit(call.pk, user, draft(call))


def _changed(call: Call, user: User, clock: Clock) -> None:
    _submitted(call, user, clock)
    clock.set(OPEN + timedelta(hours=1))
    services.save_draft(call.pk, user, draft(call, "I listen, and ask.", version=1))


def _withdrawn(call: Call, user: User, clock: Clock) -> None:
    services.withdraw(services.submit(call.pk, user, draft(call)).application.pk, user, at=OPEN)


def _nothing(call: Call, user: User, clock: Clock) -> None:
    """They never came."""


STATES: list[tuple[Callable[[Call, User, Clock], None], str]] = [
    (_draft, "It was not submitted, and cannot be any more. Nobody but you reads it."),
    (_submitted, "It is not reviewed in any case. You can still withdraw it; that cannot be taken back."),
    (_changed, "The later changes were not submitted. Neither is reviewed."),
    (_withdrawn, "Nobody reviews it. In this call nothing can be changed any more, so this cannot be taken back."),
    (_nothing, "You did not apply."),
]


def _stop(call: Call, people: dict[str, User], how: str, at: datetime) -> None:
    if how == "cancelled":
        actor = people["coordinator"]
        timeline.cancel_phase(call.phase_id, reason=WHY, reason_language="en", actor=actor)
    else:
        timeline.change_state(call.phase.task_force_id, "cancel", at=at, actor_id=None)


@pytest.mark.parametrize("how", ["cancelled", "dropped"])
@pytest.mark.parametrize(("state", "said"), STATES, ids=[state.__name__ for state, _said in STATES])
def test_ones_own_page_says_that_the_call_was_stopped_and_promises_nothing(
    call: Call,
    user: User,
    applicant: Client,
    people: dict[str, User],
    clock: Clock,
    state: Callable[[Call, User, Clock], None],
    said: str,
    how: str,
) -> None:
    state(call, user, clock)
    at = OPEN + timedelta(hours=2)
    clock.set(at)
    _stop(call, people, how, at)
    title = "This call was cancelled" if how == "cancelled" else "This task force has ended"
    for moment in (at + timedelta(minutes=1), HARD_CLOSES, REVIEW):
        clock.set(moment)
        html = applicant.get(PAGE).content.decode()
        page = words(html)
        assert UNTRUE.findall(page) == []
        for one in (title, said, "Applications to this call are not reviewed, and nobody is chosen."):
            assert one in page
        assert (WHY in page) == (how == "cancelled")
        assert 'datetime="2022-03-21T14:00:00Z"' in html
        is_there = state is not _nothing
        assert ("What you wrote is kept for you" in page) == is_there
        assert ("application/data/" in html and "/deletion/" in html) == is_there
        assert ('value="withdraw"' in html) == (state in (_draft, _submitted, _changed))
        assert 'value="take-back"' not in html


@pytest.mark.parametrize("how", ["cancelled", "dropped"])
def test_the_page_of_the_call_and_the_receipt_say_it_too_and_nobody_is_reminded(
    call: Call, user: User, applicant: Client, people: dict[str, User], clock: Clock, how: str
) -> None:
    _draft(call, people["member"], clock)
    _submitted(call, user, clock)
    at = CLOSES - timedelta(days=8)
    clock.set(at)
    _stop(call, people, how, at)
    for moment in (at + timedelta(minutes=1), CLOSES - timedelta(days=7), CLOSES - timedelta(hours=24), HARD_CLOSES):
        clock.set(moment)
        assert queries.to_remind(moment) == []
        for address in (CALL, f"{PAGE}receipt/1/"):
            html = applicant.get(address).content.decode()
            page = words(html)
            assert UNTRUE.findall(page) == []
            assert "Applications to this call are not reviewed, and nobody is chosen." in page
            assert (WHY in page) == (how == "cancelled")


def test_a_withdrawal_after_the_call_was_cancelled_is_done(
    call: Call, user: User, applicant: Client, people: dict[str, User], clock: Clock
) -> None:
    _submitted(call, user, clock)
    _stop(call, people, "cancelled", OPEN)
    clock.set(HARD_CLOSES)
    applicant.post(PAGE, withdrawal(applicant))
    assert "You have withdrawn your application" in words(applicant.get(PAGE).content.decode())


def test_a_call_that_has_closed_goes_on_after_its_task_force_has_ended(
    tf: TaskForce, call: Call, user: User, applicant: Client, clock: Clock
) -> None:
    _submitted(call, user, clock)
    clock.set(REVIEW)
    timeline.change_state(tf.pk, "cancel", at=REVIEW, actor_id=None)
    page = words(applicant.get(PAGE).content.decode())
    assert "What is decided is told to all who applied" in page
    assert "nobody is chosen" not in page
