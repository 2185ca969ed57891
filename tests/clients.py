"""The test client: Django's, whose people sign in as they do on the portal, staff with their second factor."""

import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django import test
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, StreamingHttpResponse

from taskforce.accounts.models import User
from taskforce.accounts.sealing import seal
from taskforce.accounts.sessions import SessionStore

# The key of every test person's app, and what their recovery codes are made from.
APP_KEY, RECOVERY_SEED = "TEST" * 8, "test"

# allauth notes here whose the records are; it has no public name for the key.
_WHOSE = "account_authentication_methods_user"


class _Whole(StreamingHttpResponse):
    """An answer that came part by part."""

    whole: bytes

    @property
    def content(self) -> Any:
        """All of it."""
        return self.whole

    @property
    def text(self) -> str:  # type: ignore[override]  # what Django's refuses
        """The same as text."""
        return self.whole.decode(self.charset or "utf-8")


class Client(test.Client):
    """A browser in a test."""

    def request(self, **request: Any) -> Any:
        """As Django's; an answer that comes part by part has a `content` like all others."""
        response = super().request(**request)
        if response.streaming:
            whole: Any = response
            whole.whole, whole.__class__ = response.getvalue(), _Whole
        return response

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Sign somebody in at once: staff by password and app code, just now; others by password only.

        As Django's, but that the session is written once, with how they signed in, and not four times.
        """
        request = HttpRequest()
        found = self.cookies.get(settings.SESSION_COOKIE_NAME)
        request.session = SessionStore(found.value if found else None)
        auth.login(request, user, backend or settings.AUTHENTICATION_BACKENDS[0])
        # Asked anew: a role may have been given since the caller read the account.
        is_staff = User.objects.values_list("is_staff", flat=True).get(pk=user.pk)
        _note(request.session, user, second_factor=is_staff, at=time.time())
        request.session.save()
        self.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
        self.cookies[settings.SESSION_COOKIE_NAME]["path"] = "/"


def note_sign_in(client: Client, user: User, *, second_factor: bool, seconds_ago: float = 0) -> None:
    """Write into the session how somebody has signed in, and when, in the form in which allauth keeps it."""
    session = client.session
    _note(session, user, second_factor=second_factor, at=time.time() - seconds_ago)
    session.save()


def _note(session: SessionBase, user: User, *, second_factor: bool, at: float) -> None:
    records: list[dict[str, Any]] = [{"method": "password", "at": at, "email": user.email}]
    if second_factor:
        # Written past the service, which would leave a line in the log that no test has asked for.
        data = {"secret": seal(APP_KEY), "last_step": -1}
        app, _made = Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": data})
        records.append({"method": "mfa", "type": "totp", "id": app.pk, "at": at})
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session[_WHOSE] = str(user.pk)
