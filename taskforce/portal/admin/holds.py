"""The hold switch and the mailboxes that refuse mail."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, PortalError
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.templatetags.staff import sentence
from taskforce.notifications import queries, services
from taskforce.notifications.models import Hold, Suppression
from taskforce.portal import outbox, rules


class _ActAdmin(ReadOnlyAdmin):
    """A list with one act, which has a page of its own: a reason, and what will happen."""

    change_list_template = "admin/notifications/list.html"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Coordinators, deputies, administrators."""
        return rules.may_anywhere(request.user)[0]

    def _act_page(
        self, request: HttpRequest, name: str, act: Callable[[User, str], Any], done: Any, **shown: Any
    ) -> HttpResponse:
        """The page, or with its form sent the act; a refusal comes back with what was typed."""
        assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
        refusal: PortalError | None = None
        if request.method == "POST":
            try:
                act(request.user, request.POST.get("reason", ""))
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, done)
                return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "reason": request.POST.get("reason", ""),
            "refusal": refusal,
            "at_field": isinstance(refusal, Invalid),
            **shown,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"admin/notifications/{name}.html", context, status=status)


@admin.register(Hold)
class HoldAdmin(_ActAdmin):
    """When and why mail was on hold; the switch itself."""

    list_display = ("at", "actor_name", "reason", "lifted_at")
    fields = ("at", "actor_name", "reason", "lifted_at")

    def get_urls(self) -> list[URLPattern]:
        """The switch beside the stock pages."""
        switch = self.admin_site.admin_view(self.switch_view)
        return [path("switch/", switch, name="notifications_hold_switch"), *super().get_urls()]

    def switch_view(self, request: HttpRequest) -> HttpResponse:
        """Put all mail on hold, or let it go again; what the page has offered is what is done."""
        rules.require(rules.may_anywhere(request.user))
        hold = queries.hold_in_force()
        lifts = hold is not None if request.method != "POST" else request.POST.get("act") == "lift"
        if lifts and hold is not None:
            rules.require(rules.may_lift(request.user, hold))
        return self._act_page(
            request,
            "switch",
            (lambda user, reason: _lift(user, reason, hold)) if lifts else _hold,
            _("Mail goes again.") if lifts else _("All mail is on hold."),
            title=_("Let mail go again") if lifts else _("Put all mail on hold"),
            hold=hold,
            lifts=lifts,
            due=queries.due_count(app_now()),
        )


@admin.register(Suppression)
class SuppressionAdmin(WatchedAdmin, _ActAdmin):
    """Mailboxes that a server has refused for good."""

    watched = "suppression"
    list_display = ("mailbox", "words", "at", "lifted_at")
    fields = ("mailbox", "words", "at", "lifted_at")
    search_fields = ("mailbox",)
    change_form_template = "admin/notifications/suppression.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        """The gate: what is not in here answers 404."""
        return outbox.refused_mailboxes(request.user)

    def get_urls(self) -> list[URLPattern]:
        """The page of the act beside the stock ones."""
        lift = self.admin_site.admin_view(self.lift_view)
        return [path("<int:pk>/lift/", lift, name="notifications_suppression_lift"), *super().get_urls()]

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let announcements go to the mailbox again."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        rules.require(rules.may_anywhere(request.user))

        def lift(user: User, reason: str) -> Suppression:
            return services.lift_suppression(
                row.pk, reason=reason, at=app_now(), actor_id=user.pk, allow=rules.still_may(user.pk)
            )

        title = _("Let mail go there again")
        shown = staff_columns.machine_text(row.mailbox)
        done = sentence(_("Announcements go to %(mailbox)s again."), mailbox=shown)
        response = self._act_page(request, "lift", lift, done, title=title, suppression=row)
        if isinstance(response, TemplateResponse):
            note_row(request, self.watched, row, self.watched_task_force(row))
        return response


def _hold(user: User, reason: str) -> Hold:
    name = user.name or user.email
    return services.hold(reason, at=app_now(), actor_id=user.pk, actor_name=name, allow=rules.still_may(user.pk))


def _lift(user: User, reason: str, seen: Hold | None) -> Hold:
    """Lift the hold that was asked about, and no newer one of somebody else."""
    seen_id = seen.pk if seen else None
    return services.lift(reason, at=app_now(), actor_id=user.pk, hold_id=seen_id, allow=rules.still_may(user.pk))
