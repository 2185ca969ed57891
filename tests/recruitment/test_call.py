"""The public call, and what must be complete before it is published."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import conditional_escape
from django.utils.translation import gettext, override

from recruitment import queries
from recruitment.enums import Gender, Level, TimeOfDay
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Call, CallChange, Clarification, Criterion, ScoreMeaning
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid, PortalError
from taskforce.questions.enums import Region
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
    # The call, whether it is the only one, its criteria (and what their scores mean), its questions, what was changed,
    # what was asked and answered.
    assert counts[0][1] <= 7


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


# --- all that a call says ---------------------------------------------------------------------------------------------


def in_full(phase: Phase, version: QuestionSetVersion, *, criteria: int = 2, answers: int = 1) -> Call:
    """A published call with everything that one can say, and with two public acts."""
    call = Call.objects.create(
        phase=phase,
        questions=version,
        seats=15,
        panel_size=6,
        languages=["en", "ar"],
        published_at=AT,
        title_en="Become a member",
        eligibility_en="Whoever *takes part*.",
        term_en="One year",
        hours_en="Four",
        allowance_en="Costs are **paid**.",
        publication_en="Names of those who agree.",
        criteria_introduction_en="Two rounds.",
    )
    for position in range(1, criteria + 1):
        weight = 100 - 10 * (criteria - 1) if position == 1 else 10
        label = f"Criterion {position}" if position > 1 else "Experience"
        made = Criterion.objects.create(call=call, position=position, label_en=label, weight=weight)
        ScoreMeaning.objects.create(criterion=made, score=5, text_en=f"Outstanding {position}")
    for position in range(1, answers + 1):
        said = {"question_en": f"May a board apply? {position}", "answer_en": "Yes, <b>all</b>."}
        Clarification.objects.create(call=call, position=position, added_at=AT, **said)
    before = queries.kept(queries.rubric(call))
    now = [{**before[0], "labels": {"en": "Criterion 1"}}, *before[1:]]
    acts: list[dict[str, Any]] = [
        {"kind": "seats", "old_seats": 12, "new_seats": 15, "reason_en": "To have all regions."},
        {"kind": "criteria", "old_criteria": before, "new_criteria": now, "reason_zh_hant": "更清楚。"},
    ]
    for number, act in enumerate(acts, start=1):
        CallChange.objects.create(call=call, number=number, actor_id=1, actor_name="Cora", at=AT, **act)
    Criterion.objects.filter(call=call, position=1).update(label_en="Criterion 1")
    return call


def test_everything_that_a_call_says_stands_on_its_page(
    version: QuestionSetVersion, phase: Callable[[str], Phase], clock: Clock, client: Client
) -> None:
    in_full(phase("recruitment"), version)
    clock.set(OPENS)
    html = client.get(CALL).content.decode()
    for said in (
        *("One year", "Four", "Costs are <strong>paid</strong>.", "Names of those who agree.", "Two rounds."),
        "Whoever <em>takes part</em>.",
        *("The panel has 6 reviewers.", "Outstanding 2", "May a board apply? 1", "To have all regions.", "Cora"),
        "The number of seats was changed from <bdi>12</bdi> to <bdi>15</bdi>.",
        '<span lang="zh-Hant" dir="ltr">更清楚。</span>',
        *("Why do you want to join?", "At most 500 characters; ", "Two hours a week"),
        *("العربية", "Review of applications"),
    ):
        assert said in html, said
    assert "Deutsch" not in html.split('id="terms"', 1)[1].split("</section>", 1)[0]
    assert "<b>all</b>" not in html
    anchors = re.findall(r'<li><a href="#([a-z-]+)">', html)
    # It says no purpose, so there is no section of it.
    assert anchors == [
        "dates",
        "eligibility",
        "terms",
        "asked",
        "criteria",
        "published",
        "changes",
        "clarified",
        "what-now",
    ]
    assert all(html.count(f'id="{anchor}"') == 1 for anchor in anchors)


@pytest.mark.parametrize("code", ["en", "ar"])
def test_the_page_lists_all_that_the_form_asks_in_the_words_of_its_fields(
    version: QuestionSetVersion, phase: Callable[[str], Phase], clock: Clock, client: Client, code: str
) -> None:
    call = in_full(phase("recruitment"), version)
    clock.set(OPENS)
    html = client.get(CALL.replace("/en/", f"/{code}/")).content.decode()
    shown = html.split('aria-labelledby="asked"', 1)[1].split("</section>", 1)[0]
    with override(code):
        form = ApplicationForm(call)
        # The rows of languages are one thing that is asked; of any other field nothing may be left out.
        rows = {field.name for row in form.language_rows() for field in row}
        for name, field in form.fields.items():
            if name not in rows:
                assert f"<strong>{conditional_escape(str(field.label))}</strong>" in shown, name
                assert not field.help_text or str(conditional_escape(str(field.help_text))) in shown, name
        for one in (*Level.labels, *Gender.labels, *Region.labels, *TimeOfDay.labels):
            assert conditional_escape(one) in shown, one
    # Its parts are called as in the form, and stand in its order.
    template = Path("templates/recruitment/form.html").read_text()
    headings = re.findall(r'<(?:section .*?>\s*|summary>)<h3(?: id="[a-z-]+")?>{% translate "(.+?)" %}', template)
    with override(code):
        assert re.findall(r"<h3>(.+?)</h3>", shown) == [gettext(one) for one in headings] != []
    # Who reads it in which form stands with it.
    assert shown.count(gettext_in(code, "Reviewers read this, without your name.")) == 2
    allowed = "Published only if you are chosen, and only what you allow here. Those who coordinate read it, too."
    assert gettext_in(code, allowed) in shown


def gettext_in(code: str, said: str) -> str:
    """The sentence as a reader of this language gets it."""
    with override(code):
        return gettext(said)


def test_more_that_a_call_says_does_not_cost_its_page_a_statement(
    version: QuestionSetVersion, phase: Callable[[str], Phase], clock: Clock, client: Client
) -> None:
    clock.set(OPENS)
    counts = []
    for name, sizes in (("recruitment", {"criteria": 1, "answers": 1}), ("review", {"criteria": 6, "answers": 9})):
        in_full(phase(name), version, **sizes)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{CALL}?call={name}").status_code == 200
        counts.append(statements(captured))
    assert counts[0] == counts[1]


def test_before_it_opens_one_can_follow(call: Call, clock: Clock, client: Client) -> None:
    clock.set(OPENS - timedelta(seconds=5))
    html = client.get(CALL).content.decode()
    assert "Follow this task force" in html
    clock.set(OPENS)
    assert "Follow this task force" not in client.get(CALL).content.decode()


def test_the_process_page_says_what_was_changed_and_why(
    version: QuestionSetVersion, phase: Callable[[str], Phase], clock: Clock, client: Client
) -> None:
    in_full(phase("recruitment"), version)
    clock.set(OPENS)
    html = client.get("/en/tf/leadership-development/process/").content.decode()
    assert "The panel has 6 reviewers." in html
    assert "The number of seats was changed from <bdi>12</bdi> to <bdi>15</bdi>." in html
    assert "To have all regions." in html
    assert "The criteria or their weights were changed." in html


def test_nobody_but_staff_learns_of_a_draft(
    call: Call, version: QuestionSetVersion, phase: Callable[[str], Phase], client: Client
) -> None:
    before = client.get(CALL).content
    Call.objects.create(phase=phase("review"), questions=version, seats=3, title_en="Secret draft canary")
    assert client.get(CALL).content == before
    assert client.get(f"{CALL}?call=review").status_code == 404
    for page in ("", "process/"):
        assert "canary" not in client.get(f"/en/tf/leadership-development/{page}").content.decode()
