"""The page behind the link of an invitation. Read, it changes nothing: yes is a button, and no one on a second page."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from taskforce.accounts import fresh, links, places, queries, rights, rules, services
from taskforce.accounts.enums import InvitationState, Purpose, Role
from taskforce.accounts.models import Invitation, User
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError
from taskforce.core.http import SeeOther
from taskforce.notifications import mailboxes


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What is offered, and to whom; POST answers. Whatever cannot be answered any more says what to do instead."""
    invited = links.read(token)
    found = queries.invitation_of(invited) if invited else None
    if found is None:
        return _draw(request, {"state": "unknown"}, 404)
    if request.method != "POST":
        return _page(request, found)
    try:
        return _answer(request, found)
    except PortalError as error:
        found.refresh_from_db()
        return _page(request, found, error)


def _answer(request: HttpRequest, found: Invitation) -> HttpResponse:
    at = app_now()
    user = request.user if isinstance(request.user, User) else None
    if request.POST.get("answer") == "no":
        services.decline_invitation(found.pk, actor_id=user.pk if user else None, at=at)
        return SeeOther(request.path)
    if user is None:
        return SeeOther(_with_way_back("account_login", request))
    if queries.is_invited(user, found):
        fresh.require(request, Purpose.ACCEPT_ROLE)
    services.accept_invitation(found.pk, user=user, at=at)
    messages.success(request, _("You have the role now. Thank you for taking it on."))
    return SeeOther(_place_of_work(found))


def _place_of_work(found: Invitation) -> str:
    return reverse("admin:index" if found.role in rules.WHO["staff.enter"].roles else "account_email")


def _way_on(request: HttpRequest, found: Invitation) -> str:
    """Where whoever has accepted goes on, while they hold the role."""
    user = request.user if isinstance(request.user, User) else None
    holds = user is not None and queries.grant_of(user, *found.wanted) is not None
    return _place_of_work(found) if holds else ""


def _page(request: HttpRequest, found: Invitation, refusal: PortalError | None = None) -> HttpResponse:
    is_own = queries.is_invited(request.user, found)
    may_decline = is_own or not request.user.is_authenticated
    context = {
        "state": _state(found),
        "refusal": refusal,
        "invitation": found,
        "role": Role(found.role).label,
        "spoken": languages.OWN_NAMES.get(found.language, ""),
        "place": places.shown(found.task_force_id),
        "mailbox": found.mailbox if is_own else mailboxes.masked(found.mailbox),
        "is_own": is_own,
        "may_decline": may_decline,
        "declines": may_decline and "decline" in request.GET,
        "way_on": _way_on(request, found) if is_own else "",
        "may": [words for _app, words in rights.in_words(found.wanted)],
        "login_url": _with_way_back("account_login", request),
        "signup_url": _with_way_back("account_signup", request),
    }
    return _draw(request, context, refusal.status if refusal else 200)


def _state(found: Invitation) -> str:
    """As the invitation's, and `over` where nobody answered in time."""
    is_over = found.state == InvitationState.OPEN and found.is_over(app_now())
    return "over" if is_over else found.state


def _with_way_back(name: str, request: HttpRequest) -> str:
    return f"{reverse(name)}?{urlencode({'next': request.path})}"


def _draw(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    """A page for one person: never stored by a cache, never in a search engine's index."""
    crumbs = [(_("Home"), reverse("home")), (_("Invitation"), None)]
    response = render(request, "roles/invitation.html", {"crumbs": crumbs, **context}, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
