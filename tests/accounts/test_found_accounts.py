"""An account that somebody made with another person's address, and that its owner finds later."""

import pytest

from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.notifications.models import OutboxMessage
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
