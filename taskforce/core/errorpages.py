"""Django's error handlers, in the reader's language and with the headers of every other page."""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_from_path
from django.utils.translation import gettext as _

from taskforce.core.text import shown_again

# Fields that no person typed, or that must not be shown again.
_MACHINERY = re.compile(
    r"csrf|form_key|version|owner|password|code|token|action|language|visibility|digest|^kind-"
    r"|^(?:next|zone|rule|unit|act|show|draft|seen|kept|previewed|confirmed|snapshot|mark|go|sure|again|drop|on)$"
)

# From the places in a page's address to what its form calls each field; raises Http404 where there is no such page.
Labels = Callable[..., Mapping[str, Any]]
_labels: dict[str, Labels] = {}
# From what was posted to the names of those fields that hold what a person typed there.
Written = Callable[[Mapping[str, str]], Collection[str]]
_written: dict[str, Written] = {}


class Typed(NamedTuple):
    """A text that somebody typed, and what the form calls its field ("" where nobody knows)."""

    label: str
    text: str


def register(name: str, labels: Labels) -> None:
    """Make known what the fields of a form are called; `name` is that of the address that it is posted to."""
    _labels[name] = labels


def register_written(name: str, written: Written) -> None:
    """Make known in which fields of a form somebody has written, where it also sends much that it was shown with."""
    _written[name] = written


# Seconds after which the database has ended what hung (settings: the limits of a connection).
SOON = 5


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not for you; the two look the same, and the same for everybody.

    Whoever is signed in gets back what they typed: the page may have been there, and theirs, when they opened it.
    """
    is_known = request.method == "POST" and getattr(request, "user", None) and request.user.is_authenticated
    typed = typed_before_refusal(request) if is_known else []
    context = {"is_staff_side": request.path_info.startswith(f"/{get_language()}/admin/"), "typed": typed}
    response = render(request, "404.html", context, status=404)
    if typed:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from Django itself (PermissionDenied): as whom one is signed in, whom to ask, what was typed."""
    response = render(request, "403.html", {"typed": _typed(request)}, status=403)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent cannot be read, is too much to be read, or was sent to a name that is not the portal's."""
    context = {
        "is_foreign_host": isinstance(exception, DisallowedHost),
        "is_too_long": isinstance(exception, RequestDataTooBig),
        "is_too_many": isinstance(exception, TooManyFieldsSent | TooManyFilesSent),
        "most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "is_form": request.method == "POST",
    }
    return render(request, "400.html", context, status=400)


def not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    """405 with `Allow`: a page for who reads one, a line for a browser's script, nothing for a machine's address.

    A browser asks for HTML by its name, and every page has its language in front.
    """
    allow = {"Allow": ", ".join(methods)}
    is_page = get_language_from_path(request.path_info) or "text/html" in request.headers.get("Accept", "")
    if not is_page:
        return HttpResponse(status=405, headers=allow)
    if request.method not in ("GET", "POST"):
        said = _("This page does not take this kind of request.")
        return HttpResponse(f"{said}\n", "text/plain; charset=utf-8", 405, headers=allow)
    context = {"may_open": request.method != "GET" and "GET" in methods, "typed": _typed_as_sent(request)}
    response = render(request, "405.html", context, status=405)
    response.headers["Allow"] = allow["Allow"]
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault; the page needs neither database nor sign-in, shows the request's id and what was typed."""
    context = {"request_id": request.META.get("portal.request_id", ""), "typed": _typed_as_sent(request)}
    return render(request, "500.html", context, status=500)


def busy(request: HttpRequest) -> HttpResponse:
    """503 with `Retry-After`: the database is away, or let nobody wait any longer; shows what was typed."""
    context = {"request_id": request.META.get("portal.request_id", ""), "typed": _typed_as_sent(request)}
    response = render(request, "503.html", context, status=503)
    response.headers["Retry-After"] = str(SOON)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def too_often(
    request: HttpRequest, seconds: int, way_out: str = "", ways: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """429 with `Retry-After`: when to come back, what else helps (`way_out`), and what was typed.

    `ways` are (label, address) of what can be done at once.
    """
    context = {
        "minutes": math.ceil(seconds / 60),
        "way_out": way_out,
        "ways": ways,
        "typed": _typed(request),
        "may_have_code": request.path_info.startswith(f"/{get_language()}/accounts/"),
    }
    response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _typed_as_sent(request: HttpRequest) -> list[Typed]:
    """As `_typed`, where nothing may be asked of the database, and a form that cannot be read is no further fault."""
    with suppress(Exception):
        return _typed(request, asks=False)
    return []


def _typed(request: HttpRequest, *, asks: bool = True) -> list[Typed]:
    """The texts of a posted form that a person may have typed, to be copied from a page of an error.

    Under what the form calls them, unless nothing may be asked of the database now.
    """
    labels = _labels_of(request) if asks and request.POST else {}
    names = _written_in(request, request.POST)
    return [
        Typed(str(labels.get(name, "")), value)
        for name, values in request.POST.lists()
        for value in values
        if name in names and value.strip()
    ]


def _written_in(request: HttpRequest, sent: Mapping[str, str]) -> Collection[str]:
    """The fields of what was sent to this address in which a person may have written."""
    match = request.resolver_match
    return written(match.view_name if match else "", sent)


def written(page: str, sent: Mapping[str, str]) -> Collection[str]:
    """The same of what was sent to the page of this name."""
    found = _written.get(page)
    return found(sent) if found else {name for name in sent if not _MACHINERY.search(name)}


def kept(request: HttpRequest, sent: Mapping[str, str]) -> list[Typed]:
    """What was typed earlier into the form at this address, as `typed` has what is posted now."""
    labels, names = _labels_of(request), _written_in(request, sent)
    return [Typed(str(labels.get(name, "")), sent[name]) for name in sent if name in names and sent[name].strip()]


def _labels_of(request: HttpRequest) -> Mapping[str, Any]:
    """What the form that was posted to this address calls its fields, as far as that is known."""
    match = request.resolver_match
    found = _labels.get(match.view_name) if match else None
    try:
        return found(**match.kwargs) if match and found else {}
    except (Http404, DatabaseError):
        return {}  # what was typed is worth showing all the same


def typed_before_refusal(request: HttpRequest) -> list[Typed]:
    """As `typed`, of a form that may hold what no page can show; nothing of one that cannot be read."""
    with suppress(Exception):
        return [one._replace(text=shown_again(one.text)) for one in _typed(request)]
    return []


def typed(request: HttpRequest) -> list[Typed]:
    """What a person may have typed into the form that was posted, for a page that must not take it."""
    return _typed(request)


def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    """403 for a form whose token is missing or stale; shows what was typed, so that it can be copied."""
    response = render(request, "403_csrf.html", {"typed": _typed(request)}, status=403)
    response.headers["Cache-Control"] = "private, no-store"
    return response
