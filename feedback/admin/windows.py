"""Windows on the staff side: the list with its numbers, and a page of each."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_lazy

from feedback import queries
from feedback.admin.answering import AnswerPages
from feedback.admin.exporting import ExportPages
from feedback.admin.texts import TextPages
from feedback.models import FeedbackWindow
from taskforce.core import labels, languages
from taskforce.core.clock import app_now
from taskforce.core.dates import utc_text
from taskforce.core.templatetags.portal import number, translated
from taskforce.timeline import describe, windows
from taskforce.timeline.describe import in_language
from taskforce.timeline.enums import OVER, PhaseState


@admin.register(FeedbackWindow)
class FeedbackWindowAdmin(TextPages, AnswerPages, ExportPages):
    """The windows with their numbers, and a page that publishes one."""

    list_display = ("title_shown", "task_force", "phase_shown", "state_shown", "items_received", "summary_state")
    fields = (
        *("title_shown", "slug_shown", "task_force", "phase_shown", "state_shown", "text_shown", "published"),
        *("participation", "read_first", "questions_shown", "introduction_shown", "terms_shown", "languages_shown"),
        *("items_received", "summary_state"),
    )
    readonly_fields = (*fields, "export_link", "summary_shown", "texts_link")
    change_list_template = "feedback/admin_windows.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackWindow]:
        """Windows of the person's task forces, each with `at`, the one moment at which all are shown."""
        found = queries.with_results(queries.visible_windows(request.user)).select_related("questions__question_set")
        return found.annotate(at=Value(app_now()))

    @admin.display(description=gettext_lazy("Title"))
    def title_shown(self, window: FeedbackWindow) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(window, "title")

    @admin.display(description=gettext_lazy("Address"))
    def slug_shown(self, window: FeedbackWindow) -> SafeString:
        """A link to the window's page."""
        url = reverse("feedback:window", args=[window.phase.task_force.slug, window.slug])
        return format_html('<a href="{0}" dir="ltr">{0}</a>', url)

    @admin.display(description=gettext_lazy("State"))
    def state_shown(self, window: Any) -> str:
        """Whether something can be said in it now, and until when or since when."""
        phase, at = window.phase, window.at
        state = windows.state(phase, at)
        said = str(capfirst(str(state.label)))
        if state in OVER:
            return said
        is_open = state is PhaseState.CURRENT
        end = describe.closes_label(phase, at) if is_open else describe.opens_label(phase, at)
        instant = utc_text(phase.closes_at if is_open else phase.opens_at)
        return f"{said} · {end}{languages.colon(get_language() or 'en')}{instant}"

    @admin.display(description=gettext_lazy("each text is read before it appears"))
    def read_first(self, window: FeedbackWindow) -> str:
        """In words: what was chosen can never be changed."""
        return gettext("Yes") if window.is_read_first else gettext("No")

    @admin.display(description=gettext_lazy("Questions"))
    def questions_shown(self, window: FeedbackWindow) -> SafeString:
        """Of which set, in which version."""
        version = gettext("Version %(number)s") % {"number": number(window.questions.number)}
        return format_html('<bdi dir="ltr">{}</bdi> · {}', window.questions.question_set.slug, version)

    @admin.display(description=gettext_lazy("Introduction"))
    def introduction_shown(self, window: FeedbackWindow) -> SafeString | str:
        """In the reader's language, or the next of the chain."""
        return translated(window, "introduction") or gettext("None")

    @admin.display(description=gettext_lazy("Terms of its own"))
    def terms_shown(self, window: FeedbackWindow) -> SafeString | str:
        """In the reader's language, or the next of the chain; the licence stands above them."""
        return translated(window, "terms") or gettext("None")

    @admin.display(description=gettext_lazy("Title written in"))
    def languages_shown(self, window: FeedbackWindow) -> SafeString:
        """The languages of its title."""
        names = ((languages.OWN_NAMES[code],) for code in labels.stored(window, "title"))
        return format_html_join(" · ", "<bdi>{}</bdi>", names)

    @admin.display(description=gettext_lazy("Summary"))
    def summary_state(self, window: Any) -> str:
        """Since when it is published, if it is."""
        at = window.summary_at
        return gettext("Published: %(at)s") % {"at": utc_text(at)} if at else gettext("Not published")

    @admin.display(description=gettext_lazy("Summary, to write"))
    def summary_shown(self, window: FeedbackWindow) -> SafeString:
        """The way to where it is written."""
        url = reverse("admin:feedback_feedbackwindow_summary", args=[window.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Write or change the summary"))

    @admin.display(description=gettext_lazy("Texts"))
    def texts_link(self, window: FeedbackWindow) -> SafeString:
        """The way to where its title and introduction are put right."""
        url = reverse("admin:feedback_feedbackwindow_texts", args=[window.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Translate or put right the title and the introduction"))

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
