"""A wiki that fails, hangs or lies: a readable page within ten seconds, never a 5xx, and nobody is signed in."""

import logging
import time
from typing import Any

import pytest
import requests
from pytest_django import Settings

from taskforce.accounts import fetching
from taskforce.accounts.models import User
from taskforce.accounts.services import connect_wikimedia, create_account
from taskforce.core.clock import app_now
from tests.accounts.oauth_server import Wiki, a_person
from tests.accounts.wikimedia import come_back, decide, is_signed_in, leave
from tests.clients import Client

pytestmark = pytest.mark.django_db
ANSWERS = ["error", "no json", "empty", "list", "number", "null", "other object", "deep", "long", "elsewhere"]
FAULTS = [(place, fault) for place in ("token", "profile") for fault in (*ANSWERS, "broken", "no http")]
ODD_TYPES = [
    f"{kind}; charset={name}" for kind in ("application/json", "text/html") for name in ("idna", "undefined", "utf-16")
]
FAULTS += [("token", fault) for fault in ("bad token", "foreign token", "token of numbers", "other token")]


@pytest.fixture
def ann() -> User:
    """Somebody whom a wiki in good health would sign in."""
    user = create_account("ann@example.org", at=app_now(), name="Ann")
    connect_wikimedia(user.pk, "4711", "Wiki Ann", at=app_now())
    return user


def said(client: Client, answer: Any) -> str:
    """What the person reads in the end; checks that nothing has happened."""
    text, wrong = met(client, answer)
    assert wrong == []
    return text


def met(client: Client, answer: Any) -> tuple[str, list[Any]]:
    """(what the person reads in the end, what is wrong with it: a refusal says that nothing has happened)."""
    if (answer.status_code, is_signed_in(client)) != (302, False):
        return "", [answer.status_code, is_signed_in(client)]
    page = client.get(answer.headers["Location"])
    text: str = page.content.decode()
    is_told = "You are not signed in, and nothing has changed." in text
    return text, [] if (page.status_code, is_told) == (401, True) else [page.status_code, is_told]


@pytest.mark.parametrize("place", ["token", "profile"])
def test_in_good_health_it_signs_in(client: Client, wiki: Wiki, ann: User, place: str) -> None:
    """Also where it does not say that its answer is JSON; the failures below are due to their faults."""
    wiki.fault = (place, "no type")
    come_back(client)
    assert is_signed_in(client)


@pytest.mark.long
@pytest.mark.parametrize("place", ["token", "profile"])
def test_what_it_says_of_its_answer_does_not_count(wiki: Wiki, ann: User, place: str) -> None:
    """A type or a set of characters that is another one, or that nothing can be read by, is passed over."""
    for kind in ODD_TYPES:
        client, wiki.fault = Client(), (place, kind)
        come_back(client)
        assert is_signed_in(client), kind


@pytest.mark.parametrize("place", ["token", "profile"])
def test_what_is_nested_beside_the_answer_is_not_handed_on(wiki: Wiki, ann: User, place: str) -> None:
    """Read in a thread that begins at nothing, it could not be read once more deep in the framework."""
    found = {}
    for depth in (700, 800, 860, *range(880, 1001, 15)):
        client, wiki.fault = Client(raise_request_exception=False), (place, f"nested {depth}")
        found[depth] = (come_back(client).status_code, is_signed_in(client))
    assert found[700] == (302, True)
    assert {depth: answer for depth, answer in found.items() if answer not in ((302, True), (302, False))} == {}


def test_a_wiki_that_fails_or_lies(wiki: Wiki, ann: User) -> None:
    found = {}
    for fault in FAULTS:
        client, wiki.fault = Client(), fault
        text, wrong = met(client, come_back(client))
        asked = [path for _method, path, _agent in wiki.asked if path == "/elsewhere"]
        found[fault] = (wrong, "begin once more" in text.lower(), asked)
    assert {fault: what for fault, what in found.items() if what != ([], True, [])} == {}


@pytest.mark.long
@pytest.mark.parametrize("place", ["token", "profile"])
@pytest.mark.parametrize("fault", ["silent", "slow headers", "slow body"])
def test_a_wiki_that_hangs(
    client: Client, wiki: Wiki, ann: User, monkeypatch: pytest.MonkeyPatch, place: str, fault: str
) -> None:
    """Whether it says nothing or a byte at a time, a question is over when its time is; a sign-in has two."""
    assert 2 * fetching.SECONDS < 10
    monkeypatch.setattr(fetching, "SECONDS", 0.8)
    wiki.fault = (place, fault)
    way_back = decide(leave(client))
    start = time.monotonic()
    answer = client.get(way_back)
    assert 0.7 < time.monotonic() - start < 9
    assert "Wikimedia did not answer" in said(client, answer)


@pytest.mark.long
def test_the_librarys_own_limits_would_not_end_it(wiki: Wiki) -> None:
    """They hold for each single wait, of which a byte at a time needs none that is long."""
    wiki.fault = ("profile", "slow body")
    address = f"{wiki.address}/rest.php/oauth2/resource/profile"
    start = time.monotonic()
    with requests.get(address, timeout=(0.6, 0.6), stream=True) as answer:
        for _part in answer.iter_content(1):
            if time.monotonic() - start > 1.5:
                break
    assert time.monotonic() - start > 1.5


def test_a_wiki_that_is_away(client: Client, wiki: Wiki, ann: User, settings: Settings) -> None:
    way_back = decide(leave(client))
    settings.MEDIAWIKI_URL = "http://127.0.0.1:9/w"
    assert "Wikimedia did not answer" in said(client, client.get(way_back))


NOBODIES = [
    {key: value for key, value in a_person().items() if key != "sub"},
    a_person(sub=None),
    a_person(sub=""),
    a_person(sub=0),
    a_person(sub="0"),
    a_person(sub=True),
    a_person(sub=["4711"]),
    a_person(sub={"a": 1}),
    a_person(sub="4711\x00"),
    a_person(sub="4711\n"),
    a_person(sub="x" * 400),
    a_person(sub=4711.5),
    a_person(username=None),
    a_person(username="\u200b \u202e"),
    a_person(username=["Ann"]),
]


@pytest.mark.long
def test_a_profile_that_names_nobody(wiki: Wiki, ann: User) -> None:
    found = {}
    for person in NOBODIES:
        client, wiki.person = Client(), person
        text, wrong = met(client, come_back(client))
        found[str(person)] = (wrong, "Wikimedia did not confirm who you are." in text)
    assert {person: what for person, what in found.items() if what != ([], True)} == {}


def test_a_number_may_be_one(client: Client, wiki: Wiki, ann: User) -> None:
    """MediaWiki's own versions differ in whether it is a text."""
    wiki.person = a_person(sub=4711)
    come_back(client)
    assert is_signed_in(client)


@pytest.mark.parametrize("setting", ["MEDIAWIKI_SECRET", "MEDIAWIKI_KEY"])
def test_a_wrong_consumer(client: Client, wiki: Wiki, ann: User, settings: Settings, setting: str) -> None:
    way_back = decide(leave(client))
    setattr(settings, setting, "wrong")
    said(client, client.get(way_back))


def test_the_log_holds_nothing_of_what_came(
    client: Client, wiki: Wiki, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    wiki.fault = ("token", "other object")
    with caplog.at_level(logging.INFO):
        way_back = decide(leave(client))
        client.get(way_back)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("portal")]
    assert "sign-in with the wiki failed: OAuth2Error" in ours
    code = way_back.partition("code=")[2].partition("&")[0]
    assert not [line for line in ours if "hello" in line or code in line]
