"""Calls as deciders meet them: a list with the way to the decisions and to their release."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment import queries
from recruitment.admin import decisions, release
from recruitment.models import Call
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.staff_columns import labelled
from taskforce.core.templatetags.portal import number, translated, utc_time
from taskforce.core.templatetags.staff import isolated
from taskforce.timeline import describe


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    """The calls on which one decides, each with its two pages."""

    change_list_template = "admin/recruitment/call/calls.html"
    list_display = ("call_title", "number_of_seats", "closes", "decisions_link", "release_link")
    list_display_links = None
    fields = ("seats",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        """Calls of the user's task forces that they have not applied to."""
        return queries.visible_calls(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deciders; a single call only if it is among theirs."""
        if obj is None:
            return queries.decides_anything(request.user)
        return queries.visible_calls(request.user).filter(pk=obj.pk).exists()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """None: any lookup could reach through to applicants."""
        return False

    # --- columns ---------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Call"))
    def call_title(self, obj: Call) -> SafeString:
        """The title by the reader's chain."""
        return translated(obj, "title")

    @admin.display(description=gettext_lazy("Seats"), ordering="seats")
    def number_of_seats(self, obj: Call) -> SafeString:
        """How many people can be accepted."""
        return labelled(_("Seats"), number(obj.seats))

    @admin.display(description=gettext_lazy("Closes"), ordering="phase__closes_at")
    def closes(self, obj: Call) -> SafeString:
        """The end as the rule says it, and in UTC."""
        rule, instant = isolated(describe.closes_rule(obj.phase)), isolated(utc_time(obj.phase.closes_at))
        both = format_html("{} · {}", rule, instant)
        return labelled(_("Closes"), both)

    @admin.display(description=gettext_lazy("Decisions"))
    def decisions_link(self, obj: Call) -> SafeString:
        """To the candidates."""
        url = reverse("admin:recruitment_call_decisions", args=[obj.pk])
        return labelled(_("Decisions"), format_html('<a href="{}">{}</a>', url, _("Decide")))

    @admin.display(description=gettext_lazy("Release"))
    def release_link(self, obj: Call) -> SafeString:
        """To the page before the release."""
        url = reverse("admin:recruitment_call_release", args=[obj.pk])
        return labelled(_("Release"), format_html('<a href="{}">{}</a>', url, _("Check and release")))

    # --- pages -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The two pages beside the stock ones."""
        pages = (("decisions", self.decisions_view), ("release", self.release_view))
        own = [
            path(f"<int:call_id>/{name}/", self.admin_site.admin_view(view), name=f"recruitment_call_{name}")
            for name, view in pages
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The stock form shows nothing of use: to the candidates."""
        found = self.get_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:recruitment_call_decisions", args=[found.pk]))

    def decisions_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Candidates with their numbers, and what is decided about them."""
        return decisions.decisions_page(request, call_id, self.admin_site.each_context(request))

    def release_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Who gets what, against the seats, and the one act that tells them."""
        return release.release_page(request, call_id, self.admin_site.each_context(request))
