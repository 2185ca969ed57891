"""How allauth lets the portal decide about people who come from the wiki: whom they may become, what is kept."""

import logging
from typing import Any
from urllib.parse import urlencode

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.forms import SignupForm
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.accounts import services, wikimedia
from taskforce.accounts.fetching import BoundedSession
from taskforce.accounts.forms import zone_field
from taskforce.accounts.models import User
from taskforce.core import zones
from taskforce.core.clock import app_now

logger = logging.getLogger("portal.accounts")


class SocialAdapter(DefaultSocialAccountAdapter):
    """One wiki, its consumer from the settings; what comes of a visit there is written by services."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        """The one consumer, if there is one."""
        return [wikimedia.consumer()] if wikimedia.is_offered() else []

    def get_app(self, request: HttpRequest, provider: Any, client_id: Any = None) -> Any:
        """The consumer; ValueError where there is none (any more): then a session's half sign-in is no sign-in."""
        return wikimedia.consumer()

    def get_requests_session(self) -> BoundedSession:
        """For the questions to the wiki."""
        return BoundedSession(settings.MEDIAWIKI_URL)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Lead to a page that says what to do: its address holds neither the code nor the state."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("socialaccount_login_cancelled")))
        why = "refused"
        if exception is None and "state_id" in (extra_context or {}):
            why = "late"
        elif isinstance(exception, requests.RequestException):
            why = "unanswered"
        # The exception's text may hold what the wiki sent, and with it a token.
        logger.warning("sign-in with the wiki failed: %s", type(exception).__name__ if exception else why)
        raise ImmediateHttpResponse(
            HttpResponseRedirect(f"{reverse('socialaccount_login_error')}?{urlencode({'why': why})}")
        )

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Called by allauth when the wiki has said who has come, and before anything follows from it."""
        # It would be kept in the session while the person signs up.
        sociallogin.token = None
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(_connect(request, sociallogin))

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """A new person. The wiki's account joins theirs when they have confirmed the address (`connect_pending`)."""
        email: str = form.cleaned_data["email"]
        zone = form.cleaned_data["zone"] or zones.UTC
        user = services.sign_up(email, language=get_language() or settings.LANGUAGE_CODE, zone=zone, at=app_now())
        sociallogin.user = user
        return user


def _connect(request: HttpRequest, sociallogin: Any) -> HttpResponse:
    """Join the wiki's account to that of whoever is signed in, and go back to where they came from."""
    if not isinstance(request.user, User):
        return HttpResponseRedirect(reverse("account_login"))
    account = sociallogin.account
    outcome = services.connect_wikimedia(
        request.user.pk, account.uid, account.extra_data["username"], at=app_now(), tell=True
    )
    if outcome is services.Connected.ELSEWHERE:
        messages.error(request, _("This Wikimedia account belongs to another account of the portal."))
    else:
        messages.success(request, _("You can now sign in with your Wikimedia account."))
    return HttpResponseRedirect(sociallogin.state.get("next") or reverse("account_email"))


def connect_pending(request: HttpRequest, user: User, signal_kwargs: dict[str, Any] | None) -> None:
    """Called when somebody is signed in: if they have just signed up from the wiki, its account is theirs from now on.

    Not before: whoever typed another person's address at sign-up would have a way into what that person finds later.
    """
    sociallogin = (signal_kwargs or {}).get("sociallogin")
    if sociallogin is None or sociallogin.account.pk is not None:
        return
    account = sociallogin.account
    outcome = services.connect_wikimedia(user.pk, account.uid, account.extra_data["username"], at=app_now())
    if outcome is services.Connected.ELSEWHERE:
        messages.error(request, _("This Wikimedia account belongs to another account of the portal."))


class SignUpForm(SignupForm):
    """The address of somebody new, and their zone; the wiki's, if it has a confirmed one, stands there already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"] = zone_field(self.data.get("zone"))

    def try_save(self, request: HttpRequest) -> Any:
        """As allauth's; who was a moment faster with the same address is somebody who exists."""
        try:
            return super().try_save(request)
        except services.AddressTaken:
            self.account_already_exists = True
            return super().try_save(request)
