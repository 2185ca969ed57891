"""What was said, on the staff side: read it, and decide about what was held."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import describe, earlier, elsewhere, queries, reporting, undecided
from feedback.admin import blocking, deciding, reported, waiting, way_back
from feedback.admin.readers import ForReaders
from feedback.enums import FOR_STAFF, ItemState, Visibility
from feedback.models import FeedbackItem
from feedback.rules import WHO, may, may_decide_appeal, may_moderate, may_reply_for_staff
from proposals.calling import first_words
from proposals.paragraphs import quoted
from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere
from taskforce.audit.watching import WatchedAdmin, note_row
from taskforce.core import clock, languages, staff_columns
from taskforce.core.templatetags.portal import number, utc_time
from taskforce.core.templatetags.staff import isolated, person, sentence

staff_columns.describe(
    FeedbackItem,
    suspicion=staff_columns.Column(gettext_lazy("Like a machine’s")),
    visibility=staff_columns.Column(gettext_lazy("who may read it"), lambda code: FOR_STAFF[Visibility(code)]),
)

_OF_ELSEWHERE = ("said_on", "spoke_shown", "place_shown", "entered_by_shown", "consent_shown")


@admin.register(FeedbackItem)
class FeedbackItemAdmin(WatchedAdmin, ForReaders):
    """The items; a withdrawn one keeps its row and shows no text."""

    watched = "feedback"
    list_display = (
        "reference",
        "excerpt",
        "window",
        "state",
        "suspicion",
        "visibility_shown",
        "language",
        "channel",
        "received",
    )
    list_filter = ("state", "suspicion", "rule", "visibility", "language", "channel", "read_state")
    search_fields = ("reference",)
    search_help_text = gettext_lazy("A reference, or a part of one")
    fields = (
        "reference",
        "window",
        "revision_shown",
        "was_read",
        "paragraph_shown",
        "state",
        "suspicion",
        "rule",
        "state_reason",
        "appeal_shown",
        "visibility_shown",
        "language",
        "channel",
        "said_on",
        "spoke_shown",
        "place_shown",
        "entered_by_shown",
        "consent_shown",
        "shown_name",
        "received",
        "said",
        "earlier",
    )
    readonly_fields = (
        *("appeal_shown", "visibility_shown"),
        *("revision_shown", "was_read", "paragraph_shown", "spoke_shown", "place_shown", "entered_by_shown"),
        *("consent_shown", "shown_name", "received", "said", "earlier"),
    )
    change_form_template = "feedback/admin_item.html"
    change_list_template = "feedback/admin_items.html"

    def watched_task_force(self, obj: FeedbackItem) -> int | None:
        """That of its window."""
        return obj.window.phase.task_force_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackItem]:
        """Items of the person's task forces."""
        return queries.visible_to(request.user).annotate(first_words=queries.beginning())

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where it was said and who entered it only of what was said elsewhere."""
        fields = super().get_fields(request, obj)
        left_out = () if obj is None or obj.is_from_elsewhere else _OF_ELSEWHERE
        return [name for name in fields if name not in left_out]

    @admin.display(description=gettext_lazy("what was said"))
    def excerpt(self, item: FeedbackItem) -> str | SafeString:
        """How its first words begin; nothing of what was withdrawn, nor where something was only chosen."""
        words = getattr(item, "first_words", None)
        if not words or item.state == ItemState.WITHDRAWN:
            return ""
        named = first_words(words, item.language)
        spoken = languages.html_lang(named.language), languages.direction(named.language)
        return format_html('<bdi lang="{}" dir="{}">{}</bdi>', *spoken, named.text)

    @admin.display(description=gettext_lazy("revision"))
    def revision_shown(self, item: FeedbackItem) -> str:
        """Its number; nothing where the text has none."""
        return number(item.revision.number) if item.revision else ""

    @admin.display(description=gettext_lazy("what was read"))
    def was_read(self, item: FeedbackItem) -> str:
        """In which language, and how it stood there; nothing where that is not known."""
        return describe.was_read(item)

    @admin.display(description=gettext_lazy("paragraph"))
    def paragraph_shown(self, item: FeedbackItem) -> str | SafeString:
        """Its words, with the way to its page; that it is about the whole text."""
        unit = queries.paragraph_of(item)
        if unit is None:
            return _("The whole text")
        return render_to_string("feedback/paragraph.html", {"paragraph": quoted(unit, get_language() or "en")})

    @admin.display(description=gettext_lazy("who may read it"), ordering="visibility")
    def visibility_shown(self, item: FeedbackItem) -> str:
        """Of what was said elsewhere in the words in which its facilitator chose it."""
        return item.who_may_read

    @admin.display(description=gettext_lazy("Name to show"))
    def shown_name(self, item: FeedbackItem) -> str:
        """The name that was given, unless the text was withdrawn."""
        return "" if item.state == ItemState.WITHDRAWN or not item.name else person(item.name)

    @admin.display(description=gettext_lazy("who spoke"))
    def spoke_shown(self, item: FeedbackItem) -> str | SafeString:
        """What somebody was when they spoke elsewhere, and in which words, which may run the other way."""
        if not item.spoke_words:
            return str(item.get_spoke_display()) if item.spoke else ""
        return format_html("{} ({})", item.get_spoke_display(), isolated(item.spoke_words))

    @admin.display(description=gettext_lazy("those who spoke know of it"))
    def consent_shown(self, item: FeedbackItem) -> str:
        """When the facilitator said so; that it was not kept of what was entered earlier."""
        if not item.is_from_elsewhere:
            return ""
        return utc_time(item.consent_at) if item.consent_at else _("not kept")

    @admin.display(description=gettext_lazy("where it is to be read"))
    def place_shown(self, item: FeedbackItem) -> str | SafeString:
        """The address, as a link that recommends nothing."""
        place = elsewhere.link(item.place_url)
        if not place:
            return ""
        return format_html('<a href="{0}" rel="nofollow noopener noreferrer ugc"><bdi dir="ltr">{0}</bdi></a>', place)

    @admin.display(description=gettext_lazy("entered by"))
    def entered_by_shown(self, item: FeedbackItem) -> str | SafeString:
        """The facilitator; nothing for what people sent themselves, nor for one who is nobody any more."""
        return person(item.entered_by.name or item.entered_by.email) if item.entered_by else ""

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def received(self, item: FeedbackItem) -> str | SafeString:
        """When, in UTC, with a mark where that was in the grace after the close."""
        instant = utc_time(item.received_at)
        if item.in_grace:
            instant = format_html("{} ({})", instant, _("in the grace after the close"))
        if item.edited_at is None:
            return instant
        changed = sentence(describe.changed_by(item), when=utc_time(item.edited_at))
        return format_html("{} · {}", instant, changed)

    @admin.display(description=gettext_lazy("what was said"))
    def said(self, item: FeedbackItem) -> str | SafeString:
        """Questions and answers, as their author sees them."""
        if item.state == ItemState.WITHDRAWN:
            if item.is_from_elsewhere:
                return _("Taken back by who had entered it.")
            return _("Withdrawn by its author.")
        return render_to_string("feedback/answers.html", {"item": item, "answers": queries.answers(item)})

    @admin.display(description=gettext_lazy("what was said before"))
    def earlier(self, item: FeedbackItem) -> str | SafeString:
        """What it said before its author changed it, the last first; nothing of what was withdrawn."""
        wordings = [] if item.state == ItemState.WITHDRAWN else earlier.wordings(item)
        if not wordings:
            return ""
        return render_to_string("feedback/admin_wordings.html", {"item": item, "wordings": wordings})

    @admin.display(description=gettext_lazy("appeal"))
    def appeal_shown(self, item: FeedbackItem) -> str | SafeString:
        """What its author said against the hiding, and what came of that; nothing where nobody appealed."""
        appeal = queries.appeal_of(item)
        return render_to_string("feedback/admin_appeal.html", {"appeal": appeal}) if appeal else ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer the decision to those who may make it."""
        item = context["original"]
        at = clock.app_now()
        context["may_decide"] = _may_decide(request.user, item, at)
        context["may_publish"] = context["may_decide"] and not _is_anothers(request.user, item, at)
        context["carried"] = way_back.carried(request)
        context["may_answer"] = may_reply_for_staff(request.user, item)[0]
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the way to what waits for those who decide, and how much its authors have not confirmed."""
        about = {
            "may_decide": has_anywhere(request.user, WHO["feedback.moderate"]),
            "unconfirmed": earlier.count_unconfirmed(request.user),
        }
        return super().changelist_view(request, {**about, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses, the queue and the page that decides about one item."""
        decide = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.decide))
        queue = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.queue))
        reports = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.reports))
        block = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.block))
        mine = [
            path("<int:pk>/block/", block, name="feedback_feedbackitem_block"),
            path("<int:pk>/reports/", reports, name="feedback_feedbackitem_reports"),
            path("queue/", queue, name="feedback_feedbackitem_queue"),
            path("<int:pk>/decide/", decide, name="feedback_feedbackitem_decide"),
        ]
        return [*mine, *super().get_urls()]

    def queue(self, request: HttpRequest) -> HttpResponse:
        """What waits, and one decision for many."""
        return waiting.page(request, self.admin_site, self.opts)

    def reports(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What readers have reported of one item, and the decision about that."""
        item = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        return reported.page(request, self.admin_site, self.opts, item)

    def block(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Block whoever posted one item."""
        item = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        return blocking.page(request, self.admin_site, self.opts, item)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish or hide one item, or decide about its author's appeal, with a reason."""
        item = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        at, actor = clock.app_now(), request.user
        if item is None or not isinstance(actor, User) or not _may_decide(actor, item, at):
            raise Http404
        back = reverse("admin:feedback_feedbackitem_change", args=[pk])
        asked = deciding.asked(request, item, actor, at)
        if asked.is_done:
            messages.success(request, blocking.after_hiding(self._done(request), actor, item, None, at))
            return HttpResponseRedirect(way_back.after(request, back))
        note_row(request, self.watched, item, self.watched_task_force(item))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": sentence(_("Decide about %(reference)s"), reference=item.reference),
            "opts": self.opts,
            "item": item,
            "said": self.said(item),
            "appeal": asked.appeal,
            "form": asked.form,
            "why_not": asked.why_not,
            "seen": asked.seen,
            "before": asked.before,
            "reads": asked.reads,
            "back": back + way_back.carried(request),
        }
        return render(request, "feedback/admin_decide.html", context, status=asked.status)

    def _done(self, request: HttpRequest) -> SafeString:
        """That it is decided, with the way to what still waits."""
        done = _("The decision is saved; the author of the text can read it with its reason.")
        left = sum(undecided.counts(request.user).values())
        if not left:
            return format_html("{}", done)
        address = reverse("admin:feedback_feedbackitem_queue")
        told = ngettext("%(count)s text still waits", "%(count)s texts still wait", left)
        return format_html('{} <a href="{}">{}</a>', done, address, sentence(told, count=number(left)))


def _may_decide(user: Any, item: FeedbackItem, at: datetime) -> bool:
    """Whether there is anything to decide, and this person may."""
    return item.state != ItemState.WITHDRAWN and may(user, "feedback.moderate", item, at)[0]


def _is_anothers(user: Any, item: FeedbackItem, at: datetime) -> bool:
    """Whether somebody else decides about it, or about an appeal that waits."""
    appeal = queries.appeal_of(item)
    if appeal is None or appeal.outcome:
        return not may_moderate(user, item, at)[0]
    return not may_decide_appeal(user, item, appeal, at, has_reported=reporting.has_reported(user, item))[0]
