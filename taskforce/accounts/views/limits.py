"""Word that something came too often."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from taskforce.core import errorpages

# allauth counts what it answers with this page by the minute at most (tests/accounts/test_limits.py).
WAIT = 60


def too_often(request: HttpRequest) -> HttpResponse:
    """429 for what allauth limits: what to do, and when (`Retry-After`, in seconds)."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    by_password = page in ("account_login", "account_reset_password")
    ways = [(_("Send me a sign-in code"), reverse("account_request_login_code"))] if by_password else []
    return errorpages.too_often(request, WAIT, ways=ways)
