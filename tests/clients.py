"""The test client: Django's, whose people sign in as they do on the portal, staff with their second factor."""

import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django import test

from taskforce.accounts.models import User
from taskforce.accounts.sealing import seal

# The key of every test person's app, and what their recovery codes are made from.
APP_KEY, RECOVERY_SEED = "TEST" * 8, "test"

# allauth notes here whose the records are; it has no public name for the key.
_WHOSE = "account_authentication_methods_user"


class Client(test.Client):
    """A browser in a test."""

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Sign somebody in at once: staff by password and app code, just now; others by password only."""
        super().force_login(user, backend)
        # Asked anew: a role may have been given since the caller read the account.
        note_sign_in(self, user, second_factor=User.objects.get(pk=user.pk).is_staff)


def note_sign_in(client: test.Client, user: User, *, second_factor: bool, seconds_ago: float = 0) -> None:
    """Write into the session how somebody has signed in, and when, in the form in which allauth keeps it."""
    at = time.time() - seconds_ago
    records: list[dict[str, Any]] = [{"method": "password", "at": at, "email": user.email}]
    if second_factor:
        # Written past the service, which would leave a line in the log that no test has asked for.
        data = {"secret": seal(APP_KEY), "last_step": -1}
        app, _made = Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": data})
        records.append({"method": "mfa", "type": "totp", "id": app.pk, "at": at})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session[_WHOSE] = str(user.pk)
    session.save()
