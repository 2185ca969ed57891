"""Django's error handlers, in the reader's language and with the headers of every other page."""

import math
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Fields that no person typed, or that must not be shown again.
_MACHINERY = re.compile(r"csrf|form_key|version|owner|password|code|token|action|language|visibility|^next$")

# Seconds after which the database has ended what hung (settings: the limits of a connection).
SOON = 5


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not for you; the two look the same."""
    return render(request, "404.html", status=404)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from Django itself (PermissionDenied): as whom one is signed in, other ways in, whom to ask."""
    response = render(request, "403.html", status=403)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent cannot be read."""
    return render(request, "400.html", status=400)


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault; the page needs neither database nor sign-in and shows the request's id."""
    return render(request, "500.html", {"request_id": request.META.get("portal.request_id", "")}, status=500)


def busy(request: HttpRequest) -> HttpResponse:
    """503 with `Retry-After`: the database is away, or let nobody wait any longer; shows what was typed."""
    context = {"request_id": request.META.get("portal.request_id", ""), "typed": _typed(request)}
    response = render(request, "503.html", context, status=503)
    response.headers["Retry-After"] = str(SOON)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def too_often(request: HttpRequest, seconds: int, way_out: str = "") -> HttpResponse:
    """429 with `Retry-After`: when to come back, what else helps (`way_out`), and what was typed."""
    context = {"minutes": math.ceil(seconds / 60), "way_out": way_out, "typed": _typed(request)}
    response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _typed(request: HttpRequest) -> list[str]:
    """The texts of a posted form that a person may have typed, to be copied from a page of an error."""
    return [
        value
        for name, values in request.POST.lists()
        for value in values
        if value.strip() and not _MACHINERY.search(name)
    ]


def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    """403 for a form whose token is missing or stale; shows what was typed, so that it can be copied."""
    response = render(request, "403_csrf.html", {"typed": _typed(request)}, status=403)
    response.headers["Cache-Control"] = "private, no-store"
    return response
