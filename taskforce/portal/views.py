"""Home, a task force, and how it is decided: public reading pages, the same for everybody."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recruitment import calling
from recruitment.models import Call
from taskforce.announcements import queries as announcements
from taskforce.core import labels
from taskforce.core.clock import app_now
from taskforce.core.templatetags.portal import translated
from taskforce.portal import numbers, privacy_words, queries
from taskforce.timeline import caching, describe, former_names, windows
from taskforce.timeline import queries as timeline
from taskforce.timeline.enums import NOTICE_PERIOD, OVER, PhaseState
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries import renaming, verdicts

LATEST_NEWS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """All task forces and what is open now."""
    at = app_now()
    found = queries.overviews(at)
    response = render(request, "portal/home.html", {"overviews": found, "at": at})
    phases = [phase for one in found for phase in one.phases]
    return caching.public_page(request, response, phases=phases, at=at)


@require_safe
def privacy(request: HttpRequest) -> HttpResponseBase:
    """What the portal keeps about people, who reads it, for how long, and what anybody can do about it."""
    context = {
        "purposes": privacy_words.purposes(),
        "cookies": privacy_words.cookies(),
        "contact": privacy_words.contact(),
        "tells_of_faults": privacy_words.tells_of_faults(),
        "crumbs": [(_("Home"), reverse("home")), (_("Privacy"), None)],
    }
    response = render(request, "portal/privacy.html", context)
    return caching.public_page(request, response, phases=[], at=app_now())


@require_safe
def task_force(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """One task force: timeline, what one can do now, texts, what came of earlier windows, news."""
    found = queries.stages(timeline.task_force_or_404(task_force), app_now())
    members = announcements.members_published(found.task_force)
    rows = queries.timeline_rows(found)
    texts = queries.texts(found.task_force, get_language() or "en")
    context = {
        "former_names": former_names.former_names(renaming.renames(found.task_force)),
        "timeline": rows,
        "stage": queries.stage(rows),
        "step": queries.next_step(found, members),
        "verdicts": queries.standing(found.phases),
        "texts": [text for text in texts if not text.ended],
        "ended_texts": [text for text in texts if text.ended],
        "past_windows": queries.past_windows(found),
        "news": list(announcements.news(found.task_force)[:LATEST_NEWS]),
        "call_state": _call_state(found),
        "crumbs": _crumbs(found.task_force),
    }
    return _page(request, "portal/task_force.html", found, context)


@require_safe
def process(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """How it is decided: dates by rule, their changes with reasons, seats and criteria, numbers by stage."""
    found = queries.stages(timeline.task_force_or_404(task_force), app_now())
    members = announcements.members_published(found.task_force)
    has_ended = found.task_force.has_ended
    context = {
        "dates": queries.dates(found),
        # What has ended takes nothing more, in a grace neither.
        "grace": "" if has_ended else describe.grace_note(found.phases),
        "changes": [describe.change(extension) for extension in timeline.extensions(found.task_force)],
        "notice_days": NOTICE_PERIOD.days,
        "verdicts": describe.verdicts(verdicts.verdicts(found.task_force)),
        "renames": [former_names.renaming(one) for one in renaming.renames(found.task_force)],
        "calls": [_called(found, call) for call in queries.with_rubrics(found.calls)],
        "numbers": numbers.by_stage(found.windows, found.calls, members, found.at, has_ended=has_ended),
        "windows": found.windows,
        "crumbs": _crumbs(found.task_force, _("How it is decided")),
    }
    return _page(request, "portal/process.html", found, context)


def _called(found: queries.Stages, call: Call) -> dict[str, Any]:
    """What the process page says of a call: where it is, and what was changed in it since it was published."""
    changes = [calling.changed(one) for one in call.changes.all()]
    return {"call": call, "url": queries.call_url(found, call), "changes": changes}


def _call_state(found: queries.Stages) -> str:
    """How the call stands to which an application page belongs; empty where there is none yet to write or to see."""
    states = {windows.state(call.phase, found.at) for call in found.calls}
    if PhaseState.CURRENT in states:
        return PhaseState.CURRENT.value
    had = any(windows.has_opened(call.phase, found.at) for call in found.calls)
    return PhaseState.PAST.value if states & OVER and had else ""


def _crumbs(found: TaskForce, *more: str) -> list[tuple[str, str | None]]:
    """Home, the task force (a link unless it is the page itself), and the page's own name."""
    own = reverse("task_force", kwargs={"task_force": found.slug}) if more else None
    return [
        (_("Home"), reverse("home")),
        (translated(found, "name"), own),
        *[(name, None) for name in more],
    ]


def _page(request: HttpRequest, template: str, found: queries.Stages, context: dict[str, Any]) -> HttpResponseBase:
    name = labels.label(found.task_force, "name").text
    response = render(request, template, {"task_force": found.task_force, "name": name, "at": found.at, **context})
    return caching.public_page(request, response, phases=found.phases, at=found.at)
