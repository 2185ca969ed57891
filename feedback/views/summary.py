"""The summary of a window: its text as it was published, what changed since, and what was said in numbers; the same
bytes for everybody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feedback import counting, queries, summaries, summary_data, tables
from feedback.counting import Tally
from feedback.models import FeedbackWindow, Summary
from feedback.views import data, framing
from taskforce.core import labels, languages
from taskforce.core.clock import app_now
from taskforce.timeline import caching, windows
from taskforce.timeline.enums import PhaseState


@require_safe
def summary(request: HttpRequest, task_force: str, window: str) -> HttpResponseBase:
    """The summary with the numbers that were counted for it, or when it is expected, with those of the moment; seven
    queries at most, whatever there is."""
    found, at = queries.window_or_404(task_force, window), app_now()
    versions = summaries.published(found)
    tally = summaries.tally_of(versions[0]) if versions else counting.tally(found)
    context = {
        **_about(found),
        **(_published(found, versions, tally) if versions else _expected(found, at)),
        "tally": tally,
        "tables": tables.of(tally) if tables.is_told_apart(tally) else [],
        "least": settings.SMALL_GROUP,
        "is_open": windows.is_open(found.phase, at),
    }
    response = render(request, "feedback/summary.html", context)
    return caching.public_page(request, response, phases=[found.phase], at=at)


def _published(window: FeedbackWindow, versions: Sequence[Summary], tally: Tally) -> dict[str, Any]:
    """The newest version for the reader, and what each but the first has changed."""
    language, newest = get_language() or "en", versions[0]
    shown = summaries.shown(newest.texts, newest.outdated, tally, language, newest.reviewed)
    return {
        "text": shown,
        "translate_url": _translate_url(window) if language != newest.source else "",
        "is_other": shown.language != language,
        "language_name": languages.OWN_NAMES[shown.language],
        "published_at": versions[-1].at,
        "counted_at": newest.counted_at,
        "changes": [{"at": one.at, "what": labels.chosen(one.changes, language)} for one in versions[:-1]],
    }


def _translate_url(window: FeedbackWindow) -> str:
    return reverse("feedback:translate_summary", args=[window.phase.task_force.slug, window.slug])


def _expected(window: FeedbackWindow, at: datetime) -> dict[str, Any]:
    """When it is expected; nothing where nobody expects one any more."""
    if windows.state(window.phase, at) in (PhaseState.CANCELLED, PhaseState.DROPPED):
        return {}
    return {"expected_at": summaries.expected_at(window, summaries.draft_of(window))}


@require_safe
def summaries_json(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """Every version of every summary of a task force, as a JSON list."""
    return data.as_file(request, task_force, summary_data, "json", name="summaries")


@require_safe
def summaries_csv(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The same as CSV, one line for each language of a version."""
    return data.as_file(request, task_force, summary_data, "csv", name="summaries")


def _about(window: FeedbackWindow) -> dict[str, Any]:
    slug = window.phase.task_force.slug
    return {
        **framing.place(window, _("Summary")),
        "items_url": reverse("feedback:items", args=[slug, window.slug]),
        "text_url": reverse("proposals:text", args=[slug, window.proposal.slug]),
        "json_url": reverse("summaries_json", args=[slug]),
        "csv_url": reverse("summaries_csv", args=[slug]),
    }
