"""Reviewers in the admin: blind, scoped, pinned, one review each."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from recruitment import queries, services
from recruitment.models import Application, Call, Review
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.errors import Conflict, Invalid, Refused
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import parsed
from tests.recruitment.conftest import (
    AT,
    CLOSES,
    HARD_CLOSES,
    OPEN,
    PAGE,
    REVIEW,
    REVIEW_CLOSES,
    Apply,
    Scored,
    SignIn,
    draft,
    statements,
)

LIST = "/en/admin/recruitment/application/"


def page_of(application: Application) -> str:
    return f"{LIST}{application.pk}/review/"


@pytest.fixture
def reviewer(people: dict[str, User], sign_in: SignIn) -> Client:
    return sign_in(people["reviewer1"])


def form_of(client: Client, application: Application) -> dict[str, Any]:
    fields = parsed(client.get(page_of(application)).content.decode()).fields
    assert fields is not None
    return dict(fields)


def scores(call: Call, first: int, second: int) -> dict[str, str]:
    ids = call.criteria.order_by("position").values_list("pk", flat=True)
    return {f"score-{pk}": str(value) for pk, value in zip(ids, (first, second), strict=True)}


@pytest.mark.long
def test_the_list_answers_what_is_left(
    call: Call, three: list[Application], reviewer: Client, people: dict[str, User], scored: Scored
) -> None:
    scored(three[0], people["reviewer1"], 4, 2)
    scored(three[0], people["reviewer2"], 5, 5)
    services.save_review(three[1].pk, people["reviewer1"], {}, "begun", submit=False)
    services.save_review(three[1].pk, people["reviewer2"], {}, "begun", submit=False)
    html = reviewer.get(LIST).content.decode()
    rows = [
        re.findall(r"<t[dh] class=\"field-.*?</t[dh]>", row, re.S) for row in re.findall(r"<tr>.*?</tr>", html, re.S)
    ]
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows if row]
    assert [row[:3] for row in cells] == [
        ["Candidate 1", "submitted", "2"],
        ["Candidate 2", "draft", "0"],
        ["Candidate 3", "to do", "0"],
    ]
    assert "You have submitted <bdi>1</bdi> of <bdi>3</bdi> reviews." in html
    assert html.count("<h1") == 1
    assert "Candidate 1<" not in reviewer.get(f"{LIST}?mine=to-do").content.decode()
    assert "Candidate 2<" in reviewer.get(f"{LIST}?mine=draft").content.decode()


def test_drafts_and_withdrawn_ones_are_not_there(
    call: Call, apply: Apply, people: dict[str, User], clock: Clock, sign_in: SignIn
) -> None:
    drafted = services.save_draft(call.pk, people["applicant"], draft(call))
    withdrawn = apply("bo")
    services.withdraw(withdrawn.pk, withdrawn.applicant, at=OPEN)
    clock.set(REVIEW)
    reviewer = sign_in(people["reviewer1"])
    assert not re.search(r"Candidate \d", reviewer.get(LIST).content.decode())
    assert [reviewer.get(page_of(one)).status_code for one in (drafted, withdrawn)] == [404, 404]


CANARY = "Canary"


@pytest.mark.long
def test_no_name_anywhere(three: list[Application], reviewer: Client, people: dict[str, User], scored: Scored) -> None:
    scored(three[0], people["reviewer1"], 4, 2)
    one = three[0]
    paths = [
        "/en/admin/",
        "/en/admin/recruitment/",
        LIST,
        f"{LIST}?q=Canary",
        f"{LIST}?q=1",
        f"{LIST}?q=ada",
        page_of(one),
        page_of(three[1]),
        f"{LIST}{one.pk}/change/",
        f"{LIST}{one.pk}/history/",
        f"{LIST}{one.pk}/delete/",
        f"{LIST}add/",
        "/en/admin/recruitment/applicantidentity/",
        "/en/admin/autocomplete/?app_label=recruitment&model_name=review&field_name=application&term=Canary",
    ]
    for path in paths:
        response = reviewer.get(path, follow=True)
        text = response.content.decode()
        assert response.status_code < 500, path
        assert CANARY not in text.replace("q=Canary", "").replace('value="Canary"', ""), path
        assert "@example.org" not in text.replace("portal@example.org", ""), path
        assert one.reference not in text, path


@pytest.mark.long
def test_no_lookup_asks_for_what_is_hidden(three: list[Application], reviewer: Client) -> None:
    asked = [
        "identity__name__startswith=Ada",
        "applicant__email__startswith=ada",
        "applicant__name=Ada%20Canary",
        "applicant=1",
        "applicant__id__exact=1",
        "reference__startswith=A",
        "reviews__note__contains=a",
        "decision__outcome=accept",
        "identity__publish_name=1",
        "saved_digest=1",
    ]
    found = {query: reviewer.get(f"{LIST}?{query}").status_code for query in asked}
    assert {query: status for query, status in found.items() if status != 400} == {}


@pytest.mark.long
def test_other_parameters_do_no_harm(three: list[Application], reviewer: Client) -> None:
    for query in ("o=1.-2", "o=99", "p=999", "all=", "mine=nonsense", "_to_field=reference", "q=%00", "e=1"):
        assert reviewer.get(f"{LIST}?{query}").status_code in (200, 302, 400), query


@pytest.mark.long
def test_outsiders_are_sent_to_sign_in_and_other_staff_find_nothing(
    three: list[Application], people: dict[str, User], sign_in: SignIn
) -> None:
    outsiders = dict.fromkeys(("translator", "facilitator", "member", "applicant"), (302, 302))
    staff = dict.fromkeys(("moderator", "privacy", "observer", "admin"), (403, 404))
    found = {}
    for name, expected in (outsiders | staff).items():
        client = sign_in(people[name])
        answers = tuple(client.get(address).status_code for address in (LIST, page_of(three[0])))
        if answers != expected:
            found[name] = answers
    assert found == {}


def test_reviewers_of_another_task_force_find_nothing(three: list[Application], sign_in: SignIn) -> None:
    other = create_account("other@example.net", at=AT)
    grant_role(other, Role.REVIEWER, at=AT, actor_id=None, task_force_id=10_000)
    client = sign_in(other)
    assert client.get(page_of(three[0])).status_code == 404
    assert "Candidate 1" not in client.get(LIST).content.decode()


def test_an_unknown_candidate_is_not_there(three: list[Application], reviewer: Client) -> None:
    for number in (999_999, 2**31, 2**63, 2**70):
        assert reviewer.get(f"{LIST}{number}/review/").status_code == 404


def test_nobody_meets_their_own_application(
    call: Call, three: list[Application], people: dict[str, User], clock: Clock, sign_in: SignIn
) -> None:
    clock.set(OPEN)
    services.submit(call.pk, people["reviewer1"], draft(call))
    own = Application.objects.get(applicant=people["reviewer1"])
    clock.set(REVIEW)
    client = sign_in(people["reviewer1"])
    html = client.get(LIST).content.decode()
    assert f"Candidate {own.number}<" not in html
    assert "Candidate 1<" in html
    for path in (page_of(own), f"{LIST}{own.pk}/change/", f"{LIST}{own.pk}/history/"):
        assert client.get(path).status_code == 404
    with pytest.raises(Http404):
        services.save_review(own.pk, people["reviewer1"], {}, "", submit=False)


@pytest.mark.long
def test_a_review_from_draft_to_the_next_candidate(
    call: Call, three: list[Application], reviewer: Client, people: dict[str, User]
) -> None:
    page = reviewer.get(page_of(three[0]))
    html = page.content.decode()
    assert "Answer of candidate 1." in html
    assert html.count("<h1") == 1
    assert html.count("<fieldset") == 2
    fields = form_of(reviewer, three[0])
    first, second = sorted(scores(call, 4, 2))
    saved = reviewer.post(page_of(three[0]), {**fields, first: "4", "note": "hm", "action": "save"})
    assert saved.status_code == 303
    back = form_of(reviewer, three[0])
    assert (back[first], back["note"]) == ("4", "hm")
    assert second not in back
    lacking = reviewer.post(page_of(three[0]), {**back, "action": "submit"})
    assert lacking.status_code == 200
    assert "Please choose a score." in lacking.content.decode()
    assert Review.objects.get().state == "draft"
    done = reviewer.post(page_of(three[0]), {**back, second: "2", "action": "submit-next"})
    assert (done.status_code, done.headers["Location"]) == (303, page_of(three[1]))
    review = Review.objects.get()
    assert (review.state, review.note, review.snapshot.number) == ("submitted", "hm", 1)
    assert parsed(reviewer.get(page_of(three[0])).content.decode()).fields is None


@pytest.mark.long
def test_a_submitted_review_is_final(
    call: Call, three: list[Application], reviewer: Client, people: dict[str, User], scored: Scored
) -> None:
    fields = form_of(reviewer, three[0]) | scores(call, 4, 2)
    scored(three[0], people["reviewer1"], 4, 2)
    response = reviewer.post(page_of(three[0]), {**fields, **scores(call, 1, 1), "note": "CHANGED", "action": "submit"})
    assert response.status_code == 409
    assert "CHANGED" in response.content.decode()
    assert {score.value for score in Review.objects.get().scores.all()} == {4, 2}


@pytest.mark.long
def test_two_tabs_of_one_reviewer(call: Call, three: list[Application], reviewer: Client) -> None:
    early, late = form_of(reviewer, three[0]), form_of(reviewer, three[0])
    reviewer.post(page_of(three[0]), {**early, "note": "from the first tab", "action": "save"})
    response = reviewer.post(page_of(three[0]), {**late, "note": "from the second tab", "action": "save"})
    assert response.status_code == 409
    assert "from the second tab" in response.content.decode()
    assert Review.objects.get().note == "from the first tab"


@pytest.mark.long
def test_others_are_seen_only_after_ones_own(
    call: Call, three: list[Application], reviewer: Client, people: dict[str, User], scored: Scored
) -> None:
    scored(three[0], people["reviewer2"], 5, 1)
    assert "Reviewer2" not in reviewer.get(page_of(three[0])).content.decode()
    services.save_review(three[0].pk, people["reviewer1"], {}, "", submit=False)
    assert "Reviewer2" not in reviewer.get(page_of(three[0])).content.decode()
    scored(three[0], people["reviewer1"], 3, 3)
    html = reviewer.get(page_of(three[0])).content.decode()
    assert "Reviewer2" in html
    assert html.count("a private note") == 1


def test_a_coordinator_reads_reviews_and_cannot_write_one(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, scored: Scored
) -> None:
    scored(three[0], people["reviewer1"], 3, 3)
    client = sign_in(people["coordinator"])
    html = client.get(page_of(three[0])).content.decode()
    assert "Reviewer1" in html
    assert "a private note" not in html
    assert CANARY not in html
    assert parsed(html).fields is None
    sent = {**scores(call, 1, 1), "snapshot": "1", "action": "submit"}
    assert client.post(page_of(three[0]), sent).status_code in (403, 409)
    assert Review.objects.count() == 1


@pytest.mark.long
def test_the_boundaries(call: Call, three: list[Application], reviewer: Client, clock: Clock) -> None:
    found = {}
    for moment, application, status in (
        (CLOSES - timedelta(seconds=5), three[0], 403),
        (REVIEW_CLOSES, three[0], 403),
        # What is asked in the grace may still come: before it has passed nobody reads, and nobody scores.
        (HARD_CLOSES - timedelta(seconds=5), three[0], 403),
        (HARD_CLOSES, three[0], 303),
        (REVIEW_CLOSES - timedelta(seconds=5), three[1], 303),
    ):
        clock.set(REVIEW)
        fields = form_of(reviewer, application) | scores(call, 4, 4)
        clock.set(moment)
        sent = {**fields, "note": "Typed at the boundary.", "action": "submit"}
        response = reviewer.post(page_of(application), sent)
        html = response.content.decode()
        is_shown = "Typed at the boundary." in html and "UTC" in html
        is_stored = Review.objects.filter(application=application).exists()
        if (response.status_code, is_shown, is_stored) != (status, status == 403, status == 303):
            found[moment] = (response.status_code, is_shown, is_stored)
    assert found == {}


@pytest.mark.long
def test_damaged_fields_are_no_failure(call: Call, three: list[Application], reviewer: Client) -> None:
    fields, found = {**form_of(reviewer, three[0]), **scores(call, 4, 4), "action": "submit"}, {}
    for name, value in (("snapshot", "x"), ("snapshot", str(2**70)), ("note", "a\x00b"), ("seen", "x" * 99)):
        status = reviewer.post(page_of(three[0]), {**fields, name: value}).status_code
        found[name, value] = (status, Review.objects.exists())
    refused = ((200, False), (400, False), (409, False))
    assert {sent: what for sent, what in found.items() if what not in refused} == {}


@pytest.mark.long
def test_a_score_outside_the_scale_is_refused(call: Call, three: list[Application], reviewer: Client) -> None:
    fields, found = {**form_of(reviewer, three[0]), **scores(call, 4, 4), "action": "submit"}, {}
    first = min(scores(call, 1, 1))
    for value in ("0", "6", "3.5", "x", "-1"):
        status = reviewer.post(page_of(three[0]), {**fields, first: value}).status_code
        found[value] = (status, Review.objects.exists())
    assert {value: what for value, what in found.items() if what != (200, False)} == {}


def test_the_service_checks_scores_itself(call: Call, three: list[Application], people: dict[str, User]) -> None:
    ids = list(call.criteria.values_list("pk", flat=True))
    for wrong, submit in (({ids[0]: 6}, False), ({ids[0]: 4}, True), ({10_000: 3}, False)):
        with pytest.raises(Invalid):
            services.save_review(three[0].pk, people["reviewer1"], wrong, "", submit=submit)


def test_a_review_is_pinned_to_what_was_read(call: Call, three: list[Application], people: dict[str, User]) -> None:
    with pytest.raises(Conflict):
        services.save_review(three[0].pk, people["reviewer1"], {}, "", submit=False, snapshot_id=10_000)


def test_after_the_release_reviews_no_longer_change(
    call: Call, three: list[Application], people: dict[str, User]
) -> None:
    services.decide(three[0].pk, people["coordinator"], "decline")
    services.release(call.pk, people["coordinator"])
    with pytest.raises(Refused):
        services.save_review(three[0].pk, people["reviewer1"], {}, "", submit=False)


def test_numbers_count_submitted_reviews_only(
    call: Call, three: list[Application], people: dict[str, User], scored: Scored
) -> None:
    scored(three[0], people["reviewer1"], 5, 5)
    scored(three[0], people["reviewer2"], 2, 4)
    ids = list(call.criteria.order_by("position").values_list("pk", flat=True))
    services.save_review(three[1].pk, people["reviewer1"], {ids[0]: 1}, "", submit=False)
    found = queries.stats(call)
    assert set(found) == {three[0].pk}
    stats = found[three[0].pk]
    assert stats == pytest.approx((2, 3.9, 3.9, 2.8, 5.0))


@pytest.mark.long
def test_the_list_costs_the_same_for_four_and_for_sixteen(
    call: Call, apply: Apply, clock: Clock, people: dict[str, User], sign_in: SignIn
) -> None:
    reviewer, counts = sign_in(people["reviewer1"]), []
    for first, last in ((0, 4), (4, 16)):
        clock.set(OPEN)
        for number in range(first, last):
            apply(f"person{number}")
        clock.set(REVIEW)
        with CaptureQueriesContext(connection) as captured:
            assert reviewer.get(LIST).content.decode().count("/review/") == last
        counts.append(statements(captured))
    assert counts[0] == counts[1]
    assert counts[0][1] <= 5


def test_the_review_page_is_not_the_applicants(three: list[Application], sign_in: SignIn) -> None:
    client = sign_in(three[0].applicant)
    assert "Your review" not in client.get(PAGE).content.decode()
