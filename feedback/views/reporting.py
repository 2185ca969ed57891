"""Reporting what others said: a page of its own, for whoever reads, with account or without."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from feedback import describe, listing, queries, responses, rules, services
from feedback.enums import BrokenRule
from feedback.forms.keyed import HONEYPOT
from feedback.forms.reporting import ReportForm
from feedback.models import FeedbackItem, FeedbackReply
from feedback.views import framing
from taskforce.accounts.models import User
from taskforce.core import clock
from taskforce.core.errors import TooOften
from taskforce.core.http import SeeOther
from taskforce.limits.clients import client_address


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, task_force: str, window: str, reference: str, reply: str = "") -> HttpResponse:
    """The form, of an item or of a reply to it; POST keeps the report, and says the same whether there was one."""
    item = listing.item_or_404(queries.window_or_404(task_force, window), reference)
    about = responses.reply_or_404(item, reply) if reply else None
    if not rules.may_be_reported(item, about)[0]:
        return SeeOther(_back(item, about))
    form = ReportForm(
        request.POST if request.method == "POST" else None, phase_id=item.window.phase_id, at=clock.app_now()
    )
    if not form.is_valid():
        return _page(request, item, about, form)
    # What the browser sends its forms with: no cookie of its own tells who has reported.
    sent = form.sent(str(request.META.get("CSRF_COOKIE", "")), client_address(request))
    reporter = request.user if isinstance(request.user, User) else None
    try:
        services.report(
            item.pk, sent, reporter=reporter, at=clock.app_now(), reply_id=about.pk if about is not None else None
        )
    except TooOften as error:
        framing.too_often(form, error)
        response = _page(request, item, about, form, error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return SeeOther(reverse("feedback:reported", args=responses.address(item)))


@require_safe
def reported(request: HttpRequest, task_force: str, window: str, reference: str) -> HttpResponse:
    """What happens next: the same for everybody, so that it says nothing about who has reported what."""
    item = listing.item_or_404(queries.window_or_404(task_force, window), reference)
    return framing.page(request, "feedback/reported.html", _about(item, _("Your report")))


def _back(item: FeedbackItem, reply: FeedbackReply | None) -> str:
    place = responses.address(item)
    if reply is None:
        return reverse("feedback:item", args=place)
    return reverse("feedback:one_reply", args=[*place, reply.reference])


def _page(
    request: HttpRequest, item: FeedbackItem, reply: FeedbackReply | None, form: ReportForm, status: int = 200
) -> HttpResponse:
    context = {
        **_about(item, _("Report")),
        **framing.shown(item),
        "form": form,
        "honeypot": form[HONEYPOT],
        "one": describe.of_reply(reply) if reply else None,
        "reply": reply,
        "back": _back(item, reply),
        "is_reporting": True,
        "decide_url": _decision(request, item, reply),
    }
    return framing.page(request, "feedback/report.html", context, status)


def _decision(request: HttpRequest, item: FeedbackItem, reply: FeedbackReply | None) -> str:
    """Where whoever moderates decides about it themselves; "" for others. The page of the text is the same for all, so
    that the way from there stands here."""
    if not rules.may(request.user, "feedback.moderate", item, clock.app_now())[0]:
        return ""
    if reply is not None:
        return reverse("admin:feedback_feedbackreply_decide", args=[reply.pk])
    return reverse("admin:feedback_feedbackitem_decide", args=[item.pk])


def _about(item: FeedbackItem, page: Any) -> dict[str, Any]:
    place = responses.address(item)
    about = framing.about(item.window, page)
    about["crumbs"].insert(-1, (_("What was said"), reverse("feedback:items", args=place[:2])))
    return {
        **about,
        "item": item,
        "item_url": reverse("feedback:item", args=place),
        "items_url": reverse("feedback:items", args=place[:2]),
        "moderation_url": reverse("feedback:moderation", args=place[:2]),
        "all_rules": [str(code.label) for code in BrokenRule],
    }
