"""The wiki whose accounts people sign in with, as django-allauth asks for it: addresses, consumer, who has come.

Everything is read from the settings at the moment of use. The library's own adapter reads it once, at import.
"""

import re
from email.utils import parseaddr
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url, get_request_param
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.mediawiki.provider import MediaWikiProvider
from allauth.socialaccount.providers.mediawiki.views import MediaWikiOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, override

from taskforce.core.text import clean_name

PROVIDER = "mediawiki"
# The wiki compares the address to which it sends people back letter by letter, and knows one.
_CALLBACK_LANGUAGE = "en"


def is_offered() -> bool:
    """Whether people can sign in with an account of the wiki here."""
    return bool(settings.MEDIAWIKI_KEY)


def consumer() -> SocialApp:
    """The portal as the wiki knows it; kept in the settings, never in the database. ValueError where there is none."""
    if not is_offered():
        raise ValueError("MEDIAWIKI_KEY is not set")
    return SocialApp(
        provider=PROVIDER, name="Wikimedia", client_id=settings.MEDIAWIKI_KEY, secret=settings.MEDIAWIKI_SECRET
    )


def callback_address() -> str:
    """The one address, registered with the wiki, at which everybody comes back, whatever their language."""
    with override(_CALLBACK_LANGUAGE):
        return f"{settings.SITE_URL}{reverse('mediawiki_callback')}"


def user_agent() -> str:
    """Who asks and whom to write to, as Wikimedia's policy on user agents wants it."""
    return f"taskforce-portal/0.1 ({settings.SITE_URL}/; {parseaddr(settings.DEFAULT_FROM_EMAIL)[1]})"


def profile_of(data: dict[str, Any]) -> dict[str, Any]:
    """Of what the wiki says about somebody the four things that the portal needs; no real name.

    Raises OAuth2Error where it does not say who they are. The e-mail address only helps to fill in a form.
    """
    number, name, email = (data.get(key) for key in ("sub", "username", "email"))
    number = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
    name = clean_name(name) if isinstance(name, str) else ""
    # Zero is how MediaWiki writes that there is no such account: all of them would be one person.
    if not re.fullmatch(r"[0-9A-Za-z._:-]{1,64}", number) or number == "0" or not name:
        raise OAuth2Error("the profile names nobody")
    is_confirmed = data.get("confirmed_email") is True and isinstance(email, str)
    return {"sub": number, "username": name[:120], "email": email if is_confirmed else "", "confirmed_email": True}


class WikimediaAdapter(MediaWikiOAuth2Adapter):
    """Speaks OAuth 2 with the wiki."""

    @property
    def access_token_url(self) -> str:
        """Where a code becomes a token."""
        return f"{settings.MEDIAWIKI_URL}/rest.php/oauth2/access_token"

    @property
    def authorize_url(self) -> str:
        """Where people are asked whether they want it."""
        return f"{settings.MEDIAWIKI_URL}/rest.php/oauth2/authorize"

    @property
    def profile_url(self) -> str:
        """Where a token becomes a name."""
        return f"{settings.MEDIAWIKI_URL}/rest.php/oauth2/resource/profile"

    @property
    def headers(self) -> dict[str, str]:
        """Sent with both questions."""
        return {"User-Agent": user_agent(), "Accept": "application/json"}

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """The registered one."""
        return callback_address()

    def parse_token(self, data: dict[str, Any]) -> Any:
        """The token for the one question that follows; of what else the wiki sends nothing is kept."""
        token = data["access_token"]
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise OAuth2Error("the token is none")
        return super().parse_token({"access_token": token})

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Ask who has come."""
        with get_adapter().get_requests_session() as session:
            headers = {**self.headers, "Authorization": f"Bearer {token.token}"}
            answer = session.get(self.profile_url, headers=headers)
        if not answer.ok or answer.is_redirect:
            raise OAuth2Error(f"the profile came with {answer.status_code}")
        return self.get_provider().sociallogin_from_response(request, profile_of(answer.json()))


class WikimediaProvider(MediaWikiProvider):
    """The wiki among allauth's providers."""

    name = "Wikimedia"
    # allauth looks for the addresses of a provider beside its class.
    package = "allauth.socialaccount.providers.mediawiki"
    oauth2_adapter_class = WikimediaAdapter
    pkce_enabled_default = True

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept beside the number: the name, to show which account it is."""
        return {"username": data["username"]}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """The wiki's word confirms no address here."""
        return [EmailAddress(email=data["email"], verified=False, primary=True)] if data["email"] else []

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """What is remembered until the person comes back; an address cannot change what the wiki is asked for."""
        connects = get_request_param(request, "process") == AuthProcess.CONNECT
        return {
            "next_url": get_next_redirect_url(request),
            "process": AuthProcess.CONNECT if connects else AuthProcess.LOGIN,
            "scope": [],
            "auth_params": {},
            "language": get_language() or settings.LANGUAGE_CODE,
        }
