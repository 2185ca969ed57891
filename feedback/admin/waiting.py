"""The moderators' queue: what waits, appeals first, then reports, and one decision for many at once."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import queries, reporting, services, undecided
from feedback.admin import reported
from feedback.enums import ItemState
from feedback.models import FeedbackItem
from feedback.rules import WHO
from feedback.undecided_forms import ManyForm, QueueForm
from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere
from taskforce.audit.watching import note_list
from taskforce.core import clock, languages
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence


def page(request: HttpRequest, site: admin.AdminSite, opts: Any) -> HttpResponse:
    """Show a page of the queue; POST decides about what is marked on it, and shows what is left."""
    actor, at = request.user, clock.app_now()
    if not isinstance(actor, User) or not has_anywhere(actor, WHO["feedback.moderate"]):
        raise PermissionDenied
    filters = QueueForm(request.GET, undecided.windows(actor))
    found = undecided.page(actor, filters.chosen(), request.GET.get("page"))
    items = list(found)
    form = _form(request, items)
    if form.is_bound and form.is_valid():
        _decide(request, form, actor, at)
        return HttpResponseRedirect(request.get_full_path())
    note_list(request, "feedback", len(items), offered=filters.fields)
    answers, reports = queries.answers_of(items), reporting.waiting(items)
    context = {
        **site.each_context(request),
        "title": _("What waits for moderators"),
        "opts": opts,
        "filters": filters,
        "page": found,
        "query": _query(request),
        "items": [_shown(item, answers.get(item.pk, []), form.marked, reports.get(item.pk, [])) for item in items],
        "form": form,
        "many": [item.pk for item in items if item.state == ItemState.HELD],
    }
    return TemplateResponse(request, "feedback/admin_queue.html", context)


def _form(request: HttpRequest, items: list[FeedbackItem]) -> ManyForm:
    """Appeals and reports are decided one by one, each on its own page."""
    offered = [item.pk for item in items if item.state == ItemState.HELD]
    read = _("A person of the task force has read it.")
    return ManyForm(request.POST if request.method == "POST" else None, offered, read=read)


def _decide(request: HttpRequest, form: ManyForm, actor: User, at: datetime) -> None:
    """Each for itself: what somebody else has decided meanwhile is told, and holds up nothing."""
    made = services.moderate_many(form.marked, **form.cleaned_data, actor=actor, at=at)
    if made.done:
        done = ngettext("%(count)s text is decided.", "%(count)s texts are decided.", made.done)
        messages.success(request, sentence(done, count=number(made.done)))
    if made.left:
        left = ngettext("%(count)s text is left as it was:", "%(count)s texts are left as they were:", len(made.left))
        why = format_html_join("", " <bdi dir='ltr'>{}</bdi> ({})", made.left)
        messages.warning(request, format_html("{}{}", sentence(left, count=number(len(made.left))), why))


def _shown(item: Any, answers: list[Any], marked: list[int], reports: list[reporting.Reported]) -> dict[str, Any]:
    return {
        "item": item,
        "answers": answers,
        "why": undecided.Why(item.why).label,
        "is_appeal": item.why == undecided.Why.APPEAL,
        "appeal": item.appeal if item.why == undecided.Why.APPEAL else None,
        "is_held": item.state == ItemState.HELD,
        "reports": [{"said": one, "decide": reported.address(item, one.reply)} for one in reports],
        "is_marked": item.pk in marked,
        "language": languages.OWN_NAMES.get(item.language, item.language),
        "page": reverse("admin:feedback_feedbackitem_change", args=[item.pk]),
        "decide": reverse("admin:feedback_feedbackitem_decide", args=[item.pk]),
    }


def _query(request: HttpRequest) -> str:
    """What is chosen, without the page."""
    given = request.GET.copy()
    given.pop("page", None)
    return given.urlencode()
