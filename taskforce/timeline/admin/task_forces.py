"""Task forces on the staff side: to read, and to give another name."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.core import labels, languages, staff_columns
from taskforce.core.errors import PortalError, Refused
from taskforce.core.templatetags.portal import local_time, translated
from taskforce.timeline import describe, former_names, queries, rules, services
from taskforce.timeline.admin.scoped import ScopedAdmin, user_of
from taskforce.timeline.enums import TaskForceState
from taskforce.timeline.forms import RenameForm
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries import renaming

staff_columns.describe(TaskForce, slug=staff_columns.Column(gettext_lazy("Short name in the address")))


@admin.register(TaskForce)
class TaskForceAdmin(ScopedAdmin):
    """Task forces: to read, and a page to rename one."""

    list_display = ("name_shown", "slug", "state_shown")
    fields = ("name_shown", "purpose_shown", "slug", "state_shown", "created", "formerly", "ways")
    readonly_fields = ("name_shown", "purpose_shown", "state_shown", "created", "formerly", "ways")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaskForce]:
        """The user's task forces."""
        return queries.visible_task_forces(request.user)

    @admin.display(description=gettext_lazy("Name"))
    def name_shown(self, obj: TaskForce) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, "name")

    @admin.display(description=gettext_lazy("Purpose"))
    def purpose_shown(self, obj: TaskForce) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, "purpose")

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_shown(self, obj: TaskForce) -> str:
        """The act that it stands at."""
        return str(TaskForceState(obj.state).label)

    @admin.display(description=gettext_lazy("Created"))
    def created(self, obj: TaskForce) -> str:
        """In UTC."""
        return local_time(obj.created_at)

    @admin.display(description=gettext_lazy("Formerly"))
    def formerly(self, obj: TaskForce) -> str:
        """What it was called and where it was found, newest first."""
        notes = [(former_names.renaming_note(one),) for one in renaming.renames(obj)]
        return format_html_join("", "{}", notes) or "–"

    @admin.display(description=gettext_lazy("What can be done"))
    def ways(self, obj: TaskForce) -> str:
        """The way to its names."""
        return format_html('<a href="{}">{}</a>', _rename_url(obj), _("Rename…"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the way to what would be refused."""
        fields = super().get_fields(request, obj)
        may = obj is not None and rules.entitled(request.user, "task-force.rename", obj)[0]
        return fields if may else [name for name in fields if name != "ways"]

    # --- another name ------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The page of the names beside the stock ones."""
        view = self.admin_site.admin_view(self.rename_view)
        return [path("<int:task_force_id>/rename/", view, name="timeline_taskforce_rename"), *super().get_urls()]

    def rename_view(self, request: HttpRequest, task_force_id: int) -> HttpResponse:
        """Ask for the new names, and give them once that is confirmed; what was typed stays on every refusal."""
        task_force = self.get_object(request, str(task_force_id))
        entitled, why = rules.entitled(request.user, "task-force.rename", task_force)
        if not entitled:
            raise Refused(why)
        seen = services.names_seen(task_force)
        form = RenameForm(task_force, request.POST or None, seen=seen)
        sent = request.method == "POST" and form.is_valid()
        is_unconfirmed = sent and not request.POST.get("confirmed")
        refusal = None
        if sent and not is_unconfirmed:
            refusal = _rename(task_force, form, request)
            if refusal is None:
                messages.success(request, _("It has its new name. Old addresses lead to where it is now."))
                return HttpResponseRedirect(reverse("admin:timeline_taskforce_change", args=[task_force.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Rename a task force"),
            "opts": self.opts,
            "task_force": task_force,
            "form": form,
            "refusal": refusal,
            "is_unconfirmed": is_unconfirmed,
            "stored": _stored(task_force) if refusal and refusal.status == 409 else None,
            # Whoever sends it again after a conflict has seen what it is called now.
            "seen": seen if refusal else form["seen"].value(),
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/timeline/rename.html", context, status=status)


def _rename_url(task_force: TaskForce) -> str:
    return reverse("admin:timeline_taskforce_rename", args=[task_force.pk])


def _stored(task_force: TaskForce) -> list[tuple[SafeString, SafeString]]:
    """Every language that has a name, and the name."""
    found = labels.stored(task_force, "name").items()
    return [
        (describe.in_language(languages.OWN_NAMES[code], code), describe.in_language(name, code))
        for code, name in found
    ]


def _rename(task_force: TaskForce, form: RenameForm, request: HttpRequest) -> PortalError | None:
    """Do it; a refusal comes back with the form."""
    try:
        services.rename(
            task_force.pk, actor=user_of(request), expected=form.cleaned_data["seen"] or None, **form.wanted()
        )
    except PortalError as refusal:
        return refusal
    return None
