"""Signing in with a Wikimedia account: the way there and back, who one may become, and what is kept of it."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.models import Session
from django.core.cache import cache
from pytest_django import Settings

from taskforce.accounts import second_factor
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import connect_wikimedia, create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import STEP, app_code, prove, send_stale
from tests.accounts.oauth_server import KEY, REAL_NAME, REFRESH, TOKEN, Wiki, a_person
from tests.accounts.wikimedia import CALLBACK, LOGIN, SIGN_UP, come_back, decide, is_signed_in, leave
from tests.clients import APP_KEY, RECOVERY_SEED, Client

pytestmark = pytest.mark.django_db
ACCOUNT = "/en/accounts/email/"
CONFIRM = "/en/accounts/confirm-email/"
OUTSIDE = ("//evil.test/", "https://evil.test/", "/\\evil.test/", "javascript:alert(1)", "https:evil.test")


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> None:
    """allauth counts in the cache."""
    cache.clear()


@pytest.fixture
def ann() -> User:
    """Somebody with an account, to which that of the wiki belongs."""
    user = create_account("ann@example.org", at=app_now(), name="Ann", language="ar")
    connect_wikimedia(user.pk, "4711", "Wiki Ann", at=app_now())
    return user


def sign_up(client: Client, email: str, **fields: str) -> Any:
    """Type an address into the form of somebody new."""
    assert client.get(SIGN_UP).status_code == 200
    return client.post(SIGN_UP, {"email": email, **fields})


def latest() -> OutboxMessage:
    """The newest mail."""
    return OutboxMessage.objects.latest("pk")


# --- where it is not offered -----------------------------------------------------------------------------------------


WITH_A_CONSUMER = [
    "mediawiki/login/",
    "mediawiki/login/?process=connect",
    "mediawiki/login/callback/?code=a&state=b",
    "3rdparty/",
    "3rdparty/signup/",
    "3rdparty/login/cancelled/",
    "3rdparty/login/error/",
    "social/signup/",
    "social/connections/",
    "social/login/error/",
    "social/login/cancelled/",
]


@pytest.mark.long
@pytest.mark.parametrize("signed_in", [False, True])
def test_without_a_consumer_nothing_is_there(client: Client, *, signed_in: bool) -> None:
    if signed_in:
        client.force_login(create_account("bo@example.org", at=app_now()))
    fields = {"account": "1", "email": "a@b.example"}
    addresses = [f"/{language}/accounts/{end}" for language in ("en", "ar") for end in WITH_A_CONSUMER]
    answers = {
        **{("get", address): client.get(address).status_code for address in addresses},
        **{("post", address): client.post(address, fields).status_code for address in addresses},
    }
    assert {sent: status for sent, status in answers.items() if status != 404} == {}
    for page in ("login/", "signup/", "login/code/", "email/"):
        assert "Wikimedia" not in client.get(f"/en/accounts/{page}", follow=True).content.decode()


def test_a_consumer_that_goes_leaves_no_page_broken(client: Client, wiki: Wiki, settings: Settings) -> None:
    """Half-way through, with everything in the session."""
    come_back(client)
    sign_up(client, "new@example.org")
    settings.MEDIAWIKI_KEY = ""
    for page in ("login/", "confirm-email/", "signup/"):
        assert client.get(f"/en/accounts/{page}").status_code in (200, 302)
    assert client.get(SIGN_UP).status_code == 404


# --- the way there ---------------------------------------------------------------------------------------------------


def test_it_is_offered_beside_the_other_ways(client: Client, wiki: Wiki) -> None:
    for page in ("login/", "signup/"):
        html = client.get(f"/ar/accounts/{page}?next=/ar/tf/").content.decode()
        form = html.partition('action="/ar/accounts/mediawiki/login/"')[2].partition("</form>")[0]
        assert 'name="next" value="/ar/tf/"' in form


def test_reading_begins_nothing(client: Client, wiki: Wiki) -> None:
    answer = client.get(f"{LOGIN.format(language='en')}?next=/en/tf/&process=login")
    html = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    assert (answer.status_code, client.session.items()) == (200, {}.items())
    assert html.count("data-main") == 1
    assert 'name="next" value="/en/tf/"' in html
    assert wiki.asked == []


def test_it_needs_the_forms_own_token(wiki: Wiki) -> None:
    assert Client(enforce_csrf_checks=True).post(LOGIN.format(language="en")).status_code == 403


def test_very_many_from_one_address_leave_no_more_sessions(
    wiki: Wiki, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they write in front of the address that the proxy appends; another address goes on, reading too."""
    monkeypatch.setattr(table, "TO_THE_WIKI", table.TO_THE_WIKI._replace(most=5))
    settings.TRUSTED_PROXIES = 1
    login = LOGIN.format(language="ar")

    def begin(address: str, turn: int = 0) -> Any:
        return Client().post(login, headers={"x-forwarded-for": f"10.0.0.{turn}, {address}"})

    answers = [begin("198.51.100.1", turn) for turn in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
    assert 'lang="ar" dir="rtl"' in answers[-1].content.decode()
    assert Session.objects.count() == 5
    assert Client().get(login, headers={"x-forwarded-for": "198.51.100.1"}).status_code == 200
    assert begin("198.51.100.2").status_code == 200


@pytest.mark.parametrize("language", ["en", "ar", "zh-hant"])
def test_what_the_wiki_is_asked_for(client: Client, wiki: Wiki, language: str, settings: Settings) -> None:
    """One address to come back to, whatever the language; PKCE; nothing that a link could have slipped in."""
    evil = "?scope=editpage&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.test%26prompt%3Dnone"
    answer = client.post(LOGIN.format(language=language) + evil)
    address = answer.content.decode().partition('content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(address).query, keep_blank_values=True)
    assert address.startswith(f"{wiki.address}/rest.php/oauth2/authorize?")
    assert asked.pop("redirect_uri") == [f"{settings.SITE_URL}/en/accounts/mediawiki/login/callback/"]
    assert asked.keys() == {"client_id", "scope", "response_type", "state", "code_challenge", "code_challenge_method"}
    assert (asked["client_id"], asked["scope"], asked["code_challenge_method"]) == ([KEY], [""], ["S256"])
    assert "form-action 'self'" in re.split(" *; *", answer.headers["Content-Security-Policy"])
    assert "no-store" in answer.headers["Cache-Control"]


# --- and back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar", "zh-hant"])
def test_who_is_known_comes_back_signed_in_and_in_their_language(
    client: Client, wiki: Wiki, ann: User, language: str
) -> None:
    answer = come_back(client, language)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{language}/accounts/email/")
    assert client.session["_auth_user_id"] == str(ann.pk)
    assert wiki.refused == []


def test_the_portal_says_who_asks(client: Client, wiki: Wiki, ann: User, settings: Settings) -> None:
    """As Wikimedia's policy on user agents wants it: what, where, whom to write to."""
    come_back(client)
    agents = {agent for _method, path, agent in wiki.asked if path in ("/access_token", "/resource/profile")}
    assert agents == {f"taskforce-portal/0.1 ({settings.SITE_URL}/; portal@example.org)"}


def test_they_go_on_to_where_they_wanted(client: Client, wiki: Wiki, ann: User) -> None:
    answer = come_back(client, "zh-hant", next="/zh-hant/tf/leadership-development/join/application/")
    assert answer.headers["Location"] == "/zh-hant/tf/leadership-development/join/application/"


@pytest.mark.long
def test_but_never_to_another_site(wiki: Wiki, ann: User) -> None:
    found = {outside: come_back(Client(), next=outside).headers["Location"] for outside in OUTSIDE}
    assert {outside: place for outside, place in found.items() if place != "/en/accounts/email/"} == {}


def test_staff_are_asked_for_their_second_step_too(client: Client, wiki: Wiki, ann: User) -> None:
    second_factor.give(ann, APP_KEY, RECOVERY_SEED, at=app_now())
    grant_role(ann, Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    answer = come_back(client, next="/en/admin/")
    assert answer.headers["Location"].startswith(STEP)
    assert not is_signed_in(client)
    assert client.get("/en/admin/").status_code == 302
    answer = client.post(STEP, {"code": app_code()})
    assert answer.headers["Location"] == "/en/admin/"
    assert client.get("/en/admin/").status_code == 200


def test_a_locked_account_stays_locked(client: Client, wiki: Wiki, ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    come_back(client)
    assert not is_signed_in(client)


def test_the_session_is_a_new_one(client: Client, wiki: Wiki, ann: User) -> None:
    way_back = decide(leave(client))
    before = client.session.session_key
    client.get(way_back)
    assert is_signed_in(client)
    assert client.session.session_key != before


# --- somebody new ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_somebody_new_confirms_an_address_and_is_in(client: Client, wiki: Wiki) -> None:
    answer = come_back(client, "en", next="/en/tf/")
    assert answer.headers["Location"] == SIGN_UP
    form = client.get(SIGN_UP).content.decode()
    assert 'value="ann@wiki.example"' in form
    assert "<bdi><strong>Wiki Ann</strong></bdi>" in form
    assert sign_up(client, "ann@wiki.example").status_code == 302
    assert not is_signed_in(client)
    assert latest().kind == "account-confirm-code"
    answer = client.post(CONFIRM, {"code": latest().context["code"]})
    assert answer.headers["Location"] == "/en/tf/"
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == ("ann@wiki.example", "Wiki Ann", False)
    assert SocialAccount.objects.get().user == user
    assert list(Entry.objects.order_by("pk").values_list("action", flat=True)) == [
        "account.created",
        "account.address-confirmed",
        "account.connected",
        "account.name",
    ]
    other = Client()
    come_back(other)
    assert is_signed_in(other)


@pytest.mark.long
@pytest.mark.parametrize(
    "said",
    [
        {"confirmed_email": False},
        {"email": None},
        {"email": ""},
        {"email": ["ann@wiki.example"]},
        {"email": "nonsense"},
        {"confirmed_email": "yes"},
    ],
)
def test_an_address_that_the_wiki_has_not_confirmed_is_asked_for(
    client: Client, wiki: Wiki, said: dict[str, Any]
) -> None:
    wiki.person = a_person(**said)
    assert come_back(client).headers["Location"] == SIGN_UP
    assert "wiki.example" not in client.get(SIGN_UP).content.decode()
    assert client.post(SIGN_UP, {"email": ""}).status_code == 200
    assert sign_up(client, "typed@example.org").status_code == 302
    client.post(CONFIRM, {"code": latest().context["code"]})
    assert (is_signed_in(client), User.objects.get().email) == (True, "typed@example.org")


def test_the_name_is_cleaned(client: Client, wiki: Wiki) -> None:
    wiki.person = a_person(username="  An\u202en\u200b <b>\x00 " + "x" * 300)
    come_back(client)
    sign_up(client, "new@example.org")
    client.post(CONFIRM, {"code": latest().context["code"]})
    name = User.objects.get().name
    assert name.startswith("Ann <b> xxx")
    assert len(name) == User.LONGEST_NAME


def test_what_is_kept(client: Client, wiki: Wiki) -> None:
    """Number and name; no token, no real name, and no address but the one that was typed."""
    come_back(client)
    half_way = [Session.objects.all(), list(client.session.items())]
    assert TOKEN not in json.dumps([list(client.session.items())], default=str)
    sign_up(client, "typed@example.org")
    client.post(CONFIRM, {"code": latest().context["code"]})
    account = SocialAccount.objects.get()
    assert (account.provider, account.uid, account.extra_data) == ("mediawiki", "4711", {"username": "Wiki Ann"})
    assert not SocialToken.objects.exists()
    come_back(Client())
    account.refresh_from_db()
    assert account.extra_data == {"username": "Wiki Ann"}
    everything = [half_way, list(client.session.items()), *SocialAccount.objects.values(), *Entry.objects.values()]
    everything += [*User.objects.values(), *OutboxMessage.objects.values("context", "mailbox")]
    for canary in (TOKEN, REFRESH, REAL_NAME, "ann@wiki.example"):
        assert canary not in json.dumps(everything[1:], default=str)
    assert REAL_NAME not in json.dumps(half_way, default=str)


# --- somebody whose address is known here already --------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["bo@example.org", "BO@Example.org", " Bo@EXAMPLE.ORG "])
@pytest.mark.parametrize("confirmed_here", [True, False])
@pytest.mark.parametrize("confirmed_there", [True, False])
def test_nobody_takes_over_an_account_by_its_address(
    client: Client, wiki: Wiki, typed: str, *, confirmed_here: bool, confirmed_there: bool
) -> None:
    bo = create_account("bo@example.org", at=app_now(), name="Bo")
    EmailAddress.objects.update(verified=confirmed_here)
    wiki.person = a_person(email=typed.strip(), confirmed_email=confirmed_there)
    assert come_back(client).headers["Location"] == SIGN_UP
    answer = sign_up(client, typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, CONFIRM)
    assert client.post(CONFIRM, {"code": "ABCD-2345"}).status_code == 200
    assert not is_signed_in(client)
    assert (SocialAccount.objects.count(), User.objects.get()) == (0, bo)
    assert (latest().kind, latest().mailbox) == ("account-connect", "bo@example.org")
    assert latest().context == {"url": "http://testserver/en/accounts/email/"}


@pytest.mark.long
def test_whether_an_address_is_known_shows_nowhere(wiki: Wiki) -> None:
    create_account("bo@example.org", at=app_now(), name="Bo")
    seen = []
    for number, email in enumerate(("bo@example.org", "no@example.org")):
        client = Client()
        wiki.person = a_person(sub=str(number + 1), email=email)
        pages = [come_back(client), client.get(SIGN_UP), sign_up(client, email), client.get(CONFIRM)]
        pages.append(client.post(CONFIRM, {"code": "ABCD-2345"}))
        seen.append(
            [
                (page.status_code, page.headers.get("Location"), set(page.cookies), _body(page).replace(email, ""))
                for page in pages
            ]
        )
    assert seen[0] == seen[1]


def _body(answer: Any) -> str:
    # The token of a form is another each time.
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


@pytest.mark.long
def test_whoever_types_anothers_address_gets_no_way_into_their_account(wiki: Wiki) -> None:
    """Not even when the other one finds the account later, and confirms its address in another way."""
    stranger, owner = Client(), Client()
    come_back(stranger)
    sign_up(stranger, "owner@example.org")
    cache.clear()
    owner.post("/en/accounts/login/code/", {"email": "owner@example.org"})
    owner.post("/en/accounts/login/code/confirm/", {"code": latest().context["code"]})
    assert is_signed_in(owner)
    for page in (CONFIRM, "/en/accounts/login/", ACCOUNT, SIGN_UP):
        stranger.get(page)
    stranger.post(CONFIRM, {"code": "ABCD-2345"})
    come_back(stranger)
    assert not is_signed_in(stranger)
    assert not SocialAccount.objects.exists()
    assert User.objects.get().name == ""


# --- joining two accounts --------------------------------------------------------------------------------------------


@pytest.fixture
def bo(client: Client) -> User:
    """Somebody who is signed in, without anything at the wiki yet."""
    user = create_account("bo@example.org", at=app_now(), name="Bo", language="ar")
    client.force_login(user)
    return user


def test_a_person_connects_the_two_on_the_account_page(client: Client, wiki: Wiki, bo: User) -> None:
    assert 'name="process" value="connect"' in client.get(ACCOUNT).content.decode()
    answer = come_back(client, "zh-hant", process="connect")
    assert answer.headers["Location"] == "/zh-hant/accounts/email/"
    account = SocialAccount.objects.get()
    assert (account.user, account.extra_data) == (bo, {"username": "Wiki Ann"})
    assert "<bdi>Wiki Ann</bdi>" in client.get(ACCOUNT).content.decode()
    bo.refresh_from_db()
    assert bo.name == "Bo"
    assert Entry.objects.get(action="account.connected").actor_id == bo.pk
    assert (latest().kind, latest().mailbox, latest().language) == ("account-connected", "bo@example.org", "ar")
    other = Client()
    come_back(other)
    assert other.session["_auth_user_id"] == str(bo.pk)


def test_twice_is_once(client: Client, wiki: Wiki, bo: User) -> None:
    for _ in range(2):
        come_back(client, process="connect")
    assert SocialAccount.objects.count() == Entry.objects.filter(action="account.connected").count() == 1


def test_an_account_of_the_wiki_belongs_to_one_person(client: Client, wiki: Wiki, ann: User, bo: User) -> None:
    come_back(client, process="connect")
    assert client.session["_auth_user_id"] == str(bo.pk)
    assert SocialAccount.objects.get().user == ann
    assert "belongs to another account" in client.get(ACCOUNT).content.decode()


def test_connecting_needs_a_person(client: Client, wiki: Wiki) -> None:
    answer = client.post(LOGIN.format(language="en"), {"process": "connect"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/en/accounts/login/?next={ACCOUNT}")


def test_both_ask_anew_who_one_is(client: Client, wiki: Wiki, ann: User) -> None:
    """A browser that was left open changes no way in; after the proof it goes on."""
    client.force_login(ann)
    begin = LOGIN.format(language="en")
    place = send_stale(client, ann, begin, {"process": "connect"})
    assert wiki.asked == []
    # The answer is a page, so the form is handed back, to be sent once more.
    answer = prove(client, place)
    assert f'action="{begin}"' in answer.content.decode()
    assert 'http-equiv="refresh"' in client.post(begin, {"process": "connect"}).content.decode()
    send_stale(client, ann, "/en/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert SocialAccount.objects.exists()


def test_disconnecting(client: Client, wiki: Wiki, ann: User) -> None:
    client.force_login(ann)
    account = SocialAccount.objects.get()
    answer = client.post("/en/accounts/3rdparty/", {"account": account.pk})
    assert (answer.status_code, answer.headers["Location"]) == (303, ACCOUNT)
    assert not SocialAccount.objects.exists()
    assert Entry.objects.get(action="account.disconnected").actor_id == ann.pk
    assert (latest().kind, latest().language) == ("account-disconnected", "ar")
    come_back(Client())
    assert client.post("/en/accounts/3rdparty/", {"account": account.pk}).status_code == 303
    assert Entry.objects.filter(action="account.disconnected").count() == 1


def test_disconnecting_what_is_none(client: Client, wiki: Wiki, ann: User) -> None:
    client.force_login(ann)
    found = {}
    for number in ("", "x", "-1", "٣", "9" * 40):
        status = client.post("/en/accounts/3rdparty/", {"account": number}).status_code
        found[number] = (status, SocialAccount.objects.count())
    assert {number: what for number, what in found.items() if what != (303, 1)} == {}


def test_anothers_is_not_disconnected(client: Client, wiki: Wiki, ann: User, bo: User) -> None:
    client.post("/en/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert SocialAccount.objects.exists()


def test_the_last_way_in_stays(client: Client, wiki: Wiki, ann: User) -> None:
    EmailAddress.objects.update(verified=False)
    client.force_login(ann)
    answer = client.post("/en/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert answer.status_code == 403
    assert "Confirm an e-mail address first" in answer.content.decode()
    assert SocialAccount.objects.exists()


# --- what people do wrong, or do to others ---------------------------------------------------------------------------


def shown(client: Client, answer: Any, language: str = "en") -> str:
    """The page that an answer leads to, which must be a readable one, in the person's language."""
    address = answer.headers["Location"]
    assert answer.status_code == 302
    assert address.startswith(f"/{language}/accounts/3rdparty/login/")
    page = client.get(address)
    assert page.status_code in (200, 401)
    assert not is_signed_in(client)
    html: str = page.content.decode().partition("<h1>")[2].partition("</main>")[0]
    return html


@pytest.mark.parametrize("language", ["en", "ar"])
def test_who_does_not_allow_it_is_told_that_nothing_happened(client: Client, wiki: Wiki, language: str) -> None:
    answer = client.get(decide(leave(client, language), "deny"))
    assert f"/{language}/accounts/login/" in shown(client, answer, language)
    assert answer.headers["Location"].endswith("/cancelled/")


def test_a_state_that_is_none(client: Client, wiki: Wiki, ann: User) -> None:
    found = {}
    for query in ("", "?code=a", "?state=b", "?code=a&state=b", "?error=server_error&state=b"):
        page = shown(client, client.get(f"{CALLBACK}{query}", headers={"accept-language": "en"}))
        found[query] = ("Begin once more" in page, list(wiki.asked))
    assert {query: what for query, what in found.items() if what != (True, [])} == {}


def test_who_lost_the_state_is_told_in_their_own_language(client: Client, wiki: Wiki) -> None:
    answer = client.get(f"{CALLBACK}?code=a&state=b", headers={"accept-language": "ar"})
    assert answer.headers["Location"] == "/ar/accounts/3rdparty/login/error/?why=late"


def test_anothers_way_back_leads_nowhere(wiki: Wiki, ann: User) -> None:
    """Nobody is signed in as somebody else by a link."""
    stranger, victim = Client(), Client()
    way_back = decide(leave(stranger))
    leave(victim)
    assert "Begin once more" in shown(victim, victim.get(way_back, headers={"accept-language": "en"}))


def test_a_way_back_works_once(client: Client, wiki: Wiki, ann: User) -> None:
    way_back = decide(leave(client))
    client.get(way_back)
    client.post("/en/accounts/logout/")
    assert "Begin once more" in shown(client, client.get(way_back, headers={"accept-language": "en"}))


def test_a_code_works_once(client: Client, wiki: Wiki, ann: User) -> None:
    """Also under a new state."""
    used = parse_qs(urlsplit(decide(leave(client))).query)
    for expected in (True, False):
        state = parse_qs(urlsplit(leave(client)).query)["state"][0]
        if expected:
            used = parse_qs(urlsplit(decide(leave(client))).query)
            state = used["state"][0]
        client.get(CALLBACK, {"code": used["code"][0], "state": state})
        assert is_signed_in(client) is expected
        client.post("/en/accounts/logout/")


def test_the_callback_is_no_place_to_post_to(client: Client, wiki: Wiki) -> None:
    assert client.post(CALLBACK).status_code == 405
