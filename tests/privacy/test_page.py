"""The privacy page says everything that the map says, in every language, and names every cookie that is set."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import translation
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.core import languages, personal
from taskforce.portal import privacy_words
from taskforce.portal.demo import clock as demo_clock
from tests.architecture.walk import World
from tests.clients import Client
from tests.feedback.pages import address, fresh
from tests.portal.making import read, words
from tests.privacy.walking import Walk, names

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("dsn", ["", "https://key@tracker.example.org/1"])
def test_the_page_says_that_faults_are_reported_where_they_are(client: Client, settings: Settings, dsn: str) -> None:
    settings.SENTRY_DSN = dsn
    assert ("a service that collects faults" in words(read(client, "/en/privacy/"))) is bool(dsn)


@pytest.mark.parametrize("language", languages.CODES)
def test_the_page_says_all_of_the_map(client: Client, language: str) -> None:
    page = words(read(client, f"/{language}/privacy/")).casefold()
    with translation.override(language):
        shown = [(row.what, row.kept, privacy_words.readers(row.readers)) for row in personal.rows()]
        told = [re.sub(r"\s+", " ", str(text)).casefold() for texts in shown if not _is_demo(texts) for text in texts]
    missing = [text for text in told if _plain(text) not in _plain(page)]
    assert missing == []


def _is_demo(texts: tuple[Any, ...]) -> bool:
    return texts[0] in [row.what for row in personal.rows() if row.purpose.is_demo]


def _plain(text: str) -> str:
    return text.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")


def test_what_the_demonstration_keeps_is_told_there_only(client: Client, settings: LazySettings) -> None:
    assert 'id="demonstration"' not in read(client, "/en/privacy/")
    settings.DEMO = True
    assert "demonstration" in [purpose.code for purpose in privacy_words.purposes()]


def test_the_page_is_the_same_for_everybody(client: Client, world: World) -> None:
    anonymous = client.get("/en/privacy/")
    client.force_login(User.objects.get(email="coordinator@demo.example"))
    signed_in = client.get("/en/privacy/")
    assert signed_in.content == anonymous.content
    for response in (anonymous, signed_in):
        assert not response.cookies
        assert "cookie" not in response.headers.get("Vary", "").lower()
        assert response.headers["Cache-Control"] == "public, max-age=60"


def test_readers_are_named_in_their_own_order() -> None:
    assert privacy_words.readers({"observer", "coordinator", personal.ONESELF}) == "you, coordinator, and observer"
    assert privacy_words.readers(set()) == "nobody: only the portal itself uses it"
    assert privacy_words.readers({personal.ANYBODY, "observer"}) == "everybody"


def test_every_public_page_and_form_leads_there(client: Client, world: World) -> None:
    """In the footer of every page; the form of feedback names its own part."""
    for path in ("/en/", "/en/accounts/login/", "/en/accounts/signup/", "/ar/tf/leadership-development/"):
        assert f'href="{path[:3]}/privacy/"' in read(client, path)


def test_every_form_says_what_is_kept_before_it_is_sent(world: World) -> None:
    """Above its button, in one line, with the way to its own part of the page."""
    person = Client()
    person.force_login(User.objects.get(email="member@demo.example"))
    forms = (
        (Client(), "/ar/accounts/signup/", "account", datetime(2022, 2, 15, 12, tzinfo=UTC)),
        (Client(), address("ar"), "feedback", datetime(2022, 2, 15, 12, tzinfo=UTC)),
        (
            person,
            "/ar/tf/leadership-development/join/application/",
            "application",
            datetime(2022, 3, 21, 12, tzinfo=UTC),
        ),
    )
    parts = read(Client(), "/ar/privacy/")
    for visitor, path, part, at in forms:
        demo_clock.set_to(at, back=True)
        form = re.findall(r"<form[^>]*data-main.*?</form>", read(visitor, path), re.S)[0]
        assert form.index(f'href="/ar/privacy/#{part}"') < form.index("<button")
        assert f'id="{part}"' in parts


@pytest.mark.long
def test_every_cookie_is_named(walk: Walk) -> None:
    """Over every address, and over the forms that set one: those on the page, no other, none in vain."""
    met = set().union(*(way.cookies for way in walk.all()))
    assert met | _of_forms() == {cookie.name() for cookie in personal.cookies()}


def _of_forms() -> set[str]:
    visitor = Client()
    answers = [visitor.get("/en/accounts/login/")]
    answers += [
        visitor.post("/en/accounts/login/", {"login": "member@demo.example", "password": "demo"}),
        visitor.post("/en/accounts/profile/", {"language": "fr"}),
    ]
    demo_clock.set_to(datetime(2022, 2, 15, 12, tzinfo=UTC), back=True)
    answers.append(visitor.post(address(), fresh(visitor, act="keep")))
    answers.append(visitor.post(address(), fresh(visitor)))
    return set().union(*map(names, answers))
