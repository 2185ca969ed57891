"""Calls on the staff side: the list, drafts too, with the ways to what is written and to what is decided."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment.admin import decisions, release
from recruitment.admin.call_acts import CallActPages
from recruitment.admin.drafts import DraftPages
from recruitment.admin.rubric import RubricPages
from recruitment.admin.writing import url
from recruitment.models import Call
from taskforce.core.staff_columns import labelled
from taskforce.core.templatetags.portal import number, translated, utc_time
from taskforce.core.templatetags.staff import NOTHING, isolated
from taskforce.timeline import describe


@admin.register(Call)
class CallAdmin(DraftPages, RubricPages, CallActPages):
    """The calls that one writes and on which one decides, each with its pages."""

    change_list_template = "admin/recruitment/call/calls.html"
    list_display = ("call_title", "state_shown", "number_of_seats", "closes", "decisions_link", "release_link")
    list_display_links = None
    fields = ("seats",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """None: any lookup could reach through to applicants."""
        return False

    # --- columns ---------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Call"))
    def call_title(self, obj: Call) -> SafeString:
        """The title by the reader's chain, which leads to its page."""
        return format_html('<a href="{}">{}</a>', url("change", obj.pk), translated(obj, "title"))

    @admin.display(description=gettext_lazy("State"), ordering="published_at")
    def state_shown(self, obj: Call) -> SafeString:
        """Whether the public reads it."""
        return labelled(_("State"), _("Draft") if obj.published_at is None else _("Published"))

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
        """To the candidates, of whom a draft has none."""
        return labelled(_("Decisions"), _way("decisions", obj, _("Decide")))

    @admin.display(description=gettext_lazy("Release"))
    def release_link(self, obj: Call) -> SafeString:
        """To the page before the release."""
        return labelled(_("Release"), _way("release", obj, _("Check and release")))

    # --- pages -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The pages beside the stock ones."""
        pages = (("decisions", self.decisions_view), ("release", self.release_view))
        deciding = [
            path(f"<int:call_id>/{name}/", self.admin_site.admin_view(view), name=f"recruitment_call_{name}")
            for name, view in pages
        ]
        own = [*deciding, *self.draft_urls(), *self.rubric_urls(), *self.act_urls()]
        names = {one.name for one in own}
        return [*own, *(one for one in super().get_urls() if one.name not in names)]

    def decisions_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Candidates with their numbers, and what is decided about them."""
        return decisions.decisions_page(request, call_id, self.admin_site.each_context(request))

    def release_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Who gets what, against the seats, and the one act that tells them."""
        return release.release_page(request, call_id, self.admin_site.each_context(request))


def _way(name: str, call: Call, label: str) -> SafeString | str:
    if call.published_at is None:
        return NOTHING
    return format_html('<a href="{}">{}</a>', reverse(f"admin:recruitment_call_{name}", args=[call.pk]), label)
