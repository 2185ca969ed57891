"""How allauth speaks to the portal: mails become outbox rows, refusals say what to do, secrets are sealed."""

from functools import partial
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import (
    codes,
    codes_before,
    guesses,
    known_browsers,
    notices,
    proof_codes,
    queries,
    sealing,
    second_factor,
    services,
    sign_ups,
    signed_out,
    social,
)
from taskforce.accounts.models import User
from taskforce.accounts.queries import account_of
from taskforce.core import zones
from taskforce.core.clock import app_now
from taskforce.limits.clients import client_address
from taskforce.notifications import mailboxes


def shown_name(user: User) -> str:
    """How the sign-in pages call a person on their own pages: by name, or by the address they signed up with."""
    return user.name or user.email


def _seconds_of_code(message: str) -> int | None:
    """For how long the code works whose sending allauth announces by this message; None for other messages."""
    return {
        "account/messages/login_code_sent.txt": app_settings.LOGIN_BY_CODE_TIMEOUT,
        "account/messages/email_confirmation_sent.txt": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
    }.get(message)


def _page(request: HttpRequest | None) -> str:
    """The name of the page that was sent; "" for none."""
    match = None if request is None else request.resolver_match
    return "" if match is None else match.url_name or ""


# What was tried too often, by the page on which it was; elsewhere it is a password.
_TOO_MANY = {
    "account_request_login_code": "too_many_codes",
    "mfa_authenticate": "too_many_app_codes",
    "mfa_reauthenticate": "too_many_app_codes",
    "mfa_activate_totp": "too_many_app_codes",
}


# Set on a request that has confirmed an address.
_CONFIRMED = "portal.address_confirmed"
# Set on a request whose answer says that an address is confirmed.
_TOLD = "portal.confirmation_told"


# Set on a request that has given an account what was chosen in its window.
_CHOSEN = "portal.sign_up_chosen"


class _UsedUp(Exception):
    """The tries at an account's password are used up, those at the typed address are not."""


def _counted_as(user: User) -> str:
    """The key under which wrong passwords for an account are counted."""
    return f"password-of-{user.pk}"


def _marked(key: str, request: HttpRequest, user: User | None) -> str:
    """The key for a browser that the account knows; for others as it is."""
    mark = known_browsers.mark_of(request, user)
    return f"{key}:{mark}" if mark else key


class AccountAdapter(DefaultAccountAdapter):
    """Enqueues plain values; delivery sends."""

    # allauth has one text for four cases; in each something else helps. Its own key is the fourth: wrong codes by mail.
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This is not the code. Look for it in the newest mail, or ask for a new one."),
        "too_many_login_attempts": _("The code was wrong too often and no longer works. Ask for a new one."),
        "too_many_codes": _("Too many codes were sent to this address. Wait a minute, then ask again."),
        "too_many_app_codes": _(
            "Too many wrong codes. Wait five minutes, then type the one that your app shows, or a recovery code."
        ),
        "too_many_passwords": _(
            "Too many wrong passwords. Try again in five minutes; if it says the same then, tomorrow. Or sign in with "
            "a code by mail now."
        ),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """The refusal of a form; what was tried too often depends on the page."""
        if code == "too_many_login_attempts":
            guesses.refuse(self.request)
            code = _TOO_MANY.get(_page(self.request), "too_many_passwords")
        refusal: ValidationError = super().validation_error(code, *args)
        return refusal

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Called by allauth for every mail; the language is that of the page on which the person asked."""
        sent = notices.allauth_mail(
            template_prefix,
            email,
            context,
            sender=client_address(self.request) if self.request else None,
            by_code=_page(self.request) == "account_request_login_code",
            browser=known_browsers.mark_of(self.request, account_of(email)) if self.request else None,
            language=get_language() or settings.LANGUAGE_CODE,
            at=app_now(),
        )
        if sent is None and self.request:
            codes_before.note_unsent(self.request)

    @transaction.atomic
    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Called by allauth with what waits for the code; where no mail goes out, for the one before.

        In one transaction with the counting: who is refused by what another click has used up finds that one's code.
        """
        super().send_confirmation_mail(request, emailconfirmation, signup)
        codes_before.confirm_by_what_was_sent(request, emailconfirmation)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Called by allauth for who signs up: mails come in that page's language, with times of the zone chosen."""
        user.language = get_language() or settings.LANGUAGE_CODE
        user.zone = form.cleaned_data.get("zone") or zones.UTC
        save = partial(super().save_user, request, user, form, commit)
        return services.save_sign_up(save, at=app_now())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where those go who were on their way to nowhere: to a page of their own, which says that they are signed in.

        The home page cannot: it is the same bytes for everybody.
        """
        is_staff = isinstance(request.user, User) and request.user.is_staff
        return reverse("admin:index" if is_staff else "account_email")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """As after signing in."""
        return self.get_login_redirect_url(request)

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Back to the list of one's addresses, where the new one now stands as confirmed."""
        return reverse("account_email")

    def clean_email(self, email: str) -> str:
        """Asked by allauth for every address that somebody types: one plain mailbox, in the one form it is stored in.

        Look-alikes in other scripts, which a database may take for the letters they look like, are none.
        """
        try:
            return mailboxes.checked(email)
        except mailboxes.UnusableMailbox as error:
            raise ValidationError(str(error)) from None

    def get_client_ip(self, request: HttpRequest) -> str:
        """Asked by allauth for its own limits: whom the portal's limits count, so that no header makes another one."""
        return client_address(request)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Called by allauth for every change; the services that made it tell of it (`notices.TOLD_BY_SERVICES`)."""

    def set_password(self, user: User, password: str) -> None:
        """Called by allauth for each new password but that of a sign-up."""
        by_link = _page(self.request) == "account_reset_password_from_key"
        services.set_password(user, password, by_link=by_link, at=app_now())
        for mailbox in queries.mailboxes_of(user.pk):
            self._delete_login_attempts_cached_email(self.request, email=mailbox)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Called by allauth when somebody has typed the code from the mail to this address."""
        confirm = partial(super().confirm_email, request, email_address)
        chosen = sign_ups.chosen_here(request, email_address.user_id)
        request.META[_CHOSEN] = chosen is not None
        return services.confirm_address(email_address, confirm, chosen=chosen, at=app_now())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How somebody proves anew who they are, the best way first: with a second step only by that."""
        if not isinstance(user, User):
            return []
        if second_factor.has(user):
            return [_way("mfa_reauthenticate", _("Use your app"))]
        by_code = _way("account_reauthenticate_by_code", _("Use a code by mail"))
        has_password = user.has_usable_password() and not second_factor.is_due(user)
        return [_way("account_reauthenticate", _("Use your password")), by_code] if has_password else [by_code]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Under which wrong passwords for an address are counted: those of a known browser apart from strangers'."""
        everybodys: str = super()._get_login_attempts_cache_key(request, **credentials)
        return _marked(everybodys, request, queries.account_at(credentials.get("email", "")))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count one try at a password, for the address that was typed and for its account, whatever it is called.

        Only the first says that it was too often; the second looks like a wrong password. Else whoever uses up one
        address of somebody's would learn from the answer which others are theirs.
        """
        used = guesses.count(request, self._get_login_attempts_cache_key(request, **credentials))
        if used is None:
            raise self.validation_error("too_many_login_attempts")
        typed = credentials.get("email", "")
        user = queries.account_at(typed)
        # Nobody is counted too: the time that it takes must not tell who has an account.
        whose = _marked(_counted_as(user), request, user) if user else f"nobody:{typed.lower()}"
        of_account = guesses.count(request, whose, by_address=False)
        if of_account is None:
            raise _UsedUp
        used.usage += of_account.usage
        self._login_failed_rl_usage = used

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Called by allauth for each password; None where it is wrong, or was tried too often."""
        try:
            return super().authenticate(request, **credentials)
        except _UsedUp:
            make_password(credentials.get("password"))  # as long as a look at it takes
            self.authentication_failed(request, **credentials)
            return None

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """A new password clears the counts of its account, and not, as allauth would, that of the visitor's address.

        The count of the second step too: whoever knew the older password may have used that up.
        """
        keys = [super()._get_login_attempts_cache_key(request, **credentials)]
        user = queries.account_at(credentials["email"])
        if user is not None:
            keys.append(_counted_as(user))
            guesses.clear(request, second_factor.counted_as(user))
        for key in keys:
            guesses.clear(request, key)
            guesses.clear(request, _marked(key, request, user))

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
        if (
            message_template == "account/messages/password_changed.txt"
            and _page(request) == "account_reset_password_from_key"
        ):
            return  # the page that follows says so itself
        if message_template == "account/messages/logged_in.txt" and request.META.get(_TOLD):
            return  # that the address is confirmed is word enough, and the header has the name
        if message_template == "account/messages/email_confirmed.txt":
            request.META[_TOLD] = True
            codes.forget(request)
            request.META[_CONFIRMED] = True
            services.speak_as_account((message_context or {}).get("email", ""))
        super().add_message(request, level, message_template, message_context, extra_tags, message)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Called by allauth once somebody has shown who they are.

        If a sign-in code has also confirmed their address, it was not confirmed at sign-up: then it may have been
        somebody else who typed it there, and the password that they chose must not open what its owner has found.
        """
        by_code = _page(request) == "account_confirm_login_code"
        if by_code and request.META.pop(_CONFIRMED, False):
            services.find_account(user.pk, at=app_now())
            user.refresh_from_db()
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Called by allauth at the end; with the password as it is stored now, by which the session knows itself."""
        if request.META.pop(_CHOSEN, False):
            user.refresh_from_db()
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Called by allauth once somebody is signed in: the code has done its work, what others typed is gone."""
        codes.forget(request)
        sign_ups.forget(request)
        signed_out.drop_others(request, user)
        proof_codes.note_mailboxes(request, user)
        if kwargs.get("signup") and not get_authentication_records(request, user):
            # They have just confirmed their address by a code, which allauth notes only where it is asked to sign in.
            record_authentication(request, user, method="code", email=user.email)
        social.connect_pending(request, user, kwargs.get("signal_kwargs"))
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known_browsers.note(request, response, user)
        return response


def _way(name: str, description: Any) -> dict[str, Any]:
    """A page on which somebody proves anew who they are, in allauth's form."""
    return {"id": name, "description": description, "url": reverse(name)}


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second step: sealed in the database, under the portal's name in the app."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This is neither the code that your app shows now nor a recovery code that you have left, or it was used "
            "already. Wait for the next one and type that, or take another recovery code."
        ),
    }

    def get_totp_issuer(self) -> str:
        """What the app calls the portal: its name in the reader's language."""
        return gettext("Task force portal")

    def encrypt(self, text: str) -> str:
        """As the secret stands in the database."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; raises `sealing.Unreadable`."""
        return sealing.unseal(encrypted_text)
