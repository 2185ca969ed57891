"""Replying to what was said, and one's own reply."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from feedback import describe, listing, queries, responses, rules, services
from feedback.enums import ItemState
from feedback.forms.keyed import HONEYPOT
from feedback.forms.reply import ReplyForm
from feedback.forms.saying import WithdrawForm
from feedback.models import FeedbackItem
from feedback.views import appeals, framing
from taskforce.accounts import second_factor, signed_out
from taskforce.accounts.models import User
from taskforce.core import clock, errorpages, languages
from taskforce.core.errors import TooOften
from taskforce.core.http import SeeOther
from taskforce.limits.clients import client_address
from taskforce.timeline import describe as phases
from taskforce.timeline import windows

_PAGE, _OWN = "feedback:reply", "feedback:own_reply"
_TYPED = ("text", "language", "name")


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, task_force: str, window: str, reference: str) -> HttpResponse:
    """The form for whoever is signed in, while the window is open; for staff who answer, ever after."""
    item = listing.item_or_404(queries.window_or_404(task_force, window), reference)
    if item.state != ItemState.PUBLISHED:
        return SeeOther(reverse("feedback:item", args=responses.address(item)))
    place = {"task_force": task_force, "window": window, "reference": reference}
    fields = _TYPED if request.method == "POST" else ()
    user = request.user
    if not isinstance(user, User):
        return signed_out.to_sign_in(request, _PAGE, fields, place)
    is_answer = rules.may_reply_for_staff(user, item)[0]
    if is_answer and second_factor.last_passed(request) is None:
        return signed_out.to_sign_in(request, _PAGE, fields, place, way_in="admin:login")
    if request.method == "POST":
        signed_out.sent_again(request, _PAGE, place)
        return _send(request, item, user, is_answer=is_answer)
    return _shown(request, item, user, place, is_answer=is_answer)


def _shown(
    request: HttpRequest, item: FeedbackItem, user: User, place: dict[str, str], *, is_answer: bool
) -> HttpResponse:
    """The form, with what was typed before a sign-in; once nobody can reply any more that alone, to be copied."""
    at = clock.app_now()
    may_send = is_answer or windows.is_open(item.window.phase, at)
    find = signed_out.find if may_send else signed_out.find_to_copy
    typed = find(request, _PAGE, place)
    initial = {"language": get_language() or "en", "name": user.name if is_answer else "", **typed}
    form = ReplyForm(phase_id=item.window.phase_id, at=at, initial=initial)
    response = _page(
        request, item, form, is_answer=is_answer, typed=[] if may_send else errorpages.kept(request, typed)
    )
    if may_send:
        # Not `no-store`, so that browsers give back what was typed to whoever goes back.
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def _send(request: HttpRequest, item: FeedbackItem, user: User, *, is_answer: bool) -> HttpResponse:
    """The posted form: on to one's own reply, or the form with what is wrong; what is refused raises, and its page has
    what was typed."""
    form = ReplyForm(request.POST, phase_id=item.window.phase_id, at=clock.app_now(), initial={})
    if not form.is_valid():
        if not is_answer:
            services.require_new(item.window.phase_id, form.cleaned_data.get("form_key"))
        return _page(request, item, form, is_answer=is_answer)
    store = services.answer if is_answer else services.reply
    try:
        stored = store(item.pk, form.sent(client_address(request)), author=user)
    except services.OtherReply as error:
        form.renew()
        return _page(request, item, form, error.status, is_answer=is_answer, conflict=error)
    except TooOften as error:
        framing.too_often(form, error)
        response = _page(request, item, form, error.status, is_answer=is_answer)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return SeeOther(reverse(_OWN, args=[*responses.address(item), stored.reference]))


def _page(
    request: HttpRequest,
    item: FeedbackItem,
    form: ReplyForm,
    status: int = 200,
    *,
    is_answer: bool,
    conflict: services.OtherReply | None = None,
    typed: Sequence[errorpages.Typed] | None = None,
) -> HttpResponse:
    at, phase = clock.app_now(), item.window.phase
    may_send = is_answer or windows.is_open(phase, at)
    context = {
        **_about(item, _("Answer") if is_answer else _("Reply")),
        **framing.shown(item),
        **framing.licence(),
        "form": form,
        "honeypot": form[HONEYPOT],
        "is_answer": is_answer,
        "conflict": conflict,
        "may_send": may_send,
        "typed": [] if may_send else errorpages.typed(request) if typed is None else typed,
        "reason": "" if may_send else phases.closed_reason(phase, at),
        "phase": phase,
        "at": at,
    }
    return framing.page(request, "feedback/reply.html", context, status)


@require_safe
def one_reply(request: HttpRequest, task_force: str, window: str, reference: str, reply: str) -> HttpResponse:
    """The permanent address of a reply: to where it stands below its item."""
    item = listing.item_or_404(queries.window_or_404(task_force, window), reference)
    found = responses.reply_or_404(item, reply)
    number = responses.page_of(found)
    place = f"?page={number}" if number > 1 else ""
    return HttpResponseRedirect(f"{reverse('feedback:item', args=responses.address(item))}{place}#{found.reference}")


@require_http_methods(["GET", "HEAD", "POST"])
def own_reply(request: HttpRequest, task_force: str, window: str, reference: str, reply: str) -> HttpResponse:
    """One's own reply: what became of it; POST withdraws it, at any time. Nobody else's is there."""
    place = {"task_force": task_force, "window": window, "reference": reference, "reply": reply}
    if not isinstance(request.user, User):
        return signed_out.to_sign_in(request, _OWN, (), place)
    item = responses.item_of_own_reply_or_404(queries.window_or_404(task_force, window), reference, request.user)
    found = responses.reply_or_404(item, reply, author=request.user)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.withdraw_reply(found.pk, author=request.user, at=clock.app_now())
        messages.info(request, _("Your reply is withdrawn: nobody can read it any more."))
        return SeeOther(request.path)
    context = {
        **_about(item, _("Your reply")),
        **framing.licence(),
        "item": item,
        "reply": found,
        "when": describe.when_replied(found),
        "language": languages.own_name(found.language),
        "states": {found.state: True},
        "form": form,
        **appeals.of_own_reply(found),
        "read_at": reverse("feedback:one_reply", args=[*responses.address(item), found.reference])
        if found.state == ItemState.PUBLISHED and item.state == ItemState.PUBLISHED
        else "",
    }
    return framing.page(request, "feedback/own_reply.html", context)


def _about(item: FeedbackItem, page: Any) -> dict[str, Any]:
    about = framing.about(item.window, page)
    about["crumbs"].insert(-1, (_("What was said"), reverse("feedback:items", args=responses.address(item)[:2])))
    about["item_url"] = reverse("feedback:item", args=responses.address(item))
    return about
