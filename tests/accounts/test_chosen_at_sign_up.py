"""What was chosen in a window at sign-up holds with that window's code, and for nothing that comes later."""

import re

import pytest

from taskforce.accounts.models import User
from taskforce.accounts.queries import is_confirmed
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import BASE, CONFIRM, PASSWORD, by_password, is_signed_in
from tests.accounts.test_codes_before import CONFIRM_ADDRESS, NEW, OTHER, SIGN_UP, again, code_at, sign_up
from tests.clients import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
THIRD, SECOND = "a third secret of mine", "second@example.org"


def signed_up_twice() -> tuple[Client, User]:
    """The window of the second sign-up, which chose `OTHER`, and the account; the first came from elsewhere."""
    first = {"email": NEW, "password1": PASSWORD, "password2": PASSWORD}
    assert Client().post(SIGN_UP, first, REMOTE_ADDR="198.51.100.7").status_code == 302
    return sign_up(OTHER), User.objects.get(email=NEW)


@pytest.mark.long
def test_who_signed_in_by_another_code_keeps_the_password_that_came_later() -> None:
    window, account = signed_up_twice()
    again(window, NEW)
    window.post(CONFIRM, {"code": code_at(NEW)})
    assert is_signed_in(window)
    assert "signed_up_again" not in window.session
    window.post(f"{BASE}password/set/", {"password1": THIRD, "password2": THIRD})
    window.post(f"{BASE}email/", {"action_add": "", "email": SECOND})
    window.post(CONFIRM_ADDRESS, {"code": code_at(SECOND)})
    account.refresh_from_db()
    assert is_confirmed(SECOND)
    assert account.check_password(THIRD)
    assert is_signed_in(window)


@pytest.mark.long
def test_who_set_a_password_by_a_link_keeps_it() -> None:
    window, account = signed_up_twice()
    window.post(f"{BASE}password/reset/", {"email": NEW})
    context = OutboxMessage.objects.latest("pk").context
    link = next(value for value in context.values() if isinstance(value, str) and "reset/key" in value)
    page = window.get(re.sub(r"^https?://[^/]+", "", link), follow=True).redirect_chain[-1][0]
    window.post(page, {"password1": THIRD, "password2": THIRD})
    by_password(window, account, THIRD)
    window.post(CONFIRM_ADDRESS, {"code": code_at(NEW)})
    account.refresh_from_db()
    assert account.check_password(THIRD)
    assert is_confirmed(NEW)


def test_it_holds_with_the_code_of_its_window() -> None:
    window, account = signed_up_twice()
    window.post(CONFIRM_ADDRESS, {"code": code_at(NEW)})
    account.refresh_from_db()
    assert account.check_password(OTHER)
    assert is_signed_in(window)


def test_a_window_that_confirms_late_changes_nothing() -> None:
    """The owner has entered elsewhere; whoever still has the form of before gets at nothing by it."""
    window, account = signed_up_twice()
    owner = sign_up(THIRD)
    code = code_at(NEW)
    owner.post(CONFIRM_ADDRESS, {"code": code})
    window.post(CONFIRM_ADDRESS, {"code": code})
    account.refresh_from_db()
    assert account.check_password(THIRD)
    assert is_signed_in(owner)
