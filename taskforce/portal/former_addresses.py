"""Addresses that a task force had under an earlier name lead to where it is now, for ever (DESIGN 4)."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import NoReverseMatch, reverse

from taskforce.timeline.queries.renaming import formerly_at

# What a page's address calls a task force by.
_NAME = "task_force"


class FormerAddresses:
    """Where a page finds no task force under the name in its address, but one had it before: to the same page of that.

    Asked only once a page has said 404, so that no other request pays for it. A form that was shown under the old
    address arrives whole: 308 says to send the same to the new one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this for what a view raised; None lets it pass."""
        address = _address_now(request) if isinstance(error, Http404) else None
        if address is None:
            return None
        moved = HttpResponsePermanentRedirect(address)
        if request.method not in ("GET", "HEAD"):
            moved.status_code = 308
        # Not for good in a browser: a task force may take a former address of its own back.
        moved.headers["Cache-Control"] = "no-cache"
        return moved


def _address_now(request: HttpRequest) -> str | None:
    """The same page of the same task force under its newest name, with the query; None where nothing has moved."""
    match = request.resolver_match
    slug = match.kwargs.get(_NAME) if match else None
    found = formerly_at(slug) if isinstance(slug, str) else None
    if match is None or found is None:
        return None
    try:
        address = reverse(match.view_name, kwargs={**match.kwargs, _NAME: found.slug})
    except NoReverseMatch:
        return None
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address
