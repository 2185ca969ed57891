"""Pages of what waits for its author's mail: its receipt, and the page of the link in the mail."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import earlier, queries, services
from feedback.blocks import Blocked
from feedback.enums import FOR_EVERYBODY
from feedback.forms.own import AgainForm
from feedback.forms.saying import DiscardForm, TellForm, WithdrawForm
from feedback.models import FeedbackItem, FeedbackUnconfirmed
from feedback.views import framing
from taskforce.core import clock
from taskforce.core.errors import Refused, TooOften
from taskforce.core.http import SeeOther
from taskforce.limits.clients import client_address

# The button that throws away what waits.
_DISCARD = "discard"
# Longer is no number of a row.
_DIGITS = 18
# The same for every address: it tells nobody which one is right, nor which has had its mails.
_AGAIN = gettext_lazy(
    "If your text was sent with this address, a mail with the link goes to it, unless it has had a few of these today."
)


def waiting_page(request: HttpRequest, row: FeedbackUnconfirmed) -> HttpResponse:
    """What waits, for whoever has the link of its receipt. No form stands here: see `own.mine`."""
    is_over = clock.app_now() >= earlier.confirmable_until(row.window)
    context = {
        **_about(row, _("Your feedback")),
        "again_url": "" if is_over else f"{request.path}again/",
        "withdraw_url": f"{request.path}withdraw/",
    }
    response = framing.page(request, "feedback/waiting.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def withdraw_waiting(request: HttpRequest, row: FeedbackUnconfirmed, token: str) -> HttpResponse:
    """Ask once more, then throw away what waits, by whoever has the link of its receipt."""
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    window = row.window
    if form.is_valid():
        services.drop_unconfirmed(row.pk)
        messages.info(request, _("Your text is withdrawn. Nobody has read it, and nothing of it is kept."))
        return SeeOther(reverse("feedback:window", args=[window.phase.task_force.slug, window.slug]))
    context = {
        **_about(row, _("Withdraw your feedback")),
        "form": form,
        "mine_url": framing.mine_url(window, token),
    }
    return framing.page(request, "feedback/withdraw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """Have the mail with the link sent once more, by whoever has the link of the receipt: where the address had had its
    mails of the day, none went. Whatever address is typed, the answer is the same."""
    found = queries.window_or_404(task_force, window)
    row = earlier.unconfirmed_by_token(found, token)
    if row is None:
        queries.item_or_404(found, token)
        return SeeOther(framing.mine_url(found, token))
    at = clock.app_now()
    is_sent, is_over = request.method == "POST", at >= earlier.confirmable_until(found)
    form = AgainForm(request.POST if is_sent else None)
    status, wait = Refused.status if is_sent and is_over else 200, 0
    if not is_over and form.is_valid():
        try:
            mailbox, language = form.cleaned_data["mailbox"], get_language() or "en"
            services.send_again(row.pk, mailbox, language=language, at=at, sender=client_address(request))
            messages.info(request, _AGAIN)
            return SeeOther(framing.mine_url(found, token))
        except TooOften as error:
            framing.too_often(form, error)
            status, wait = error.status, error.retry_after
    context = {
        **_about(row, _("Send the mail again")),
        "form": form,
        "is_over": is_over,
        "mine_url": framing.mine_url(found, token),
    }
    response = framing.page(request, "feedback/again.html", context, status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, task_force: str, window: str, token: str) -> HttpResponse:
    """What was said, with the button that lets it be read, and the one that throws it away; with what else waits from
    the same browser for the same mailbox. Once that is done the link leads to the text, as that of its receipt does."""
    found = queries.window_or_404(task_force, window)
    row = earlier.to_confirm(found, token)
    if isinstance(row, FeedbackItem):
        messages.info(request, _("This text is confirmed already."))
        return SeeOther(framing.mine_url(found, services.own_link(row)))
    at = clock.app_now()
    if request.method != "POST":
        return framing.page(request, "feedback/confirm.html", _asked(row, token, at))
    upto = _upto(request.POST.get("upto", ""))
    if request.POST.get(framing.ACT) == _DISCARD:
        return _discard(request, row, token, upto, at)
    try:
        item = services.confirm_all(
            row.pk, upto=upto, at=at, told=_told(request, token), account_id=framing.account_id(request)
        )
    except Blocked:
        # Its own page says so; the text waits on, and the link works again once the block has ended.
        raise
    except Refused:
        context = {**_to_confirm(row), "is_over": True}
        return framing.page(request, "feedback/confirm.html", context, Refused.status)
    messages.info(request, _("Thank you: your text is confirmed."))
    return SeeOther(framing.mine_url(found, services.own_link(item)))


def _discard(request: HttpRequest, row: FeedbackUnconfirmed, token: str, upto: int, at: datetime) -> HttpResponse:
    """Throw away what was shown, once its tick says so; until then the page as it was."""
    form = DiscardForm(request.POST)
    if not form.is_valid():
        return framing.page(request, "feedback/confirm.html", {**_asked(row, token, at), "discard": form})
    shown = [one.pk for one in earlier.together_with(row) if one.pk <= upto]
    for pk in (row.pk, *shown):
        services.drop_unconfirmed(pk)
    messages.info(request, _("The text is thrown away. Nobody has read it."))
    window = row.window
    return SeeOther(reverse("feedback:window", args=[window.phase.task_force.slug, window.slug]))


def _asked(row: FeedbackUnconfirmed, token: str, at: datetime) -> dict[str, Any]:
    """The page of the link as it is first shown."""
    is_over = at >= earlier.confirmable_until(row.window)
    # Asked here and nowhere before: by whoever reads the mailbox, not by whoever typed its address.
    tell = TellForm() if earlier.mailbox_of(token) and not is_over else None
    return {**_to_confirm(row), "is_over": is_over, "tell": tell}


def _to_confirm(row: FeedbackUnconfirmed) -> dict[str, Any]:
    """All that the button confirms."""
    others = earlier.together_with(row)
    return {
        **_about(row, _("Confirm your feedback")),
        "others": [(earlier.item_of(one), earlier.answers_waiting(one)) for one in others],
        "upto": max(one.pk for one in (row, *others)),
        "discard": DiscardForm(),
    }


def _upto(typed: str) -> int:
    """The last row that was shown; 0, and so none but that of the link, where the form does not say."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS else 0


def _told(request: HttpRequest, token: str) -> tuple[str, str] | None:
    """Where its author wants to be told, and in which language; None where they did not ask for it."""
    mailbox, form = earlier.mailbox_of(token), TellForm(request.POST)
    wants = form.is_valid() and form.cleaned_data["tell"]
    return (mailbox, get_language() or "en") if mailbox and wants else None


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
