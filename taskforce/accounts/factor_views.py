"""Pages of the second step, and those that ask once more who somebody is."""

import base64
from abc import ABC, abstractmethod
from datetime import timedelta
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.account.views import BaseReauthenticateView
from allauth.account.views import ReauthenticateView as PasswordView
from allauth.core.internal.httpkit import add_query_params
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base.views import ReauthenticateView as FactorView
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from taskforce.accounts import fresh, proof_codes, sealing, second_factor
from taskforce.accounts.enums import Purpose
from taskforce.accounts.factor_forms import ActivateForm, MailCodeForm
from taskforce.accounts.models import User
from taskforce.core import errorpages
from taskforce.core.clock import app_now, real_now
from taskforce.core.errors import TooOften
from taskforce.core.http import SeeOther
from taskforce.limits import services as limits
from taskforce.limits import table

_page = require_http_methods(["GET", "HEAD", "POST"])
# In the session: the secret of an app that is being set up, sealed; the recovery codes that were made in it, and until
# when they are shown there.
_SECRET, _SHOWN = "second_factor_secret", "recovery_codes_shown"


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - each page asks for a sign-in first
    return request.user


def _with_next(request: HttpRequest, name: str) -> str:
    """A page's address, with the way on that this one was given."""
    return str(passthrough_next_redirect_url(request, reverse(name), "next"))


# --- the second step -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD"])
@never_cache
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Whether signing in asks for a second step, and what can be done about it."""
    user = _person(request)
    is_on = second_factor.has(user)
    left = second_factor.recovery_codes_left(user) if is_on else 0
    context = {"is_on": is_on, "left": left, "total": app_settings.RECOVERY_CODE_COUNT}
    return render(request, "mfa/index.html", context)


@_page
@never_cache
@login_required
def activate(request: HttpRequest) -> HttpResponse:
    """The secret as a picture and as text, and the field for the first code; then the recovery codes."""
    user = _person(request)
    if second_factor.has(user):
        return redirect(get_next_redirect_url(request) or reverse("mfa_index"))
    fresh.require(request, Purpose.TURN_ON)
    secret = _secret(request)
    form = ActivateForm(request.POST if request.method == "POST" else None, user=user, secret=secret)
    if form.is_valid():
        made = second_factor.activate(user.pk, secret, step=form.step, at=app_now())
        del request.session[_SECRET]
        second_factor.note_passed(request, made)
        _show_codes(request)
        messages.success(request, _("Two-step sign-in is on."))
        return SeeOther(_with_next(request, "mfa_view_recovery_codes"))
    adapter = get_factor_adapter()
    address = adapter.build_totp_url(user, secret)
    picture = base64.b64encode(adapter.build_totp_svg(address).encode()).decode("ascii")
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    key = {"secret": secret, "address": address, "picture": picture, "groups": groups}
    return render(request, "mfa/totp/activate_form.html", {"form": form, "next": _next(request), **key})


def _next(request: HttpRequest) -> str:
    """The way on, if it is one of the portal's own addresses."""
    return get_next_redirect_url(request) or ""


def _secret(request: HttpRequest) -> str:
    """The same until it is used: whoever loads the page again need not scan it again."""
    try:
        return sealing.unseal(request.session.get(_SECRET, ""))
    except sealing.Unreadable:
        secret = str(generate_totp_secret())
        request.session[_SECRET] = sealing.seal(secret)
        return secret


@_page
@never_cache
@login_required
def deactivate(request: HttpRequest) -> HttpResponse:
    """What turning it off means, and the button."""
    user = _person(request)
    if not second_factor.has(user):
        return redirect("mfa_index")
    fresh.require(request, Purpose.TURN_OFF)
    if request.method == "POST":
        if second_factor.remove(user.pk, at=app_now(), actor_id=user.pk):
            messages.success(request, _("Two-step sign-in is off."))
        return SeeOther(reverse("mfa_index"))
    return render(request, "mfa/totp/deactivate_form.html")


# --- recovery codes --------------------------------------------------------------------------------------------------


def _show_codes(request: HttpRequest) -> None:
    """This session may show the person's recovery codes for a while: they were made in it, just now."""
    request.session[_SHOWN] = real_now().timestamp() + fresh.WITHIN.total_seconds()


def _codes(request: HttpRequest) -> list[str]:
    """Those that may be shown here and now."""
    is_shown = request.session.get(_SHOWN, 0) > real_now().timestamp()
    return second_factor.recovery_codes(_person(request)) if is_shown else []


@require_http_methods(["GET", "HEAD"])
@never_cache
@login_required
def view_codes(request: HttpRequest) -> HttpResponse:
    """The codes, where and while they are new; loading the page again loses nothing. Later: how many are left."""
    user = _person(request)
    if not second_factor.has(user):
        return redirect("mfa_index")
    context = {
        "codes": _codes(request),
        "left": second_factor.recovery_codes_left(user),
        "total": app_settings.RECOVERY_CODE_COUNT,
        "next": _next(request),
    }
    return render(request, "mfa/recovery_codes/index.html", context)


@require_http_methods(["GET", "HEAD"])
@never_cache
@login_required
def download_codes(request: HttpRequest) -> HttpResponse:
    """The same as a file; where they are not shown any more, it leads to the page that says so."""
    codes = _codes(request)
    if not codes:
        return redirect("mfa_view_recovery_codes")
    head = " · ".join([_("Task force portal"), _("Recovery codes"), _person(request).email])
    use = _("With one of them you get in when you do not have the app at hand; each works once.")
    response = HttpResponse("\n".join([head, "", use, "", *codes, ""]), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


@_page
@never_cache
@login_required
def new_codes(request: HttpRequest) -> HttpResponse:
    """Before older codes are replaced; then the new ones."""
    user = _person(request)
    if not second_factor.has(user):
        return redirect("mfa_index")
    fresh.require(request, Purpose.NEW_CODES)
    if request.method == "POST":
        made = second_factor.renew_recovery_codes(user.pk, at=app_now())
        # A session that came in by one of the older ones just proved itself, and stays in.
        second_factor.note_passed(request, made)
        _show_codes(request)
        return SeeOther(reverse("mfa_view_recovery_codes"))
    return render(request, "mfa/recovery_codes/generate.html", {"left": second_factor.recovery_codes_left(user)})


# --- to prove anew who one is ----------------------------------------------------------------------------------------


class _Proof(ABC):
    """What the three ways share: after the proof one goes on with what one was about to do."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With an end to guessing by whoever sits at an open browser; the owner has another way.

        What waits is known in every answer's address too, from which the page in another language is made.
        """
        asked = request.GET.copy()
        for name in {"next", fresh.MARK} & request.POST.keys():
            asked[name] = request.POST[name]
        request.GET = asked  # type: ignore[assignment]  # as the framework's own, but for being made here
        if request.method == "POST":
            try:
                limits.hit(table.PROOF, str(_person(request).pk))
            except TooOften as refusal:
                way_out = _("Or sign out and sign in again: that shows that it is you, too.")
                return errorpages.too_often(request, refusal.retry_after, way_out)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # of allauth's view
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """The proof is there."""
        kept = fresh.take(self.request)
        self.prove(form)
        response = fresh.go_on(self.request, kept)
        if response is not None:
            return response
        messages.success(self.request, _("You have shown that it is you."))
        return redirect("account_email")

    def passthrough_next_url(self, url: str) -> str:
        """The address of another of these pages, or of this one, with the way on and the mark of what waits."""
        address: str = super().passthrough_next_url(url)  # type: ignore[misc]  # of allauth's view
        if fresh.waits(self.request) and (mark := fresh.mark_of(self.request)):
            return str(add_query_params(address, {fresh.MARK: mark}))
        return address

    @abstractmethod
    def prove(self, form: Any) -> None:
        """Note it in the session, whose id changes."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what waits, the way back for whoever changes their mind, and how long a proof counts."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # of allauth's view
        waiting, mark = fresh.waits(self.request), fresh.mark_of(self.request)
        if waiting and mark:
            context["redirect_field"] = format_html(
                '{}<input type="hidden" name="{}" value="{}">', context["redirect_field"], fresh.MARK, mark
            )
        minutes = fresh.WITHIN // timedelta(minutes=1)
        return context | {"waiting": waiting, "mark": mark, "back": fresh.back(self.request), "minutes": minutes}


def _note(request: HttpRequest, method: str) -> None:
    record_authentication(request, request.user, method=method, reauthenticated=True)
    request.session.cycle_key()


@method_decorator([never_cache, login_required], name="dispatch")
class ByFactor(_Proof, FactorView):
    """By a code of the app, or a recovery code."""

    def prove(self, form: Any) -> None:
        """The form notes it."""
        form.save()


@method_decorator([never_cache, login_required], name="dispatch")
class ByPassword(_Proof, PasswordView):
    """By the password, for those without a second step."""

    def prove(self, form: Any) -> None:
        """As a sign-in by password."""
        _note(self.request, "password")


@method_decorator([never_cache, login_required], name="dispatch")
class ByMailCode(_Proof, BaseReauthenticateView):
    """By a code to one's own mailbox, for those without a second step: the button that sends it, then its field."""

    form_class = MailCodeForm
    template_name = "account/reauthenticate_by_code.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form asks the session whether the code is right."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"is_right": partial(proof_codes.is_right, self.request)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a code, or look at the one that was typed."""
        if "send" not in request.POST:
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        proof_codes.send(request, _person(request), at=app_now())
        return self._again()

    def _again(self) -> HttpResponse:
        """This page, read anew."""
        return SeeOther(self.passthrough_next_url(reverse("account_reauthenticate_by_code")))

    def form_invalid(self, form: Any) -> HttpResponse:
        """A wrong code; after the last try only a new one helps."""
        if proof_codes.sent(self.request) is None:
            messages.error(self.request, str(get_adapter().error_messages["too_many_login_attempts"]))
            return self._again()
        response: HttpResponse = super().form_invalid(form)
        return response

    def prove(self, form: Any) -> None:
        """As a sign-in by code."""
        _note(self.request, "code")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the address that the code goes to (None: there is none for it), and the code on its way."""
        person = _person(self.request)
        more = {"mailbox": proof_codes.mailbox_of(self.request, person), "sent": proof_codes.sent(self.request)}
        return super().get_context_data(**kwargs) | more


by_factor, by_password, by_mail_code = ByFactor.as_view(), ByPassword.as_view(), ByMailCode.as_view()
