"""While all mail is on hold, staff see it where they send, and whoever asks to follow hears that mail may be late."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.notifications import services as outbox
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import services
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.timeline.bulletins import draft, follow, offered
from tests.timeline.test_admin import fields, page_of, text_of
from tests.timeline.test_bulletin_pages import page_of as bulletin_page
from tests.timeline.test_bulletin_pages import press
from tests.timeline.test_drafts import planned
from tests.timeline.test_following import ANN, FIELDS, FORM, SENT

HOLDS = "/en/admin/notifications/hold/"
SAYS = "All mail is on hold"
PhaseOf = Callable[[str], Phase]


@pytest.fixture(params=["staff", "environment"])
def held(request: pytest.FixtureRequest, tf: TaskForce, settings: Settings) -> None:
    """Mail on hold, by either hand."""
    if request.param == "environment":
        settings.MAIL_HOLD = True
    else:
        outbox.hold("a wrong text", at=app_now(), actor_id=5, actor_name="Ada", allow=None)


@pytest.fixture
def pages(tf: TaskForce, phase: PhaseOf, people: dict[str, User], client: Client) -> Callable[[], list[Any]]:
    """Every page of the staff side from which mail to followers comes, as a coordinator gets it."""
    client.force_login(people["coordinator"])
    writing = draft(tf, people["coordinator"])
    planning = services.draft_phase(tf, planned(), actor=people["coordinator"])
    return lambda: [
        client.get(page_of(phase("feedback"))),
        client.post(page_of(phase("feedback")), fields()),
        client.get(f"/en/admin/timeline/phase/{planning.pk}/publish/"),
        client.get(bulletin_page(writing)),
        client.get("/en/admin/timeline/subscription/add/"),
    ]


@pytest.mark.long
@pytest.mark.usefixtures("held")
def test_staff_read_it_where_they_send(pages: Callable[[], list[Any]]) -> None:
    for page in map(text_of, pages()):
        assert page.count(SAYS) == 1
        assert f'href="{HOLDS}"' in page.partition('id="content-main"')[2]


@pytest.mark.long
def test_nothing_is_said_where_mail_goes(pages: Callable[[], list[Any]]) -> None:
    for page in map(text_of, pages()):
        assert SAYS not in page


def test_who_may_not_look_into_holds_gets_no_link_there(
    tf: TaskForce, people: dict[str, User], client: Client, settings: Settings
) -> None:
    settings.MAIL_HOLD = True
    made = draft(tf, people["coordinator"])
    client.force_login(people["observer"])
    page = text_of(client.get(bulletin_page(made)))
    assert SAYS in page
    assert HOLDS not in page


@pytest.mark.parametrize(("is_held", "said"), [(True, "The mail waits"), (False, "The mail is on its way")])
def test_who_sends_is_told_what_becomes_of_it(
    tf: TaskForce, people: dict[str, User], client: Client, settings: Settings, *, is_held: bool, said: str
) -> None:
    settings.MAIL_HOLD = is_held
    follow(tf, "a@example.org")
    made = offered(tf, people["coordinator"])
    client.force_login(people["deputy"])
    answer = press(client, made, "send", version=made.version, count=1, confirmed="on")
    assert said in text_of(client.get(answer["Location"]))


@pytest.mark.usefixtures("held")
def test_whoever_asks_to_follow_hears_that_the_mail_may_be_late(client: Client) -> None:
    answer = client.post(FORM, FIELDS)
    assert (answer.status_code, answer.headers["Location"]) == (303, SENT)
    page = client.get(SENT)
    assert "it may take longer than a few minutes" in text_of(page)
    assert "a mail is on its way" not in text_of(page)
    assert ANN not in text_of(page)
    assert OutboxMessage.objects.get().state == "queued", "what was asked for is kept"
    assert text_of(Client().get(SENT)) == text_of(page), "it is the same for everybody"


def test_otherwise_the_mail_is_on_its_way(client: Client, tf: TaskForce) -> None:
    page = text_of(client.get(SENT))
    assert "a mail is on its way" in page
    assert "hold" not in page
