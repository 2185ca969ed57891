"""Every address that a task force had under an earlier name leads to where it is, with what was asked or sent."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce import urls
from taskforce.accounts.models import User
from taskforce.timeline import services
from taskforce.timeline.models import Subscription, TaskForce
from tests.architecture import routes
from tests.clients import Client

OLD, NEW = "leadership-development", "working-group"


@pytest.fixture
def moved(tf: TaskForce, people: dict[str, User]) -> TaskForce:
    """Renamed twice; the address in between is a former one too."""
    for slug in ("in-between", NEW):
        services.rename(tf.pk, names={"en": slug}, slug=slug, reason="Because.", actor=people["coordinator"])
    tf.refresh_from_db()
    return tf


@pytest.mark.parametrize(
    "path",
    [
        "/en/tf/{}/", "/ar/tf/{}/process/", "/en/tf/{}/timeline.ics", "/open-data/{}/phases.json",
        "/open-data/{}/phases.csv", "/en/subscriptions/{}/", "/en/subscriptions/sent/{}/", "/en/tf/{}/news/",
        "/en/tf/{}/news/no-such-news/", "/en/tf/{}/members/", "/en/tf/{}/join/", "/en/tf/{}/join/application/",
        "/en/tf/{}/proposals/proposal/r/1/", "/en/tf/{}/proposals/proposal/diff/1..2/", "/zh-hant/tf/{}/feedback/w/",
    ],
)  # fmt: skip
def test_it_leads_to_the_same_page_of_the_newest_name(client: Client, moved: TaskForce, path: str) -> None:
    for slug in (OLD, "in-between"):
        answer = client.get(path.format(slug) + "?q=a%20b&page=2")
        assert (answer.status_code, answer.headers["Location"]) == (301, path.format(NEW) + "?q=a%20b&page=2")
        assert "Set-Cookie" not in answer.headers
    assert client.head(path.format(OLD)).status_code == 301


def test_all_pages_with_a_task_force_in_their_address_call_it_the_same() -> None:
    """What leads on goes by the name of that part; a page that called it otherwise would be left behind."""
    every = [one.route for one in routes.all_routes(urls.urlpatterns)]
    about = [route for route in every if route.startswith(("L/tf/", "open-data/", "L/subscriptions/<slug:"))]
    assert len(about) > 15
    assert [route for route in about if "<slug:task_force>" not in route] == []


def test_without_a_language_it_gets_there_too(client: Client, moved: TaskForce) -> None:
    answer = client.get(f"/tf/{OLD}/?x=1", follow=True, headers={"accept-language": "ja"})
    assert answer.redirect_chain[-1] == (f"/ja/tf/{NEW}/?x=1", 301)
    assert answer.status_code == 200


def test_what_nobody_ever_had_is_not_there(client: Client, moved: TaskForce) -> None:
    for path in ("/en/tf/never-had/", f"/en/tf/{NEW}/proposals/never-had/", f"/en/tf/{OLD}/never-had/"):
        assert client.get(path).status_code == 404


def test_a_form_of_the_old_address_arrives(client: Client, moved: TaskForce) -> None:
    sent = {
        "email": "a@example.org",
        "zone": "UTC",
        "topics": ["deadlines"],
        "frequency": "immediate",
        "language": "en",
    }
    answer = client.post(f"/en/subscriptions/{OLD}/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/en/subscriptions/{NEW}/")
    arrived = client.post(f"/en/subscriptions/{OLD}/", sent, follow=True)
    assert arrived.status_code == 200
    assert Subscription.objects.filter(task_force=moved, mailbox="a@example.org").exists()


def test_an_address_taken_back_leads_nowhere_else(client: Client, moved: TaskForce, people: dict[str, User]) -> None:
    services.rename(moved.pk, names={}, slug=OLD, reason="Back.", actor=people["coordinator"])
    assert client.get(f"/en/tf/{OLD}/").status_code == 200
    answer = client.get(f"/en/tf/{NEW}/")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/en/tf/{OLD}/")
    # A browser that kept the way there for ever would go round and round.
    assert answer.headers["Cache-Control"] == "no-cache"


def test_only_what_is_not_there_costs_a_look(client: Client, moved: TaskForce) -> None:
    looks = []
    for slug in (NEW, OLD):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/en/tf/{slug}/timeline.ics")
        looks.append(sum("timeline_rename" in one["sql"] for one in asked.captured_queries))
    assert looks == [0, 1]
