"""An account that somebody made with another person's address, and that its owner finds later."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from taskforce.accounts import services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now, real_now
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import sweep
from tests.accounts.entering import BASE, PASSWORD, by_mail, by_password, forget_limits, is_signed_in, somebody
from tests.clients import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
SIGN_UP = {"email": "owner@example.org", "password1": PASSWORD, "password2": PASSWORD}


def code() -> str:
    """The code in the newest mail."""
    return str(OutboxMessage.objects.latest("pk").context["code"])


def test_a_password_of_whoever_signed_up_does_not_open_it() -> None:
    stranger, owner, again = Client(), Client(), Client()
    stranger.post(f"{BASE}signup/", SIGN_UP)
    forget_limits()
    user = User.objects.get()
    by_mail(owner, user)
    assert is_signed_in(owner)
    forget_limits()
    by_password(again, user)
    assert not is_signed_in(again)
    assert not is_signed_in(stranger)
    assert Entry.objects.filter(action="account.password-forgotten", target_id=user.pk).count() == 1
    # The owner chooses one of their own.
    assert owner.get(f"{BASE}password/set/").status_code == 200


def test_whoever_confirms_the_address_at_sign_up_keeps_the_password() -> None:
    visitor, again = Client(), Client()
    visitor.post(f"{BASE}signup/", SIGN_UP)
    visitor.post(f"{BASE}confirm-email/", {"code": code()})
    assert is_signed_in(visitor)
    forget_limits()
    by_password(again, User.objects.get())
    assert is_signed_in(again)


def test_a_code_for_a_confirmed_address_leaves_the_password_alone() -> None:
    ann = somebody()
    by_mail(Client(), ann)
    forget_limits()
    again = Client()
    by_password(again, ann)
    assert is_signed_in(again)


# --- an address that a stranger has typed ----------------------------------------------------------------------------

WORK = "ann-work@example.org"


def adds(owner: Client, address: str) -> str:
    """The page after somebody has added an address and typed the right code."""
    owner.post(f"{BASE}email/", {"action_add": "", "email": address})
    right = OutboxMessage.objects.filter(mailbox=address).latest("pk").context["code"]
    return str(owner.post(f"{BASE}confirm-email/", {"code": right}, follow=True).content.decode())


def signs_up(address: str) -> User:
    """A stranger's account, which nobody confirms."""
    Client().post(f"{BASE}signup/", {**SIGN_UP, "email": address})
    forget_limits()
    return User.objects.get(email=address)


def test_a_right_code_takes_an_address_from_an_account_that_nobody_has_entered() -> None:
    ann, owner = somebody(), Client()
    by_mail(owner, ann)
    forget_limits()
    squatting = signs_up(WORK)
    assert "already an account" not in adds(owner, WORK)
    assert EmailAddress.objects.get(email=WORK).user_id == ann.pk
    assert EmailAddress.objects.get(email=WORK).verified
    assert not User.objects.filter(pk=squatting.pk).exists()
    assert Entry.objects.get(action="account.forgotten").target_id == squatting.pk


@pytest.mark.parametrize("why", ["confirmed", "signed in"])
def test_it_takes_none_from_an_account_that_somebody_has_entered(why: str) -> None:
    ann, owner = somebody(), Client()
    by_mail(owner, ann)
    forget_limits()
    other = signs_up(WORK)
    if why == "confirmed":
        EmailAddress.objects.filter(user=other).update(verified=True)
    else:
        User.objects.filter(pk=other.pk).update(last_login=real_now())
    assert "already an account" in adds(owner, WORK)
    assert User.objects.filter(pk=other.pk).exists()


def test_a_wrong_code_takes_nothing() -> None:
    owner = Client()
    by_mail(owner, somebody())
    forget_limits()
    other = signs_up(WORK)
    owner.post(f"{BASE}email/", {"action_add": "", "email": WORK})
    owner.post(f"{BASE}confirm-email/", {"code": "AAAA-AAAA"})
    assert User.objects.filter(pk=other.pk).exists()


def old(user: User, days: float = 7.1) -> User:
    """As if it had been made then."""
    User.objects.filter(pk=user.pk).update(date_joined=real_now() - timedelta(days=days))
    return user


@pytest.mark.long
def test_accounts_that_nobody_has_confirmed_are_forgotten_after_seven_days() -> None:
    gone = old(signs_up(WORK))
    confirmed, entered, staff, shell = (
        old(somebody()),
        old(signs_up("a@example.org")),
        old(signs_up("b@example.org")),
        old(User.objects.create_superuser("c@example.org")),
    )
    User.objects.filter(pk=entered.pk).update(last_login=real_now())
    services.grant_role(staff, Role.OBSERVER, at=app_now(), actor_id=None)
    young = old(signs_up("d@example.org"), days=6.9)
    assert sweep.run()["unconfirmed accounts forgotten"] == 1
    assert sweep.run()["unconfirmed accounts forgotten"] == 0
    stay = {user.pk for user in (confirmed, entered, staff, shell, young)}
    assert set(User.objects.values_list("pk", flat=True)) == stay
    assert not EmailAddress.objects.filter(email=WORK).exists()
    entry = Entry.objects.get(action="account.forgotten")
    assert (entry.target_id, entry.actor_id) == (gone.pk, None)
    assert WORK not in str(entry.details)
    # Whoever it was signs up anew.
    signs_up(WORK)


def test_a_pass_forgets_a_batch_and_the_next_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.forgetting, "_BATCH", 2)
    for number in range(3):
        old(services.sign_up(f"x{number}@example.org", language="en", zone="UTC", at=app_now()))
    assert [services.forget_unconfirmed(app_now()) for _ in range(3)] == [2, 1, 0]
