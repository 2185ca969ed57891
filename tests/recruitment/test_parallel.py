"""Acts that meet, each in a real transaction of its own."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from recruitment import services
from recruitment.models import Application, Call, Decision, Review, Snapshot
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.announcements.models import Member
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, PortalError, Refused
from taskforce.notifications.models import OutboxMessage
from tests.conftest import Clock
from tests.recruitment.conftest import AT, HARD_CLOSES, REVIEW, Apply, Run, draft

MANY = 20


@pytest.fixture(autouse=True)
def _committed(committed: None) -> None:
    """All of these commit."""


def outcomes(futures: list[Any]) -> Counter[type]:
    """How often each kind of answer came, errors by their type."""
    return Counter(type(future.exception(30)) for future in futures)


@pytest.mark.long
def test_twenty_times_the_same_form_is_one_snapshot(call: Call, people: dict[str, User], aside: Run) -> None:
    sent = draft(call)
    futures = [aside(services.submit, call.pk, people["applicant"], sent) for _ in range(MANY)]
    assert outcomes(futures) == {type(None): MANY}
    assert {future.result().pk for future in futures} == set(Snapshot.objects.values_list("pk", flat=True))
    assert Application.objects.count() == Snapshot.objects.count() == OutboxMessage.objects.count() == 1


def test_twenty_tabs_of_one_person_are_one_live_application(call: Call, people: dict[str, User], aside: Run) -> None:
    futures = [
        aside(services.submit, call.pk, people["applicant"], draft(call, f"Tab {tab}.", version=0))
        for tab in range(MANY)
    ]
    assert outcomes(futures) == {type(None): 1, services.ChangedMeanwhile: MANY - 1}
    assert Application.objects.count() == Snapshot.objects.count() == 1


@pytest.mark.long
def test_twenty_people_get_a_snapshot_and_a_number_each(call: Call, aside: Run) -> None:
    users = [create_account(f"person{number}@example.org", at=AT) for number in range(MANY)]
    futures = [aside(services.submit, call.pk, user, draft(call)) for user in users]
    assert outcomes(futures) == {type(None): MANY}
    assert sorted(Application.objects.values_list("number", flat=True)) == list(range(1, MANY + 1))
    assert Snapshot.objects.count() == MANY


def test_two_who_decide_from_the_same_page(call: Call, people: dict[str, User], apply: Apply, aside: Run) -> None:
    application = apply("ada")
    Clock().set(REVIEW)
    futures = [
        aside(services.decide, application.pk, people[name], outcome, seen="")
        for name, outcome in (("coordinator", "accept"), ("deputy", "decline"))
    ]
    assert outcomes(futures) == {type(None): 1, Conflict: 1}
    assert Decision.objects.count() == 1


def test_two_releases_at_once_tell_everybody_once(
    call: Call, people: dict[str, User], apply: Apply, aside: Run
) -> None:
    applications = [apply(name) for name in ("ada", "bo", "cy")]
    Clock().set(REVIEW)
    for application, outcome in zip(applications, ("accept", "accept", "decline"), strict=True):
        services.decide(application.pk, people["coordinator"], outcome)
    futures = [aside(services.release, call.pk, people[name]) for name in ("coordinator", "deputy", "coordinator")]
    assert sorted(future.result(30) for future in futures) == [(0, 0), (0, 0), (2, 1)]
    kinds = Counter(OutboxMessage.objects.values_list("kind", flat=True))
    assert kinds == {"application-receipt": 3, "decision-accepted": 2, "decision-declined": 1}
    assert Member.objects.count() == 2


@pytest.mark.long
def test_withdrawing_and_releasing_never_both(call: Call, people: dict[str, User], apply: Apply, aside: Run) -> None:
    applications = [apply(f"person{number}") for number in range(4)]
    Clock().set(REVIEW)
    for application in applications:
        services.decide(application.pk, people["coordinator"], "decline")
    at = app_now()
    withdrawals = [aside(services.withdraw, one.pk, one.applicant, at=at) for one in applications]
    released = aside(services.release, call.pk, people["coordinator"])
    refused = sum(isinstance(one.exception(30), PortalError) for one in withdrawals)
    assert released.result(30).declined == refused
    assert Application.objects.filter(state="withdrawn").count() == len(applications) - refused


@pytest.mark.long
def test_one_reviewer_in_many_tabs_has_one_review(
    call: Call, people: dict[str, User], apply: Apply, aside: Run
) -> None:
    application = apply("ada")
    Clock().set(REVIEW)
    scores = dict.fromkeys(call.criteria.values_list("pk", flat=True), 4)
    futures = [
        aside(services.save_review, application.pk, people["reviewer1"], scores, "n", submit=True) for _ in range(8)
    ]
    assert outcomes(futures) == {type(None): 8}
    assert Review.objects.count() == 1


@pytest.mark.long
def test_what_comes_at_the_close_is_in_or_refused(call: Call, aside: Run) -> None:
    users = [create_account(f"late{number}@example.org", at=AT) for number in range(MANY)]
    drafts = [draft(call) for _ in users]
    Clock().set(HARD_CLOSES - timedelta(milliseconds=60))
    futures = [aside(services.submit, call.pk, user, sent) for user, sent in zip(users, drafts, strict=True)]
    counted = outcomes(futures)
    assert set(counted) <= {type(None), Refused}
    assert Snapshot.objects.count() == counted[type(None)]
    assert not Snapshot.objects.filter(submitted_at__gte=HARD_CLOSES).exists()
