"""What readers have reported of one item, or of one reply to it, and the decision about it."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback import queries, reporting, services, undecided
from feedback.admin import blocking, deciding, way_back
from feedback.enums import ItemState
from feedback.forms.reporting import LEAVE, ReportsForm
from feedback.models import FeedbackItem, FeedbackReply
from feedback.rules import may
from taskforce.accounts.models import User
from taskforce.audit.watching import note_row
from taskforce.core import clock
from taskforce.core.errors import Conflict
from taskforce.core.templatetags.staff import sentence

_PER_PAGE = 50


def page(
    request: HttpRequest,
    site: admin.AdminSite,
    opts: Any,
    item: FeedbackItem | None,
    reply: FeedbackReply | None = None,
) -> HttpResponse:
    """All reports of it, what waits first, and the form; of what its author has withdrawn there is no such page."""
    actor, at = request.user, clock.app_now()
    if item is None or not isinstance(actor, User) or not may(actor, "feedback.moderate", item, at)[0]:
        raise Http404
    about = reply or item
    if ItemState.WITHDRAWN in (item.state, about.state):
        raise Http404
    is_sent = request.method == "POST"
    waits = is_sent or reporting.open_of(item, reply).exists()
    form = ReportsForm(request.POST if is_sent else None) if waits else None
    status, before, read = 200, "", request.POST.get("seen", "")
    if form is not None and form.is_valid():
        try:
            _decide(item, reply, {**form.cleaned_data, "seen": read}, actor, at)
            said = _("The decision is saved, and the reports are closed.")
            messages.success(request, blocking.after_hiding(said, actor, item, reply, at))
            reports = f"{reverse('admin:feedback_feedbackitem_queue')}?why=reported"
            return HttpResponseRedirect(way_back.after(request, reports))
        except services.OtherWords as error:
            form.add_error(None, error.message)
            about.refresh_from_db()
            status, before = 409, deciding.read_before(about, read)
        except Conflict as error:
            form.add_error(None, error.message)
    note_row(request, "feedback-report", about, item.window.phase.task_force_id)
    kind = opts.model_name
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": sentence(_("Reports of %(reference)s"), reference=about.reference),
        "opts": opts,
        "about": about,
        "seen": undecided.version(about),
        "before": before,
        "said": _said(item, reply),
        "page": Paginator(reporting.of(item, reply), _PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "block_url": blocking.address(actor, item, reply, at),
        "list": reverse(f"admin:feedback_{kind}_changelist"),
        "back": reverse(f"admin:feedback_{kind}_change", args=[about.pk]) + way_back.carried(request),
    }
    return render(request, "feedback/admin_reports.html", context, status=status)


def address(item: FeedbackItem, reply: FeedbackReply | None) -> str:
    """Where the reports of an item, or of a reply to it, are read and decided about."""
    if reply is not None:
        return reverse("admin:feedback_feedbackreply_reports", args=[reply.pk])
    return reverse("admin:feedback_feedbackitem_reports", args=[item.pk])


def _decide(item: FeedbackItem, reply: FeedbackReply | None, chosen: dict[str, Any], actor: User, at: datetime) -> None:
    if chosen["action"] == LEAVE:
        left_id = reply.pk if reply else None
        services.leave(item.pk, note=chosen["reason"], actor=actor, at=at, reply_id=left_id, seen=chosen["seen"])
        return
    how = {name: chosen[name] for name in ("reason", "rule", "seen")}
    if reply is None:
        services.moderate(item.pk, "hide", **how, actor=actor, at=at)
    else:
        services.moderate_reply(reply.pk, "hide", **how, actor=actor, at=at)


def _said(item: FeedbackItem, reply: FeedbackReply | None) -> str:
    if reply is not None:
        return render_to_string("feedback/reply_text.html", {"reply": reply})
    return render_to_string("feedback/answers.html", {"item": item, "answers": queries.answers(item)})
