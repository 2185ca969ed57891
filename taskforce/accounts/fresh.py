"""A fresh proof of who somebody is, before they export, release, publish or change roles.

A session lives for weeks, and a browser is left open: what reaches many people, or cannot be taken back, asks once
more. `require` is all that other rooms need.
"""

import json
from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.httpkit import deserialize_request
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import resolve

from taskforce.accounts import second_factor
from taskforce.accounts.models import User
from taskforce.core.clock import real_now

# For so long a proof counts, signing in among them.
WITHIN = timedelta(minutes=15)


def require(request: HttpRequest) -> None:
    """Let only those pass who have proved within `WITHIN` who they are; call it before anything is done.

    Raises allauth's ReauthenticationRequired: its middleware keeps what was posted and leads to the page that asks,
    and after the proof the same is posted once more (`go_on`). Whoever has a second step must have passed that; for
    others it is the password, or a code to their own mailbox.
    """
    if is_fresh(request):
        return
    if request.method != "POST":
        # Nothing that was posted here earlier, and given up, may be done by a proof that was meant for another page.
        request.session.pop(STATE_SESSION_KEY, None)
    raise ReauthenticationRequired


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session holds such a proof."""
    user = request.user
    if not isinstance(user, User):
        return False
    if second_factor.has(user):
        at = second_factor.last_passed(request)
    else:
        at = max((one["at"] for one in get_authentication_records(request, user)), default=None)
    return at is not None and 0 <= real_now().timestamp() - at < WITHIN.total_seconds()


def is_kept(request: HttpRequest) -> bool:
    """Whether something that was posted waits for a proof."""
    return STATE_SESSION_KEY in request.session


def go_on(request: HttpRequest) -> HttpResponse | None:
    """After a proof: do what was posted, once, or lead to the page that was asked for; None where there is no way on.

    What was posted is done here as it would have been there. Where its answer is a page, nothing was done and the
    page has something to say: then the form is handed back, to be sent to its own address.
    """
    address, kept = get_next_redirect_url(request), request.session.pop(STATE_SESSION_KEY, None)
    if not address:
        return None
    posted = json.loads(kept["request"]) if isinstance(kept, dict) and "request" in kept else None
    if posted is None or _address(posted) != address:
        return HttpResponseRedirect(address)
    response = _done(request, kept["request"])
    is_page = response.headers.get("Content-Type", "").startswith("text/html") and not 300 <= response.status_code < 400
    return _handed_back(request, address, posted) if is_page else response


def _address(posted: dict[str, Any]) -> str:
    query = posted["META"].get("QUERY_STRING", "")
    return f"{posted['path']}?{query}" if query else str(posted["path"])


def _done(request: HttpRequest, posted: str) -> HttpResponse:
    request = deserialize_request(posted, request)
    found = request.resolver_match = resolve(request.path_info)
    response: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return response


def _handed_back(request: HttpRequest, address: str, posted: dict[str, Any]) -> HttpResponse:
    fields = QueryDict(posted["POST"], mutable=True)
    fields.pop("csrfmiddlewaretoken", None)
    pairs = [(name, value) for name, values in fields.lists() for value in values]
    return render(request, "account/handed_back.html", {"address": address, "fields": pairs})
