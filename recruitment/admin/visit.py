"""A decider's visit to a call: what the pages about its decisions have in common."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from recruitment import queries
from recruitment.models import Call
from taskforce.core.errors import PortalError


class Visit(NamedTuple):
    """Who decides on which call, and what every admin page needs."""

    request: HttpRequest
    user: Any
    call: Call
    chrome: dict[str, Any]

    def context(self, title: str) -> dict[str, Any]:
        """What both pages say about the call."""
        return {**self.chrome, "title": title, "call": self.call}

    def page(self, template: str, context: dict[str, Any], error: PortalError | None) -> HttpResponse:
        """The page, with the status of what was refused."""
        status = error.status if error is not None else 200
        return TemplateResponse(self.request, template, context, status=status)


def begin(request: HttpRequest, call_id: int, chrome: dict[str, Any]) -> Visit:
    """A visit of the signed-in user; `Http404` for calls that are not theirs."""
    return Visit(request, request.user, queries.decidable_call_or_404(request.user, call_id), chrome)
