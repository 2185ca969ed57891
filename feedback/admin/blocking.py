"""Blocks on the staff side: who posted something is blocked there, all blocks are listed, and lifted."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from feedback import blocks, services
from feedback.enums import ItemState
from feedback.forms.blocking import BlockForm, LiftForm
from feedback.models import FeedbackBlock, FeedbackItem, FeedbackReply
from feedback.rules import WHO, may
from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import clock, staff_columns
from taskforce.core.errors import Conflict
from taskforce.core.templatetags.portal import utc_time
from taskforce.core.templatetags.staff import sentence


def page(
    request: HttpRequest,
    site: admin.AdminSite,
    opts: Any,
    item: FeedbackItem | None,
    reply: FeedbackReply | None = None,
) -> HttpResponse:
    """Block whoever posted it. Never says who that is, nor whether they are blocked for something else."""
    actor, at = request.user, clock.app_now()
    if item is None or not isinstance(actor, User) or not may(actor, "feedback.block", item, at)[0]:
        raise Http404
    about, kind = reply or item, blocks.kind_of(item, reply)
    # For what is hidden already, the rule by which it is.
    given = {"rule": about.rule} if about.state == ItemState.HIDDEN else {}
    form = BlockForm(kind, request.POST if request.method == "POST" else None, initial=given) if kind else None
    if form is not None and form.is_valid():
        try:
            made = services.block(
                item.pk, **form.cleaned_data, actor=actor, at=at, reply_id=reply.pk if reply else None
            )
            messages.success(
                request, _("Whoever posted this is blocked. What was posted stays: hide it too if need be.")
            )
            return HttpResponseRedirect(reverse("admin:feedback_feedbackblock_change", args=[made.pk]))
        except Conflict as error:
            form.add_error(None, error.message)
    note_row(request, "feedback-block", about, item.window.phase.task_force_id)
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": sentence(_("Block who posted %(reference)s"), reference=about.reference),
        "opts": opts,
        "about": about,
        "kind": kind,
        "form": form,
        "list": reverse(f"admin:feedback_{opts.model_name}_changelist"),
        "back": reverse(f"admin:feedback_{opts.model_name}_change", args=[about.pk]),
    }
    return render(request, "feedback/admin_block.html", context)


def address(user: Any, item: FeedbackItem, reply: FeedbackReply | None, at: datetime) -> str:
    """Where the user blocks whoever posted an item, or a reply to it; "" for who may not, and where nobody can be told
    apart any more."""
    if blocks.kind_of(item, reply) is None or not may(user, "feedback.block", item, at)[0]:
        return ""
    name = "feedbackreply" if reply else "feedbackitem"
    return reverse(f"admin:feedback_{name}_block", args=[(reply or item).pk])


def after_hiding(
    said: str, user: Any, item: FeedbackItem, reply: FeedbackReply | None, at: datetime
) -> str | SafeString:
    """What staff are told of a decision (`said`); of a text that is hidden now with the way on to its poster."""
    about = reply or item
    about.refresh_from_db(fields=["state"])
    where = address(user, item, reply, at) if about.state == ItemState.HIDDEN else ""
    return format_html('{} <a href="{}">{}</a>', said, where, _("Block who posted it")) if where else said


class _Holds(admin.SimpleListFilter):
    """Whether a block holds now."""

    title = gettext_lazy("State")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Two states."""
        return [("yes", gettext_lazy("it holds")), ("no", gettext_lazy("it has ended or was lifted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FeedbackBlock]) -> QuerySet[FeedbackBlock]:
        """The rows of the chosen state."""
        holds: Q = blocks.active(clock.app_now())
        chosen = self.value()
        return queryset.filter(holds) if chosen == "yes" else queryset.exclude(holds) if chosen == "no" else queryset


@admin.register(FeedbackBlock)
class FeedbackBlockAdmin(WatchedAdmin):
    """The blocks of the person's task forces, by what they are about; nobody's account stands here."""

    watched = "feedback-block"
    list_display = ("reference", "task_force", "kind", "rule", "made", "ends", "state")
    list_filter = (_Holds, "kind", "rule")
    search_fields = ("item__reference", "reply__reference")
    search_help_text = gettext_lazy("A reference, or a part of one")
    fields = ("about", "task_force", "kind", "rule", "reason", "made", "ends", "state")
    readonly_fields = ("about", "made", "ends", "state")
    change_form_template = "feedback/admin_blocked.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may block; for single rows `get_queryset` is the gate."""
        return has_anywhere(request.user, WHO["feedback.block"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackBlock]:
        """Those of the person's task forces."""
        return blocks.visible_to(request.user)

    @admin.display(description=gettext_lazy("Who posted"))
    def reference(self, block: FeedbackBlock) -> SafeString:
        """The same in the list, where it leads to the block."""
        return format_html('<bdi dir="ltr">{}</bdi>', str(block))

    @admin.display(description=gettext_lazy("Who posted"))
    def about(self, block: FeedbackBlock) -> SafeString:
        """What they posted, for which they are blocked."""
        name = "feedbackreply" if block.reply else "feedbackitem"
        row = block.reply or block.item
        address = reverse(f"admin:feedback_{name}_change", args=[row.pk])
        return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', address, row.reference)

    @admin.display(description=gettext_lazy("blocked on"), ordering="made_at")
    def made(self, block: FeedbackBlock) -> str | SafeString:
        """When, in UTC."""
        return utc_time(block.made_at)

    @admin.display(description=gettext_lazy("until"), ordering="until")
    def ends(self, block: FeedbackBlock) -> str | SafeString:
        """When it ends."""
        return utc_time(block.until) if block.until else _("until somebody lifts it")

    @admin.display(description=gettext_lazy("State"))
    def state(self, block: FeedbackBlock) -> str | SafeString:
        """Whether it holds."""
        if block.lifted_at is not None:
            return format_html("{} ({})", _("lifted"), utc_time(block.lifted_at))
        return _("it holds") if _holds(block, clock.app_now()) else _("ended")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer to lift it while it holds."""
        context["may_lift"] = _holds(context["original"], clock.app_now())
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and the page that lifts one."""
        lift = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.lift))
        return [path("<int:pk>/lift/", lift, name="feedback_feedbackblock_lift"), *super().get_urls()]

    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lift one, with a reason."""
        block = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        actor, at = request.user, clock.app_now()
        if block is None or not isinstance(actor, User) or not may(actor, "feedback.block", block.item, at)[0]:
            raise Http404
        back = reverse("admin:feedback_feedbackblock_change", args=[pk])
        form = LiftForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                services.lift(pk, **form.cleaned_data, actor=actor, at=at)
                messages.success(request, _("The block is lifted."))
                return HttpResponseRedirect(back)
            except Conflict as error:
                form.add_error(None, error.message)
        note_row(request, self.watched, block, block.task_force_id)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": sentence(_("Lift the block of who posted %(reference)s"), reference=str(block)),
            "opts": self.opts,
            "about": block,
            "form": form,
            "list": reverse("admin:feedback_feedbackblock_changelist"),
            "back": back,
            "is_lifting": True,
        }
        return render(request, "feedback/admin_block.html", context)


def _holds(block: FeedbackBlock, at: datetime) -> bool:
    return block.lifted_at is None and (block.until is None or block.until > at)


staff_columns.describe(FeedbackBlock, name=str)
