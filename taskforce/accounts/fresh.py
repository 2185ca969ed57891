"""A fresh proof of who somebody is, before they export, release, publish or change roles.

A session lives for weeks, and a browser is left open: what reaches many people, or cannot be taken back, asks once
more. `require` is all that other rooms need; whoever has a form in which people type, `take_back` too.
"""

from datetime import timedelta
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import deserialize_request
from allauth.utils import get_request_param
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.accounts import second_factor, waiting
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import User
from taskforce.accounts.waiting import Waiting
from taskforce.core import languages
from taskforce.core.clock import real_now
from taskforce.core.http import SeeOther

# For so long a proof counts, signing in among them.
WITHIN = timedelta(minutes=15)
# In the address and the form of the page that asks: the mark of what waits. In a form that comes back from there
# because somebody changed their mind: the same.
MARK, GIVEN_UP = "kept", "given_up"
# allauth's names of the ways to sign in that whoever knows a password does not have by it.
_BEYOND_A_PASSWORD = frozenset({"code", "socialaccount"})
# Where whoever changes their mind goes instead of back, since that page asks for a proof too, or has one button only.
_INSTEAD = {
    Purpose.TURN_ON: "mfa_index",
    Purpose.TURN_OFF: "mfa_index",
    Purpose.NEW_CODES: "mfa_index",
    Purpose.CONNECT: "account_email",
    Purpose.TAKE_DATA: "account_data",
}


def require(request: HttpRequest, purpose: Purpose) -> None:
    """Let only those pass who have proved within `WITHIN` who they are; call it before anything is done.

    Raises allauth's ImmediateHttpResponse, which its middleware answers with: what was posted is kept, the page that
    asks says the purpose, and after the proof the same is posted once more (`go_on`). Whoever has a second step must
    have passed that; whose roles want one that they do not have yet, the wiki or a code to their own mailbox; for
    others the password counts. A form that was given up there is never done: it leads back to where it was.
    """
    if _is_given_up(request):
        if _give_up(request):
            messages.info(request, _("Nothing was done."))
        place = _INSTEAD.get(purpose)
        raise ImmediateHttpResponse(SeeOther(reverse(place) if place else request.get_full_path()))
    if not is_fresh(request):
        raise ImmediateHttpResponse(
            _asking(request, Waiting(purpose.value, request.get_full_path(), waiting.posted(request)))
        )


def ask(request: HttpRequest, purpose: Purpose, going_on_to: str = "") -> HttpResponse:
    """Lead to the page that asks, and from there to an address of the portal, by default back to this one.

    For a form with a secret in it, which is not kept.
    """
    return _asking(request, Waiting(purpose.value, going_on_to or request.get_full_path(), ""))


def _asking(request: HttpRequest, one: Waiting) -> HttpResponse:
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not ways:
        return redirect_to_login(one.address)
    asked = {"next": one.address, MARK: waiting.keep(request, one)}
    return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode(asked)}")


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session holds such a proof."""
    user = request.user
    if not isinstance(user, User):
        return False
    if second_factor.has(user):
        at = second_factor.last_passed(request)
    else:
        records = get_authentication_records(request, user)
        if second_factor.is_due(user):
            records = [one for one in records if one["method"] in _BEYOND_A_PASSWORD]
        at = max((one["at"] for one in records), default=None)
    return at is not None and 0 <= real_now().timestamp() - at < WITHIN.total_seconds()


# --- whoever changes their mind --------------------------------------------------------------------------------------


def take_back(request: HttpRequest, field: str = "") -> bool:
    """Whether this is a form that somebody gave up on the page that asks: to be shown as it was sent, and not done.

    To be asked before `require`, and once, by a page with fields in which people type: it says what became of the form,
    with the way to the `field` of that id where it stands far down.
    """
    if not _is_given_up(request):
        return False
    here, gap = _("The form is as you left it."), languages.gap(get_language() or "en")
    shown = format_html('<a href="#{}">{}</a>', field, here) if field else here
    if _give_up(request):
        level, said = messages.INFO, (_("Nothing was done."), gap, shown)
    else:
        level, said = (
            messages.WARNING,
            (shown, gap, _("What you sent may have been done already: look before you send it again.")),
        )
    messages.add_message(request, level, format_html("{}{}{}", *said))
    return True


def _is_given_up(request: HttpRequest) -> bool:
    return request.method == "POST" and GIVEN_UP in request.POST


def _give_up(request: HttpRequest) -> bool:
    """Whether it was still waiting; it does so no more."""
    return waiting.take(request, request.POST[GIVEN_UP]) is not None


# --- the page that asks ----------------------------------------------------------------------------------------------


def mark_of(request: HttpRequest) -> str:
    """The mark that the page that asks was called with."""
    return str(get_request_param(request, MARK) or "")


def waits(request: HttpRequest) -> Waiting | None:
    """What is done, or led to, once somebody has proved on this page who they are; None where nothing waits."""
    found = waiting.find(request.session, mark_of(request))
    return found if found and found.address == get_next_redirect_url(request) else None


def take(request: HttpRequest) -> Waiting | None:
    """The same, taken out: to be called once before the proof is noted."""
    return waiting.take(request, mark_of(request)) if waits(request) else None


def back(request: HttpRequest) -> str:
    """Where whoever changes their mind goes from there; "" where nobody knows. What was typed goes back by itself."""
    found = waits(request)
    if found is None or found.posted:
        return str(get_next_redirect_url(request) or "")
    return reverse(_INSTEAD.get(Purpose(found.purpose), "account_email"))


def go_on(request: HttpRequest, kept: Waiting | None) -> HttpResponse | None:
    """After a proof: do what was posted, once, or lead to the page that was asked for; None where there is no way on.

    `kept` is what `take` gave.
    What was posted is done here as it would have been there. Where its answer is a page, nothing was done and the
    page has something to say: then the form is handed back, to be sent to its own address.
    """
    address = get_next_redirect_url(request)
    if not address:
        return None
    if kept is None or not kept.posted:
        return HttpResponseRedirect(address)
    response = _done(request, kept.posted)
    is_page = response.headers.get("Content-Type", "").startswith("text/html") and not 300 <= response.status_code < 400
    return render(request, "account/handed_back.html", {"waiting": kept}) if is_page else response


def _done(request: HttpRequest, posted: str) -> HttpResponse:
    request = deserialize_request(posted, request)
    found = request.resolver_match = resolve(request.path_info)
    response: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return response
