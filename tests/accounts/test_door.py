"""Getting in: in whose language and time, to which page, and that the way on is never forgotten."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from taskforce.accounts.models import User
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import (
    BASE,
    CODE,
    CONFIRM,
    LOGIN,
    STEP,
    app_code,
    by_mail,
    by_password,
    forget_limits,
    recovery_code,
    somebody,
)  # fmt: skip
from tests.accounts.oauth_server import Wiki
from tests.accounts.test_sign_in import latest_code, page, said
from tests.accounts.wikimedia import come_back
from tests.clients import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
ACCOUNT, SIGNUP, VERIFY = f"{BASE}email/", f"{BASE}signup/", f"{BASE}confirm-email/"
NEW, APPLICATION = "new@example.org", "/en/tf/leadership-development/join/application/"


def place(answer: Any) -> str:
    """Where an answer leads."""
    assert answer.status_code in (302, 303)
    return str(answer.headers["Location"])


def sign_up(client: Client, language: str = "en", **fields: Any) -> Any:
    """The answer to the code of somebody new."""
    client.post(SIGNUP.replace("/en/", f"/{language}/"), {"email": NEW, **fields})
    return client.post(VERIFY.replace("/en/", f"/{language}/"), {"code": latest_code()})


# --- language and zone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hant", "ar"])
def test_who_signs_up_is_written_to_in_the_language_of_the_page(client: Client, language: str) -> None:
    sign_up(client, language, zone="Asia/Taipei")
    user = User.objects.get(email=NEW)
    assert (user.language, user.zone) == (language, "Asia/Taipei")


@pytest.mark.parametrize("zone", [{}, {"zone": ""}])
def test_without_javascript_times_are_in_utc(client: Client, zone: dict[str, str]) -> None:
    assert 'name="zone"' in page(client, SIGNUP)
    assert "portal/follow" in client.get(SIGNUP).content.decode()  # which offers the browser's own
    sign_up(client, **zone)
    assert User.objects.get(email=NEW).zone == "UTC"


def test_a_zone_that_is_none_makes_no_account(client: Client) -> None:
    assert "Please choose one of the answers" in page(client, SIGNUP, {"email": NEW, "zone": "Mars/Base"})
    assert not User.objects.exists()


def test_who_comes_from_the_wiki_too(client: Client, wiki: Wiki) -> None:
    come_back(client, "zh-hant")
    client.post("/zh-hant/accounts/3rdparty/signup/", {"email": NEW, "zone": "Asia/Taipei"})
    user = User.objects.get(email=NEW)
    assert (user.language, user.zone) == ("zh-hant", "Asia/Taipei")


# --- no password needed --------------------------------------------------------------------------------------------


@pytest.mark.long
def test_an_account_needs_no_password(client: Client) -> None:
    assert place(sign_up(client)) == ACCOUNT
    assert not User.objects.get(email=NEW).has_usable_password()
    assert place(by_mail(Client(), User.objects.get(email=NEW))) == ACCOUNT


@pytest.mark.parametrize("passwords", [("short", "short"), ("a long enough secret", ""), ("", "a long enough secret")])
def test_one_that_is_chosen_is_checked(client: Client, passwords: tuple[str, str]) -> None:
    html = page(client, SIGNUP, {"email": NEW, "password1": passwords[0], "password2": passwords[1]})
    assert '<details class="pt-fold" open>' in html
    assert not User.objects.exists()


# --- where one lands -----------------------------------------------------------------------------------------------


@pytest.mark.long
def test_who_signs_in_lands_on_their_own_page_and_is_told(client: Client) -> None:
    assert place(by_password(client, somebody())) == ACCOUNT
    assert "signed in as Ann" in page(client, ACCOUNT)


@pytest.mark.long
def test_staff_land_on_the_staff_side(client: Client) -> None:
    by_password(client, somebody(staff=True, app=True))
    assert place(client.post(STEP, {"code": app_code()})) == "/en/admin/"


def test_who_was_on_the_way_goes_on(client: Client) -> None:
    assert place(by_password(client, somebody(), next=APPLICATION)) == APPLICATION


def test_a_confirmed_address_stands_in_the_list(client: Client) -> None:
    client.force_login(somebody(staff=True))
    client.post(ACCOUNT, {"action_add": "", "email": "second@example.org"})
    answer = client.post(VERIFY, {"code": latest_code()})
    assert place(answer) == ACCOUNT
    assert "You have confirmed second@example.org" in page(client, ACCOUNT)
    assert EmailAddress.objects.get(email="second@example.org").verified


# --- the way on is kept --------------------------------------------------------------------------------------------


def test_three_wrong_codes_forget_nothing(client: Client) -> None:
    user = somebody()
    client.post(CODE, {"email": user.email, "next": APPLICATION})
    assert "You can try 2 times more" in page(client, CONFIRM, {"code": "WRONG"})
    assert "You can try once more" in page(client, CONFIRM, {"code": "WRONG"})
    html = page(client, CONFIRM, {"code": "WRONG"})
    assert said("too_many_login_attempts") in html
    assert f'name="next" value="{APPLICATION}"' in html


def test_neither_does_another_language(client: Client) -> None:
    """Read without the query, the page has it in its form and in the links to yet other languages."""
    client.post(CODE, {"email": somebody().email, "next": APPLICATION})
    html = client.get(CONFIRM.replace("/en/", "/ar/")).content.decode()
    assert f'name="next" value="{APPLICATION}"' in html
    assert re.search(r'href="/de/accounts/login/code/confirm/\?next=[^"]+application', html)
    assert place(client.post(CONFIRM, {"code": latest_code()})) == APPLICATION


def test_nor_a_wrong_code_at_sign_up(client: Client) -> None:
    client.post(SIGNUP, {"email": NEW, "next": APPLICATION})
    for _ in range(2):
        page(client, VERIFY, {"code": "WRONG"})
    assert f'name="next" value="{APPLICATION}"' in page(client, VERIFY, {"code": "WRONG"})


def test_who_adds_an_address_stays_on_their_own_page(client: Client) -> None:
    client.force_login(somebody(staff=True))
    client.post(ACCOUNT, {"action_add": "", "email": "second@example.org"})
    for _ in range(2):
        client.post(VERIFY, {"code": "WRONG"})
    assert place(client.post(VERIFY, {"code": "WRONG"})) == ACCOUNT


def test_another_sites_address_is_no_way_on(client: Client) -> None:
    user = somebody()
    client.post(CODE, {"email": user.email, "next": "https://evil.example/"})
    assert "evil.example" not in page(client, CONFIRM)
    assert place(client.post(CONFIRM, {"code": latest_code()})) == ACCOUNT


def test_from_the_code_one_gets_to_the_other_ways(client: Client) -> None:
    html = page(client, CODE, {"email": somebody().email, "next": APPLICATION})
    assert "Other ways to sign in" in html
    html = page(client, f"{BASE}logout/", {"next": f"{LOGIN}?next={APPLICATION}"})
    assert 'id="by-password"' in html


def test_an_address_typed_beside_a_password_need_not_be_typed_again(client: Client) -> None:
    html = page(client, LOGIN, {"login": "ann@example.org", "password": "wrong"})
    assert html.count('value="ann@example.org"') == 2


def test_what_always_works_is_said_by_what_is_on(client: Client) -> None:
    user = somebody()
    client.force_login(user)
    assert "A code by mail is enough to sign in" in page(client, ACCOUNT)
    other = somebody("bob", app=True)
    client.force_login(other)
    html = page(client, ACCOUNT)
    assert "always works" not in html
    assert "then a code from your app" in html


# --- without the second step ---------------------------------------------------------------------------------------


def test_who_has_lost_app_and_codes_learns_whom_to_write_to(client: Client) -> None:
    by_password(client, somebody(app=True))
    assert 'href="mailto:' in page(client, STEP)


@pytest.mark.long
def test_after_a_recovery_code_one_learns_how_many_are_left(client: Client) -> None:
    by_password(client, somebody(app=True))
    html = page(client, STEP, {"code": recovery_code()})
    assert "9 recovery codes are left." in html
    assert f'<a href="{BASE}2fa/recovery-codes/generate/">' in html
    other = Client()
    forget_limits()
    by_password(other, User.objects.get())
    assert "recovery codes are left" not in page(other, STEP, {"code": app_code()})


# --- a new password ------------------------------------------------------------------------------------------------


def test_after_a_new_password_one_sentence_and_the_way_in(client: Client) -> None:
    user = somebody()
    assert 'href="mailto:' in page(client, f"{BASE}password/reset/")
    assert 'href="mailto:' in page(client, f"{BASE}password/reset/", {"email": user.email})
    link = OutboxMessage.objects.latest("pk").context["url"]
    choosing = client.get("/" + link.split("/", 3)[3], follow=True).request["PATH_INFO"]
    html = page(client, choosing, {"password1": "another long one", "password2": "another long one"})
    assert "pt-messages" not in html
    assert f'href="{LOGIN}"' in html


# --- not open to you -----------------------------------------------------------------------------------------------


def test_a_closed_door_says_as_whom_one_stands_there(client: Client) -> None:
    client.force_login(somebody(staff=True))
    answer = client.get("/en/admin/accounts/deletionrequest/")
    assert answer.status_code == 403
    html = answer.content.decode()
    assert "<bdi>Ann</bdi>" in html
    assert 'href="mailto:' in html
    assert "no-store" in answer.headers["Cache-Control"]
    out = html.partition('href="/en/accounts/logout/?next=')[2].partition('"')[0]
    answer = client.post(f"{BASE}logout/?next={out}")
    assert place(answer) == f"{LOGIN}?next=%2Fen%2Fadmin%2Faccounts%2Fdeletionrequest%2F"


# --- small help ----------------------------------------------------------------------------------------------------


def test_a_page_that_is_only_a_code_begins_in_its_field(client: Client) -> None:
    user = somebody(app=True)
    by_password(client, user)
    assert re.search(r'<input[^>]*name="code"[^>]* autofocus', page(client, STEP))
    assert re.search(r'<input[^>]*name="code"[^>]* autofocus', page(Client(), CODE, {"email": user.email}))


def test_the_list_of_zones_tells_how_far_their_clocks_are_from_utc(client: Client) -> None:
    html = page(client, SIGNUP)
    assert re.search(r'value="Asia/Tokyo"[^>]*>[^<]+ \(UTC\+09:00\)<', html)
    assert ">UTC<" in html


def test_messages_come_after_the_link_that_skips_to_the_content(client: Client) -> None:
    by_password(client, somebody())
    html = page(client, ACCOUNT)
    assert html.index('id="content"') < html.index('class="pt-messages"') < html.index("<h1")


def test_of_what_there_is_nothing_of_no_number_is_shown(client: Client) -> None:
    client.force_login(somebody())
    html = page(client, f"{BASE}data/")
    assert "<dd>0</dd>" not in html
    assert "Of these there is nothing" in html
