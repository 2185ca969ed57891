"""How allauth speaks to the portal: its mails become outbox rows, its refusals say what to do."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import codes, notices
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.limits.clients import client_address


def shown_name(user: User) -> str:
    """How the sign-in pages call a person on their own pages: by name, or by the address they signed up with."""
    return user.name or user.email


def _seconds_of_code(message: str) -> int | None:
    """For how long the code works whose sending allauth announces by this message; None for other messages."""
    return {
        "account/messages/login_code_sent.txt": app_settings.LOGIN_BY_CODE_TIMEOUT,
        "account/messages/email_confirmation_sent.txt": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
    }.get(message)


class AccountAdapter(DefaultAccountAdapter):
    """Enqueues plain values; delivery sends."""

    # allauth has one text for three cases; in each something else helps. Its own key is the third: wrong codes.
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This is not the code. Look for it in the newest mail, or ask for a new one."),
        "too_many_login_attempts": _("The code was wrong too often and no longer works. Ask for a new one."),
        "too_many_codes": _("Too many codes were sent to this address. Wait a minute, then ask again."),
        "too_many_passwords": _("Too many wrong passwords. Wait five minutes, or sign in with a code by mail."),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """The refusal of a form; what was tried too often depends on the page."""
        if code == "too_many_login_attempts":
            match = self.request.resolver_match
            by_code = match is not None and match.url_name == "account_request_login_code"
            code = "too_many_codes" if by_code else "too_many_passwords"
        refusal: ValidationError = super().validation_error(code, *args)
        return refusal

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Called by allauth for every mail; the language is that of the page on which the person asked."""
        notices.allauth_mail(
            template_prefix,
            email,
            context,
            sender=client_address(self.request) if self.request else None,
            language=get_language() or settings.LANGUAGE_CODE,
            at=app_now(),
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """Asked by allauth for its own limits: whom the portal's limits count, so that no header makes another one."""
        return client_address(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Shows allauth's messages, but not that a code was sent: the page for the code says so, with its time."""
        seconds = _seconds_of_code(message_template or "")
        if seconds is not None and message_context is not None:
            codes.remember(request, message_context["email"], seconds)
            return
        if message_template == "account/messages/email_confirmed.txt":
            codes.forget(request)
        super().add_message(request, level, message_template, message_context, extra_tags, message)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Called by allauth once somebody is signed in: the code has done its work."""
        codes.forget(request)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response
