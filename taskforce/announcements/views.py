"""Members and news: public reading pages, the same for everybody."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from taskforce.announcements import queries
from taskforce.core import labels, markdown
from taskforce.core.clock import app_now
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import caching
from taskforce.timeline import queries as timeline
from taskforce.timeline.models import TaskForce

Crumbs = list[tuple[str, str | None]]


def _crumbs(task_force: TaskForce, *more: tuple[str, str | None]) -> Crumbs:
    home = reverse("task_force", kwargs={"task_force": task_force.slug})
    return [(_("Home"), reverse("home")), (translated(task_force, "name"), home), *more]


def _page(request: HttpRequest, template: str, task_force: TaskForce, context: dict[str, Any]) -> HttpResponseBase:
    response = render(request, template, {"task_force": task_force, **context})
    return caching.public_page(request, response, phases=timeline.phases(task_force), at=app_now())


@require_safe
def members(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """Who is a member, by name with consent, the others counted."""
    found = timeline.task_force_or_404(task_force)
    context = {
        "membership": queries.published_members(found),
        "crumbs": _crumbs(found, (_("Members"), None)),
    }
    return _page(request, "announcements/members.html", found, context)


@require_safe
def news(request: HttpRequest, task_force: str) -> HttpResponseBase:
    """All announcements, newest first."""
    found = timeline.task_force_or_404(task_force)
    context = {"items": list(queries.news(found)), "crumbs": _crumbs(found, (_("News"), None))}
    return _page(request, "announcements/news.html", found, context)


@require_safe
def item(request: HttpRequest, task_force: str, slug: str) -> HttpResponseBase:
    """One announcement, in the reader's language or the next of the chain."""
    found = timeline.task_force_or_404(task_force)
    announcement = queries.item_or_404(found, slug)
    body = labels.label(announcement, "body")
    news_page = reverse("announcements:news", kwargs={"task_force": found.slug})
    context = {
        "item": announcement,
        "corrections": queries.corrections(announcement),
        "body": markdown.render(body.text),
        "body_language": body.language,
        "crumbs": _crumbs(found, (_("News"), news_page), (translated(announcement, "title"), None)),
    }
    return _page(request, "announcements/item.html", found, context)
