"""The staff side beside review and decision: what waits, lists in words, no way that ends in a refusal."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from recruitment import services
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import (
    CLOSES,
    HARD_CLOSES,
    OPEN,
    REVIEW,
    REVIEW_CLOSES,
    Apply,
    Scored,
    SignIn,
    draft,
    statements,
)
from tests.recruitment.deciding import decisions_page, hold_all, release_page

INDEX = "/en/admin/"
LIST = "/en/admin/recruitment/application/"
CALLS = "/en/admin/recruitment/call/"


def to_do(client: Client) -> str:
    """What waits of recruitment, on the first page of the staff side; "" if nothing is said."""
    html = client.get(INDEX).content.decode()
    found = re.search(r'<section class="rv-to-do" aria-labelledby="rv-to-do">.*?</section>', html, re.S)
    return re.sub(r"\s+", " ", found[0]) if found else ""


# --- what waits -------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_reviewer_is_told_what_waits_and_until_when(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, scored: Scored
) -> None:
    client = sign_in(people["reviewer1"])
    first = to_do(client)
    assert "3 applications wait for your review." in first
    assert "15 May 2022, anywhere on Earth (AoE)" in first
    assert "16 May 2022, 12:00 UTC" in first
    assert f'href="{LIST}?mine=to-do"' in first
    assert "decided" not in first
    for application in three[:2]:
        scored(application, people["reviewer1"], 4, 4)
    assert "1 application waits for your review." in to_do(client)
    scored(three[2], people["reviewer1"], 4, 4)
    assert "You have submitted all your reviews." in to_do(client)


def test_who_knows_the_outcome_does_not_wait(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn
) -> None:
    hold_all(people, three[:1], "decline")
    client = sign_in(people["reviewer1"])
    assert "3 applications wait" in to_do(client), "a held decision is seen"
    services.release(call.pk, people["coordinator"])
    assert "2 applications wait" in to_do(client)


def test_outside_the_review_nothing_waits(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, clock: Clock
) -> None:
    client = sign_in(people["reviewer1"])
    for moment in (OPEN, REVIEW_CLOSES, CLOSES):
        clock.set(moment)
        assert to_do(client) == ""
    clock.set(HARD_CLOSES)
    assert "3 applications wait" in to_do(client)


@pytest.mark.long
def test_deciders_are_told_what_is_undecided_and_what_is_untold(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, clock: Clock
) -> None:
    client = sign_in(people["deputy"])
    shown = to_do(client)
    assert "Nothing is decided about 3 candidates." in shown
    assert f'href="{decisions_page(call)}"' in shown
    assert "review" not in shown
    hold_all(people, three, "accept", "decline", "decline")
    shown = to_do(client)
    assert "3 decisions are saved and not told yet." in shown
    assert f'href="{release_page(call)}"' in shown
    assert "Nothing is decided" not in shown
    services.release(call.pk, people["coordinator"])
    assert to_do(client) == ""


def test_while_the_call_is_open_nothing_is_to_decide(
    call: Call, apply: Apply, people: dict[str, User], sign_in: SignIn
) -> None:
    apply("ada")
    assert to_do(sign_in(people["coordinator"])) == ""


@pytest.mark.parametrize("name", ["moderator", "privacy", "observer", "admin"])
def test_others_are_told_nothing(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, name: str
) -> None:
    assert to_do(sign_in(people[name])) == ""


def test_a_decider_who_applied_is_told_nothing(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, clock: Clock
) -> None:
    clock.set(OPEN)
    services.submit(call.pk, people["coordinator"], draft(call))
    clock.set(REVIEW)
    assert to_do(sign_in(people["coordinator"])) == ""


@pytest.mark.long
def test_what_waits_costs_the_same_for_few_and_for_many(
    call: Call, apply: Apply, people: dict[str, User], sign_in: SignIn, clock: Clock
) -> None:
    counts = []
    clients = [sign_in(people[name]) for name in ("reviewer1", "coordinator")]
    for first, last in ((0, 2), (2, 8)):
        clock.set(OPEN)
        for number in range(first, last):
            apply(f"person{number}")
        clock.set(REVIEW)
        with CaptureQueriesContext(connection) as captured:
            assert [str(last) in to_do(client) for client in clients] == [True, True]
        counts.append(statements(captured))
    assert counts[0] == counts[1]
    assert counts[0][1] <= 8


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_lists_name_each_cell_for_narrow_screens(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn
) -> None:
    html = sign_in(people["reviewer1"]).get(LIST).content.decode()
    for column in ("My review", "Reviews", "Language", "Submitted", "Call"):
        assert html.count(f'class="rv-cell" data-label="{column}"') == 3, column
    assert '<span lang="zh-Hant" dir="ltr">繁體中文</span>' in html
    assert "3 candidates" in html
    assert "Candidates\n</div>" in html, "the crumbs end in another name than the title"
    html = sign_in(people["coordinator"]).get(CALLS).content.decode()
    for column in ("Seats", "Closes", "Decisions", "Release"):
        assert f'class="rv-cell" data-label="{column}"' in html, column
    assert "1 call for members" in html
    assert "Select " not in html
    assert "11 April 2022, 12:00 UTC" in html


def test_rows_are_called_by_their_name_in_the_readers_language(call: Call, three: list[Application]) -> None:
    with translation.override("zh-hant"):
        assert (str(call), str(three[0])) == ("成為成員", "候選人 1")
    with translation.override("ar"):
        assert str(call) == "Become a member"


@pytest.mark.long
@pytest.mark.parametrize("name", ["reviewer1", "moderator", "privacy", "observer", "admin"])
def test_no_way_leads_to_a_page_of_others(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, name: str
) -> None:
    client = sign_in(people[name])
    seen: dict[str, str] = {}
    left = [INDEX]
    while left:
        path = left.pop()
        # Of pages that differ by nothing but a row's number or a mail's name, one.
        if seen.setdefault(re.sub(r"\d+|(?<=/mail-texts/)[^/]+", "-", path), path) != path:
            continue
        response = client.get(path)
        assert response.status_code == 200, path
        found = re.findall(r'href="(/en/admin/[^"?#]*)', response.content.decode())
        left += [one for one in dict.fromkeys(found) if one not in {*seen.values(), *left}]
    assert (LIST in seen) == (name == "reviewer1")
    assert CALLS not in seen


def test_the_list_of_candidates_shows_no_empty_bar(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn
) -> None:
    html = sign_in(people["reviewer1"]).get(LIST).content.decode()
    assert "You have submitted <bdi>0</bdi> of <bdi>3</bdi> reviews." in html
    assert "<progress" not in html


@pytest.mark.long
def test_after_the_last_review_the_way_leads_back_to_the_list(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, scored: Scored
) -> None:
    client = sign_in(people["reviewer1"])
    last = f"{LIST}{three[2].pk}/review/"
    for number, application in enumerate(three):
        assert ("You have submitted all your reviews." in client.get(last).content.decode()) is False, number
        scored(application, people["reviewer1"], 4, 4)
    html = client.get(last).content.decode()
    assert f'You have submitted all your reviews. <a href="{LIST}">Candidates</a>' in html


# --- a candidate whose outcome was told -------------------------------------------------------------------------------


@pytest.mark.long
def test_a_told_candidate_is_read_and_not_reviewed(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn
) -> None:
    hold_all(people, three[1:2], "decline")
    services.release(call.pk, people["coordinator"])
    client = sign_in(people["reviewer1"])
    html = client.get(f"{LIST}{three[1].pk}/review/").content.decode()
    assert "The outcome of this application has been told" in html
    assert "Submit review" not in html
    assert f"{LIST}{three[2].pk}/review/" in html
    assert f"{LIST}{three[1].pk}/review/" not in client.get(f"{LIST}{three[0].pk}/review/").content.decode()


def test_after_the_review_no_next_candidate_is_offered(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, clock: Clock
) -> None:
    clock.set(REVIEW_CLOSES)
    html = sign_in(people["reviewer1"]).get(f"{LIST}{three[0].pk}/review/").content.decode()
    assert "Next candidate to review" not in html
