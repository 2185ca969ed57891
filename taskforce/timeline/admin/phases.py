"""Phases on the staff side: read, and given a later end."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, Case, Model, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.accounts.queries import task_force_ids
from taskforce.core import labels
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.templatetags.portal import local_time, translated
from taskforce.timeline import describe, queries, rules, services, windows
from taskforce.timeline.admin.scoped import ScopedAdmin
from taskforce.timeline.enums import Capability, PhaseState
from taskforce.timeline.forms import ExtendForm
from taskforce.timeline.models import Phase


@admin.register(Phase)
class PhaseAdmin(ScopedAdmin):
    """Phases, to read; the one button is "Extend"."""

    list_display = ("title_shown", "task_force_shown", "opens", "closes", "state_shown", "extend_link")
    fields = ("title_shown", "task_force_shown", "allows", "opens", "closes", "state_shown", "changes", "extend_link")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phase]:
        """The phases of the user's task forces.

        `seen_at` is the one moment that all rows are judged by, `entitled` whether the user's roles allow to extend.
        """
        everywhere, ids = task_force_ids(request.user, rules.EXTENDERS)
        entitled = Value(everywhere) if everywhere else Case(When(task_force_id__in=ids, then=True), default=False)
        entitled.output_field = BooleanField()
        return queries.visible_phases(request.user).annotate(seen_at=Value(app_now()), entitled=entitled)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Without the way to extending for those who may not."""
        return _without_dead_end(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """As the columns."""
        return _without_dead_end(request, super().get_fields(request, obj))

    def get_urls(self) -> list[URLPattern]:
        """The page "Extend" beside the stock ones."""
        extend = path(
            "<int:phase_id>/extend/",
            self.admin_site.admin_view(self.extend_view),
            name="timeline_phase_extend",
        )
        return [extend, *super().get_urls()]

    @admin.display(description=gettext_lazy("Phase"))
    def title_shown(self, obj: Phase) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, "title")

    @admin.display(description=gettext_lazy("Task force"), ordering="task_force")
    def task_force_shown(self, obj: Phase) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj.task_force, "name")

    @admin.display(description=gettext_lazy("Allows"))
    def allows(self, obj: Phase) -> str:
        """The capabilities."""
        return " · ".join(str(Capability(code).label) for code in obj.capabilities)

    @admin.display(description=gettext_lazy("Opens"), ordering="opens_at")
    def opens(self, obj: Phase) -> SafeString:
        """Rule and instant."""
        return format_html("{}<br>{}", describe.opens_rule(obj), local_time(obj.opens_at))

    @admin.display(description=gettext_lazy("Closes"), ordering="closes_at")
    def closes(self, obj: Phase) -> SafeString:
        """Rule and instant."""
        return format_html("{}<br>{}", describe.closes_rule(obj), local_time(obj.closes_at))

    @admin.display(description=gettext_lazy("State"))
    def state_shown(self, obj: Any) -> str:
        """Where the portal's clock stands to it."""
        return str(windows.state(obj, obj.seen_at).label)

    @admin.display(description=gettext_lazy("Changed ends"))
    def changes(self, obj: Phase) -> str:
        """Every extension with its reason, newest first."""
        notes = [(describe.extension_note(extension),) for extension in obj.extensions.all()]
        return format_html_join("", "{}<br>", notes) or "–"

    @admin.display(description=gettext_lazy("Extend"))
    def extend_link(self, obj: Any) -> str:
        """The way to the one thing that can be done, while it can."""
        if not obj.entitled or windows.state(obj, obj.seen_at) is PhaseState.PAST:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("admin:timeline_phase_extend", args=[obj.pk]), _("Extend…"))

    def extend_view(self, request: HttpRequest, phase_id: int) -> HttpResponse:
        """Move the end of a phase: a page that says what will happen, and the act."""
        phase = self.get_queryset(request).filter(pk=phase_id, published_at__isnull=False).first()
        if phase is None:
            raise Http404
        entitled, why = rules.entitled(request.user, "phase.extend", phase)
        if not entitled:
            raise Refused(why)
        initial = {
            "closes_on": phase.closes_on,
            "closes_time": phase.closes_time,
            "reason_language": get_language(),
            "ends_version": phase.ends_version,
        }
        form = ExtendForm(phase, request.POST or None, initial=initial)
        refusal = None
        warning = None
        if request.method == "POST" and form.is_valid():
            # What is refused anyway is not warned of first.
            if rules.may(request.user, "phase.extend", phase, app_now())[0]:
                warning = _warning(form)
            refusal = None if warning else _extend(request, phase, form)
            if refusal is None and warning is None:
                return HttpResponseRedirect(reverse("admin:timeline_phase_changelist"))
        return self._extend_page(request, phase, form, refusal, warning)

    def _extend_page(
        self,
        request: HttpRequest,
        phase: Phase,
        form: ExtendForm,
        refusal: PortalError | None,
        warning: dict[str, Any] | None,
    ) -> HttpResponse:
        may, why = rules.may(request.user, "phase.extend", phase, app_now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Extend: %(phase)s") % {"phase": labels.label(phase, "title").text},
            "opts": self.opts,
            "phase": phase,
            "opens_rule": describe.opens_rule(phase),
            "closes_rule": describe.closes_rule(phase),
            "followers": queries.followers_count(phase.task_force_id, "deadlines"),
            "form": form if may else None,
            "refusal": refusal,
            "why": why,
            "warning": warning,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/timeline/extend.html", context, status=status)


def _without_dead_end(request: HttpRequest, columns: Any) -> list[Any]:
    """The columns, without the link to a page that would refuse this user whatever the phase."""
    everywhere, ids = task_force_ids(request.user, rules.EXTENDERS)
    return [name for name in columns if name != "extend_link" or everywhere or ids]


def _warning(form: ExtendForm) -> dict[str, Any] | None:
    """What a valid form would make run at the same time, if the person has not been shown it yet."""
    others = form.unseen_overlaps()
    if not others:
        return None
    return {
        "title": labels.label(form.phase, "title").text,
        "rule": form.new_rule(),
        "at": form.new_end(),
        "token": form.overlap_token(),
        "phases": [
            {"title": labels.label(one, "title").text, "rule": describe.opens_rule(one), "at": one.opens_at}
            for one in others
        ],
    }


def _extend(request: HttpRequest, phase: Phase, form: ExtendForm) -> PortalError | None:
    """Do it; a refusal comes back with the form, so that nothing typed is lost."""
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    try:
        services.extend(phase.pk, actor=request.user, **form.wanted())
    except PortalError as refusal:
        return refusal
    messages.success(request, _("The new end is public, and the followers will be told."))
    return None
