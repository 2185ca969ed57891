"""The sign-in pages: why one is here, the code first, a new one when it does not come, refusals that say what to do."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from taskforce.accounts import codes, reasons
from taskforce.accounts.adapters import AccountAdapter
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough secret"
APPLICATION = "/en/tf/leadership-development/join/application/"
LOGIN, CODE, CONFIRM = "/en/accounts/login/", "/en/accounts/login/code/", "/en/accounts/login/code/confirm/"
PRIMARY = "cdx-button--weight-primary"


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> None:
    """allauth counts in the cache."""
    cache.clear()


@pytest.fixture
def ann() -> User:
    """Somebody with an account."""
    return create_account("ann@example.org", at=app_now(), name="Ann", language="zh-hant", password=PASSWORD)


def page(client: Client, address: str, fields: dict[str, Any] | None = None, status: int = 200) -> str:
    """What stands below the header, after redirects."""
    answer = client.get(address) if fields is None else client.post(address, fields, follow=True)
    assert answer.status_code == status, address
    return re.sub(
        r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode().partition('class="pt-page"')[2]
    )


def latest_code() -> str:
    """The code in the newest mail."""
    code: str = OutboxMessage.objects.latest("pk").context["code"]
    return code


def fields_of(html: str, form_id: str) -> tuple[str, dict[str, str]]:
    """(action, hidden fields) of a form that a button outside it sends."""
    found = re.search(rf'<form id="{form_id}" method="post" action="([^"]+)">(.*?)</form>', html, re.DOTALL)
    assert found is not None
    assert f'form="{form_id}"' in html
    return found[1], dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[2]))


# --- why one is here -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("going_on_to", "words"),
    [
        ("/zh-hant/admin/recruitment/call/1/", "staff side"),
        (APPLICATION, "your application"),
        ("/en/accounts/email/", "your account"),
        ("/en/tf/leadership-development/", "the page"),
    ],
)
def test_the_page_says_why_one_is_here(client: Client, going_on_to: str, words: str) -> None:
    for address in (LOGIN, CODE):
        assert f"{reasons.reason(going_on_to)}</p>" in page(client, f"{address}?next={going_on_to}")
    assert words in reasons.reason(going_on_to)


@pytest.mark.parametrize("going_on_to", ["", "//evil.example/en/admin/", "/\\evil.example/", "https://evil.example/"])
def test_nowhere_and_elsewhere_are_no_reason(client: Client, going_on_to: str) -> None:
    assert reasons.reason(going_on_to) == ""
    assert "pt-lead" not in page(client, f"{LOGIN}?next={going_on_to}")


@pytest.mark.parametrize("address", ["/en/admin/", "/en/accounts/email/"])
def test_who_is_sent_here_is_told(client: Client, address: str) -> None:
    """With the `next` of those who send people here."""
    assert reasons.reason(address) in client.get(address, follow=True).content.decode()


# --- the two ways in -----------------------------------------------------------------------------------------------


def test_the_code_comes_first_and_is_the_one_primary_button(client: Client) -> None:
    html = page(client, f"{LOGIN}?next={APPLICATION}")
    assert html.index('id="by-code"') < html.index('id="by-password"')
    assert re.findall(rf"{PRIMARY}[^>]*>([^<]+)<", html) == ["Send me a sign-in code"]
    assert html.count(f'name="next" value="{APPLICATION}"') == 2
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_refused_password_stands_first(client: Client, ann: User) -> None:
    html = page(client, LOGIN, {"login": ann.email, "password": "wrong"})
    assert html.index('role="alert"') < html.index('id="by-code"')


def test_signing_in_with_a_code_from_the_first_page(client: Client, ann: User) -> None:
    html = page(client, CODE, {"email": ann.email, "next": APPLICATION})
    assert f'<bdi dir="ltr"><strong>{ann.email}</strong></bdi>' in html
    assert "It works for 15 minutes." in html
    assert re.findall(rf"{PRIMARY}[^>]*>([^<]+)<", html) == ["Confirm"]
    assert html.count(f"{ann.email}</strong>") == 1  # no second message that says the same
    answer = client.post(CONFIRM, {"code": latest_code(), "next": APPLICATION})
    assert (answer.status_code, answer.headers["Location"]) == (302, APPLICATION)
    assert codes._KEY not in client.session


def test_the_demo_says_where_the_mail_is(client: Client, ann: User, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.architecture.demo_urls"
    assert "/demo/mail/" not in page(client, CODE, {"email": ann.email})
    settings.DEMO = True
    assert "/demo/mail/?language=en&amp;to=ann%40example.org" in page(client, CONFIRM)


@pytest.mark.parametrize("address", ["/en/accounts/logout/", "/en/accounts/password/change/"])
def test_what_sends_a_form_looks_like_it(client: Client, ann: User, address: str) -> None:
    client.force_login(ann)
    assert page(client, address).count(PRIMARY) == 1


# --- a new code ----------------------------------------------------------------------------------------------------


def test_a_new_code_keeps_the_address_and_the_way_on(client: Client, ann: User) -> None:
    action, fields = fields_of(page(client, CODE, {"email": ann.email, "next": APPLICATION}), "new-code")
    first = latest_code()
    sent = page(client, action, fields)
    assert "a new code is on its way." in sent
    assert f'name="next" value="{APPLICATION}"' in sent
    assert latest_code() != first
    assert client.post(CONFIRM, {"code": first}).status_code == 200
    assert client.post(CONFIRM, {"code": latest_code(), "next": APPLICATION}).headers["Location"] == APPLICATION


def test_who_signs_up_gets_a_new_code_too(client: Client) -> None:
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    html = page(client, "/en/accounts/signup/", {"email": "new@example.org", "next": APPLICATION, **passwords})
    assert "It works for 15 minutes." in html
    action, fields = fields_of(html, "new-code")
    assert "a new code is on its way." in page(client, action, fields)
    assert client.post(CONFIRM, {"code": latest_code(), "next": APPLICATION}).headers["Location"] == APPLICATION
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_who_adds_an_address_gets_a_new_code_too(client: Client, ann: User) -> None:
    client.force_login(ann)
    html = page(client, "/en/accounts/email/", {"action_add": "", "email": "second@example.org"})
    first = latest_code()
    action, fields = fields_of(html, "new-code")
    cache.clear()  # allauth's own counts are no part of this
    assert "second@example.org" in page(client, action, fields)
    assert latest_code() != first
    client.post(reverse("account_email_verification_sent"), {"code": latest_code()})
    assert EmailAddress.objects.get(email="second@example.org").verified
    assert codes._KEY not in client.session


# --- refusals ------------------------------------------------------------------------------------------------------


def said(name: str) -> str:
    """A refusal's text."""
    return str(AccountAdapter.error_messages[name])


def test_a_wrong_code_says_what_to_do(client: Client, ann: User) -> None:
    page(client, CODE, {"email": ann.email})
    for _ in range(2):
        assert said("incorrect_code") in page(client, CONFIRM, {"code": "WRONG"})
    html = page(client, CONFIRM, {"code": "WRONG"})
    assert said("too_many_login_attempts") in html
    assert f'value="{ann.email}"' in html  # of the form that asks for a new one
    assert client.post(CONFIRM, {"code": latest_code()}).status_code == 302
    assert "_auth_user_id" not in client.session


def test_an_expired_code_says_so_once(client: Client, ann: User, settings: Settings) -> None:
    settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 0
    client.post(CODE, {"email": ann.email})
    html = page(client, CONFIRM, {"code": latest_code()})
    assert "The code has expired. Ask for a new one." in html
    assert f'value="{ann.email}"' in html
    assert "expired" not in page(client, CODE)


def test_an_expired_code_for_a_new_address_says_so(client: Client, ann: User, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 0
    client.force_login(ann)
    html = page(client, "/en/accounts/email/", {"action_add": "", "email": "second@example.org"})
    assert "The code has expired. Ask for a new one." in html


@pytest.mark.long
def test_too_many_codes_and_too_many_passwords_differ(ann: User) -> None:
    for turn in range(20):
        page(Client(), CODE, {"email": f"a{turn}@example.org"})
    assert said("too_many_codes") in page(Client(), CODE, {"email": ann.email}, 429)
    for _ in range(5):
        page(Client(), LOGIN, {"login": ann.email, "password": "wrong"})
    assert said("too_many_passwords") in page(Client(), LOGIN, {"login": ann.email, "password": "wrong"}, 429)


@pytest.mark.parametrize("language", ["zh-hant", "ar"])
@pytest.mark.parametrize("name", ["incorrect_code", "too_many_login_attempts", "too_many_codes", "too_many_passwords"])
def test_refusals_are_translated(name: str, language: str) -> None:
    english = said(name)
    with translation.override(language):
        assert said(name) != english


@pytest.mark.long
def test_strangers_see_the_same_pages(ann: User) -> None:
    """Whether an address has an account shows nowhere, also not where a code has expired or is asked for again."""
    seen = []
    for email in (ann.email, "bob@example.org"):
        client = Client()
        pages = [page(client, CODE, {"email": email}), page(client, CONFIRM, {"code": "WRONG"})]
        pages.append(page(client, *fields_of(pages[0], "new-code")))
        seen.append([html.replace(email, "") for html in pages])
    assert seen[0] == seen[1]
