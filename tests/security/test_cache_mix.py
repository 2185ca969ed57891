"""A cache that all visitors share never shows anybody what is another's, nor a language that is not theirs."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from feedback.models import FeedbackWindow
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.notifications import preferences
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from taskforce.urls import urlpatterns as own_urlpatterns
from tests.clients import Client
from tests.feedback.conftest import text as text
from tests.feedback.conftest import version as version
from tests.feedback.conftest import window as window
from tests.security.shared_cache import SharedCache, directives

HERE = "tests.security.test_cache_mix"
TF = "tf/leadership-development/"
PUBLIC = ("", TF, f"{TF}process/", f"{TF}timeline.ics", f"{TF}proposals/proposal/", f"{TF}members/", f"{TF}join/")
PERSONAL = (
    "accounts/email/",
    "accounts/login/",
    "accounts/password/change/",
    "subscriptions/",
    "subscriptions/leadership-development/",
    f"{TF}join/application/",
    f"{TF}feedback/responsibilities/",
    "admin/",
    "admin/timeline/phase/",
    "nothing/",
)
ROLES = ("anonymous", "anonymous-2", "coordinator", "observer", "member", "applicant")
TALKING = ("en", "de", "ar", "zh-hant")


class Person:
    """At a browser of their own, with a language in its settings and maybe another one chosen on the portal."""

    def __init__(self, name: str, accepts: str, chosen: str, user: User | None) -> None:
        self.name, self.chosen, self.user = name, chosen, user
        self.accepts = accepts
        self.client = Client()
        if user is not None:
            self.client.force_login(user)
        if chosen:
            self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen

    def headers(self) -> dict[str, str]:
        """What a cache sees of their requests."""
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in sorted(self.client.cookies.items()))
        return {"accept-language": self.accepts, "cookie": cookies}

    def ask(self, address: str, headers: dict[str, str]) -> Any:
        """The portal itself."""
        return self.client.get(address, headers={name: value for name, value in headers.items() if name != "cookie"})


@pytest.fixture
def persons(people: dict[str, User], tf: TaskForce, window: FeedbackWindow) -> list[Person]:
    """Each with another pair of languages."""
    found = []
    for number, role in enumerate(ROLES):
        user = None if role.startswith("anonymous") else people[role]
        chosen = TALKING[1 - number // 4] if number % 4 == 0 else ""
        found.append(Person(role, TALKING[number % len(TALKING)], chosen, user))
        if user is not None:
            timeline.follow(tf, mailbox=user.email, topics=["deadlines"], language="en", at=app_now())
    return found


def requests(persons: list[Person], dice: random.Random, count: int) -> Iterator[tuple[Person, str]]:
    """Mixed ones: the same few addresses by different people, and pages of one's own."""
    for _ in range(count):
        person = dice.choice(persons)
        part = dice.choice(PUBLIC if dice.random() < 0.5 else PERSONAL)
        address = f"/{dice.choice(TALKING)}/{part}"
        if dice.random() < 0.2:
            address = dice.choice(("/", "/", "/open-data/leadership-development/phases.json", "/healthz"))
        elif dice.random() < 0.1:
            # What the address opens is the mailbox's own, whoever holds it.
            address = f"/en/subscriptions/manage/{preferences.token(person.user.email if person.user else 'a@b.org')}/"
        yield person, address


def plain(response: Any) -> tuple[int, str, str]:
    """What a reader gets of an answer, without what is random in it."""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", response.content)
    return response.status_code, response.headers.get("Location", ""), body.decode()


def mixed_up(persons: list[Person], count: int, addresses: list[str] | None = None) -> tuple[list[str], int]:
    """(what somebody got that was not meant for them, how many answers came from the cache)."""
    cache, dice, found, hits = SharedCache(), random.Random(2022), [], 0
    for person, asked in requests(persons, dice, count):
        address = dice.choice(addresses) if addresses else asked
        cache.now += dice.choice((0.1, 0.5, 3, 40))
        answer, is_hit = cache.get(address, person.headers(), lambda headers: person.ask(address, headers))  # noqa: B023
        hits += is_hit
        if is_hit:
            own = person.ask(address, {"accept-language": person.accepts})
            found += [] if plain(own) == plain(answer) else [f"{person.name} got another's {address}"]
            kept_secret = answer.cookies or "csrfmiddlewaretoken" in answer.content.decode()
            found += [f"{address} gave {person.name} somebody's cookie or form"] if kept_secret else []
        language = address.split("/")[1]
        tag = re.search(r'<html lang="([\w-]+)"', answer.content.decode())
        if tag and languages.is_offered(language) and tag[1].lower() != languages.html_lang(language).lower():
            found.append(f"{person.name} got {tag[1]} at {address}")
    return found, hits


def test_two_hundred_mixed_requests_mix_nothing(persons: list[Person]) -> None:
    found, hits = mixed_up(persons, 200)
    assert found == []
    # It was a cache: public pages came from it.
    assert hits > 10


def test_a_public_page_takes_no_cookie_back(persons: list[Person]) -> None:
    """Who comes with the cookie of a session that is over keeps it until a page of their own."""
    answers = []
    for part in (TF, "accounts/login/"):
        visitor = persons[0].client
        visitor.cookies[settings.SESSION_COOKIE_NAME] = "gone"
        answers.append(visitor.get(f"/en/{part}"))
    public, own = answers
    assert "public" in public.headers["Cache-Control"]
    assert (dict(public.cookies), settings.SESSION_COOKIE_NAME in own.cookies) == ({}, True)


@pytest.mark.long
def test_pages_of_ones_own_are_kept_by_nobody(persons: list[Person]) -> None:
    kept = {}
    for person in persons:
        for part in PERSONAL:
            answer = person.ask(f"/en/{part}", person.headers())
            said = set(directives(answer.headers))
            is_own = person.user is not None or answer.status_code >= 400
            # A form that is nobody's yet may be gone back to, with what was typed in it.
            fine = {"private", "no-store"} <= said or (not is_own and {"private", "no-cache"} <= said)
            window = part.endswith("feedback/responsibilities/") and {"private", "no-cache"} <= said
            if not (fine or window or 300 <= answer.status_code < 400):
                kept[f"{person.name} {part}"] = answer.headers.get("Cache-Control")
    assert kept == {}


# --- what must be seen ---------------------------------------------------------------------------------------------


def by_cookie(request: HttpRequest) -> HttpResponse:
    """In the language of a cookie, and it does not say so."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "en")
    response = HttpResponse(f'<html lang="{languages.html_lang(chosen)}"><h1>{chosen}</h1>')
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def greeting(request: HttpRequest) -> HttpResponse:
    """Somebody's own page for everybody."""
    response = HttpResponse(f"Hello {request.COOKIES.get(settings.SESSION_COOKIE_NAME)}")
    response.headers["Cache-Control"] = "max-age=60"
    return response


urlpatterns = [path("by-cookie/", by_cookie), path("greeting/", greeting), *own_urlpatterns]


@pytest.mark.parametrize("address", ["/by-cookie/", "/greeting/"])
def test_a_page_without_vary_would_be_seen(persons: list[Person], address: str) -> None:
    with override_settings(ROOT_URLCONF=HERE):
        assert mixed_up(persons, 40, [address])[0] != []
