"""The summary of a window on the staff side: its draft in all languages, and the page that publishes it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from feedback import counting, rules, summaries
from feedback.admin.readers import ForReaders
from feedback.counting import Tally
from feedback.forms.summary import PublishSummaryForm, SummaryForm
from feedback.models import FeedbackWindow, SummaryDraft
from feedback.notices import summary as summary_notices
from feedback.services import summaries as services
from taskforce.accounts import fresh, signed_out
from taskforce.accounts.enums import Purpose
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.notifications.queries import is_held
from taskforce.timeline import windows
from taskforce.timeline.admin import told
from taskforce.timeline.admin.scoped import user_of

_EDIT = "admin:feedback_feedbackwindow_summary"
_PUBLISH = "admin:feedback_feedbackwindow_summary_publish"
# So many characters of it are kept for whoever must sign in again; more is given back at once, to be copied.
_MOST_KEPT = 100_000
_OF_THE_FORM = frozenset({"source", "days", "seen", "version", "number"})


class SummaryPages(ForReaders):
    """Write the summary of a window, and publish it."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the way to the draft for those who may write it."""
        found = list(super().get_fields(request, obj))
        is_theirs = obj is not None and rules.may_summarize(request.user, obj.phase.task_force_id)[0]
        return [*found, "summary_shown"] if is_theirs else found

    def get_urls(self) -> list[URLPattern]:
        """Both pages beside the stock ones."""
        return [
            path("<int:window_id>/summary/", self.opened(self.summary_view, _EDIT), name=_EDIT.partition(":")[2]),
            path(
                "<int:window_id>/summary/publish/",
                self.opened(self.publish_view, _PUBLISH),
                name=_PUBLISH.partition(":")[2],
            ),
            *super().get_urls(),
        ]

    def opened(self, page: Callable[..., HttpResponse], name: str) -> Callable[..., HttpResponse]:
        """A page of the staff side; what is sent to it after the sign-in has ended is kept for its person."""

        def shown(request: HttpRequest, window_id: int) -> HttpResponse:
            is_outside = request.user.is_authenticated and not getattr(request.user, "is_staff", False)
            if request.method == "POST" and not is_outside and not self.admin_site.has_permission(request):
                fields = [one for one in request.POST if _is_typed(one)]
                place = {"window_id": window_id}
                return signed_out.to_sign_in(request, name, fields, place, most=_MOST_KEPT, way_in="admin:login")
            return self.admin_site.admin_view(page)(request, window_id)

        return shown

    def summary_view(self, request: HttpRequest, window_id: int) -> HttpResponse:
        """The draft in all languages; what was typed stays in the fields, whatever comes of it."""
        window = _found(request, window_id)
        draft = summaries.draft_of(window)
        typed = typed_before(request, _EDIT, window)
        form = SummaryForm(draft, request.POST if request.method == "POST" else None, typed)
        refusal: PortalError | None = None
        if request.method == "POST" and form.is_valid():
            try:
                services.save(window.pk, form.written(), seen=form.cleaned_data["seen"], actor=user_of(request))
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is kept."))
                go = _PUBLISH if "publish" in request.POST else _EDIT
                return HttpResponseRedirect(reverse(go, args=[window.pk]))
        stored = summaries.draft_of(window) if refusal and refusal.status == 409 else None
        newest = next(iter(summaries.published(window)), None)
        tally = counting.tally(window)
        context = {
            "form": form,
            "title": _("Summary"),
            "refusal": refusal,
            "stored": stored,
            "others": _others(stored, form) if stored else [],
            "places": summaries.places(tally),
            "missing": summaries.unfilled(draft.texts, tally) if draft else [],
            "draft": draft,
            "outdated": [languages.OWN_NAMES[code] for code in form.outdated],
            "expected_at": summaries.expected_at(window, draft),
            "newest": newest,
            "closes_at": None if windows.is_over(window.phase, app_now()) else window.phase.closes_at,
            "differs": newest is not None and summaries.differs(draft, newest),
            "waiting": [languages.OWN_NAMES[code] for code in summaries.waiting(draft, newest)],
            "reviewed": [languages.OWN_NAMES[code] for code in summaries.reviewed(draft)] if draft else [],
        }
        return self._summary_page(request, window, "feedback/admin_summary.html", context)

    def publish_view(self, request: HttpRequest, window_id: int) -> HttpResponse:
        """How it would be read in each language, who is told, and the act."""
        window = _found(request, window_id)
        draft, before = summaries.draft_of(window), next(iter(summaries.published(window)), None)
        if draft is None:
            nothing = {"title": _("Publish the summary"), "refusal": None, "is_unwritten": True}
            return self._summary_page(request, window, "feedback/admin_summary_publish.html", nothing)
        posted = request.POST if request.method == "POST" else None
        form = PublishSummaryForm(draft, before, posted, typed_before(request, _PUBLISH, window))
        refusal, is_unconfirmed = None, False
        if request.method == "POST" and form.is_valid() and not fresh.take_back(request):
            is_unconfirmed = not request.POST.get("confirmed")
            if not is_unconfirmed:
                fresh.require(request, Purpose.SUMMARY)
                refusal = _publish(request, window, form)
                if refusal is None:
                    messages.success(request, _("The summary is published."))
                    # Public pages are the same for everybody and show no messages: this one says it, and leads there.
                    return HttpResponseRedirect(reverse(_EDIT, args=[window.pk]))
        at = app_now()
        tally = counting.tally(window)
        is_translated = summaries.only_translations(draft, before)
        mail = told.Mail(summary_notices.PUBLISHED, partial(summary_notices.mail_context, window))
        context = {
            "form": form,
            "title": _("Publish the summary"),
            "refusal": refusal,
            "is_unconfirmed": is_unconfirmed,
            "before": before,
            "translated": _names(summaries.waiting(draft, before)) if is_translated else [],
            "closes_at": window.phase.closes_at,
            "is_over": windows.is_over(window.phase, at),
            "shown": _shown(draft, tally),
            "missing": summaries.unfilled(draft.texts, tally),
            "readers": told.readers(window.phase.task_force_id, [mail]) if before is None else [],
            "is_held": before is None and is_held(),
        }
        return self._summary_page(request, window, "feedback/admin_summary_publish.html", context)

    def _summary_page(
        self, request: HttpRequest, window: FeedbackWindow, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        refusal = context["refusal"]
        about = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "window": window,
            "edit_url": reverse(_EDIT, args=[window.pk]),
            "public_url": reverse("feedback:summary", args=[window.phase.task_force.slug, window.slug]),
        }
        return TemplateResponse(request, template, about | context, status=refusal.status if refusal else 200)


def _found(request: HttpRequest, window_id: int) -> FeedbackWindow:
    """A window of the person's task forces; `Refused` for who reads its feedback and may not write about it."""
    window = summaries.window_for(request.user, window_id)
    if window is None:
        raise Http404
    allowed, why = rules.may_summarize(request.user, window.phase.task_force_id)
    if not allowed:
        raise Refused(why)
    return window


def _names(codes: list[str]) -> list[tuple[str, str]]:
    return [(code, languages.OWN_NAMES[code]) for code in codes]


def _is_typed(name: str) -> bool:
    """Whether this is a field in which somebody types or chooses, or of which version it was; not what they confirm."""
    return name in _OF_THE_FORM or name.startswith(("text-", "change-", "title-", "introduction-"))


def typed_before(request: HttpRequest, page: str, window: FeedbackWindow) -> dict[str, str]:
    """What was typed on a page before the sign-in ended; empty where nothing was, and once it is sent again."""
    place = {"window_id": window.pk}
    if request.method == "POST":
        signed_out.sent_again(request, page, place, fields=[one for one in request.POST if _is_typed(one)])
        return {}
    return signed_out.find(request, page, place)


def _publish(request: HttpRequest, window: FeedbackWindow, form: PublishSummaryForm) -> PortalError | None:
    """Do it; a refusal comes back with the form, so that nothing typed is lost."""
    sent = form.cleaned_data
    try:
        services.publish(
            window.pk,
            version=sent["version"],
            number=sent["number"],
            changes=form.changes(),
            recount=form.recounts(),
            actor=user_of(request),
        )
    except PortalError as refusal:
        return refusal
    return None


def _shown(draft: SummaryDraft, tally: Tally) -> list[dict[str, Any]]:
    """The text as it would be read, in each language that has one, the source first."""
    outdated = summaries.outdated(draft)
    codes = sorted(draft.texts, key=lambda code: code != draft.source)
    return [
        {
            "code": code,
            "name": languages.OWN_NAMES[code],
            "is_source": code == draft.source,
            "text": summaries.shown({code: draft.texts[code]}, outdated, tally, code, is_preview=True),
        }
        for code in codes
    ]


def _others(stored: SummaryDraft, form: SummaryForm) -> list[dict[str, str]]:
    """What somebody else has stored meanwhile, where it is another text than the one that was typed."""
    return [
        {"code": code, "name": languages.OWN_NAMES[code], "text": stored.texts.get(code, "")}
        for code in languages.CODES
        if stored.texts.get(code, "") != (form.cleaned_data.get(f"text-{code}") or "")
    ]
