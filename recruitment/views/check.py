"""The page on which applicants look at what they saved as others will see it, before they submit it there."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recruitment import describe, groups, kept, merging, queries, shown
from recruitment.enums import Group
from recruitment.forms.applying import IDENTITY, IDENTITY_WORDS, from_typed
from recruitment.models import Application, Snapshot
from recruitment.views.framing import below_application
from recruitment.views.own import call_of, private, to_sign_in
from taskforce.accounts.models import User
from taskforce.core import clock
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import problems
from taskforce.timeline import gates, windows


@require_safe
def check(request: HttpRequest, task_force: str) -> HttpResponse:
    """The saved draft in the eyes of reviewers, of staff and of everybody, and the button that submits it.

    It shows what is stored and changes nothing; who has nothing to submit, or no time for it, is led to their form.
    """
    if not isinstance(request.user, User):
        return to_sign_in(request)
    call, at = call_of(request, task_force), clock.app_now()
    around = below_application(call, _("As others will see it"), is_only=queries.is_only_call(call))
    mine = describe.standing(queries.own_application(call, request.user))
    if mine.application is None or not mine.is_live or mine.told or not windows.is_open(call.phase, at):
        return private(SeeOther(around["address"]))
    typed = _whole(mine.application)
    form = from_typed(call, typed)
    said = form.as_said()
    content, profile, identity = said.content(), said.profile or {}, said.identity or {}
    # As it would be stored, but for when that is and for the hash of it.
    number = 1 + (mine.snapshot.number if mine.snapshot is not None else 0)
    language = form.language() or mine.application.language
    version = Snapshot(language=language, number=number, answers=content, profile=profile)
    context: dict[str, Any] = {
        **around,
        "problems": problems(form),
        "reviewers": shown.to_reviewers(call, version),
        "staff": shown.to_staff(identity),
        "public": shown.to_public(identity, profile),
        "form_key": gates.new_form_key(at, call.phase_id),
        "owner": kept.owner_mark(request.user),
        "hidden": list(_hidden(mine.application, typed)),
        "is_again": mine.snapshot is not None,
    }
    return private(render(request, "recruitment/check.html", context))


def _whole(application: Application) -> dict[Group, groups.Fields]:
    """What was typed, with the texts of who they are also where they have emptied them: one that is not sent stays."""
    typed = queries.typed(application)
    empty = {name: [""] for name in (*IDENTITY, *IDENTITY_WORDS)}
    return {**typed, Group.IDENTITY: {**empty, **typed[Group.IDENTITY]}}


def _hidden(application: Application, typed: Mapping[Group, groups.Fields]) -> Iterator[tuple[str, str]]:
    """What is submitted: every field as it is stored, with version and marks of each group that was looked at here."""
    for group in Group:
        row = queries.row_of(application, group)
        yield groups.version_name(group), groups.token(row.version, row.typed)
        yield merging.marks_name(group), merging.marks(row.typed)
        for name, values in typed[group].items():
            for value in values:
                yield name, value
