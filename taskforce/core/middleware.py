"""What every request passes: the log line, the refusal of bytes that nothing can store, the pages of refusals."""

import logging
import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from taskforce.core.clock import stopwatch
from taskforce.core.errors import Invalid, PortalError

logger = logging.getLogger("portal.request")
GetResponse = Callable[[HttpRequest], HttpResponse]
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class RequestLog:
    """One line per request: method, route (never the path: it may hold a token), status, time taken."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = secrets.token_hex(8)
        request.META["portal.request_id"] = request_id
        start = stopwatch()
        response = self.get_response(request)
        match = request.resolver_match
        logger.info(
            "request",
            extra={
                "method": request.method,
                "route": match.route if match else "(no route)",
                "status": response.status_code,
                "milliseconds": round((stopwatch() - start) * 1000),
                "request_id": request_id,
            },
        )
        response.headers["X-Request-ID"] = request_id
        return response


class HostileBytes:
    """NUL and lone surrogates in path or query are refused before anything meets the database."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        values = [request.path_info]
        for key, many in request.GET.lists():
            values.extend([key, *many])
        if any(_UNSTORABLE.search(value) for value in values):
            return refusal_page(request, Invalid(_("The address holds characters that cannot be stored.")))
        return self.get_response(request)


class Refusals:
    """A `PortalError` from a view or a service becomes a page with its reason and its status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this for what a view raised; None lets every other exception pass."""
        return refusal_page(request, error) if isinstance(error, PortalError) else None


def refusal_page(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The page of a refusal: title, reason, facts; personal, so never cached."""
    context = {"title": error.title, "message": error.message, "facts": error.facts}
    response = render(request, "errors/refused.html", context, status=error.status)
    response.headers["Cache-Control"] = "private, no-store"
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
