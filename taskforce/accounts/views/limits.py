"""Word that something came too often."""

from django.http import HttpRequest, HttpResponse

from taskforce.core import errorpages

# allauth counts what it answers with this page by the minute at most (tests/accounts/test_limits.py).
WAIT = 60


def too_often(request: HttpRequest) -> HttpResponse:
    """429 for what allauth limits: what to do, and when (`Retry-After`, in seconds)."""
    return errorpages.too_often(request, WAIT)
