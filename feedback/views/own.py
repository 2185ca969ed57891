"""Pages of one's own text, by its link: read it, change it, withdraw it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from feedback import answering, earlier, queries, reaching, services, telling
from feedback.answered import became
from feedback.enums import ItemState, Participation
from feedback.forms.own import EditForm
from feedback.forms.saying import WithdrawForm
from feedback.models import FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from feedback.rules import may_be_edited
from feedback.views import appeals, framing
from feedback.views.confirming import waiting_page, withdraw_waiting
from taskforce.core import clock
from taskforce.core.errors import Refused, TooOften
from taskforce.core.http import SeeOther
from taskforce.limits.clients import client_address
from taskforce.timeline import describe as phases
from taskforce.timeline import windows
from taskforce.timeline.enums import PhaseState


@require_safe
def mine(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """One's own text with its receipt.

    No form stands here: under `no-referrer`, which keeps the secret address from other sites, browsers post
    without an origin, and the check against forged requests would refuse them.
    """
    found = queries.window_or_404(task_force, window)
    waiting = _waiting(found, token)
    if waiting is not None:
        return waiting_page(request, waiting)
    item = queries.item_or_404(found, token)
    context = {
        **framing.about(found, _("Your feedback")),
        **framing.own_item(item),
        **_changing(item, clock.app_now()),
        **appeals.on_own_page(item, token),
        # Of what does not stand nobody says what became of it.
        "became": became(answering.answer_of(item), found.proposal) if item.state == ItemState.PUBLISHED else None,
        "stop_url": _stop_url(item, found),
        "edit_url": reverse("feedback:edit", args=[task_force, window, token]),
        "withdraw_url": reverse("feedback:withdraw", args=[task_force, window, token]),
    }
    response = framing.page(request, "feedback/mine.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _stop_url(item: FeedbackItem, window: FeedbackWindow) -> str:
    """Where its author stops being told; "" where they are not."""
    reader = reaching.of_told([item.pk]).get(item.pk) if window.participation == Participation.MAIL else None
    if reader is None:
        return ""
    token = telling.stop_token(window.pk, reader.mailbox)
    return reverse("feedback:stop", args=[window.phase.task_force.slug, window.slug, token])


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """Ask once more, then withdraw one's own text; possible at any time, also while it waits for its author's mail."""
    found = queries.window_or_404(task_force, window)
    waiting = _waiting(found, token)
    if waiting is not None:
        return withdraw_waiting(request, waiting, token)
    item = queries.item_or_404(found, token)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if item.state == ItemState.WITHDRAWN:
        return SeeOther(framing.mine_url(found, token))
    if form.is_valid():
        services.withdraw(item.pk, at=clock.app_now())
        return SeeOther(framing.mine_url(found, token))
    context = {
        **framing.about(found, _("Withdraw your feedback")),
        **framing.own_item(item),
        "form": form,
        "mine_url": framing.mine_url(found, token),
    }
    return framing.page(request, "feedback/withdraw.html", context)


def _waiting(window: FeedbackWindow, token: str) -> FeedbackUnconfirmed | None:
    """What waits for its author's mail, where a window asks for one."""
    return earlier.unconfirmed_by_token(window, token) if window.participation == Participation.MAIL else None


def _changing(item: FeedbackItem, at: datetime) -> dict[str, Any]:
    """Whether its author can change an item now, until when that is or was so, and otherwise why not."""
    phase, (allowed, why_not) = item.window.phase, may_be_edited(item)
    state = windows.state(phase, at)
    return {
        "phase": phase,
        "at": at,
        "may_edit": allowed and windows.is_open(phase, at),
        "was_editable": allowed and state is PhaseState.PAST,
        "closes_rule": phases.closes_rule(phase),
        "why_not": why_not or phases.closed_reason(phase, at),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """Change what one has said, as long as the window is open."""
    found = queries.window_or_404(task_force, window)
    if _waiting(found, token) is not None:
        # It is changed once it is confirmed; its page says so.
        return SeeOther(framing.mine_url(found, token))
    item = queries.item_or_404(found, token)
    at = clock.app_now()
    if request.method == "POST":
        return _save(request, item, token, at)
    if item.state == ItemState.WITHDRAWN:
        return SeeOther(framing.mine_url(item.window, token))
    changing = _changing(item, at)
    form = EditForm(item, queries.answers(item), at=at) if changing["may_edit"] else None
    response = _edit_page(request, item, token, at, form)
    # As the window's own page: browsers give back what was typed to whoever goes back.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _save(request: HttpRequest, item: FeedbackItem, token: str, at: datetime) -> HttpResponse:
    """A posted form: the changed text, the form with its errors or its preview, or a refusal that shows what was
    typed."""
    form = EditForm(item, queries.answers(item), request.POST, at=at)
    try:
        if not form.is_valid() or request.POST.get(framing.ACT) == framing.PREVIEW:
            services.require_editable(item.pk, form.cleaned_data.get("form_key"))
            preview = None if form.errors else framing.preview(form, item.window, at, item)
            return _edit_page(request, item, token, at, form, preview=preview)
        account_id = framing.account_id(request)
        is_changed = services.edit(
            item.pk, **form.for_service(), sender=client_address(request), now=item, account_id=account_id
        )
    except Refused as error:
        return framing.refused(request, item.window, form, error, queries.paragraph_of(item))
    except services.OtherWording as error:
        return _other_wording(request, item, token, form, error)
    except TooOften as error:
        framing.too_often(form, error)
        response = _edit_page(request, item, token, at, form, error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    messages.info(request, _("Your text is changed.") if is_changed else _("Your text says this already."))
    return SeeOther(framing.mine_url(item.window, token))


def _edit_page(
    request: HttpRequest,
    item: FeedbackItem,
    token: str,
    at: datetime,
    form: EditForm | None,
    status: int = 200,
    *,
    preview: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        **framing.about(item.window, _("Change your feedback")),
        **framing.own_item(item),
        **framing.form_parts(form),
        **_changing(item, at),
        "preview": preview,
        "mine_url": framing.mine_url(item.window, token),
    }
    return framing.page(request, "feedback/edit.html", context, status)


def _other_wording(
    request: HttpRequest, item: FeedbackItem, token: str, form: EditForm, error: services.OtherWording
) -> HttpResponse:
    """What stands now, and what was typed: in a form that can be sent in its place."""
    stands = error.item
    stands.window = item.window
    form.renew(stands.edits)
    context = {
        **framing.about(item.window, error.title),
        **framing.own_item(stands),
        **framing.form_parts(form),
        "error": error,
        "mine_url": framing.mine_url(item.window, token),
    }
    return framing.page(request, "feedback/edit_conflict.html", context, error.status)
