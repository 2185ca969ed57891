"""Replies to what was said, on the staff side: read them, and decide about what was held."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from feedback import queries, responses
from feedback.admin import blocking, deciding, reported, way_back
from feedback.admin.readers import ForReaders
from feedback.enums import ItemState
from feedback.models import FeedbackReply
from feedback.rules import may
from taskforce.accounts.models import User
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import clock, staff_columns
from taskforce.core.templatetags.portal import utc_time
from taskforce.core.templatetags.staff import person, sentence

staff_columns.describe(FeedbackReply, suspicion=staff_columns.Column(gettext_lazy("Like a machine’s")))


@admin.register(FeedbackReply)
class FeedbackReplyAdmin(WatchedAdmin, ForReaders):
    """The replies; a withdrawn one keeps its row and shows no text."""

    watched = "feedback-reply"
    list_display = ("reference", "to", "window", "state", "suspicion", "is_answer", "language", "received")
    list_filter = ("state", "suspicion", "rule", "is_answer", "language")
    search_fields = ("reference", "item__reference")
    search_help_text = gettext_lazy("A reference, or a part of one")
    fields = (
        *("reference", "to", "window", "state", "suspicion", "rule", "state_reason", "appeal_shown"),
        *("is_answer", "language"),
        *("shown_name", "received", "said"),
    )
    readonly_fields = ("appeal_shown", "to", "window", "shown_name", "received", "said")
    change_form_template = "feedback/admin_reply.html"

    def watched_task_force(self, obj: FeedbackReply) -> int | None:
        """That of the window."""
        return obj.item.window.phase.task_force_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackReply]:
        """Replies in the person's task forces."""
        return responses.visible_to(request.user)

    @admin.display(description=gettext_lazy("reply to"), ordering="item__reference")
    def to(self, reply: FeedbackReply) -> SafeString:
        """The text that it is about."""
        address = reverse("admin:feedback_feedbackitem_change", args=[reply.item_id])
        return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', address, reply.item.reference)

    @admin.display(description=gettext_lazy("window"))
    def window(self, reply: FeedbackReply) -> str:
        """The window in which both stand."""
        return str(reply.item.window)

    @admin.display(description=gettext_lazy("Name to show"))
    def shown_name(self, reply: FeedbackReply) -> str:
        """The name that was given, unless the reply was withdrawn."""
        return "" if reply.state == ItemState.WITHDRAWN or not reply.name else person(reply.name)

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def received(self, reply: FeedbackReply) -> str | SafeString:
        """When, in UTC, with a mark where that was in the grace after the close."""
        instant = utc_time(reply.received_at)
        return format_html("{} ({})", instant, _("in the grace after the close")) if reply.in_grace else instant

    @admin.display(description=gettext_lazy("reply"))
    def said(self, reply: FeedbackReply) -> str | SafeString:
        """What it says."""
        if reply.state == ItemState.WITHDRAWN:
            return _("Withdrawn by its author.")
        return render_to_string("feedback/reply_text.html", {"reply": reply})

    @admin.display(description=gettext_lazy("appeal"))
    def appeal_shown(self, reply: FeedbackReply) -> str | SafeString:
        """What its author said against the hiding, and what came of that; nothing where nobody appealed."""
        appeal = responses.appeal_of(reply)
        return render_to_string("feedback/admin_appeal.html", {"appeal": appeal}) if appeal else ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer the decision to those who may make it."""
        context["carried"] = way_back.carried(request)
        context["may_decide"] = _may_decide(request.user, context["original"], clock.app_now())
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and the page that decides about one reply."""
        decide = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.decide))
        reports = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.reports))
        block = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.block))
        return [
            path("<int:pk>/decide/", decide, name="feedback_feedbackreply_decide"),
            path("<int:pk>/block/", block, name="feedback_feedbackreply_block"),
            path("<int:pk>/reports/", reports, name="feedback_feedbackreply_reports"),
            *super().get_urls(),
        ]

    def block(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Block whoever posted one reply."""
        reply = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        return blocking.page(request, self.admin_site, self.opts, reply.item if reply else None, reply)

    def reports(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What readers have reported of one reply, and the decision about that."""
        reply = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        return reported.page(request, self.admin_site, self.opts, reply.item if reply else None, reply)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish or hide one reply, with a reason."""
        reply = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        at, actor = clock.app_now(), request.user
        if reply is None or not isinstance(actor, User) or not _may_decide(actor, reply, at):
            raise Http404
        back = reverse("admin:feedback_feedbackreply_change", args=[pk])
        asked = deciding.asked(request, reply, actor, at)
        if asked.is_done:
            said = _("The decision is saved; the author of the reply can read it with its reason.")
            messages.success(request, blocking.after_hiding(said, actor, reply.item, reply, at))
            return HttpResponseRedirect(way_back.after(request, back))
        note_row(request, self.watched, reply, self.watched_task_force(reply))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": sentence(_("Decide about %(reference)s"), reference=reply.reference),
            "opts": self.opts,
            "reply": reply,
            "said": self.said(reply),
            "answers": queries.answers(reply.item),
            "appeal": asked.appeal,
            "form": asked.form,
            "why_not": asked.why_not,
            "seen": asked.seen,
            "before": asked.before,
            "reads": asked.reads,
            "back": back + way_back.carried(request),
        }
        return render(request, "feedback/admin_reply_decide.html", context, status=asked.status)


def _may_decide(user: Any, reply: FeedbackReply, at: datetime) -> bool:
    """Whether there is anything to decide, and this person may."""
    return reply.state != ItemState.WITHDRAWN and may(user, "feedback.moderate", reply.item, at)[0]
