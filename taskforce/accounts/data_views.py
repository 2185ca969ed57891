"""One's own data: to take along in one file, and to ask that they are deleted."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from taskforce.accounts import fresh, services, signed_out
from taskforce.accounts.deletion_forms import DeletionForm
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import DeletionRequest, User
from taskforce.core import personal
from taskforce.core.clock import app_now
from taskforce.core.http import SeeOther
from taskforce.limits import services as limits
from taskforce.limits import table

_METHODS = ["GET", "HEAD", "POST"]
_DELETION = "account_deletion"
# In the address of whoever comes back from a proof.
_PROVED = "proved"


@login_required
@require_http_methods(_METHODS)
def data(request: HttpRequest) -> HttpResponse:
    """What the file will hold; POST gives it, after a fresh proof.

    A browser that gets a file stays on the page that it was on. So the proof leads back here, where the button is free.
    """
    user = _user(request)
    if request.method == "POST":
        if not fresh.is_fresh(request):
            return fresh.ask(request, Purpose.TAKE_DATA, f"{request.path}?{_PROVED}")
        limits.hit(table.OWN_DATA, str(user.pk))
        return _file(services.take_along(user, at=app_now()))
    titles = {one.code: one.title for one in personal.collections()}
    parts = [(titles[code], len(rows)) for code, rows in services.own_parts(user)]
    context = {"parts": parts, "is_free": _PROVED in request.GET and fresh.is_fresh(request)}
    return _private(render(request, "account/data.html", context))


@require_http_methods(_METHODS)
def deletion(request: HttpRequest) -> HttpResponse:
    """Where one's request stands; POST asks, after a fresh proof, or takes it back."""
    if not isinstance(request.user, User):
        return signed_out.to_sign_in(request, _DELETION, ("reason", "receipts"))
    user, at = request.user, app_now()
    form = DeletionForm(request.POST if request.method == "POST" else signed_out.find(request, _DELETION) or None)
    if request.method == "POST" and request.POST.get("action") == "withdraw":
        services.take_back_deletion(user, at=at)
        messages.success(request, _("Your request has been taken back. Nothing is deleted."))
        return SeeOther(request.path)
    if request.method == "POST" and not fresh.take_back(request):
        fresh.require(request, Purpose.ASK_FOR_DELETION)
        signed_out.sent_again(request, _DELETION)
        if form.is_valid():
            services.ask_for_deletion(user, at=at, **form.cleaned_data)
            messages.success(request, _("Your request has arrived. A mail confirms it."))
            return SeeOther(request.path)
    found = list(DeletionRequest.objects.filter(user=user))
    context = {
        "form": form,
        "open": next((one for one in found if one.ended_at is None), None),
        "earlier": [one for one in found if one.ended_at is not None],
    }
    return _private(render(request, "account/deletion.html", context))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - only who is signed in comes here
    return request.user


def _file(content: dict[str, Any]) -> HttpResponse:
    options = {"indent": 2, "ensure_ascii": False}
    response = JsonResponse(content, encoder=DjangoJSONEncoder, json_dumps_params=options)
    response.headers["Content-Disposition"] = 'attachment; filename="own-data.json"'
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response
