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

from feedback import queries, reporting, services
from feedback.enums import ItemState
from feedback.models import FeedbackItem, FeedbackReply
from feedback.report_forms import LEAVE, ReportsForm
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
    if form is not None and form.is_valid():
        try:
            _decide(item, reply, form.cleaned_data, actor, at)
            messages.success(request, _("The decision is saved, and the reports are closed."))
            return HttpResponseRedirect(f"{reverse('admin:feedback_feedbackitem_queue')}?why=reported")
        except Conflict as error:
            form.add_error(None, error.message)
    note_row(request, "feedback-report", about, item.window.phase.task_force_id)
    kind = opts.model_name
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": sentence(_("Reports of %(reference)s"), reference=about.reference),
        "opts": opts,
        "about": about,
        "said": _said(item, reply),
        "page": Paginator(reporting.of(item, reply), _PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "list": reverse(f"admin:feedback_{kind}_changelist"),
        "back": reverse(f"admin:feedback_{kind}_change", args=[about.pk]),
    }
    return render(request, "feedback/admin_reports.html", context)


def address(item: FeedbackItem, reply: FeedbackReply | None) -> str:
    """Where the reports of an item, or of a reply to it, are read and decided about."""
    if reply is not None:
        return reverse("admin:feedback_feedbackreply_reports", args=[reply.pk])
    return reverse("admin:feedback_feedbackitem_reports", args=[item.pk])


def _decide(item: FeedbackItem, reply: FeedbackReply | None, chosen: dict[str, Any], actor: User, at: datetime) -> None:
    if chosen["action"] == LEAVE:
        services.leave(item.pk, note=chosen["reason"], actor=actor, at=at, reply_id=reply.pk if reply else None)
    elif reply is None:
        services.moderate(item.pk, "hide", reason=chosen["reason"], rule=chosen["rule"], actor=actor, at=at)
    else:
        services.moderate_reply(reply.pk, "hide", reason=chosen["reason"], rule=chosen["rule"], actor=actor, at=at)


def _said(item: FeedbackItem, reply: FeedbackReply | None) -> str:
    if reply is not None:
        return render_to_string("feedback/reply_text.html", {"reply": reply})
    return render_to_string("feedback/answers.html", {"item": item, "answers": queries.answers(item)})
