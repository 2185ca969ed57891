"""The page of a text, kept for the next reader: one statement where it is, one more where it must be drawn."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from proposals import current, queries
from taskforce.core import pagecache
from taskforce.timeline import caching
from taskforce.timeline import queries as timeline

Drawn = Callable[[current.Page], bytes]


def page(request: HttpRequest, task_force: str, proposal: str, language: str, drawn: Drawn) -> HttpResponseBase:
    """The page, kept or drawn; `Http404` where there is no such text.

    Only the plain address is kept: what somebody adds to it stands in the links to other languages. Nothing is kept in
    the demonstration, whose bar shows the minute.
    """
    is_kept = not settings.DEMO and not request.GET
    now = current.look(task_force, proposal) if is_kept else None
    found = pagecache.get(_key(request, now)) if now else None
    if now is None or found is None:
        whole = current.read(task_force, proposal, language)
        if whole is None:
            # Says why it is not there.
            queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
            raise Http404
        now, body = whole.now, drawn(whole)
        found = pagecache.Kept(pagecache.etag(body), body)
        if is_kept:
            pagecache.put(_key(request, now), found)
    response = HttpResponse(found.body)
    return caching.public_page(request, response, phases=now.spans, at=now.at, etag=found.etag)


def _key(request: HttpRequest, now: current.State) -> str:
    return pagecache.key(request.path, now.key())
