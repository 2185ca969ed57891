"""What the sign-in pages need beside what allauth hands them: the reason, the code on its way, the form for one."""

from typing import Any

from allauth.account import app_settings
from allauth.account.forms import LoginForm, RequestLoginCodeForm
from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.translation import gettext as _

from taskforce.accounts import codes, mails, reasons, signed_out, wikimedia
from taskforce.notifications import queries

register = template.Library()


@register.simple_tag(takes_context=True)
def sign_in_reason(context: Context, going_on_to: str | None) -> str:
    """Why somebody with this `next` is asked to sign in; empty where there is nothing to say."""
    if signed_out.is_kept_for(context["request"], going_on_to or ""):
        return _(
            "You are signed out, so nothing was saved. What you typed is kept: sign in, and it is back in the form."
        )
    return reasons.reason(going_on_to or "")


@register.simple_tag
def form_owner(user: Any) -> str:
    """The mark of whose a form is, for its hidden field `owner`; so that nobody else finds what was typed in it."""
    return signed_out.owner_mark(user)


@register.simple_tag(takes_context=True)
def code_sent(context: Context) -> codes.Sent | None:
    """The code that this browser asked for last; that it has expired is said once."""
    request: HttpRequest = context["request"]
    found = codes.sent(request)
    if found and found.expired:
        codes.forget(request)
    return found


@register.simple_tag(takes_context=True)
def code_form(context: Context, asked: codes.Sent | None = None) -> RequestLoginCodeForm:
    """The form that asks for a code: as it was refused, else with the address that was typed beside a password, or to
    which the last code went.
    """
    shown = context.get("form")
    if isinstance(shown, RequestLoginCodeForm) and shown.is_bound:
        return shown
    initial = {"email": asked.mailbox} if asked else {}
    if isinstance(shown, LoginForm) and shown.is_bound:
        initial = {"email": shown.data.get("login", "")}
    return RequestLoginCodeForm(initial=initial, auto_id="code_%s")


@register.simple_tag
def code_minutes() -> int:
    """For how many minutes a new sign-in code works."""
    seconds: int = app_settings.LOGIN_BY_CODE_TIMEOUT
    return seconds // 60


@register.simple_tag
def wikimedia_offered() -> bool:
    """Whether people can sign in with a Wikimedia account here."""
    return wikimedia.is_offered()


@register.simple_tag
def mail_waits() -> bool:
    """Whether the mail that one has just asked for does not leave: only where the operator has stopped all mail."""
    return queries.is_held(mails.LOGIN_CODE.name)
