"""The summary of a window: what was said, in numbers; the same bytes for everybody."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feedback import counting, queries, tables
from feedback.models import FeedbackWindow
from taskforce.core import labels
from taskforce.core.clock import app_now
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import caching, windows


@require_safe
def summary(request: HttpRequest, task_force: str, window: str) -> HttpResponseBase:
    """What was said so far, or was said, counted; four queries at most, whatever there is."""
    found, at = queries.window_or_404(task_force, window), app_now()
    tally = counting.tally(found)
    context = {
        **_about(found),
        "tally": tally,
        "tables": tables.of(tally) if tables.is_told_apart(tally) else [],
        "least": settings.SMALL_GROUP,
        "is_open": windows.is_open(found.phase, at),
    }
    response = render(request, "feedback/summary.html", context)
    return caching.public_page(request, response, phases=[found.phase], at=at)


def summary_url(window: FeedbackWindow) -> str:
    """The page of a window's summary."""
    return reverse("feedback:summary", args=[window.phase.task_force.slug, window.slug])


def _about(window: FeedbackWindow) -> dict[str, Any]:
    task_force, slug = window.phase.task_force, window.phase.task_force.slug
    window_url = reverse("feedback:window", args=[slug, window.slug])
    return {
        "task_force": task_force,
        "window": window,
        "window_title": labels.label(window, "title").text,
        "window_url": window_url,
        "items_url": reverse("feedback:items", args=[slug, window.slug]),
        "text_url": reverse("proposals:text", args=[slug, window.proposal.slug]),
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(task_force, "name"), reverse("task_force", args=[slug])),
            (translated(window, "title"), window_url),
            (_("Summary"), None),
        ],
    }
