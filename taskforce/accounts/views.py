"""What django-allauth has no page for: the language of one's mails, and word that something came too often."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from taskforce.accounts import services
from taskforce.accounts.models import User
from taskforce.core import errorpages
from taskforce.core.clock import app_now
from taskforce.core.http import SeeOther

# allauth counts what it answers with this page by the minute at most (tests/accounts/test_limits.py).
WAIT = 60


@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """Set the language of one's mails, from the form on the account page; read, it leads back there."""
    account = reverse("account_email")
    if not isinstance(request.user, User):
        return redirect_to_login(account)
    if request.method == "POST":
        services.set_language(request.user.pk, request.POST.get("language", ""), at=app_now())
        messages.success(request, _("The language of your mails has been saved."))
        return SeeOther(account)
    return redirect(account)


def too_often(request: HttpRequest) -> HttpResponse:
    """429 for what allauth limits: what to do, and when (`Retry-After`, in seconds)."""
    return errorpages.too_often(request, WAIT)
