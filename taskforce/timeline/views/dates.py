"""The dates of a task force for calendars and programs: public, the same bytes for everybody."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from taskforce.core.clock import app_now
from taskforce.timeline import caching, calendar, opendata, queries


@require_safe
def timeline_ics(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The phases as a calendar, in the language of the address."""
    found = queries.task_force_or_404(task_force)
    phases = list(queries.phases(found))
    body = calendar.feed(found, phases, get_language() or "en")
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{found.slug}.ics"'
    return caching.public_page(request, response, phases=phases, at=app_now())


@require_safe
def phases_json(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The phases as a JSON list."""
    return _data(request, task_force, "json")


@require_safe
def phases_csv(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The phases as CSV, one line each."""
    return _data(request, task_force, "csv")


def _data(request: HttpRequest, task_force: str, form: str) -> HttpResponseBase:
    at = app_now()
    found = queries.task_force_or_404(task_force)
    phases = list(queries.phases(found))
    rows = opendata.phases(phases, at)
    if form == "json":
        response = HttpResponse(opendata.as_json(rows), content_type="application/json")
    else:
        response = HttpResponse(opendata.as_csv(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-phases.csv"'
    response.headers["Content-Language"] = "en"
    return caching.public_page(request, response, phases=phases, at=at)
