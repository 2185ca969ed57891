"""Pages of allauth's by which somebody gets in, where the portal wants more of them: the code by mail, passwords."""

from typing import Any

from allauth.account.views import ConfirmLoginCodeView, PasswordChangeView, PasswordSetView
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from taskforce.accounts import fresh
from taskforce.accounts.enums import Purpose
from taskforce.limits import services as limits
from taskforce.limits import table


class ConfirmCode(ConfirmLoginCodeView):
    """The field for a code to sign in."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        """The code is right. What it confirms, and what becomes of a password that came before it, is one change."""
        response: HttpResponse = super().form_valid(form)
        return response


class SetPassword(PasswordSetView):
    """The first password of somebody who has none."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """After a fresh proof only. What was posted is not kept meanwhile: a password in clear lies nowhere."""
        if request.user.is_authenticated and not fresh.is_fresh(request):
            return fresh.ask(request, Purpose.SET_PASSWORD)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class ChangePassword(PasswordChangeView):
    """Another password; the one before is the proof."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With an end to guessing the one before."""
        limits.hit(table.PASSWORD_CHANGE, str(request.user.pk))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


set_password, change_password = SetPassword.as_view(), ChangePassword.as_view()
