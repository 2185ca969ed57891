"""Whoever finds an open browser, or knows a password, does not become its owner, still less staff."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from taskforce.accounts import fresh, second_factor, services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import (
    ACTIVATE,
    BASE,
    PASSWORD,
    app_code,
    by_mail,
    by_password,
    hidden_at,
    is_in_the_admin,
    somebody,
)
from tests.accounts.test_second_factor import key_on
from tests.clients import Client, note_sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
EMAIL, SET, CHANGE = f"{BASE}email/", f"{BASE}password/set/", f"{BASE}password/change/"
BY_PASSWORD, BY_MAIL = f"{BASE}reauthenticate/", f"{BASE}reauthenticate/code/"
STALE = fresh.WITHIN.total_seconds() + 1
NEW = "quite another secret"


def second(user: User, *, verified: bool = True) -> EmailAddress:
    """A second address of somebody."""
    return EmailAddress.objects.create(user=user, email="second@example.org", verified=verified)


def open_browser(user: User) -> Client:
    """One in which somebody signed in by password a while ago."""
    client = Client()
    by_password(client, user)
    note_sign_in(client, user, second_factor=False, seconds_ago=STALE)
    return client


def addresses(user: User) -> list[tuple[str, bool]]:
    """(address, whether it is the main one)."""
    return list(EmailAddress.objects.filter(user=user).order_by("pk").values_list("email", "primary"))


def acts(user: User) -> list[str]:
    """What the log says that somebody did with their account."""
    found = Entry.objects.filter(target_id=user.pk, action__startswith="account.").exclude(action="account.created")
    return list(found.order_by("pk").values_list("action", flat=True))


def newest_code(kind: str, mailbox: str) -> str:
    """The code in the newest mail, which is of this kind and goes there."""
    row = OutboxMessage.objects.latest("pk")
    assert (row.kind, row.mailbox) == (kind, mailbox)
    return str(row.context["code"])


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"action_primary": "", "email": "second@example.org"}, [False, True]),
        ({"action_remove": "", "email": "second@example.org"}, [True]),
    ],
)
def test_addresses_change_after_a_proof_only(fields: dict[str, str], after: list[bool]) -> None:
    user = somebody()
    second(user)
    client = open_browser(user)
    answer = client.post(EMAIL, fields)
    place = answer.headers["Location"]
    assert place.startswith(f"{BY_PASSWORD}?next=%2Fen%2Faccounts%2Femail%2F&kept=")
    assert addresses(user) == [(user.email, True), ("second@example.org", False)]
    assert not OutboxMessage.objects.exists()
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    assert [is_main for _email, is_main in addresses(user)] == after


def test_an_address_is_added_after_a_proof_only() -> None:
    user = somebody()
    client = open_browser(user)
    fields = {"action_add": "", "email": "thief@example.org"}
    place = client.post(EMAIL, fields).headers["Location"]
    assert place.startswith(BY_PASSWORD)
    assert not OutboxMessage.objects.exists()
    answer = client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    assert answer.headers["Location"] == f"{BASE}confirm-email/"
    newest_code("account-confirm-code", "thief@example.org")


def test_another_mail_to_confirm_one_needs_no_proof() -> None:
    user = somebody()
    second(user, verified=False)
    answer = open_browser(user).post(EMAIL, {"action_send": "", "email": "second@example.org"})
    assert answer.headers["Location"] == f"{BASE}confirm-email/"
    newest_code("account-confirm-code", "second@example.org")


@pytest.mark.long
def test_a_code_goes_to_an_address_that_is_older_than_the_session() -> None:
    user = somebody(password=None)
    client = Client()
    by_mail(client, user)
    client.post(EMAIL, {"action_add": "", "email": "second@example.org"})
    client.post(f"{BASE}confirm-email/", {"code": newest_code("account-confirm-code", "second@example.org")})
    client.post(EMAIL, {"action_primary": "", "email": "second@example.org"})
    user.refresh_from_db()
    assert user.email == "second@example.org"
    assert "ann@example.org" in client.get(BY_MAIL).content.decode()
    client.post(BY_MAIL, {"send": "1"})
    newest_code("account-proof-code", "ann@example.org")
    # Without any older one there is no code here, and the page says what helps.
    client.post(EMAIL, {"action_remove": "", "email": "ann@example.org"})
    before = OutboxMessage.objects.count()
    assert client.post(BY_MAIL, {"send": "1"}).status_code == 303
    assert OutboxMessage.objects.count() == before
    assert "Sign out and sign in again" in client.get(BY_MAIL).content.decode()
    # In a session that began later it is one of theirs like any other.
    by_mail(other := Client(), user)
    other.post(BY_MAIL, {"send": "1"})
    newest_code("account-proof-code", "second@example.org")


@pytest.mark.long
def test_each_change_is_on_record_and_told_to_every_address(client: Client) -> None:
    user = somebody()
    by_password(client, user)
    client.post(EMAIL, {"action_add": "", "email": "second@example.org"})
    client.post(f"{BASE}confirm-email/", {"code": newest_code("account-confirm-code", "second@example.org")})
    client.post(EMAIL, {"action_primary": "", "email": "second@example.org"})
    client.post(EMAIL, {"action_remove": "", "email": "ann@example.org"})
    assert acts(user) == ["account.address-added", "account.address-primary", "account.address-removed"]
    assert {key for details in Entry.objects.values_list("details", flat=True) for key in details} == {"address"}
    assert "example.org" not in str(list(Entry.objects.values_list("details", flat=True)))
    told = list(OutboxMessage.objects.order_by("pk").values_list("kind", "mailbox"))[1:]
    both = ("second@example.org", "ann@example.org")
    assert told[:1] == [("account-address-added", "ann@example.org")]
    assert sorted(told[1:3]) == sorted(("account-address-changed", mailbox) for mailbox in both)
    assert told[3:] == [("account-address-removed", mailbox) for mailbox in both]


def test_a_stranger_gets_no_word_of_an_address_that_was_never_confirmed(client: Client) -> None:
    user = somebody()
    second(user, verified=False)
    by_password(client, user)
    client.post(EMAIL, {"action_remove": "", "email": "second@example.org"})
    assert [(user.email, True)] == addresses(user)
    assert list(OutboxMessage.objects.values_list("kind", "mailbox")) == [("account-address-removed", user.email)]


def test_the_main_one_stays_and_one_that_is_not_ones_own_too(client: Client) -> None:
    user, other = somebody(), somebody("bo")
    second(user, verified=False)
    by_password(client, user)
    for fields in (
        {"action_remove": "", "email": user.email},
        {"action_remove": "", "email": other.email},
        {"action_primary": "", "email": other.email},
        {"action_primary": "", "email": "second@example.org"},
    ):
        assert client.post(EMAIL, fields).status_code == 302
    assert addresses(user) == [(user.email, True), ("second@example.org", False)]
    assert addresses(other) == [(other.email, True)]
    assert acts(user) == []


def test_news_of_the_second_step_goes_to_every_address(client: Client) -> None:
    user = somebody(app=True)
    second(user)
    second_factor.remove(user.pk, at=app_now(), actor_id=user.pk)
    assert set(OutboxMessage.objects.values_list("kind", "mailbox")) == {
        ("account-factor-off", user.email),
        ("account-factor-off", "second@example.org"),
    }


# --- passwords -------------------------------------------------------------------------------------------------------


def test_a_first_password_wants_a_proof_and_lies_nowhere_meanwhile() -> None:
    user = somebody(password=None)
    by_mail(client := Client(), user)
    note_sign_in(client, user, second_factor=False, seconds_ago=STALE)
    for answer in (client.get(SET), client.post(SET, {"password1": NEW, "password2": NEW})):
        place = answer.headers["Location"]
        assert place.startswith(f"{BY_MAIL}?next=%2Fen%2Faccounts%2Fpassword%2Fset%2F&kept=")
    assert NEW not in str(dict(client.session))
    user.refresh_from_db()
    assert not user.has_usable_password()
    client.post(BY_MAIL, {"send": "1", **hidden_at(place)})
    answer = client.post(BY_MAIL, {"code": newest_code("account-proof-code", user.email), **hidden_at(place)})
    assert answer.headers["Location"] == SET
    client.post(SET, {"password1": NEW, "password2": NEW})
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_what_becomes_of_a_password_is_on_record() -> None:
    user, client = somebody(password=None), Client()
    by_mail(client, user)
    client.post(SET, {"password1": NEW, "password2": NEW})
    client.post(CHANGE, {"oldpassword": NEW, "password1": PASSWORD, "password2": PASSWORD})
    Client().post(f"{BASE}password/reset/", {"email": user.email})
    link = OutboxMessage.objects.get(kind="account-password-reset").context["url"]
    form = client.get("/" + link.split("/", 3)[3], follow=True).request["PATH_INFO"]
    client.post(form, {"password1": NEW, "password2": NEW})
    assert acts(user) == ["account.password-set", "account.password-changed", "account.password-reset"]
    assert {str(details) for details in Entry.objects.values_list("details", flat=True)} == {"{}"}


def test_guessing_at_an_open_browser_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PROOF", table.PROOF._replace(most=4))
    monkeypatch.setattr(table, "PASSWORD_CHANGE", table.PASSWORD_CHANGE._replace(most=4))
    user = somebody()
    client = open_browser(user)
    for address, fields in ((BY_PASSWORD, {"password": "no"}), (CHANGE, {"oldpassword": "no"})):
        answers = [client.post(address, fields) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert 86_000 < int(answers[-1].headers["Retry-After"]) <= 86_400
    refused = client.post(BY_PASSWORD, {"password": PASSWORD})
    assert "sign out and sign in again" in refused.content.decode()


# --- staff who have no app yet ---------------------------------------------------------------------------------------


@pytest.fixture
def coordinator() -> User:
    """Somebody who was given a role just now, and has a password."""
    user = somebody()
    services.grant_role(user, Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    user.refresh_from_db()
    return user


def set_up(client: Client) -> Any:
    """The answer to the first code of an app that the page offers."""
    return client.post(ACTIVATE, {"code": app_code(key=key_on(client.get(ACTIVATE).content.decode()))})


def test_a_password_alone_makes_nobody_staff(client: Client, coordinator: User) -> None:
    """Neither at once, nor by another address, nor by proving the password once more."""
    by_password(client, coordinator)
    for answer in (
        client.get(ACTIVATE),
        client.post(EMAIL, {"action_add": "", "email": "thief@example.org"}),
        client.post(BY_PASSWORD, {"password": PASSWORD, "next": ACTIVATE}),
    ):
        assert answer.headers["Location"].startswith(BY_MAIL)
    assert not OutboxMessage.objects.exclude(kind="role-given").exists()
    assert not second_factor.has(coordinator)
    assert not is_in_the_admin(client)
    # Its owner has the mailbox.
    client.post(BY_MAIL, {"send": "1", "next": ACTIVATE})
    client.post(BY_MAIL, {"code": newest_code("account-proof-code", coordinator.email), "next": ACTIVATE})
    assert set_up(client).status_code == 303
    assert is_in_the_admin(client)


def test_who_came_by_mail_goes_on_at_once(client: Client, coordinator: User) -> None:
    by_mail(client, coordinator)
    assert set_up(client).status_code == 303
    assert is_in_the_admin(client)


def test_who_came_by_the_wiki_too(client: Client, coordinator: User) -> None:
    client.force_login(somebody("bo"))
    user = User.objects.get(email="bo@example.org")
    services.grant_role(user, Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    assert client.get(ACTIVATE).status_code == 302
    session = client.session
    (record,) = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**record, "method": "socialaccount"}]
    session.save()
    assert re.search("otpauth", client.get(ACTIVATE).content.decode())
