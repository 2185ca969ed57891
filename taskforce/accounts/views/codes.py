"""allauth's pages for the code of a mail, which here never forget where somebody was going."""

from typing import Any

from allauth.account import views as stock
from allauth.account.internal.decorators import login_not_required
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from taskforce.accounts import code_tries, codes, codes_before
from taskforce.accounts.views.entering import ConfirmCode
from taskforce.core import errorpages
from taskforce.core.errors import TooOften

# In a form: another code is wanted in place of one that was sent.
_AGAIN = "again"


class _CodePage:
    """What the two share.

    The way on stands in the address, in the form, and with the code in the session: a link to another language, a
    wrong code or an expired one may lose the first two.
    """

    request: HttpRequest
    tries_left: int | None = None
    is_looked_at, is_try = True, True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As allauth's, with the way on put back, also where it leads to another of the sign-in pages."""
        _put_back(request)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # of allauth's view
        return self._kept(answer)

    def _kept(self, answer: HttpResponse) -> HttpResponse:
        place = answer.headers.get("Location", "")
        if place not in (reverse("account_login"), reverse("account_request_login_code")):
            return answer
        if self.request.user.is_authenticated:
            # Who adds an address and has typed a wrong code too often is signed in: back to the addresses.
            return HttpResponseRedirect(reverse("account_email"))
        return HttpResponseRedirect(self.passthrough_next_url(place))  # type: ignore[attr-defined]  # of allauth's view

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was typed is counted first, and compared only where it may be; an empty field is no try."""
        self.is_try = code_tries.is_one(request.POST.get("code", ""))
        if self._action == "verify" and self.is_try:  # type: ignore[attr-defined]  # of allauth's view
            self.is_looked_at = code_tries.count(self._process)  # type: ignore[attr-defined]  # of allauth's view
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]  # of allauth's view
        return answer

    def get_form_kwargs(self) -> dict[str, Any]:
        """Beyond the tries there is no code with which anything could be compared."""
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]  # of allauth's view
        return kwargs if self.is_looked_at else kwargs | {"code": ""}

    def form_invalid(self, form: Any) -> HttpResponse:
        """With the number of tries that are left."""
        process = self._process  # type: ignore[attr-defined]  # of allauth's view
        if not self.is_try:
            # As allauth's for a field that is not filled in, without its count of wrong codes.
            shown: HttpResponse = self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]
            return shown
        self.tries_left = process.max_attempts - process.state["failed_attempts"] - 1
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]  # of allauth's view
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What allauth shows, and how often one may still try; None before the first wrong code."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # of allauth's view
        # Where a code was wrong, the summary of what is wrong has it before.
        context["verify_form"].fields["code"].widget.attrs["autofocus"] = True
        return context | {"tries_left": self.tries_left}


def _put_back(request: HttpRequest) -> None:
    """Into the address, where everything on the page reads it."""
    sent = codes.sent(request)
    is_there = request.GET.get("next") or request.POST.get("next")
    if sent and sent.going_on_to and not is_there:
        asked = request.GET.copy()
        asked["next"] = sent.going_on_to
        request.GET = asked  # type: ignore[assignment]  # as the framework's own, but for being made here


class ToSignIn(_CodePage, ConfirmCode):
    """The code of a sign-in."""


class ToConfirm(_CodePage, stock.ConfirmEmailVerificationCodeView):
    """The code that confirms an address, at sign-up or later."""


class Ask(stock.RequestLoginCodeView):
    """The form that asks for a code; from the page for the code it sends another one at once."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As allauth's, but a sign-in that waits for its code may be left for a new one, which works for its full time.

        Where none is sent, for whatever reason, the one before still works.
        """
        try:
            if request.method == "POST" and _AGAIN in request.POST:
                return self._anew(request, *args, **kwargs)
            before = codes_before.waiting(request)
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
            codes_before.sign_in_by_what_was_sent(request, before)
        except TooOften as refusal:
            ways = [(_("Sign in with your password"), self.passthrough_next_url(reverse("account_login")))]
            return errorpages.too_often(request, refusal.retry_after, ways=ways)
        return response

    def _anew(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        before = codes_before.waiting(request)
        waiting = request.session.pop(LOGIN_SESSION_KEY, None)
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        finally:
            if waiting is not None and LOGIN_SESSION_KEY not in request.session:
                request.session[LOGIN_SESSION_KEY] = waiting
        if 300 <= response.status_code < 400 and not request.user.is_authenticated:
            codes_before.sign_in_by_what_was_sent(request, before)
            # Nobody is told whether one was sent: it would tell who has an account.
            messages.success(
                request,
                _(
                    "Unless this address has had its mails for today, a new code is on its way. The newest code that "
                    "arrives works."
                ),
            )
        return response


ask, to_sign_in, to_confirm = Ask.as_view(), ToSignIn.as_view(), login_not_required(ToConfirm.as_view())
