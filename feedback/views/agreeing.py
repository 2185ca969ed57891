"""The page on which somebody who is signed in says that they agree with what was said, or takes that back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import listing, queries, responses, rules, services
from feedback.enums import ItemState
from feedback.models import FeedbackItem
from feedback.views import framing
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.core import clock
from taskforce.core.errors import Invalid
from taskforce.core.http import SeeOther
from taskforce.timeline import describe as phases
from taskforce.timeline import windows

# The name of the buttons, and what each says.
ACT, AGREE, TAKE_BACK = "act", "agree", "take-back"
_PAGE = "feedback:agree"


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, task_force: str, window: str, reference: str) -> HttpResponse:
    """An item with a button; POST counts whoever is signed in, or no more. Others sign in first, and are back here."""
    item = listing.item_or_404(queries.window_or_404(task_force, window), reference)
    if item.state != ItemState.PUBLISHED:
        return SeeOther(reverse("feedback:item", args=responses.address(item)))
    if not isinstance(request.user, User):
        if request.method != "POST" and not windows.is_open(item.window.phase, clock.app_now()):
            # Whoever cannot agree any more need not sign in to read so.
            return framing.page(request, "feedback/agree.html", _context(item, None))
        place = {"task_force": task_force, "window": window, "reference": reference}
        return signed_out.to_sign_in(request, _PAGE, (), place)
    if request.method == "POST":
        return _decide(request, item, request.user)
    return framing.page(request, "feedback/agree.html", _context(item, request.user))


def _decide(request: HttpRequest, item: FeedbackItem, user: User) -> HttpResponse:
    act = request.POST.get(ACT)
    if act == AGREE:
        services.agree(item.pk, user=user)
        messages.success(request, _("You agree with this text, and are counted once."))
    elif act == TAKE_BACK:
        services.disagree(item.pk, user=user, at=clock.app_now())
        messages.info(request, _("You are not counted among those who agree."))
    else:
        raise Invalid(_("Please use the button of the page."))
    return SeeOther(request.path)


def _context(item: FeedbackItem, user: User | None) -> dict[str, Any]:
    at, phase = clock.app_now(), item.window.phase
    is_open = windows.is_open(phase, at)
    allowed, why_not = rules.may_agree(user, item) if user else (False, "")
    agreement = responses.agreement(item, user) if user else None
    is_outdated = agreement is not None and agreement.edits != item.edits
    title = _heading(is_agreed=agreement is not None and not is_outdated, may=allowed and is_open)
    about = framing.about(item.window, title)
    about["crumbs"].insert(-1, (_("What was said"), reverse("feedback:items", args=responses.address(item)[:2])))
    return {
        **about,
        **framing.shown(item),
        "item_url": reverse("feedback:item", args=responses.address(item)),
        "title": title,
        "agreement": agreement,
        "is_outdated": is_outdated,
        "agreed_before": responses.agreed_before(item),
        "may_agree": allowed and is_open,
        "why_not": why_not or phases.closed_reason(phase, at),
        "phase": phase,
        "at": at,
    }


def _heading(*, is_agreed: bool, may: bool) -> str:
    if is_agreed:
        return _("You agree with this text")
    return _("Do you agree?") if may else _("Agreeing with this text")
