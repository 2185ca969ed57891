"""What holds for every public page: languages, sameness, caching, cost."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import FeedbackWindow
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline import caching
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import AT, PAGES, TF, PhaseOf, announce, join, make_text, make_window, read

# --- every page ----------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("language", languages.CODES)
def test_every_page_stands_in_every_language(
    client: Client, tf: TaskForce, window: FeedbackWindow, call: Call, people: dict[str, User], language: str
) -> None:
    join(tf, "ada@example.org", "Ada")
    announce(tf, people["coordinator"])
    for address in [*PAGES, f"{TF}news/members/"]:
        page = read(client, address.replace("/en/", f"/{language}/", 1))
        assert page.count("<h1") == 1
        assert f'<html lang="{languages.html_lang(language)}" dir="{languages.direction(language)}">' in page


@pytest.mark.parametrize("address", [*PAGES, f"{TF}news/members/"])
def test_a_page_is_the_same_for_everybody_and_sets_nothing(
    client: Client, tf: TaskForce, people: dict[str, User], settings: LazySettings, address: str
) -> None:
    settings.DEMO = False
    announce(tf, people["coordinator"])
    anonymous = client.get(address)
    client.force_login(people["coordinator"])
    signed_in = client.get(address)
    client.cookies[settings.SESSION_COOKIE_NAME] = "gone"  # which no session is called any more
    over = client.get(address)
    assert signed_in.content == anonymous.content == over.content
    assert signed_in.headers.get("Vary") == anonymous.headers.get("Vary") == over.headers.get("Vary")
    for response in (anonymous, signed_in, over):
        assert not response.cookies
        assert "cookie" not in response.headers.get("Vary", "").lower()
        assert response.headers["Cache-Control"] == "public, max-age=60"
    assert b"<form" not in anonymous.content
    assert b"csrf" not in anonymous.content.lower()


def test_a_reader_who_has_the_page_gets_no_second_copy(client: Client, tf: TaskForce) -> None:
    first = client.get(TF)
    again = client.get(TF, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(TF, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("address", PAGES)
def test_no_page_is_kept_past_the_next_boundary(
    client: Client, tf: TaskForce, clock: Clock, settings: LazySettings, address: str
) -> None:
    settings.DEMO = False
    clock.set(datetime(2022, 3, 1, 11, 59, 40, tzinfo=UTC))
    found = re.fullmatch(r"public, max-age=(\d+)", client.get(address).headers["Cache-Control"])
    assert found is not None
    assert int(found[1]) < 20


@pytest.mark.parametrize(
    ("demo", "at", "seconds"),
    [
        (False, datetime(2022, 2, 15, tzinfo=UTC), 60),
        (False, datetime(2022, 3, 1, 11, 59, 59, 1, tzinfo=UTC), 0),
        (False, datetime(2022, 3, 1, 11, 59, 30, tzinfo=UTC), 30),
        (False, datetime(2022, 3, 1, 12, tzinfo=UTC), 60),
        (False, datetime(2022, 3, 1, 12, 1, 30, tzinfo=UTC), 30),  # two minutes of grace
        (False, datetime(2022, 3, 1, 12, 1, 59, 1, tzinfo=UTC), 0),
        (False, datetime(2022, 3, 1, 12, 2, tzinfo=UTC), 60),
        (False, datetime(2022, 2, 1, 11, 59, 50, tzinfo=UTC), 10),
        (True, datetime(2022, 2, 15, tzinfo=UTC), 0),  # the demo's clock jumps
    ],
)
def test_how_long_a_page_stays_true(
    phase: PhaseOf, settings: LazySettings, at: datetime, seconds: int, *, demo: bool
) -> None:
    settings.DEMO = demo
    assert caching.max_age([phase("feedback")], at) == seconds


@pytest.mark.parametrize(
    "address",
    ["/en/tf/nobody/", "/en/tf/nobody/process/", "/en/tf/nobody/members/", "/en/tf/nobody/news/", f"{TF}news/none/"],
)
def test_what_is_not_there_is_not_found(client: Client, tf: TaskForce, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_a_reading_page_takes_no_post(client: Client, tf: TaskForce, address: str) -> None:
    assert client.post(address).status_code == 405


# --- cost ----------------------------------------------------------------------------------------------------------


def grow(tf: TaskForce, actor: User, questions: QuestionSetVersion, start: int, number: int) -> None:
    """More of everything that the pages list: task forces, phases, windows, texts, changes, news, members."""
    for index in range(start, start + number):
        other = timeline.create_task_force(f"other-{index}", {"en": f"Other {index}"}, at=AT)
        for owner in (tf, other):
            first = date(2030, 1, 1) + timedelta(days=10 * index)
            made = timeline.publish_phase(
                owner,
                slug=f"more-{index}",
                titles={"en": f"More {index}"},
                capabilities=["feedback"],
                opens_on=first,
                closes_on=first + timedelta(days=3),
                at=AT,
            )
        text = make_text(other, f"text-{index}")
        own = make_text(tf, f"text-{index}")
        own_phase = Phase.objects.get(task_force=tf, slug=f"more-{index}")
        make_window(own_phase, own, questions, f"window-{index}")
        make_window(made, text, questions, f"window-{index}")
        timeline.extend(own_phase.pk, closes_on=first + timedelta(days=5), reason="Why", actor=actor)
        join(tf, f"m{index}@example.org", f"Member {index}")
        announce(tf, actor, slug=f"news-{index}")


def _statements(client: Client) -> dict[str, int]:
    counted = {}
    for address in PAGES:
        with CaptureQueriesContext(connection) as made:
            read(client, address)
        counted[address] = len(made)
    return counted


@pytest.mark.long
def test_more_of_everything_costs_no_more_statements(
    client: Client,
    tf: TaskForce,
    people: dict[str, User],
    window: FeedbackWindow,
    call: Call,
    questions: QuestionSetVersion,
) -> None:
    grow(tf, people["coordinator"], questions, 0, 1)
    few = _statements(client)
    grow(tf, people["coordinator"], questions, 1, 4)
    assert _statements(client) == few
    assert max(few.values()) <= 14
