"""How a window is moderated, in numbers; the same bytes for everybody."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feedback import hidden_data, moderated, queries
from feedback.enums import AppealOutcome, BrokenRule, ItemState, ReportOutcome
from feedback.models import FeedbackWindow
from feedback.views import data, framing
from taskforce.core.clock import app_now
from taskforce.timeline import caching


@require_safe
def moderation(request: HttpRequest, task_force: str, window: str) -> HttpResponseBase:
    """What was received and what became of it, for which rules texts are hidden, what came of appeals, reports."""
    found, at = queries.window_or_404(task_force, window), app_now()
    made = moderated.of(found)
    context = {
        **_about(found),
        "made": made,
        "others": _rows(made.others, _states()),
        "other_replies": _rows(made.other_replies, _states()),
        "rules": _rows(made.rules, {code.value: str(code.label) for code in BrokenRule}),
        "appeals": _rows(made.appeals, _outcomes(AppealOutcome)),
        "reports": _rows(made.reports, _outcomes(ReportOutcome)),
        "all_rules": [str(code.label) for code in BrokenRule],
    }
    response = render(request, "feedback/moderation.html", context)
    return caching.public_page(request, response, phases=[found.phase], at=at)


@require_safe
def hidden_json(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """What was hidden after everybody could read it, and for which rule, as a JSON list."""
    return _hidden(request, task_force, "json")


@require_safe
def hidden_csv(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """The same as CSV."""
    return _hidden(request, task_force, "csv")


def _hidden(request: HttpRequest, task_force: str, form: str) -> HttpResponseBase:
    response = data.as_file(request, task_force, hidden_data, form, name="hidden")
    response.headers["Content-Language"] = "en"
    return response


def _rows(told: Mapping[str, int], called: dict[str, str]) -> list[tuple[str, int]]:
    """Groups by what readers call them."""
    return [(called.get(code) or _("Not said"), count) for code, count in told.items()]


def _states() -> dict[str, str]:
    return {
        moderated.FOR_STAFF: _("Only for the people who run the process"),
        ItemState.HELD: _("Held until somebody has read it"),
        ItemState.HIDDEN: _("Hidden"),
    }


def _outcomes(outcomes: type[AppealOutcome] | type[ReportOutcome]) -> dict[str, str]:
    decided = {code.value: str(code.label) for code in outcomes}
    return {**decided, moderated.UNDECIDED: _("Not decided yet")}


def _about(window: FeedbackWindow) -> dict[str, Any]:
    slug = window.phase.task_force.slug
    return {
        **framing.place(window, _("How it is moderated")),
        "items_url": reverse("feedback:items", args=[slug, window.slug]),
        "json_url": reverse("hidden_json", args=[slug]),
        "csv_url": reverse("hidden_csv", args=[slug]),
        "process_url": reverse("process", args=[slug]),
    }
