"""A stranger locks nobody out: not by asking for their codes, not by guessing, and not everybody at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from taskforce.accounts import known_browsers
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.clock import app_now, real_now
from taskforce.limits import mailboxes, services, table
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.limits.standing import behind_a_proxy as behind_a_proxy
from tests.limits.test_mailboxes import CODE, LOGIN, PASSWORD, PASSWORDS, RESET, SIGN_UP, post
from tests.limits.test_mailboxes import ann as ann

pytestmark = pytest.mark.django_db
COOKIE = "known"


def mails(mailbox: str) -> int:
    """How many mails went there."""
    return OutboxMessage.objects.filter(mailbox=mailbox).count()


def flooded(mailbox: str, path: str = CODE) -> None:
    """A stranger asks from many addresses until nothing goes out any more."""
    limit = table.CODES_TO_ACCOUNT if path == CODE else table.LINKS_TO_ACCOUNT
    for turn in range(limit.most + 3):
        assert post(path, {"email": mailbox}, source=100 + turn).status_code == 302
    assert mails(mailbox) == limit.most


def home(user: User) -> Client:
    """A browser in which somebody has signed in, and out again."""
    browser = Client()
    assert post(LOGIN, {"login": user.email, "password": PASSWORD}, source=1, client=browser).status_code == 302
    browser.post("/en/accounts/logout/")
    return browser


def asked(browser: Client, mailbox: str, path: str, *, source: int) -> int:
    """The status of one more request; with nothing begun before, which the portal would lead back to."""
    browser.cookies.pop("session", None)
    return int(post(path, {"email": mailbox}, source=source, client=browser).status_code)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that are reached with few requests."""
    for name in ("CODES_TO_ACCOUNT", "LINKS_TO_ACCOUNT"):
        monkeypatch.setattr(table, name, getattr(table, name)._replace(most=6))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("path", [CODE, RESET])
def test_the_owner_gets_codes_and_links_where_they_have_signed_in_before(ann: User, path: str) -> None:
    browser = home(ann)
    flooded(ann.email, path)
    before = mails(ann.email)
    # Even where everybody's mails are used up, and those of the owner's own network.
    for turn in range(2):
        assert asked(browser, ann.email, path, source=100) == 302
        assert mails(ann.email) == before + turn + 1
    # A browser that knows somebody else is a stranger's.
    bob = create_account("bob@example.org", at=app_now(), password=PASSWORD)
    post(path, {"email": ann.email}, source=2, client=home(bob))
    assert mails(ann.email) == before + 2


@pytest.mark.long
@pytest.mark.usefixtures("few")
def test_codes_and_links_do_not_use_up_each_other(ann: User) -> None:
    flooded(ann.email)
    post(RESET, {"email": ann.email}, source=1)
    assert mails(ann.email) == table.CODES_TO_ACCOUNT.most + 1


@pytest.mark.usefixtures("few")
def test_a_browser_that_is_new_waits_for_a_code_a_day_at_most_and_takes_the_password(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooded(ann.email)
    before, now = mails(ann.email), real_now()
    post(CODE, {"email": ann.email}, source=1)
    assert mails(ann.email) == before
    assert post(LOGIN, {"login": ann.email, "password": PASSWORD}, source=2).status_code == 302
    for module in (services, mailboxes):
        monkeypatch.setattr(module, "real_now", lambda: now + timedelta(days=1, seconds=1))
    post(CODE, {"email": ann.email}, source=1)
    assert mails(ann.email) == before + 1


@pytest.mark.parametrize(("path", "per_hour"), [(CODE, 4), (RESET, 4), (SIGN_UP, 4)])
def test_one_address_uses_up_little_of_a_mailbox_and_is_told_the_same_of_every_one(
    ann: User, path: str, per_hour: int
) -> None:
    statuses = {}
    for mailbox in (ann.email, "bob@example.org"):
        sent = {"email": mailbox, **(PASSWORDS if path == SIGN_UP else {})}
        statuses[mailbox] = [post(path, sent, source=7).status_code == 429 for _ in range(per_hour + 2)]
    assert statuses[ann.email] == statuses["bob@example.org"]
    assert path == SIGN_UP or statuses[ann.email] == [False] * per_hour + [True] * 2


def test_everybody_together_does_not_stop_a_known_browser(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = home(ann)
    monkeypatch.setattr(table, "MAILS_OF_ALL", table.MAILS_OF_ALL._replace(most=2))
    answers = [post(CODE, {"email": f"a{turn}@example.org"}, source=turn).status_code for turn in range(3)]
    assert answers == [302, 302, 429]
    assert post(CODE, {"email": ann.email}, source=9, client=browser).status_code == 302
    assert mails(ann.email) == 1


@pytest.mark.long
@pytest.mark.parametrize("path", [CODE, RESET])
def test_a_known_browser_has_an_end_in_a_day_too(ann: User, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    browser = home(ann)
    name = "CODES" if path == CODE else "LINKS"
    monkeypatch.setattr(table, f"{name}_TO_KNOWN", getattr(table, f"{name}_TO_KNOWN")._replace(most=99))
    monkeypatch.setattr(table, f"{name}_TO_ACCOUNT", getattr(table, f"{name}_TO_ACCOUNT")._replace(most=0))
    for turn in range(14):
        cache.clear()  # as if allauth's minute were over
        asked(browser, ann.email, path, source=10 + turn)
    assert mails(ann.email) == getattr(table, f"{name}_TO_KNOWN_A_DAY").most == 12


NEW = "quite another secret"


def signed_in(user: User) -> Client:
    """A browser in which somebody is signed in."""
    browser = Client()
    assert post(LOGIN, {"login": user.email, "password": PASSWORD}, source=1, client=browser).status_code == 302
    return browser


def leaves(browser: Client) -> None:
    """The owner throws out all browsers but theirs."""
    assert browser.post("/en/accounts/sessions/").status_code == 303


def changes(browser: Client) -> None:
    """The owner has another password from now on."""
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert browser.post("/en/accounts/password/change/", sent).status_code == 302


def forgets(browser: Client) -> None:
    """The owner sets a new password by a link."""
    browser.post("/en/accounts/logout/")
    post(RESET, {"email": "ann@example.org"}, source=30, client=browser)
    link = OutboxMessage.objects.filter(kind="account-password-reset").latest("pk").context["url"]
    form: Any = browser.get("/" + link.split("/", 3)[3], follow=True)
    sent = {"password1": NEW, "password2": NEW}
    assert browser.post(form.request["PATH_INFO"], sent).status_code == 302


@pytest.mark.parametrize("act", [leaves, changes, forgets])
def test_a_browser_that_was_thrown_out_is_a_stranger_and_the_owners_stays_known(
    ann: User, act: Callable[[Client], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    others, own = home(ann), signed_in(ann)
    assert others.cookies[COOKIE].value != own.cookies[COOKIE].value
    act(own)
    ann.refresh_from_db()
    assert known_browsers.mark_of(_with(others.cookies[COOKIE].value), ann) is None
    assert known_browsers.mark_of(_with(own.cookies[COOKIE].value), ann) is not None
    # What strangers have used up is used up for the browser that was thrown out, and not for the owner's.
    for name in ("CODES_TO_ACCOUNT", "LINKS_TO_ACCOUNT"):
        monkeypatch.setattr(table, name, getattr(table, name)._replace(most=0))
    before = OutboxMessage.objects.filter(kind="account-login-code").count()
    asked(others, ann.email, CODE, source=60)
    assert OutboxMessage.objects.filter(kind="account-login-code").count() == before
    asked(own, ann.email, CODE, source=61)
    assert OutboxMessage.objects.filter(kind="account-login-code").count() == before + 1


def test_a_link_makes_no_browser_known_in_which_nobody_has_signed_in(ann: User) -> None:
    browser = Client()
    forgets(browser)
    assert COOKIE not in browser.cookies


def test_a_known_browser_has_an_end_too(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its own count it is one of the strangers."""
    browser = home(ann)
    monkeypatch.setattr(table, "CODES_TO_KNOWN", table.CODES_TO_KNOWN._replace(most=2))
    answers = [asked(browser, ann.email, CODE, source=9) for _ in range(7)]
    assert answers == [302] * (2 + table.CODES_FROM.most) + [429]
    assert mails(ann.email) == 2 + table.CODES_FROM.most


def test_while_a_stranger_guesses_the_owner_gets_in_by_password_at_home_and_by_code_elsewhere(ann: User) -> None:
    browser, most = home(ann), table.OF_SIGN_IN["login_failed"][1].most
    for turn in range(8):
        assert (
            post(LOGIN, {"login": ann.email, "password": f"x{turn}"}, source=20 + turn).status_code
            == (200, 429)[turn >= most]
        )
    right = {"login": ann.email, "password": PASSWORD}
    assert post(LOGIN, right, source=40).status_code == 429
    assert post(LOGIN, right, source=41, client=browser).status_code == 302
    elsewhere = Client()
    post(CODE, {"email": ann.email}, source=42, client=elsewhere)
    code = OutboxMessage.objects.filter(kind="account-login-code").latest("pk").context["code"]
    assert post(f"{CODE}confirm/", {"code": code}, source=42, client=elsewhere).status_code == 302
    assert elsewhere.session["_auth_user_id"] == str(ann.pk)


@pytest.mark.long
def test_guessing_in_a_known_browser_comes_to_an_end_too(ann: User) -> None:
    browser, most = home(ann), table.OF_SIGN_IN["login_failed"][1].most
    for turn in range(most):
        post(LOGIN, {"login": ann.email, "password": f"x{turn}"}, source=20 + turn, client=browser)
    assert post(LOGIN, {"login": ann.email, "password": PASSWORD}, source=40, client=browser).status_code == 429


# --- the cookie ------------------------------------------------------------------------------------------------------


def test_the_cookie_is_for_the_portal_alone_and_names_nobody(ann: User) -> None:
    morsel = home(ann).cookies[COOKIE]
    assert (morsel["max-age"], morsel["path"], morsel["domain"]) == (365 * 86_400, "/", "")
    assert (morsel["httponly"], morsel["samesite"]) == (True, "Lax")
    (mark,) = signing.loads(morsel.value, salt="taskforce.known-browser")
    assert ann.email not in mark
    assert mark.partition(".")[0] not in (str(ann.pk), "")
    assert known_browsers.mark_of(_with(morsel.value), ann) == mark


@pytest.mark.parametrize("value", ["", "x", "x:y:z", "eyJhIjoxfQ:1uxxxx:AAAA", "\x00"])
def test_what_is_made_up_is_none(ann: User, value: str) -> None:
    assert known_browsers.mark_of(_with(value), ann) is None


def test_it_is_kept_for_the_five_people_who_were_here_last() -> None:
    people = [create_account(f"p{number}@example.org", at=app_now()) for number in range(6)]
    value = ""
    for person in people:
        response = HttpResponse()
        known_browsers.note(_with(value), response, person)
        value = response.cookies[COOKIE].value
    assert [known_browsers.mark_of(_with(value), person) is not None for person in people] == [False] + [True] * 5
    assert known_browsers.mark_of(_with(value), None) is None


@pytest.mark.long
def test_a_forgotten_password_frees_the_browser_too(ann: User, settings: Settings) -> None:
    browser, most = home(ann), table.OF_SIGN_IN["login_failed"][1].most
    for turn in range(most):
        post(LOGIN, {"login": ann.email, "password": f"x{turn}"}, source=20 + turn, client=browser)
    post(RESET, {"email": ann.email}, source=30, client=browser)
    link = OutboxMessage.objects.get(kind="account-password-reset").context["url"]
    form: Any = browser.get("/" + link.split("/", 3)[3], follow=True)
    new = "quite another secret"
    browser.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert post(LOGIN, {"login": ann.email, "password": new}, source=31, client=browser).status_code == 302


def _with(value: str) -> HttpRequest:
    request = HttpRequest()
    request.COOKIES[COOKIE] = value
    return request
