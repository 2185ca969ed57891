"""Pages of allauth's by which somebody gets in, where the portal wants more of them: the code by mail, passwords."""

from typing import Any

from allauth.account.views import (
    ConfirmLoginCodeView,
    LogoutView,
    PasswordChangeView,
    PasswordResetFromKeyView,
    PasswordSetView,
)
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from taskforce.accounts import fresh, known_browsers
from taskforce.accounts.enums import Purpose
from taskforce.core import leaving
from taskforce.limits import services as limits
from taskforce.limits import table


class ConfirmCode(ConfirmLoginCodeView):
    """The field for a code to sign in."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """The code is right. What it confirms, and what becomes of a password that came before it, is one change."""
        response: HttpResponse = super().form_valid(form)
        return response


class _KnowsBrowser:
    """A new password makes every browser of the account a stranger's, but for the one in which it was typed."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        """The password is changed. Who comes by a link is not signed in, and here perhaps for the first time."""
        request = self.request
        is_known = request.user.is_authenticated or known_browsers.mark_of(request, form.user) is not None
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # of allauth's view
        if is_known:
            known_browsers.note(request, response, form.user)
        return response


class SetPassword(_KnowsBrowser, PasswordSetView):
    """The first password of somebody who has none."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """After a fresh proof only. What was posted is not kept meanwhile: a password in clear lies nowhere."""
        if request.user.is_authenticated and not fresh.is_fresh(request):
            return fresh.ask(request, Purpose.SET_PASSWORD)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class ChangePassword(_KnowsBrowser, PasswordChangeView):
    """Another password; the one before is the proof."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With an end to guessing the one before."""
        limits.hit(table.PASSWORD_CHANGE, str(request.user.pk))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class ResetPassword(_KnowsBrowser, PasswordResetFromKeyView):
    """A new password by the link from a mail."""


class SignOut(LogoutView):
    """The page that asks once more, and the end of the session."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever comes out signed out takes nothing along that this browser kept of what they did."""
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        if not request.user.is_authenticated:
            leaving.drop(response)
        return response


sign_out = SignOut.as_view()
set_password, change_password = SetPassword.as_view(), ChangePassword.as_view()
reset_password = ResetPassword.as_view()
