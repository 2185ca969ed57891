"""Pages of what waits for its author's mail: its receipt, and the page of the link in the mail."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import earlier, queries, services
from feedback.blocks import Blocked
from feedback.enums import FOR_EVERYBODY
from feedback.models import FeedbackItem, FeedbackUnconfirmed
from feedback.views import framing
from taskforce.core import clock
from taskforce.core.errors import Refused
from taskforce.core.http import SeeOther

# The button that throws away what waits.
_DISCARD = "discard"


def waiting_page(request: HttpRequest, row: FeedbackUnconfirmed) -> HttpResponse:
    """What waits, for whoever has the link of its receipt. No form stands here: see `own.mine`."""
    response = framing.page(request, "feedback/waiting.html", _about(row, _("Your feedback")))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """What was said, with the button that lets it be read, and the one that throws it away. The link works once."""
    found = queries.window_or_404(task_force, window)
    row = earlier.to_confirm(found, token)
    if isinstance(row, FeedbackItem):
        messages.info(request, _("This text is confirmed already."))
        return SeeOther(framing.mine_url(found, services.own_link(row)))
    at = clock.app_now()
    if request.method != "POST":
        context = {**_about(row, _("Confirm your feedback")), "is_over": at >= earlier.confirmable_until(found)}
        return framing.page(request, "feedback/confirm.html", context)
    if request.POST.get(framing.ACT) == _DISCARD:
        services.drop_unconfirmed(row.pk)
        messages.info(request, _("The text is thrown away. Nobody has read it."))
        return SeeOther(reverse("feedback:window", args=[task_force, window]))
    try:
        item = services.confirm(row.pk, at=at)
    except Blocked:
        # Its own page says so; the text waits on, and the link works again once the block has ended.
        raise
    except Refused:
        context = {**_about(row, _("Confirm your feedback")), "is_over": True}
        return framing.page(request, "feedback/confirm.html", context, Refused.status)
    messages.info(request, _("Thank you: your text is confirmed."))
    return SeeOther(framing.mine_url(found, services.own_link(item)))


def _about(row: FeedbackUnconfirmed, title: str) -> dict[str, Any]:
    item = earlier.item_of(row)
    return {
        **framing.about(row.window, title),
        "item": item,
        "answers": earlier.answers_waiting(row),
        "paragraph": framing.quoted(queries.paragraph_of(item)),
        "until": earlier.confirmable_until(row.window),
        **(framing.licence() if item.visibility in FOR_EVERYBODY else {}),
    }
