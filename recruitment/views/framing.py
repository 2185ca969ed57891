"""What the pages of recruitment have around them: which call is meant, and the way up."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from recruitment import links, queries
from recruitment.models import Call
from taskforce.core.errors import Invalid
from taskforce.core.templatetags.portal import translated
from taskforce.timeline.models import TaskForce


def asked_for(request: HttpRequest, group: TaskForce, at: datetime) -> Call | None:
    """The call that the address names, else the one that a visitor means at the moment, if there is any."""
    name = request.GET.get(links.NAME)
    return queries.current_call(group, at) if name is None else queries.call_by_name(group, name)


def crumbs(group: TaskForce, label: str, url: str | None = None) -> list[tuple[Any, str | None]]:
    return [
        (_("Home"), reverse("home")),
        (translated(group, "name"), reverse("task_force", args=[group.slug])),
        (label, url),
    ]


def refuse_files(request: HttpRequest) -> None:
    """`Invalid` for a file, which no form of an application asks for: nothing of it is kept."""
    if request.FILES:
        raise Invalid(_("A file was sent, and this form takes none. Nothing was saved: send your text without it."))
