"""What became of what was said in a window, theme by theme: the same bytes for everybody."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from feedback import answering, queries
from feedback.answered import told
from feedback.answering import UNDECIDED, ThemeAt
from feedback.enums import Outcome
from feedback.models import Disposition, FeedbackItem, FeedbackWindow
from feedback.views.reading import items_url
from taskforce.core import labels, prose
from taskforce.core.clock import app_now
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import caching

# Of the answers to one text each; all of them stand in the list of what was said.
_MOST_OWN = 30


@require_safe
def themes(request: HttpRequest, task_force: str, window: str) -> HttpResponseBase:
    """The themes of a window with their answers, and how much of what everybody may read has which answer."""
    found, at = queries.window_or_404(task_force, window), app_now()
    shown = answering.public_themes(found)
    before = answering.earlier_of([one.theme for one in shown])
    counts = answering.outcomes(found)
    is_answered = bool(shown or counts.keys() - {UNDECIDED})
    context = {
        **_about(found),
        "themes": [_theme(found, one, before.get(one.theme.pk, [])) for one in shown],
        "is_answered": is_answered,
        "own": [_own(found, one) for one in answering.own_answers(found, _MOST_OWN)] if is_answered else [],
        "outcomes": [
            (capfirst(str(name)), counts[code], f"{items_url(found)}?disposition={code}")
            for code, name in (*Outcome.choices, (UNDECIDED, _("not decided yet")))
            if counts.get(code)
        ],
    }
    response = render(request, "feedback/themes.html", context)
    return caching.public_page(request, response, phases=[found.phase], at=at)


def _own(window: FeedbackWindow, item: FeedbackItem) -> dict[str, Any]:
    return {
        "item": item,
        "url": reverse("feedback:item", args=[window.phase.task_force.slug, window.slug, item.reference]),
        "told": told(item.standing, window.proposal) if item.standing else None,
    }


def _theme(window: FeedbackWindow, one: ThemeAt, before: list[Disposition]) -> dict[str, Any]:
    proposal = window.proposal
    return {
        "theme": one.theme,
        "description": prose.of(one.theme, "description"),
        "told": told(one.standing, proposal) if one.standing else None,
        "earlier": [told(each, proposal) for each in before],
        "count": one.readable,
        "url": f"{items_url(window)}?theme={one.theme.pk}",
    }


def _about(window: FeedbackWindow) -> dict[str, Any]:
    task_force = window.phase.task_force
    task_force_url = reverse("task_force", args=[task_force.slug])
    window_url = reverse("feedback:window", args=[task_force.slug, window.slug])
    return {
        "task_force": task_force,
        "window": window,
        "window_title": labels.label(window, "title").text,
        "window_url": window_url,
        "items_url": items_url(window),
        "text_url": reverse("proposals:text", args=[task_force.slug, window.proposal.slug]),
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(task_force, "name"), task_force_url),
            (translated(window, "title"), window_url),
            (pgettext("feedback", "What became of it"), None),
        ],
    }
