"""Feedback on the staff side: read it, and decide about what was held."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from feedback import queries, services
from feedback.enums import ItemState
from feedback.forms import ModerationForm
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.rules import WHO, may
from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import clock, staff_columns
from taskforce.core.dates import utc_text
from taskforce.core.errors import Conflict
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.templatetags.portal import number, translated, utc_time
from taskforce.core.templatetags.staff import person, sentence
from taskforce.timeline.describe import in_language

staff_columns.describe(FeedbackItem, suspicion=staff_columns.Column(gettext_lazy("Like a machine’s")))


class _ForReaders(ReadOnlyAdmin):
    """Seen by those who read feedback of some task force; which rows, `get_queryset` decides."""

    def has_view_permission(
        self,
        request: HttpRequest,
        obj: Model | None = None,
    ) -> bool:
        """Readers of feedback of some task force; for single rows `get_queryset` is the gate."""
        return has_anywhere(request.user, WHO["feedback.read"])


@admin.register(FeedbackWindow)
class FeedbackWindowAdmin(_ForReaders):
    """The windows with their numbers."""

    list_display = ("title_shown", "task_force", "phase_shown", "items_received")
    fields = ("title_shown", "slug_shown", "task_force", "phase_shown", "text_shown", "published", "items_received")
    readonly_fields = fields

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


@admin.register(FeedbackItem)
class FeedbackItemAdmin(WatchedAdmin, _ForReaders):
    """The items; a withdrawn one keeps its row and shows no text."""

    watched = "feedback"
    list_display = ("reference", "window", "state", "suspicion", "visibility", "language", "channel", "received")
    list_filter = ("state", "suspicion", "visibility", "language", "channel")
    search_fields = ("reference",)
    search_help_text = gettext_lazy("A reference, or a part of one")
    fields = (
        "reference",
        "window",
        "revision_shown",
        "state",
        "suspicion",
        "state_reason",
        "visibility",
        "language",
        "channel",
        "shown_name",
        "received",
        "said",
    )
    readonly_fields = ("revision_shown", "shown_name", "received", "said")
    change_form_template = "feedback/admin_item.html"

    def watched_task_force(self, obj: FeedbackItem) -> int | None:
        """That of its window."""
        return obj.window.phase.task_force_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackItem]:
        """Items of the person's task forces."""
        return queries.visible_to(request.user)

    @admin.display(description=gettext_lazy("revision"))
    def revision_shown(self, item: FeedbackItem) -> str:
        """Its number; nothing where the text has none."""
        return number(item.revision.number) if item.revision else ""

    @admin.display(description=gettext_lazy("Name to show"))
    def shown_name(self, item: FeedbackItem) -> str:
        """The name that was given, unless the text was withdrawn."""
        return "" if item.state == ItemState.WITHDRAWN or not item.name else person(item.name)

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def received(self, item: FeedbackItem) -> str | SafeString:
        """When, in UTC, with a mark where that was in the grace after the close."""
        instant = utc_time(item.received_at)
        return format_html("{} ({})", instant, _("in the grace after the close")) if item.in_grace else instant

    @admin.display(description=gettext_lazy("what was said"))
    def said(self, item: FeedbackItem) -> str | SafeString:
        """Questions and answers, as their author sees them."""
        if item.state == ItemState.WITHDRAWN:
            return _("Withdrawn by its author.")
        return render_to_string("feedback/answers.html", {"item": item, "answers": queries.answers(item)})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer the decision to those who may make it."""
        item = context["original"]
        context["may_decide"] = _may_decide(request.user, item, clock.app_now())
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and the page that decides about one item."""
        decide = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.decide))
        mine = path("<int:pk>/decide/", decide, name="feedback_feedbackitem_decide")
        return [mine, *super().get_urls()]

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish or hide one item, with a reason."""
        item = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        at, actor = clock.app_now(), request.user
        if item is None or not isinstance(actor, User) or not _may_decide(actor, item, at):
            raise Http404
        back = reverse("admin:feedback_feedbackitem_change", args=[pk])
        # What was held is most often a person's, so the words are there; the choice is made by whoever has read it.
        read = _("A person of the task force has read it.") if item.state == ItemState.HELD else ""
        form = ModerationForm(request.POST if request.method == "POST" else None, read=read)
        if form.is_valid():
            try:
                services.moderate(pk, **form.cleaned_data, actor=actor, at=at)
                messages.success(request, self._done(request))
                return HttpResponseRedirect(back)
            except Conflict as error:
                form.add_error(None, error.message)
        note_row(request, self.watched, item, self.watched_task_force(item))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": sentence(_("Decide about %(reference)s"), reference=item.reference),
            "opts": self.opts,
            "item": item,
            "said": self.said(item),
            "form": form,
            "back": back,
        }
        return render(request, "feedback/admin_decide.html", context)

    def _done(self, request: HttpRequest) -> SafeString:
        """That it is decided, with the way to what still waits."""
        done = _("The decision is saved; the author of the text can read it with its reason.")
        left = self.get_queryset(request).filter(state=ItemState.HELD).count()
        if not left:
            return format_html("{}", done)
        address = f"{reverse('admin:feedback_feedbackitem_changelist')}?state__exact={ItemState.HELD}"
        waiting = ngettext("%(count)s text still waits", "%(count)s texts still wait", left)
        return format_html('{} <a href="{}">{}</a>', done, address, sentence(waiting, count=number(left)))


def _may_decide(user: Any, item: FeedbackItem, at: datetime) -> bool:
    """Whether there is anything to decide, and this person may."""
    return item.state != ItemState.WITHDRAWN and may(user, "feedback.moderate", item, at)[0]
