"""Where somebody waits for a code, one works that has arrived: after a second click, and where no new one is sent."""

import re
import time
from copy import copy
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.contrib.messages import get_messages

from taskforce.accounts import codes_before
from taskforce.accounts.adapters import AccountAdapter
from taskforce.accounts.models import User
from taskforce.accounts.queries import is_confirmed
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import TaskForce
from tests.accounts.entering import BASE, CODE, CONFIRM, PASSWORD, by_password, is_signed_in, somebody
from tests.clients import Client
from tests.limits.test_addresses import FIELDS, FOLLOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
SIGN_UP, CONFIRM_ADDRESS = f"{BASE}signup/", f"{BASE}confirm-email/"
NEW = "new@example.org"
NEWS = "a new code is on its way"
OTHER = "quite another secret"


def code_at(mailbox: str) -> str:
    """The newest code that has arrived there."""
    sent = OutboxMessage.objects.filter(mailbox=mailbox, context__has_key="code").latest("pk")
    return str(sent.context["code"])


def mails_to(mailbox: str) -> list[str]:
    return list(OutboxMessage.objects.filter(mailbox=mailbox).order_by("pk").values_list("kind", flat=True))


def sign_up(password: str = PASSWORD, mailbox: str = NEW) -> Client:
    """A window in which somebody has signed up: without anything of another one's but the form."""
    browser = Client()
    answer = browser.post(SIGN_UP, {"email": mailbox, "password1": password, "password2": password})
    assert (answer.status_code, answer.headers["Location"]) == (302, CONFIRM_ADDRESS)
    return browser


def again(browser: Client, mailbox: str, **more: Any) -> Any:
    """The answer to *Request new code*, and what it leads to."""
    return browser.post(CODE, {"email": mailbox, "again": "1", **more}, follow=True)


# --- a second click at sign-up -------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1, 2], ids=["nothing before", "followed", "followed and asked for a code"])
@pytest.mark.parametrize("clicks", [1, 2, 3])
def test_a_second_click_signs_up_as_the_first(tf: TaskForce, clicks: int, before: int) -> None:
    """In the window of the last click, with a code that has arrived."""
    for path, fields in ((FOLLOW, {**FIELDS, "email": NEW}), (CODE, {"email": NEW}))[:before]:
        Client().post(path, fields)
    browser = [sign_up() for _ in range(clicks)][-1]
    assert browser.post(CONFIRM_ADDRESS, {"code": code_at(NEW)}).status_code == 302
    assert is_signed_in(browser)
    assert by_password(Client(), User.objects.get(email=NEW)).status_code == 302
    assert "account-exists" not in mails_to(NEW)
    assert len(mails_to(NEW)) <= table.UNCONFIRMED_FROM.most


def test_the_window_of_the_first_click_works_too() -> None:
    browser, code = sign_up(), code_at(NEW)
    sign_up(OTHER)
    browser.post(CONFIRM_ADDRESS, {"code": code})
    assert is_signed_in(browser)
    user = User.objects.get()
    assert (user.check_password(PASSWORD), user.check_password(OTHER)) == (True, False)


@pytest.mark.parametrize("chosen", [OTHER, ""])
def test_whoever_types_the_code_has_the_account_and_nothing_of_the_strangers(chosen: str) -> None:
    stranger, owner = sign_up(), sign_up(chosen)
    code = code_at(NEW)
    owner.post(CONFIRM_ADDRESS, {"code": code})
    assert is_signed_in(owner)
    user = User.objects.get()
    assert not user.check_password(PASSWORD)
    assert user.has_usable_password() is bool(chosen)
    stranger.post(CONFIRM_ADDRESS, {"code": code})
    assert not is_signed_in(stranger)


def test_a_strangers_second_sign_up_leaves_the_owners_alone() -> None:
    """Neither the code in the owner's window nor the password that they chose is another one then."""
    owner, code = sign_up(), code_at(NEW)
    for _ in range(3):
        sign_up(OTHER)
    owner.post(CONFIRM_ADDRESS, {"code": code})
    assert is_signed_in(owner)
    assert User.objects.get().check_password(PASSWORD)


def test_what_was_chosen_for_one_account_holds_for_no_other() -> None:
    sign_up()
    browser = sign_up(OTHER)
    browser.post(f"{BASE}logout/")
    User.objects.all().delete()
    browser.post(SIGN_UP, {"email": "b@example.org", "password1": PASSWORD, "password2": PASSWORD})
    browser.post(CONFIRM_ADDRESS, {"code": code_at("b@example.org")})
    assert User.objects.get().check_password(PASSWORD)


def test_an_account_that_somebody_has_entered_is_nobodys_to_sign_up_for() -> None:
    owner = sign_up()
    owner.post(CONFIRM_ADDRESS, {"code": code_at(NEW)})
    code = code_at(NEW)
    stranger = sign_up(OTHER)
    assert mails_to(NEW)[-1] == "account-exists"
    stranger.post(CONFIRM_ADDRESS, {"code": code})
    assert not is_signed_in(stranger)
    assert User.objects.get().check_password(PASSWORD)


# --- a new code that is not sent -------------------------------------------------------------------------------------


def test_who_signs_up_and_asks_for_more_codes_than_are_sent_gets_in() -> None:
    browser = sign_up()
    for _ in range(3):
        assert NEWS in again(browser, NEW).content.decode()
    assert mails_to(NEW) == ["account-confirm-code", "account-login-code"]
    browser.post(CONFIRM, {"code": code_at(NEW)})
    assert is_signed_in(browser)


def test_who_followed_and_signs_up_keeps_the_code_of_the_sign_up(tf: TaskForce) -> None:
    Client().post(FOLLOW, {**FIELDS, "email": NEW})
    browser = sign_up()
    assert NEWS in again(browser, NEW).content.decode()
    assert len(mails_to(NEW)) == 2
    browser.post(CONFIRM, {"code": code_at(NEW)})
    assert is_signed_in(browser)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_an_account_whose_codes_are_used_up_keeps_the_last(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """By its owner, or by strangers meanwhile."""
    monkeypatch.setattr(table, "CODES_TO_ACCOUNT", table.CODES_TO_ACCOUNT._replace(most=most))
    ann, browser = somebody(), Client()
    browser.post(CODE, {"email": ann.email})
    code = code_at(ann.email)
    for _ in range(most - 1):
        Client().post(CODE, {"email": ann.email}, REMOTE_ADDR="198.51.100.7")
    for _ in range(2):
        assert NEWS in again(browser, ann.email).content.decode()
    assert len(mails_to(ann.email)) == most
    browser.post(CONFIRM, {"code": code})
    assert is_signed_in(browser)


@pytest.mark.parametrize(("before", "opens"), [(1, True), (2, True), (3, False), (9, False)])
def test_the_one_before_keeps_its_tries(monkeypatch: pytest.MonkeyPatch, before: int, *, opens: bool) -> None:
    """However often another is asked for, and from however many addresses; the page says what it says to everybody."""
    monkeypatch.setattr(table, "CODES_TO_ACCOUNT", table.CODES_TO_ACCOUNT._replace(most=1))
    ann, browser = somebody(), Client()
    browser.post(CODE, {"email": ann.email})
    for turn in range(before):
        source = f"198.51.100.{turn}"
        assert browser.post(CONFIRM, {"code": "000000"}, REMOTE_ADDR=source).status_code == 200
        asked = browser.post(CODE, {"email": ann.email, "again": "1"}, REMOTE_ADDR=source, follow=True)
        assert NEWS in asked.content.decode()
    assert len(mails_to(ann.email)) == 1
    browser.post(CONFIRM, {"code": code_at(ann.email)})
    assert is_signed_in(browser) is opens


def test_a_new_code_has_its_own_tries() -> None:
    ann, browser = somebody(), Client()
    browser.post(CODE, {"email": ann.email})
    for _ in range(2):
        for _ in range(2):
            browser.post(CONFIRM, {"code": "000000"})
        again(browser, ann.email)
    assert len(mails_to(ann.email)) == 3
    browser.post(CONFIRM, {"code": code_at(ann.email)})
    assert is_signed_in(browser)


@pytest.mark.parametrize(("windows", "opens"), [(2, True), (3, False)])
def test_a_code_that_works_in_many_windows_has_three_tries_in_all(
    monkeypatch: pytest.MonkeyPatch, windows: int, *, opens: bool
) -> None:
    monkeypatch.setattr(table, "UNCONFIRMED_FROM", table.UNCONFIRMED_FROM._replace(most=1))
    first = sign_up()
    for _ in range(windows):
        assert sign_up(OTHER).post(CONFIRM_ADDRESS, {"code": "000000"}).status_code == 200
    first.post(CONFIRM_ADDRESS, {"code": code_at(NEW)})
    assert is_signed_in(first) is opens


@pytest.mark.parametrize("page", [CONFIRM, CONFIRM_ADDRESS], ids=["sign-in", "sign-up"])
def test_an_empty_field_is_no_try(page: str) -> None:
    """Nor is one with blanks and signs alone; the page says that it is empty or wrong, and counts no tries."""
    if page == CONFIRM:
        mailbox, browser = somebody().email, Client()
        browser.post(CODE, {"email": mailbox})
    else:
        mailbox, browser = NEW, sign_up()
    for typed in ("", " \t", "-", "____", ""):
        answer = browser.post(page, {"code": typed})
        assert answer.status_code == 200
        assert 'id="id_code_error"' in answer.content.decode()
        assert "You can try" not in answer.content.decode()
    assert "You can try 2 times more" in browser.post(page, {"code": "000000"}).content.decode()
    assert "You can try 2 times more" not in browser.post(page, {"code": ""}).content.decode()
    browser.post(page, {"code": code_at(mailbox)})
    assert is_signed_in(browser)


def test_a_code_that_went_to_nobody_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no older one either: what the session holds was never sent."""
    monkeypatch.setattr(table, "CODES_TO_ACCOUNT", table.CODES_TO_ACCOUNT._replace(most=0))
    monkeypatch.setattr(AccountAdapter, "generate_login_code", lambda _self: "GUESSED")
    ann, browser = somebody(), Client()
    browser.post(CODE, {"email": ann.email})
    browser.post(CONFIRM, {"code": "GUESSED"})
    again(browser, ann.email)
    browser.post(CONFIRM, {"code": "GUESSED"})
    assert not is_signed_in(browser)


def test_a_code_that_is_sent_takes_the_place_of_the_one_before() -> None:
    ann, browser = somebody(), Client()
    browser.post(CODE, {"email": ann.email})
    code = code_at(ann.email)
    again(browser, ann.email)
    browser.post(CONFIRM, {"code": code})
    assert not is_signed_in(browser)


def test_the_one_before_is_for_no_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob, browser = somebody(), somebody("bob"), Client()
    browser.post(CODE, {"email": ann.email})
    monkeypatch.setattr(table, "CODES_TO_ACCOUNT", table.CODES_TO_ACCOUNT._replace(most=0))
    again(browser, bob.email)
    browser.post(CONFIRM, {"code": code_at(ann.email)})
    assert not is_signed_in(browser)


def test_the_one_before_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a new one is asked for."""
    ann, browser, begun = somebody(), Client(), time.time()
    browser.post(CODE, {"email": ann.email})
    code = code_at(ann.email)
    monkeypatch.setattr(table, "CODES_TO_ACCOUNT", table.CODES_TO_ACCOUNT._replace(most=0))
    for minutes in (10, 20):
        moment = datetime.fromtimestamp(begun + minutes * 60, UTC)
        monkeypatch.setattr(time, "time", moment.timestamp)
        monkeypatch.setattr(codes_before, "real_now", partial(copy, moment))
        again(browser, ann.email)
    browser.post(CONFIRM, {"code": code})
    assert not is_signed_in(browser)


def test_who_adds_an_address_keeps_the_code_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ann, browser = somebody(), Client()
    by_password(browser, ann)
    browser.post(f"{BASE}email/", {"action_add": "", "email": NEW})
    for _ in range(3):
        browser.post(f"{BASE}email/", {"action_add": "", "email": NEW})
    assert len(mails_to(NEW)) == table.UNCONFIRMED_FROM.most
    browser.post(CONFIRM_ADDRESS, {"code": code_at(NEW)})
    assert is_confirmed(NEW)


def test_whoever_is_signed_in_is_told_nothing() -> None:
    """A page of before, in another tab."""
    ann, browser = somebody(), Client()
    by_password(browser, ann)
    answer = again(browser, ann.email)
    assert NEWS not in answer.content.decode()
    assert mails_to(ann.email) == []
    assert is_signed_in(browser)


def test_a_form_that_is_refused_says_nothing_of_a_code() -> None:
    browser = Client()
    answer = again(browser, "no address")
    assert answer.status_code == 200
    assert [str(one) for one in get_messages(answer.wsgi_request)] == []
    assert NEWS not in browser.get(CODE).content.decode()


def seen(browser: Client, mailbox: str) -> list[tuple[int, str]]:
    """What a stranger sees who signs in with this address, types wrong codes and asks for new ones."""
    answers = [browser.post(CODE, {"email": mailbox}, follow=True)]
    for _ in range(2):
        answers += [browser.post(CONFIRM, {"code": "000000"}, follow=True) for _ in range(2)]
        answers += [again(browser, mailbox)]
    answers += [browser.post(CONFIRM, {"code": "000000"}, follow=True) for _ in range(3)]
    return [
        (
            one.status_code,
            re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", one.content.decode()).replace(mailbox, ""),
        )
        for one in answers
    ]


def test_nobody_is_told_whether_a_new_code_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """To an account, to one whose codes are used up, to one that nobody has confirmed, and to none."""
    ann, bob = somebody(), somebody("bob")
    sign_up(mailbox="carol@example.org")
    sent = seen(Client(), ann.email)
    assert len(mails_to(ann.email)) == 3
    monkeypatch.setattr(table, "CODES_TO_ACCOUNT", table.CODES_TO_ACCOUNT._replace(most=1))
    assert seen(Client(), bob.email) == sent
    assert len(mails_to(bob.email)) == 1
    assert seen(Client(), "carol@example.org") == sent
    assert seen(Client(), "nobody@example.org") == sent


def test_a_sign_in_that_forgets_the_code_before_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes_before, "_take_newest", lambda _state, _before: None)
    browser = sign_up()
    for _ in range(2):
        again(browser, NEW)
    browser.post(CONFIRM, {"code": code_at(NEW)})
    assert not is_signed_in(browser)
