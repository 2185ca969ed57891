"""What applicants keep: the receipt of each version that they submitted, and a file of all that is theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recruitment import calling, describe, instead, links, mailed, own_data, profiles, queries, receipts
from recruitment.models import Application, Call, Snapshot
from recruitment.views.framing import asked_for, below_application, crumbs
from taskforce.accounts.models import User
from taskforce.core import clock, languages
from taskforce.timeline import describe as phases
from taskforce.timeline import queries as timeline
from taskforce.timeline import windows
from taskforce.timeline.enums import OVER
from taskforce.timeline.queries import task_force_or_404


@require_safe
def receipt(request: HttpRequest, task_force: str, number: int) -> HttpResponse:
    """The receipt of a version that one has submitted, with what stands in it and how its fingerprint is checked."""
    if not isinstance(request.user, User):
        return to_sign_in(request)
    call = call_of(request, task_force)
    snapshot = _snapshot(request, request.user, call, number)
    is_only = queries.is_only_call(call)
    context = {
        **below_application(call, _("Receipt"), is_only=is_only),
        **_of(snapshot, call, is_only=is_only),
    }
    return private(render(request, "recruitment/receipt.html", context))


def _of(snapshot: Snapshot, call: Call, *, is_only: bool) -> dict[str, Any]:
    application, at = snapshot.application, clock.app_now()
    every = list(application.snapshots.order_by("-number"))
    for one in every:
        one.application = application
    return {
        "snapshot": snapshot,
        "application": application,
        "is_withdrawn": not describe.is_live(application),
        "counts": snapshot.number == every[0].number,
        "latest": every[0].number,
        "language_name": languages.OWN_NAMES.get(snapshot.language, snapshot.language),
        "language_tag": languages.html_lang(snapshot.language),
        "closes_label": phases.closes_label(call.phase, at),
        "closes_rule": phases.closes_rule(call.phase),
        "stopped": calling.stopped(call.phase, at),
        "answers": queries.answered(call, snapshot.answers),
        "profile": profiles.lines(snapshot.profile),
        "files": {form: links.receipt(snapshot, call, form, is_only=is_only) for form in links.FORMS},
        "filename": _filename(snapshot, "json"),
        "others": [(one, links.receipt(one, call, is_only=is_only)) for one in every if one.pk != snapshot.pk],
    }


@require_safe
def receipt_file(request: HttpRequest, task_force: str, number: int, form: str) -> HttpResponse:
    """The receipt to be taken along: the bytes that were hashed, no more and no less, or the same to be read."""
    if form not in links.FORMS:
        raise Http404
    if not isinstance(request.user, User):
        return to_sign_in(request)
    call = call_of(request, task_force)
    snapshot = _snapshot(request, request.user, call, number)
    if form == "json":
        response = HttpResponse(receipts.document(snapshot), content_type="application/json")
    else:
        response = HttpResponse(receipts.as_text(snapshot, call), content_type="text/plain; charset=utf-8")
    return _file(response, _filename(snapshot, form))


@require_safe
def data(request: HttpRequest, task_force: str) -> HttpResponse:
    """All that is kept of one's own applications to the call, for programs."""
    if not isinstance(request.user, User):
        return to_sign_in(request)
    found = own_data.as_rows(_own_call(request, task_force), request.user, clock.app_now())
    options = {"indent": 2, "ensure_ascii": False}
    return _file(JsonResponse(found, encoder=DjangoJSONEncoder, json_dumps_params=options), "application.json")


@require_safe
def data_text(request: HttpRequest, task_force: str) -> HttpResponse:
    """The same, to be read."""
    if not isinstance(request.user, User):
        return to_sign_in(request)
    found = own_data.as_text(_own_call(request, task_force), request.user, clock.app_now())
    return _file(HttpResponse(found, content_type="text/plain; charset=utf-8"), "application.txt")


def on_record(
    call: Call, every: Sequence[Application], mine: describe.Standing, at: datetime, *, is_only: bool
) -> dict[str, Any]:
    """What there is of all of one's own applications to the call: receipts, mails with what became of them, and what
    can be taken along. Nothing where there is none."""
    if mine.application is None:
        return {}
    told = {mine.application.pk} if mine.told is not None else set()
    letters = mailed.letters(every, told, at)
    return {
        "receipts": [_line(one, of, call, is_only=is_only) for of in every for one in reversed(queries.versions(of))],
        "letters": letters,
        "receipt_mail": describe.receipt_mail(mine, letters),
        "outcome_mail": describe.outcome_mail(mine, letters),
        "files": {
            "json": links.data(call, is_only=is_only),
            "txt": links.data(call, "txt", is_only=is_only),
        },
    }


def ahead(call: Call, mine: describe.Standing, at: datetime, *, is_open: bool) -> dict[str, Any]:
    """What comes next, and what whoever comes late can still do; nothing beside a form that waits to be sent."""
    if is_open and mine.snapshot is None and not mine.can_take_back:
        return {}
    steps = list(timeline.phases(call.phase.task_force))
    is_over = windows.state(call.phase, at) in OVER
    return {
        "later": calling.later(call.phase, steps, at),
        "late": instead.shown(call, steps, at) if is_over else None,
        "is_over": is_over,
    }


def closed(request: HttpRequest, call: Call, at: datetime, *, is_only: bool) -> HttpResponse:
    """Once nobody can apply, for whoever is not signed in: what can still be done, and the way to an application."""
    address, call_url = links.application(call, is_only=is_only), links.call(call, is_only=is_only)
    group = call.phase.task_force
    stopped = calling.stopped(call.phase, at)
    context = {
        "task_force": group,
        "call": call,
        "call_url": call_url,
        "crumbs": [*crumbs(group, _("Call for members"), call_url), (_("Your application"), None)],
        "process_url": reverse("process", args=[group.slug]),
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': address})}",
        "reason": phases.closed_reason(call.phase, at),
        "stopped": stopped,
        "late": instead.shown(call, list(timeline.phases(group)), at),
    }
    return private(render(request, "recruitment/closed.html", context))


def _line(snapshot: Snapshot, of: Application, call: Call, *, is_only: bool) -> tuple[Snapshot, str]:
    """A version, and where its receipt is."""
    snapshot.application = of
    return snapshot, links.receipt(snapshot, call, is_only=is_only)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To sign-in and back."""
    return private(redirect_to_login(request.get_full_path()))


def private(response: HttpResponse) -> HttpResponse:
    """What one person reads, kept by nobody."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def call_of(request: HttpRequest, task_force: str) -> Call:
    found = asked_for(request, task_force_or_404(task_force), clock.app_now())
    if found is None:
        raise Http404
    return found


def _own_call(request: HttpRequest, task_force: str) -> Call:
    """The call, where one has something in it."""
    found = call_of(request, task_force)
    if queries.own_application(found, request.user) is None:
        raise Http404
    return found


def _snapshot(request: HttpRequest, user: User, call: Call, number: int) -> Snapshot:
    return queries.own_snapshot_or_404(call, user, number, request.GET.get(links.APPLICATION, ""))


def _filename(snapshot: Snapshot, form: str) -> str:
    return f"{snapshot.application.reference}-{snapshot.number}.{form}"


def _file(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return private(response)
