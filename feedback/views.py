"""Pages of feedback: the window with its form, and one's own text by its link."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from feedback import describe, listing, queries, sent, services
from feedback.enums import FOR_EVERYBODY, ItemState, Visibility
from feedback.forms import HONEYPOT, FeedbackForm, WithdrawForm
from feedback.models import FeedbackItem, FeedbackWindow
from proposals import endings, paragraphs
from proposals import queries as texts
from proposals.models import Proposal, Unit
from taskforce.core import clock, labels, prose
from taskforce.core.errors import Refused, TooOften
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import translated
from taskforce.limits.clients import client_address
from taskforce.timeline import describe as phases
from taskforce.timeline import windows
from taskforce.timeline.queries import verdicts


@require_http_methods(["GET", "HEAD", "POST"])
def window_page(request: HttpRequest, task_force: str, window: str) -> HttpResponse:
    """The window: what it is about, how long it is open, the form; POST sends the form."""
    if request.method == "POST":
        return _send(request, queries.door_or_404(task_force, window))
    found = queries.window_or_404(task_force, window)
    at = clock.app_now()
    is_open = windows.is_open(found.phase, at)
    unit = _unit(request, found.proposal_id) if is_open else None
    form = _fresh_form(found, at, unit) if is_open else None
    response = _window(request, found, at, form, unit=unit)
    # Not `no-store`, so that browsers give back what was typed to whoever goes back.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _send(request: HttpRequest, door: queries.Door) -> HttpResponse:
    """A posted form: a receipt, the form with its errors, or a refusal that shows what was typed."""
    at = clock.app_now()
    unit = _unit(request, door.proposal_id)
    form = FeedbackForm(door, request.POST, language=get_language() or "en", at=at, unit_id=unit.pk if unit else None)
    try:
        if not form.is_valid():
            services.require_new(door.phase_id, form.cleaned_data.get("form_key"))
            return _window(request, _behind(door), at, form, unit=unit)
        before = sent.references(request)
        said = {**form.for_service(), "read_language": get_language() or "en"}
        receipt = services.submit(door.pk, **said, sender=client_address(request), sent=before)
    except Refused as error:
        return _refused(request, _behind(door), form, error, unit)
    except services.OtherText as error:
        return _other_text(request, _behind(door), at, form, error, unit)
    except TooOften as error:
        form.add_error(None, error.message)
        response = _window(request, _behind(door), at, form, error.status, unit=unit)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    if receipt.was_sent:
        messages.info(request, _("You had already sent this. It was received once: this is its receipt."))
    answer = SeeOther(reverse("feedback:mine", args=[door.task_force, door.slug, receipt.token]))
    sent.remember(request, answer, receipt.item.reference)
    return answer


def _fresh_form(window: FeedbackWindow, at: datetime, unit: Unit | None) -> FeedbackForm:
    return FeedbackForm(window, language=get_language() or "en", at=at, unit_id=unit.pk if unit else None)


def _unit(request: HttpRequest, proposal_id: int) -> Unit | None:
    """The paragraph by which somebody came: the form names it, or its address where they chose the whole text."""
    given = request.POST.get("unit") or request.GET.get("unit", "")
    return queries.unit_of(proposal_id, given) if given else None


def _quoted(unit: Unit | None) -> paragraphs.Quoted | None:
    return paragraphs.quoted(unit, get_language() or "en") if unit else None


def _behind(door: queries.Door) -> FeedbackWindow:
    """The window with all that its pages say."""
    return queries.window_or_404(door.task_force, door.slug)


def _window(
    request: HttpRequest,
    window: FeedbackWindow,
    at: datetime,
    form: FeedbackForm | None,
    status: int = 200,
    *,
    unit: Unit | None = None,
) -> HttpResponse:
    phase = window.phase
    context = {
        **_about(window),
        **_form(form),
        "paragraph": _quoted(unit),
        "ended": _ended(window.proposal),
        "at": at,
        "introduction": prose.of(window, "introduction"),
        "phase": phase,
        "state": windows.state(phase, at).value,
        "period": phases.period(phase),
        "opens_rule": phases.opens_rule(phase),
        "closes_rule": phases.closes_rule(phase),
        "cap_note": phases.cap_note(phase, at),
        "changed": phases.notice(phase),
        "closes_soon": form is not None and describe.closes_soon(phase.closes_at, at),
        "reason": "" if form else phases.closed_reason(phase, at),
        "verdict": None if form else _verdict(window),
        "said": listing.total(window),
        "items_url": reverse("feedback:items", args=[phase.task_force.slug, window.slug]),
    }
    return _page(request, "feedback/window.html", context, status)


def _ended(proposal: Proposal) -> endings.Ended | None:
    """How the text has ended that a window asks about; it goes on all the same."""
    return endings.ended(proposal, texts.successor(proposal, get_language() or "en"))


def _verdict(window: FeedbackWindow) -> dict[str, Any] | None:
    """What was decided about its text after its phase, if that is decided."""
    found = next((one for one in verdicts.holding(window.phase) if one.text_id == window.proposal_id), None)
    if found is None:
        return None
    found.phase = window.phase
    return phases.verdict(found, holds=True)


def _form(form: FeedbackForm | None) -> dict[str, Any]:
    """What draws the form, if there is one."""
    if form is None:
        return {"form": None}
    questions = [form[name] for name in form.fields if name.startswith("q-")]
    return {"form": form, "questions": questions, "honeypot": form[HONEYPOT]}


def _refused(
    request: HttpRequest, window: FeedbackWindow, form: FeedbackForm, error: Refused, unit: Unit | None
) -> HttpResponse:
    """Reason and instants, and what was typed; where the same words had come in time, the way to their receipt."""
    in_time = error.receipt if isinstance(error, services.OverButSent) else None
    context = {
        **_about(window, error.title),
        "error": error,
        "form": form,
        "paragraph": _quoted(unit),
        "sent_url": _mine_url(window, in_time.token) if in_time else "",
    }
    return _page(request, "feedback/refused.html", context, error.status)


def _other_text(
    request: HttpRequest,
    window: FeedbackWindow,
    at: datetime,
    form: FeedbackForm,
    error: services.OtherText,
    unit: Unit | None,
) -> HttpResponse:
    """The same form with other fields: both texts, the second as a new form that can be sent while that is possible."""
    item = error.receipt.item
    form.renew()
    context = {
        **_about(window, error.title),
        **_form(form),
        "paragraph": _quoted(unit),
        "is_open": windows.is_open(window.phase, at),
        "error": error,
        "item": item,
        "first": [] if item.state == ItemState.WITHDRAWN else queries.answers(item),
        "mine_url": _mine_url(item.window, error.receipt.token),
    }
    return _page(request, "feedback/conflict.html", context, error.status)


@require_safe
def mine(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """One's own text with its receipt.

    No form stands here: under `no-referrer`, which keeps the secret address from other sites, browsers post
    without an origin, and the check against forged requests would refuse them.
    """
    found = queries.window_or_404(task_force, window)
    item = queries.item_or_404(found, token)
    context = {
        **_about(found, _("Your feedback")),
        **_item(item),
        "withdraw_url": reverse("feedback:withdraw", args=[task_force, window, token]),
    }
    response = _page(request, "feedback/mine.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """Ask once more, then withdraw one's own text; possible at any time."""
    found = queries.window_or_404(task_force, window)
    item = queries.item_or_404(found, token)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if item.state == ItemState.WITHDRAWN:
        return SeeOther(_mine_url(found, token))
    if form.is_valid():
        services.withdraw(item.pk, at=clock.app_now())
        return SeeOther(_mine_url(found, token))
    context = {
        **_about(found, _("Withdraw your feedback")),
        **_item(item),
        "form": form,
        "mine_url": _mine_url(found, token),
    }
    return _page(request, "feedback/withdraw.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for one person: never stored by a cache, never in a search engine's index."""
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    if context.get("item"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _about(window: FeedbackWindow, page: Any = None) -> dict[str, Any]:
    """What every page of a window says about it; `page` names one that lies below it."""
    task_force, proposal = window.phase.task_force, window.proposal
    title = queries.title_of(proposal)
    task_force_url = reverse("task_force", args=[task_force.slug])
    window_url = reverse("feedback:window", args=[task_force.slug, window.slug])
    return {
        "task_force": task_force,
        "window": window,
        "window_title": labels.label(window, "title").text,
        "window_url": window_url,
        "text_title": phases.in_language(title.text, title.language) if title.text else _("the text"),
        "text_url": reverse("proposals:text", args=[task_force.slug, proposal.slug]),
        "process_url": reverse("process", args=[task_force.slug]),
        "task_force_url": task_force_url,
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(task_force, "name"), task_force_url),
            (translated(window, "title"), window_url if page else None),
            *([(page, None)] if page else []),
        ],
    }


def _item(item: FeedbackItem) -> dict[str, Any]:
    window = item.window
    is_read = item.state == ItemState.PUBLISHED and item.visibility in FOR_EVERYBODY
    read_at = reverse("feedback:item", args=[window.phase.task_force.slug, window.slug, item.reference])
    return {
        "item": item,
        "read_at": read_at if is_read else "",
        "paragraph": _quoted(queries.paragraph_of(item)),
        "answers": [] if item.state == ItemState.WITHDRAWN else queries.answers(item),
        "is_withdrawn": item.state == ItemState.WITHDRAWN,
        "is_hidden": item.state == ItemState.HIDDEN,
        "is_held": item.state == ItemState.HELD,
        "is_unnamed": item.visibility == Visibility.PUBLIC and not item.name,
    }


def _mine_url(window: FeedbackWindow, token: str) -> str:
    return reverse("feedback:mine", args=[window.phase.task_force.slug, window.slug, token])
