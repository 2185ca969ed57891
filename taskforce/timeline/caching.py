"""Caching of public reading pages: one for all, never kept past the next phase boundary (DESIGN 2.11)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from taskforce.core import pagecache

LONGEST = 60


class Bounded(Protocol):
    """Whatever has instants (aware) at which pages about it say something else."""

    opens_at: datetime
    closes_at: datetime

    @property
    def hard_closes_at(self) -> datetime:
        """The end of the grace."""


def max_age(phases: Iterable[Bounded], at: datetime) -> int:
    """Seconds for which a page about these phases stays true; 0 in the demo, whose clock jumps."""
    if settings.DEMO:
        return 0
    # What waits for the end of the grace (a count, a decision) is told from the hard close on.
    boundaries = [instant for phase in phases for instant in (phase.opens_at, phase.closes_at, phase.hard_closes_at)]
    ahead = [(instant - at).total_seconds() for instant in boundaries if instant > at]
    return int(min([LONGEST, *ahead]))


def public_page(
    request: HttpRequest,
    response: HttpResponse | StreamingHttpResponse,
    *,
    phases: Iterable[Bounded],
    at: datetime,
    etag: str = "",
) -> HttpResponseBase:
    """The response with `Cache-Control` and `ETag`, or 304 where the reader has these bytes already.

    `etag` is given where it is known from before, as it must be for what is sent part by part.
    """
    response.headers["Cache-Control"] = f"public, max-age={max_age(phases, at)}"
    response.headers["ETag"] = etag or pagecache.etag(response.content)
    found = get_conditional_response(request, etag=response.headers["ETag"], response=response)  # type: ignore[arg-type]  # any kind of answer
    return found or response
