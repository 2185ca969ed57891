"""What is public of a task force as a file of data: a JSON list, or the same as CSV."""

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from taskforce.core.clock import app_now
from taskforce.timeline import caching
from taskforce.timeline import queries as timeline
from taskforce.timeline.models import TaskForce


class Rows(Protocol):
    """A module that knows the rows of a task force, and how they are written."""

    def rows(self, task_force: TaskForce, /) -> Any:
        """All that is public of it."""

    def as_json(self, found: Any, /) -> bytes:
        """The rows as a JSON list in UTF-8."""

    def as_csv(self, found: Any, /) -> bytes:
        """The same as CSV."""


def as_file(request: HttpRequest, task_force: str, of: Rows, form: str, *, name: str) -> HttpResponseBase:
    """The rows of a task force as `form` ("json" or "csv"); `name` is what they are, in the name of the CSV."""
    found, at = timeline.task_force_or_404(task_force), app_now()
    rows = of.rows(found)
    if form == "json":
        response = HttpResponse(of.as_json(rows), content_type="application/json")
    else:
        response = HttpResponse(of.as_csv(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-{name}.csv"'
    return caching.public_page(request, response, phases=timeline.phases(found), at=at)
