"""An author's appeal against the hiding of their text, by the link of it, and of their reply, from their account."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import queries, responses, services
from feedback.forms.moderation import AppealForm
from feedback.models import FeedbackItem, FeedbackReply
from feedback.rules import may_appeal
from feedback.views import framing
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.core import clock
from taskforce.core.errorpages import Typed
from taskforce.core.errors import Conflict
from taskforce.core.http import SeeOther


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """Say once why one's own text should stand; possible as long as it is hidden, window open or not."""
    item = queries.item_or_404(queries.window_or_404(task_force, window), token)
    form = AppealForm(request.POST if request.method == "POST" else None)
    why_not, status, typed = may_appeal(item.state, queries.appeal_of(item))[1], 200, []
    if form.is_valid():
        try:
            services.appeal(item.pk, words=form.cleaned_data["words"], at=clock.app_now())
            return SeeOther(framing.mine_url(item.window, token))
        except Conflict as error:
            why_not, status = str(error.message), error.status
            typed = [Typed(str(form.fields["words"].label), form.cleaned_data["words"])]
    context = {
        **framing.about(item.window, _("Appeal")),
        **framing.own_item(item),
        "form": None if why_not else form,
        "why_not": why_not,
        "typed": typed,
        "mine_url": framing.mine_url(item.window, token),
    }
    return framing.page(request, "feedback/appeal.html", context, status)


def on_own_page(item: FeedbackItem, token: str) -> dict[str, Any]:
    """What the page of one's own text says of an appeal, and the way to one where it can be made."""
    if item.state_at is None:
        return {}
    found = queries.appeal_of(item)
    is_possible = may_appeal(item.state, found)[0]
    window = item.window
    place = [window.phase.task_force.slug, window.slug, token]
    return {"appeal": found, "appeal_url": reverse("feedback:appeal", args=place) if is_possible else ""}


@require_http_methods(["GET", "HEAD", "POST"])
def appeal_reply(request: HttpRequest, task_force: str, window: str, reference: str, reply: str) -> HttpResponse:
    """The same for one's own reply, as long as it is hidden; nobody else's is there."""
    place = {"task_force": task_force, "window": window, "reference": reference, "reply": reply}
    user, page = request.user, "feedback:appeal_reply"
    if not isinstance(user, User):
        return signed_out.to_sign_in(request, page, ("words",) if request.method == "POST" else (), place)
    item = responses.item_of_own_reply_or_404(queries.window_or_404(task_force, window), reference, user)
    found = responses.reply_or_404(item, reply, author=user)
    back = reverse("feedback:own_reply", kwargs=place)
    if request.method == "POST":
        signed_out.sent_again(request, page, place)
        form = AppealForm(request.POST)
    else:
        form = AppealForm(initial=signed_out.find(request, page, place))
    why_not, status, typed = may_appeal(found.state, responses.appeal_of(found))[1], 200, []
    if form.is_valid():
        try:
            services.appeal_reply(found.pk, words=form.cleaned_data["words"], author=user, at=clock.app_now())
            return SeeOther(back)
        except Conflict as error:
            why_not, status = str(error.message), error.status
            typed = [Typed(str(form.fields["words"].label), form.cleaned_data["words"])]
    context = {
        **framing.about(item.window, _("Appeal")),
        "item": item,
        "reply": found,
        "form": None if why_not else form,
        "why_not": why_not,
        "typed": typed,
        "back": back,
        "back_to": _("Your reply"),
    }
    return framing.page(request, "feedback/appeal_reply.html", context, status)


def of_own_reply(reply: FeedbackReply) -> dict[str, Any]:
    """What the page of one's own reply says of an appeal, and the way to one where it can be made."""
    if reply.state_at is None:
        return {}
    found = responses.appeal_of(reply)
    is_possible = may_appeal(reply.state, found)[0]
    place = [*responses.address(reply.item), reply.reference]
    return {"appeal": found, "appeal_url": reverse("feedback:appeal_reply", args=place) if is_possible else ""}
