"""What the pages of recruitment have around them: which call is meant, and the way up."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from recruitment import links, queries
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.core.errors import Invalid
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import gates
from taskforce.timeline.models import TaskForce


class Visit(NamedTuple):
    """Who is at which call, the moment at which they came (UTC), and whether the task force has no other call."""

    request: HttpRequest
    user: User
    call: Call
    at: datetime
    is_only: bool

    @property
    def address(self) -> str:
        """The page of their application to this very call."""
        return links.application(self.call, is_only=self.is_only)


def asked_for(request: HttpRequest, group: TaskForce, at: datetime) -> Call | None:
    """The call that the address names, else the one that a visitor means at the moment, if there is any."""
    name = request.GET.get(links.NAME)
    return queries.current_call(group, at) if name is None else queries.call_by_name(group, name)


def call_of_form(request: HttpRequest, group: TaskForce) -> Call | None:
    """The call whose form was posted: the page may mean the next one by now, and the form still be in time."""
    phase_id = gates.phase_of_form(request.POST.get("form_key", ""))
    return queries.call_of_phase(group, phase_id) if phase_id is not None else None


def crumbs(group: TaskForce, label: str, url: str | None = None) -> list[tuple[Any, str | None]]:
    return [
        (_("Home"), reverse("home")),
        (translated(group, "name"), reverse("task_force", args=[group.slug])),
        (label, url),
    ]


def below_application(call: Call, here: str, *, is_only: bool) -> dict[str, Any]:
    """What a page below one's application has around it: where that is, where the call is, and the way up."""
    address, call_url = links.application(call, is_only=is_only), links.call(call, is_only=is_only)
    group = call.phase.task_force
    return {
        "task_force": group,
        "call": call,
        "address": address,
        "call_url": call_url,
        "crumbs": [
            *crumbs(group, _("Call for members"), call_url),
            (_("Your application"), address),
            (here, None),
        ],
    }


def refuse_files(request: HttpRequest) -> None:
    """`Invalid` for a file, which no form of an application asks for: nothing of it is kept."""
    if request.FILES:
        raise Invalid(_("A file was sent, and this form takes none. Nothing was saved: send your text without it."))
