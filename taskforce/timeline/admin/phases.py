"""Phases on the staff side."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Case, Model, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.queries import task_force_ids
from taskforce.core.clock import app_now
from taskforce.core.staff_columns import labelled
from taskforce.core.templatetags.portal import local_time, translated
from taskforce.core.templatetags.staff import isolated
from taskforce.timeline import describe, offers, queries, rules, windows
from taskforce.timeline.admin import acts, deciding, drafts
from taskforce.timeline.enums import OVER, Capability
from taskforce.timeline.models import Phase
from taskforce.timeline.queries import verdicts


@admin.register(Phase)
class PhaseAdmin(acts.ActPages, deciding.DecidePages, drafts.DraftPages):
    """Phases: planned as drafts, published, and changed by acts, on pages of their own."""

    list_display = ("title_shown", "task_force_shown", "opens", "closes", "state_shown", "ways")
    fields = ("title_shown", "task_force_shown", "allows", "opens", "closes", "state_shown", "changes", "ways")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phase]:
        """The phases of the user's task forces, with what they offer visitors and what was decided after them.

        `seen_at` is the one moment that all rows are judged by, `entitled` whether the user may change them.
        """
        everywhere, ids = task_force_ids(request.user, rules.WHO["phase.edit"])
        entitled = Value(everywhere) if everywhere else Case(When(task_force_id__in=ids, then=True), default=False)
        entitled.output_field = BooleanField()
        phases = queries.visible_phases(request.user).annotate(decided=verdicts.column())
        return phases.annotate(seen_at=Value(app_now()), entitled=entitled, **offers.columns())

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Without the ways to acts for those who may not."""
        return acts.without_dead_end(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """As the columns."""
        return acts.without_dead_end(request, super().get_fields(request, obj))

    def get_urls(self) -> list[URLPattern]:
        """The pages of drafts and acts beside the stock ones."""
        return [*self.act_urls(), *self.decide_urls(), *self.draft_urls(), *super().get_urls()]

    @admin.display(description=gettext_lazy("Phase"))
    def title_shown(self, obj: Phase) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj, "title")

    @admin.display(description=gettext_lazy("Task force"), ordering="task_force")
    def task_force_shown(self, obj: Phase) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return labelled(_("Task force"), translated(obj.task_force, "name"))

    @admin.display(description=gettext_lazy("Allows"))
    def allows(self, obj: Phase) -> str:
        """The capabilities."""
        return " · ".join(str(Capability(code).label) for code in obj.capabilities)

    @admin.display(description=gettext_lazy("Opens"), ordering="opens_at")
    def opens(self, obj: Phase) -> SafeString:
        """Rule and instant."""
        return labelled(_("Opens"), _rule_and_instant(describe.opens_rule(obj), obj.opens_at))

    @admin.display(description=gettext_lazy("Closes"), ordering="closes_at")
    def closes(self, obj: Phase) -> SafeString:
        """Rule and instant."""
        return labelled(_("Closes"), _rule_and_instant(describe.closes_rule(obj), obj.closes_at))

    @admin.display(description=gettext_lazy("State"))
    def state_shown(self, obj: Any) -> SafeString:
        """A draft, or where the portal's clock stands to it, with what visitors miss and what was decided after it."""
        if obj.published_at is None:
            return labelled(_("State"), _("draft"))
        state = windows.state(obj, obj.seen_at)
        lacks = [] if state in OVER else [(str(offer.missing),) for offer in offers.missing(obj)]
        lacking = format_html_join("", "<br><strong>{}</strong>", lacks)
        shown = format_html("{}{}{}", state.label, lacking, _decided(obj))
        return labelled(_("State"), shown)

    @admin.display(description=gettext_lazy("Changed ends"))
    def changes(self, obj: Phase) -> str:
        """Every extension with its reason, newest first."""
        notes = [(describe.extension_note(extension),) for extension in obj.extensions.all()]
        return format_html_join("", "{}<br>", notes) or "–"

    @admin.display(description=gettext_lazy("What can be done"))
    def ways(self, obj: Any) -> SafeString:
        """The ways to what the user can do to it at the moment."""
        return labelled(_("What can be done"), acts.links(obj, obj.seen_at) if obj.entitled else "–")


def _decided(phase: Any) -> SafeString:
    """What holds after its feedback, a line for each text; asks nothing."""
    told = [describe.verdict(one, holds=True) for one in verdicts.standing([phase])]
    texts = [format_html(" · {}", one["text"]) if one["text"] else "" for one in told]
    lines = ((_("Decided after feedback"), one["what"], text) for one, text in zip(told, texts, strict=True))
    return format_html_join("", "<br>{}<br><strong>{}</strong>{}", lines)


def _rule_and_instant(rule: str, instant: datetime) -> SafeString:
    return format_html("{}<br>{}", isolated(rule), local_time(instant))
