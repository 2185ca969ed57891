"""The page of the call, the same for everybody."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recruitment import links, queries
from recruitment.views.framing import asked_for, crumbs
from taskforce.core import clock, dates, prose
from taskforce.timeline import caching, windows
from taskforce.timeline import describe as phases
from taskforce.timeline import queries as timeline
from taskforce.timeline.enums import OVER, PhaseState
from taskforce.timeline.queries import task_force_or_404


@require_safe
def call(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The call for members, or word that there is none yet; the same for everybody."""
    group = task_force_or_404(task_force)
    at = clock.app_now()
    found = asked_for(request, group, at)
    context: dict[str, Any] = {
        "task_force": group,
        "call": found,
        "at": at,
        "crumbs": crumbs(group, _("Call for members")),
        "process_url": reverse("process", args=[group.slug]),
    }
    if found is not None:
        state = windows.state(found.phase, at)
        context |= {
            "criteria": queries.criteria(found),
            "purpose": prose.of(found, "purpose"),
            "row": phases.row(found.phase, at),
            "opens_label": phases.opens_label(found.phase, at),
            "opens_rule": phases.opens_rule(found.phase),
            "closes_label": phases.closes_label(found.phase, at),
            "closes_rule": phases.closes_rule(found.phase),
            "cap_note": phases.cap_note(found.phase, at),
            "is_open": state is PhaseState.CURRENT,
            "is_over": state in OVER,
            "had_opened": windows.has_opened(found.phase, at),
            "is_cancelled": state is PhaseState.CANCELLED,
            "is_dropped": state is PhaseState.DROPPED,
            "is_short": dates.left(found.phase.closes_at, at).is_short,
            "application_url": links.application(found, is_only=queries.is_only_call(found)),
        }
    response = render(request, "recruitment/call.html", context)
    return caching.public_page(request, response, phases=list(timeline.phases(group)), at=at)
