"""The frame of every page: ways in and out, titles, where a task force stands, what is left."""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils.html import escape

from feedback.models import FeedbackWindow
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import PAGES, TF, PhaseOf, announce, read, words


def ways(page: str) -> list[str]:
    """The addresses of the header's navigation after home; of the footer, which leads to what is kept of whom."""
    header = page[page.index('class="pt-nav"') : page.index("</nav>", page.index('class="pt-nav"'))]
    _home, *found = re.findall(r'href="([^"]+)"', header)
    (privacy,) = re.findall(r'href="([^"]+)"', page[page.index('class="pt-footer"') :])
    assert privacy.endswith("/privacy/")
    return found


# --- ways in and out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_a_public_page_has_one_way_for_everybody(
    client: Client, tf: TaskForce, people: dict[str, User], address: str
) -> None:
    """Who reads is not known there: no sign-in, no sign-out, no staff side."""
    for _ in range(2):
        assert ways(read(client, address)) == ["/en/accounts/email/"]
        client.force_login(people["coordinator"])


def test_it_stands_on_a_page_that_is_not_there(client: Client, tf: TaskForce) -> None:
    missing = client.get("/ar/nothing/")
    assert missing.status_code == 404
    assert ways(missing.content.decode()) == ["/ar/accounts/email/"]


@pytest.mark.parametrize("address", ["/en/accounts/login/", f"{TF}feedback/responsibilities/"])
def test_a_personal_page_shows_a_visitor_what_every_page_shows(
    client: Client, window: FeedbackWindow, address: str
) -> None:
    assert ways(read(client, address)) == ways(read(client, "/en/")) == ["/en/accounts/email/"]


@pytest.mark.parametrize("name", ["", "Ann <b>Lee</b>"])
def test_a_personal_page_names_who_is_signed_in(
    client: Client, window: FeedbackWindow, people: dict[str, User], name: str
) -> None:
    member = people["member"]
    User.objects.filter(pk=member.pk).update(name=name)
    client.force_login(member)
    for address in ("/en/accounts/email/", f"{TF}feedback/responsibilities/"):
        page = read(client, address)
        assert ways(page) == ["/en/accounts/email/", "/en/accounts/logout/"]
        assert f'<bdi class="pt-nav__name">{escape(name or member.email)}</bdi>' in page


def test_a_personal_page_leads_staff_to_their_side(
    client: Client, window: FeedbackWindow, people: dict[str, User]
) -> None:
    client.force_login(people["coordinator"])
    page = read(client, f"{TF}feedback/responsibilities/")
    assert ways(page) == ["/en/accounts/email/", "/en/admin/", "/en/accounts/logout/"]


def test_signing_out_takes_two_presses(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["member"])
    out = ways(read(client, "/en/accounts/email/"))[-1]
    page = read(client, out)
    form = page[page.index("<form") : page.index("</form>")]
    assert 'method="post"' in form
    told = client.post(out, follow=True)
    assert "_auth_user_id" not in client.session
    assert "You have signed out." in told.content.decode()


def test_the_account_asks_for_a_sign_in_and_comes_back(client: Client, people: dict[str, User]) -> None:
    assert 'href="/en/accounts/email/"' in read(client, "/en/")
    asked = client.get("/en/accounts/email/")
    assert asked.status_code == 302
    assert asked.headers["Location"].startswith("/en/accounts/login/?next=")
    client.force_login(people["member"])
    assert "/en/accounts/logout/" in read(client, "/en/accounts/email/")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2022, 3, 14, 11, 59, 50, tzinfo=UTC), None),
        (datetime(2022, 3, 14, 12, tzinfo=UTC), "Apply, or go to your application"),
        (datetime(2022, 4, 11, 12, tzinfo=UTC), "Those who applied: go to your application"),
    ],
)
def test_ones_own_application_is_found_from_the_task_force(
    client: Client, call: Call, clock: Clock, moment: datetime, words: str | None
) -> None:
    """Once there can be one, in words that are true for everybody."""
    clock.set(moment)
    found = re.findall(rf'href="{TF}join/application/">([^<]+)<', read(client, TF))
    assert found == ([words] if words else [])


def test_without_a_call_there_is_no_way_to_an_application(client: Client, tf: TaskForce) -> None:
    assert "join/application" not in read(client, TF)


# --- titles --------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("part", ["", "process/", "members/", "news/", "news/members/", "join/"])
def test_a_title_names_the_task_force(client: Client, people: dict[str, User], part: str) -> None:
    announce(TaskForce.objects.get(), people["coordinator"])
    found = re.search(r"<title>(.*?)</title>", read(client, TF + part), re.DOTALL)
    assert found is not None
    assert "Leadership development" in found[1]
    assert found[1].endswith("Task force portal")
    assert "<span" not in found[1]
    marked = read(client, f"/ar{TF.removeprefix('/en')}{part}")
    assert "<span" not in marked[marked.index("<title>") : marked.index("</title>")]


def test_the_title_of_a_window_names_the_task_force(client: Client, window: FeedbackWindow) -> None:
    page = read(client, f"{TF}feedback/{window.slug}/")
    assert "Leadership development · Task force portal</title>" in page


# --- where it stands -----------------------------------------------------------------------------------------------


def stage(page: str) -> str:
    """The words of the line that says where a task force stands."""
    found = re.search(r'<div class="pt-stage">.*?</div>(.*?)</div>', page, re.DOTALL)
    assert found is not None
    return words(found[1]).strip()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2022, 1, 25, 12, tzinfo=UTC), "Not yet open Feedback on the proposal"),
        (datetime(2022, 2, 15, 12, tzinfo=UTC), "Open now Feedback on the proposal"),
        (datetime(2022, 3, 2, 12, tzinfo=UTC), "Not yet open Recruitment of members"),
        (datetime(2022, 4, 20, 12, tzinfo=UTC), "Under way Review of applications"),
        (datetime(2023, 7, 20, 12, tzinfo=UTC), "Closed The task force works"),
    ],
)
def test_one_line_says_where_it_stands(
    client: Client, window: FeedbackWindow, clock: Clock, moment: datetime, expected: str
) -> None:
    clock.set(moment)
    assert stage(read(client, TF)) == expected
    assert stage(read(client, "/en/")).startswith(expected)


def test_home_puts_the_way_in_before_the_timeline(client: Client, window: FeedbackWindow) -> None:
    page = read(client, "/en/")
    assert page.index("pt-stage") < page.index("Take part") < page.index("pt-timeline")


def test_a_change_of_a_date_stands_after_the_date(client: Client, people: dict[str, User], phase: PhaseOf) -> None:
    end = date(2022, 3, 7)
    timeline.extend(phase("feedback").pk, closes_on=end, reason="Late", actor=people["coordinator"])
    page = read(client, TF)
    assert page.index("pt-timeline__close") < page.index("pt-timeline__note")


# --- what is left --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "text", "is_soon"),
    [
        (datetime(2022, 2, 15, 12, tzinfo=UTC), "13 days left", False),
        (datetime(2022, 3, 1, 6, 30, tzinfo=UTC), "5 hours left", True),
        (datetime(2022, 3, 1, 11, 14, 30, tzinfo=UTC), "45 minutes left", True),
    ],
)
def test_the_time_left_is_told(
    client: Client, window: FeedbackWindow, clock: Clock, moment: datetime, text: str, *, is_soon: bool
) -> None:
    for address in ("/en/", TF):
        clock.set(moment)
        page = read(client, address)
        assert words(page).count(text) == 2  # near the way in, and on the timeline
        assert ("pt-left--soon" in page) is is_soon


def test_the_time_left_is_told_in_the_next_step(client: Client, window: FeedbackWindow) -> None:
    page = read(client, TF)
    assert "13 days left" in words(page[page.index("pt-next-step") : page.index('id="timeline"')])


@pytest.mark.parametrize("moment", [datetime(2022, 3, 2, tzinfo=UTC), datetime(2022, 4, 20, tzinfo=UTC)])
def test_where_visitors_have_nothing_to_do_no_time_is_counted(
    client: Client, window: FeedbackWindow, call: Call, clock: Clock, moment: datetime
) -> None:
    clock.set(moment)
    for address in ("/en/", TF):
        assert "data-left" not in read(client, address)


# --- the reader's own time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [f"{TF}process/", f"{TF}news/", f"{TF}news/members/"])
def test_instants_are_ready_for_the_readers_own_time(client: Client, people: dict[str, User], address: str) -> None:
    announce(TaskForce.objects.get(), people["coordinator"])
    main = read(client, address).split("<main", 1)[1]
    instants = re.findall(r"<time [^>]*>", main)
    assert instants
    assert all("data-local" in instant for instant in instants)
