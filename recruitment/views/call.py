"""The page of the call, the same for everybody."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recruitment import calling, instead, links, queries
from recruitment.views.framing import asked_for, crumbs
from taskforce.core import clock
from taskforce.timeline import caching
from taskforce.timeline import queries as timeline
from taskforce.timeline.queries import task_force_or_404


@require_safe
def call(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The call for members, or word that there is none yet; the same for everybody."""
    group = task_force_or_404(task_force)
    at = clock.app_now()
    found, phases = asked_for(request, group, at), list(timeline.phases(group))
    context: dict[str, Any] = {
        "task_force": group,
        "call": found,
        "at": at,
        "crumbs": crumbs(group, _("Call for members")),
        "process_url": reverse("process", args=[group.slug]),
    }
    if found is not None:
        context |= calling.shown(found, phases, at)
        context["application_url"] = links.application(found, is_only=queries.is_only_call(found))
    bounds = phases
    if found is not None and context["is_over"]:
        context["late"] = late = instead.shown(found, phases, at)
        bounds = [*phases, *late["phases"]]
    response = render(request, "recruitment/call.html", context)
    return caching.public_page(request, response, phases=bounds, at=at)
