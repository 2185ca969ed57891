"""Windows on the staff side: the list with its numbers, and a page of each."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from feedback import queries
from feedback.admin.answering import AnswerPages
from feedback.admin.exporting import ExportPages
from feedback.admin.summaries import SummaryPages
from feedback.models import FeedbackWindow
from taskforce.core.dates import utc_text
from taskforce.core.templatetags.portal import translated
from taskforce.timeline.describe import in_language


@admin.register(FeedbackWindow)
class FeedbackWindowAdmin(SummaryPages, AnswerPages, ExportPages):
    """The windows with their numbers, and a page that publishes one."""

    list_display = ("title_shown", "task_force", "phase_shown", "items_received")
    fields = ("title_shown", "slug_shown", "task_force", "phase_shown", "text_shown", "published", "items_received")
    readonly_fields = (*fields, "export_link", "summary_shown")
    change_list_template = "feedback/admin_windows.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackWindow]:
        """Windows of the person's task forces."""
        return queries.visible_windows(request.user)

    @admin.display(description=gettext_lazy("Title"))
    def title_shown(self, window: FeedbackWindow) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(window, "title")

    @admin.display(description=gettext_lazy("Address"))
    def slug_shown(self, window: FeedbackWindow) -> SafeString:
        """A link to the window's page."""
        url = reverse("feedback:window", args=[window.phase.task_force.slug, window.slug])
        return format_html('<a href="{0}" dir="ltr">{0}</a>', url)

    @admin.display(description=gettext_lazy("Summary"))
    def summary_shown(self, window: FeedbackWindow) -> SafeString:
        """The way to where it is written."""
        url = reverse("admin:feedback_feedbackwindow_summary", args=[window.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Write or change the summary"))

    @admin.display(description=gettext_lazy("Task force"))
    def task_force(self, window: FeedbackWindow) -> SafeString:
        """Its name in the reader's language, or the next of the chain."""
        return translated(window.phase.task_force, "name")

    @admin.display(description=gettext_lazy("Phase"))
    def phase_shown(self, window: FeedbackWindow) -> SafeString:
        """Its title in the reader's language, or the next of the chain."""
        return translated(window.phase, "title")

    @admin.display(description=gettext_lazy("About"))
    def text_shown(self, window: FeedbackWindow) -> SafeString:
        """The title of the text that it is about."""
        title = queries.title_of(window.proposal)
        return in_language(title.text, title.language)

    @admin.display(description=gettext_lazy("Published"))
    def published(self, window: FeedbackWindow) -> str:
        """When, in UTC."""
        return utc_text(window.published_at) if window.published_at else ""

    @admin.display(description=gettext_lazy("received"))
    def items_received(self, window: Any) -> int:
        """How many items came, withdrawn ones included."""
        return int(window.received)
