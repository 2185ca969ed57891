"""Lists and pages of the staff side at which every look is written down: one view is one row, or there is no view."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from taskforce.audit import log
from taskforce.core.clock import app_now
from taskforce.core.staff import ReadOnlyAdmin


class WatchedAdmin(ReadOnlyAdmin):
    """Writes `WATCHED.listed` for a list and `WATCHED.read` for one row, before the page is drawn."""

    # What is looked at, as the first half of an action's code.
    watched = ""

    def watched_task_force(self, obj: Any) -> int | None:
        """The task force that a row belongs to."""
        found: int | None = getattr(obj, "task_force_id", None)
        return found

    def watched_person(self, obj: Any) -> int | None:
        """Whose row it is, where the log says so: where it names them for what is done to the row too."""
        return None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, or the page of an act on rows chosen from it."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            rows: ChangeList | None = (response.context_data or {}).get("cl")
            chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
            count = len(rows.result_list) if rows is not None else len(chosen)
            note_list(request, self.watched, count, offered=_offered(rows) if rows is not None else ())
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One row's page."""
        if (row := context.get("original")) is not None:
            note_row(request, self.watched, row, self.watched_task_force(row), whose=self.watched_person(row))
        return super().render_change_form(request, context, *args, **kwargs)


def _offered(rows: ChangeList) -> list[str]:
    return [str(name) for spec in rows.filter_specs for name in spec.expected_parameters() if name]


def note_list(
    request: HttpRequest,
    watched: str,
    count: int,
    *,
    offered: Iterable[str] = (),
    about: Model | None = None,
    task_force_id: int | None = None,
) -> None:
    """Write down that `count` rows are shown; of a search its length, of the `offered` filters those that were used.

    Never what was asked for: it may be somebody's name. `about` is the row whose list it is.
    """
    details: dict[str, Any] = {"count": count}
    if asked := sorted({name.split("__")[0] for name in offered if request.GET.get(name)}):
        details["asked"] = asked
    if words := request.GET.get("q", ""):
        details["searched"] = len(words)
    log.record_read(
        f"{watched}.listed", about, at=app_now(), actor_id=request.user.pk, task_force_id=task_force_id, **details
    )


def note_row(
    request: HttpRequest, watched: str, row: Model, task_force_id: int | None, *, whose: int | None = None
) -> None:
    """Write down that a row's page is shown; `whose` is the account that it is about, if the log is to say so."""
    details: dict[str, Any] = {"whose": whose} if whose is not None else {}
    log.record_read(
        f"{watched}.read", row, at=app_now(), actor_id=request.user.pk, task_force_id=task_force_id, **details
    )
