"""Who is inside and applies: nobody reads the others while they can still apply, nor judges them once they have."""

from datetime import timedelta

import pytest

from recruitment import rules, services
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.core.errors import Refused
from tests.conftest import Clock
from tests.recruitment.conftest import HARD_CLOSES, OPEN, REVIEW, Apply, SignIn, draft

TEXT = "What nobody reads yet."


def page_of(application: Application) -> str:
    return f"/en/admin/recruitment/application/{application.pk}/review/"


@pytest.mark.parametrize("role", ["coordinator", "deputy", "reviewer1"])
def test_nobody_reads_what_candidates_wrote_before_nothing_can_come_any_more(
    call: Call, apply: Apply, people: dict[str, User], sign_in: SignIn, clock: Clock, role: str
) -> None:
    application, browser = apply("ada", text=TEXT), sign_in(people[role])
    for moment, status in (
        (OPEN + timedelta(days=1), 403), (HARD_CLOSES - timedelta(seconds=5), 403), (HARD_CLOSES, 200),
    ):  # fmt: skip
        clock.set(moment)
        answer = browser.get(page_of(application))
        assert (answer.status_code, TEXT in answer.content.decode()) == (status, status == 200), moment
        # How many there are, they see all along.
        assert f"Candidate {application.number}" in (browser.get("/en/admin/recruitment/application/").content.decode())


def test_what_is_posted_shows_no_more(call: Call, apply: Apply, people: dict[str, User], sign_in: SignIn) -> None:
    application = apply("ada", text=TEXT)
    for action in ("save", "submit"):
        answer = sign_in(people["reviewer1"]).post(page_of(application), {"action": action, "note": "Mine."})
        assert answer.status_code == 403
        assert TEXT not in answer.content.decode()


def test_a_withdrawal_that_can_be_taken_back_keeps_from_the_call(
    call: Call, people: dict[str, User], clock: Clock
) -> None:
    """Else one would withdraw, change the criteria to what one has written, and take it back."""
    insider = people["coordinator"]
    assert rules.may(insider, "call.write", call, app_now())[0]
    services.submit(call.pk, insider, draft(call))
    assert not rules.may(insider, "call.write", call, app_now())[0]
    services.withdraw(Application.objects.get(applicant=insider).pk, insider, at=app_now())
    allowed, why = rules.may(insider, "call.write", call, app_now())
    assert not allowed
    assert "Another coordinator" in why
    assert rules.may(people["deputy"], "call.write", call, app_now())[0]
    with pytest.raises(Refused):
        services.change_seats(call.pk, 3, {"en": "More."}, actor=insider)
    clock.set(HARD_CLOSES)
    assert rules.may(insider, "call.write", call, app_now())[0]


def test_a_reviewer_who_has_applied_neither_reads_nor_scores_the_others(
    call: Call, apply: Apply, people: dict[str, User], sign_in: SignIn, clock: Clock
) -> None:
    reviewer = people["reviewer1"]
    other = apply("ada", text=TEXT)
    services.submit(call.pk, reviewer, draft(call))
    clock.set(REVIEW)
    answer = sign_in(reviewer).get(page_of(other))
    assert answer.status_code == 403
    assert "You have applied to this call yourself" in answer.content.decode()
    assert TEXT not in answer.content.decode()
    with pytest.raises(Refused, match="applied to this call yourself"):
        services.save_review(other.pk, reviewer, {}, "", submit=False)
    services.save_review(other.pk, people["reviewer2"], {}, "", submit=False)
