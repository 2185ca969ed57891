"""What was chosen at a second sign-up holds for an account that nobody has entered, and for no other."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from taskforce.accounts.models import User
from taskforce.accounts.services.addresses import confirm_address
from taskforce.accounts.sign_ups import SignUp
from tests.conftest import utc

pytestmark = pytest.mark.django_db
AT = utc(2022, 2, 6, 9, 30)


@pytest.mark.parametrize("entered", ["", "signed in", "confirmed an address"])
def test_nothing_is_taken_from_whoever_has_entered(entered: str) -> None:
    user = User.objects.create_user("ann@example.org", "a password of theirs", language="en")
    if entered == "signed in":
        User.objects.filter(pk=user.pk).update(last_login=AT - timedelta(days=1))
    if entered == "confirmed an address":
        EmailAddress.objects.create(user=user, email="other@example.org", verified=True)
    address = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})[0]
    chosen = SignUp("another, hashed", "de", "Europe/Berlin", user.password)
    assert confirm_address(address, lambda: True, at=AT, chosen=chosen)
    user.refresh_from_db()
    assert ((user.password, user.language) == ("another, hashed", "de")) is (not entered)
    assert user.check_password("a password of theirs") is bool(entered)
