"""Word that something came too often."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from taskforce.accounts import guesses
from taskforce.core import errorpages

# allauth counts what it answers with this page by the minute at most (tests/accounts/test_limits.py).
WAIT = 60


def too_often(request: HttpRequest) -> HttpResponse:
    """429 for what allauth limits: what to do, and when (`Retry-After`, in seconds)."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    by_password = page in ("account_login", "account_reset_password")
    ways = [(_("Send me a sign-in code"), reverse("account_request_login_code"))] if by_password else []
    return errorpages.too_often(request, WAIT, ways=ways)


class TooOftenInForms:
    """429 with `Retry-After` for a form that says itself that something was tried too often; the page stays as it is.

    allauth's pages answer with the form and 200. Whoever typed it keeps what stands there, but the password.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        seconds = guesses.refused_for(request)
        if seconds is not None and response.status_code == 200:
            response.status_code = 429
            response.headers["Retry-After"] = str(seconds)
        return response
