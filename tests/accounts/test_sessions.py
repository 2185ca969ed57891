"""Sessions end with what they rest on (S13, S14), and nobody is kept out of their own account (R4)."""

import pytest

from taskforce.accounts import services
from taskforce.accounts.adapters import AccountAdapter
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import TaskForce
from tests.accounts.entering import (
    ACTIVATE,
    AGAIN,
    BASE,
    LOGIN,
    PASSWORD,
    STEP,
    WRONG,
    app_code,
    by_mail,
    by_password,
    by_password_and_app,
    is_in_the_admin,
    is_signed_in,
    somebody,
)
from tests.accounts.test_second_factor import key_on
from tests.clients import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
NEW = "another long secret"


def kinds() -> list[str]:
    """The mails so far."""
    return list(OutboxMessage.objects.order_by("pk").values_list("kind", flat=True))


# --- the id changes --------------------------------------------------------------------------------------------------


def test_the_id_changes_at_each_step_and_the_older_ones_are_dead(client: Client) -> None:
    user = somebody(app=True)
    ids = []

    def note() -> None:
        ids.append(client.cookies["session"].value)

    client.get(LOGIN)
    by_password(client, user)
    note()
    client.post(STEP, {"code": app_code()})
    note()
    client.post(AGAIN, {"code": app_code(1)})
    note()
    assert len(set(ids)) == 3
    for older in ids[:-1]:
        thief = Client()
        thief.cookies["session"] = older
        assert not is_signed_in(thief)


def test_the_id_changes_when_an_app_is_set_up(client: Client) -> None:
    by_password(client, somebody())
    before = client.cookies["session"].value
    client.post(ACTIVATE, {"code": app_code(key=key_on(client.get(ACTIVATE).content.decode()))})
    assert client.cookies["session"].value != before


# --- what ends them --------------------------------------------------------------------------------------------------


def test_a_changed_password_ends_the_other_sessions_and_is_told() -> None:
    user, here, there = somebody(), Client(), Client()
    for browser in (here, there):
        by_password(browser, user)
    fields = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post(f"{BASE}password/change/", fields).status_code == 302
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert kinds() == ["account-password-changed"]
    mail = OutboxMessage.objects.get()
    assert (mail.mailbox, mail.language) == (user.email, user.language)
    assert set(mail.context) == {"account", "moment", "steps_url", "reset_url"}, "not from where and by which browser"


@pytest.mark.long
def test_a_first_password_and_one_by_link_do_so_too() -> None:
    user, here, there = somebody(password=None), Client(), Client()
    by_mail(here, user)
    by_mail(there, user)
    here.post(f"{BASE}password/set/", {"password1": NEW, "password2": NEW})
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    there.post(f"{BASE}password/reset/", {"email": user.email})
    link = OutboxMessage.objects.get(kind="account-password-reset").context["url"]
    form = there.get("/" + link.split("/", 3)[3], follow=True).request["PATH_INFO"]
    there.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert not is_signed_in(here)
    assert kinds().count("account-password-changed") == 2


def test_another_main_address_and_a_removed_one_are_told(client: Client) -> None:
    user = somebody()
    by_password(client, user)
    client.post(f"{BASE}email/", {"action_add": "", "email": "second@example.org"})
    code = OutboxMessage.objects.latest("pk").context["code"]
    client.post(f"{BASE}confirm-email/", {"code": code})
    client.post(f"{BASE}email/", {"action_primary": "", "email": "second@example.org"})
    told = OutboxMessage.objects.filter(kind="account-address-changed")
    assert {mail.mailbox for mail in told} == {user.email, "second@example.org"}
    assert {(mail.context["before"], mail.context["after"]) for mail in told} == {(user.email, "second@example.org")}
    client.post(f"{BASE}email/", {"action_remove": "", "email": user.email})
    told = OutboxMessage.objects.filter(kind="account-address-removed")
    assert {mail.mailbox for mail in told} == {user.email, "second@example.org"}
    assert {mail.context["removed"] for mail in told} == {user.email}


@pytest.mark.long
def test_a_disabled_account_is_out_with_its_next_page() -> None:
    user, here, there = somebody(app=True, staff=True), Client(), Client()
    by_password_and_app(here, user)
    by_password_and_app(there, user, 1)
    assert is_in_the_admin(here)
    assert is_in_the_admin(there)
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert not any(is_signed_in(browser) or is_in_the_admin(browser) for browser in (here, there))


@pytest.mark.long
def test_a_removed_role_is_gone_with_the_next_page(tf: TaskForce) -> None:
    user, here, there = somebody(app=True), Client(), Client()
    services.grant_role(user, Role.COORDINATOR, at=app_now(), actor_id=None, task_force_id=tf.pk)
    by_password_and_app(here, user)
    by_password_and_app(there, user, 1)
    page = "/en/admin/timeline/phase/"
    assert [browser.get(page).status_code for browser in (here, there)] == [200, 200]
    RoleGrant.objects.filter(user=user).delete()
    assert [browser.get(page).status_code for browser in (here, there)] == [403, 403]


# --- the owner always gets in ----------------------------------------------------------------------------------------


def guess(client: Client, email: str, times: int, address: str = "10.0.0.1") -> str:
    """The page after so many wrong passwords from an address."""
    answers = [client.post(LOGIN, {"login": email, "password": "wrong"}, REMOTE_ADDR=address) for _ in range(times)]
    return str(answers[-1].content.decode())


def is_locked(html: str) -> bool:
    """Whether the page says that there were too many."""
    return str(AccountAdapter.error_messages["too_many_passwords"]) in html


@pytest.mark.long
def test_an_owner_who_is_locked_out_enters_by_a_code_by_mail() -> None:
    """Others have guessed from many addresses, and their count stands in the owner's way too."""
    user, owner = somebody(app=True, staff=True), Client()
    for number in range(20):
        guess(Client(), user.email, 1, f"10.0.1.{number}")
    assert is_locked(by_password(owner, user).content.decode())
    by_mail(owner, user)
    owner.post(STEP, {"code": app_code()})
    assert is_in_the_admin(owner)


@pytest.mark.long
def test_a_new_password_opens_ones_own_account_again() -> None:
    user, owner = somebody(), Client()
    assert is_locked(guess(Client(), user.email, 6))
    owner.post(f"{BASE}password/reset/", {"email": user.email})
    link = OutboxMessage.objects.latest("pk").context["url"]
    form = owner.get("/" + link.split("/", 3)[3], follow=True).request["PATH_INFO"]
    owner.post(form, {"password1": NEW, "password2": NEW})
    by_password(owner, user, NEW)
    assert is_signed_in(owner)


@pytest.mark.long
def test_a_new_password_opens_the_second_step_again() -> None:
    """Whoever knew the older one has used up its attempts."""
    user, thief, owner = somebody(app=True), Client(), Client()
    by_password(thief, user)
    for _ in range(6):
        thief.post(STEP, {"code": WRONG})
    owner.post(f"{BASE}password/reset/", {"email": user.email})
    link = OutboxMessage.objects.latest("pk").context["url"]
    form = owner.get("/" + link.split("/", 3)[3], follow=True).request["PATH_INFO"]
    owner.post(form, {"password1": NEW, "password2": NEW})
    by_password(owner, user, NEW)
    owner.post(STEP, {"code": app_code()})
    assert is_signed_in(owner)


def succeed_by_password(client: Client) -> None:
    """Sign in to an account of one's own."""
    by_password(client, somebody("mallory"))


def succeed_by_app(client: Client) -> None:
    """Pass one's own second step."""
    by_password_and_app(client, somebody("mallory", app=True))


def succeed_by_reset(client: Client) -> None:
    """Choose a new password for an account of one's own."""
    user = somebody("mallory")
    client.post(f"{BASE}password/reset/", {"email": user.email})
    link = OutboxMessage.objects.latest("pk").context["url"]
    form = client.get("/" + link.split("/", 3)[3], follow=True).request["PATH_INFO"]
    assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 302


@pytest.mark.parametrize("succeed", [succeed_by_password, succeed_by_app, succeed_by_reset])
def test_success_with_ones_own_account_clears_no_count(succeed: object) -> None:
    """Ten wrong passwords a minute from an address, whosever they are, and whatever went well between them."""
    assert callable(succeed)
    for number in range(9):
        assert not is_locked(guess(Client(), f"victim{number}@example.org", 1, "127.0.0.1"))
    succeed(Client())
    pages = [guess(Client(), f"victim{number}@example.org", 1, "127.0.0.1") for number in range(9, 12)]
    assert [is_locked(page) for page in pages] == [False, True, True]
