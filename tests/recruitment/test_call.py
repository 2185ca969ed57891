"""The public call, and what must be complete before it is published."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid, PortalError
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import AT, CALL, CLOSES, CRITERIA, OPENS, PAGE, Apply, publish, statements


def test_before_there_is_a_call_the_page_says_so(tf: TaskForce, client: Client) -> None:
    response = client.get(CALL)
    assert response.status_code == 200
    assert "There is no call for members yet" in response.content.decode()
    assert PAGE not in response.content.decode()


def test_an_unknown_task_force_is_not_there(db: None, client: Client) -> None:
    assert client.get("/en/tf/nobody/join/").status_code == 404
    assert client.get("/en/tf/nobody/join/application/").status_code == 404


@pytest.mark.parametrize(
    ("moment", "said", "can_apply"),
    [
        (OPENS - timedelta(seconds=5), "This call is not open yet", False),
        (OPENS, "Apply, or go to your application", True),
        (CLOSES - timedelta(seconds=5), "Apply, or go to your application", True),
        (CLOSES, "This call has closed", False),
    ],
)
def test_the_page_says_where_the_call_stands(
    call: Call, clock: Clock, client: Client, moment: datetime, said: str, *, can_apply: bool
) -> None:
    clock.set(moment)
    html = client.get(CALL).content.decode()
    assert said in html
    assert ("pt-next-step" in html) is can_apply
    assert "14 March 2022, anywhere on Earth (AoE)" in html
    assert "10 April 2022, anywhere on Earth (AoE)" in html
    assert 'datetime="2022-04-11T12:00:00Z"' in html
    assert "60%" in html
    assert "<strong>definition</strong>" in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize(("moment", "is_said"), [(OPENS, True), (OPENS - timedelta(seconds=5), False), (CLOSES, False)])
def test_that_an_account_is_needed_and_why_stands_before_the_button(
    call: Call, clock: Clock, client: Client, moment: datetime, *, is_said: bool
) -> None:
    clock.set(moment)
    html = client.get(CALL).content.decode()
    needed = "To apply you need an account, so that you can save a draft and see the outcome, and nobody else can."
    enough = "To sign in, a code sent to your mail address is enough."
    assert (needed in html) is (enough in html) is is_said
    if is_said:
        assert html.index(needed) < html.index(enough) < html.index(f'href="{PAGE}"')


@pytest.mark.parametrize(
    ("moment", "said"), [(OPENS - timedelta(days=1), "This call is not open yet"), (CLOSES, "This call has closed")]
)
def test_nothing_invites_above_the_word_that_the_call_is_not_open(
    call: Call, clock: Clock, client: Client, moment: datetime, said: str
) -> None:
    clock.set(moment)
    html = client.get(CALL).content.decode()
    above = html.split("</h1>", 1)[1].split(said, 1)[0]
    assert "<p>" not in above
    assert "<a " not in above
    assert "pt-next-step" not in html


def test_the_page_is_the_same_for_everybody(
    call: Call, people: dict[str, User], sign_in: Callable[[User], Client], apply: Apply
) -> None:
    apply("ada")
    visitors = [Client(), *(sign_in(people[name]) for name in ("applicant", "reviewer1", "coordinator"))]
    responses = [visitor.get(CALL) for visitor in visitors]
    assert len({response.content for response in responses}) == 1
    for response in responses:
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert b"<form" not in response.content
        assert b"csrf" not in response.content


def test_a_title_in_another_language_carries_its_language(call: Call, client: Client) -> None:
    html = client.get("/ar/tf/leadership-development/join/").content.decode()
    assert '<span lang="en" dir="ltr">Become a member</span>' in html
    assert "成為成員" in client.get("/zh-hant/tf/leadership-development/join/").content.decode()


def test_more_applications_do_not_cost_the_page_a_statement(call: Call, client: Client, apply: Apply) -> None:
    counts = []
    for name in ("ada", "bo"):
        apply(name)
        with CaptureQueriesContext(connection) as captured:
            client.get(CALL)
        counts.append(statements(captured))
    assert counts[0] == counts[1]
    # The call, its criteria, and whether it is the only one.
    assert counts[0][1] <= 3


def test_only_reading(call: Call, client: Client) -> None:
    assert client.post(CALL).status_code == 405


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"criteria": [{**CRITERIA[0], "weight": 50}, CRITERIA[1]]}, Invalid),
        ({"criteria": [{**CRITERIA[0], "weight": 100}, {**CRITERIA[1], "weight": 0}]}, Invalid),
        ({"criteria": []}, Invalid),
        ({"seats": 0}, Invalid),
        ({"titles": {}}, Invalid),
        ({"titles": {"xx": "?"}}, Invalid),
    ],
)
def test_what_is_incomplete_is_not_published(
    version: QuestionSetVersion,
    phase: Callable[[str], Phase],
    changes: dict[str, Any],
    error: type[PortalError],
) -> None:
    with pytest.raises(error):
        publish(phase("recruitment"), version, **changes)
    assert not Call.objects.exists()


def test_a_call_needs_a_phase_for_applications(version: QuestionSetVersion, phase: Callable[[str], Phase]) -> None:
    with pytest.raises(Invalid):
        publish(phase("feedback"), version)


def test_a_phase_has_one_call(call: Call) -> None:
    with pytest.raises(Conflict):
        publish(call.phase, call.questions, at=AT)
