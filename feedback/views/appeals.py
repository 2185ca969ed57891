"""An author's appeal against the hiding of their text, by the link of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import queries, services
from feedback.enums import ItemState
from feedback.models import FeedbackItem
from feedback.moderation_forms import AppealForm
from feedback.views import framing
from taskforce.core import clock
from taskforce.core.errorpages import Typed
from taskforce.core.errors import Conflict
from taskforce.core.http import SeeOther


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """Say once why one's own text should stand; possible as long as it is hidden, window open or not."""
    item = queries.item_or_404(queries.window_or_404(task_force, window), token)
    form = AppealForm(request.POST if request.method == "POST" else None)
    why_not, status, typed = _why_not(item), 200, []
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
    is_possible = found is None and item.state == ItemState.HIDDEN
    window = item.window
    place = [window.phase.task_force.slug, window.slug, token]
    return {"appeal": found, "appeal_url": reverse("feedback:appeal", args=place) if is_possible else ""}


def _why_not(item: FeedbackItem) -> str:
    if item.state != ItemState.HIDDEN:
        return _("Your text is not hidden, so there is nothing to appeal against.")
    return _("You have appealed before: that is possible once.") if queries.appeal_of(item) else ""
