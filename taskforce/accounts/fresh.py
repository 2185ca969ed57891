"""A fresh proof of who somebody is, before they export, release, publish or change roles.

A session lives for weeks, and a browser is left open: what reaches many people, or cannot be taken back, asks once
more. `require` is all that other rooms need.
"""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.httpkit import deserialize_request
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import resolve

from taskforce.accounts import second_factor
from taskforce.accounts.models import User
from taskforce.accounts.sessions import SessionStore
from taskforce.core.clock import real_now

# For so long a proof counts, signing in among them.
WITHIN = timedelta(minutes=15)
# allauth's names of the ways to sign in that whoever knows a password does not have by it.
_BEYOND_A_PASSWORD = frozenset({"code", "socialaccount"})


def require(request: HttpRequest) -> None:
    """Let only those pass who have proved within `WITHIN` who they are; call it before anything is done.

    Raises allauth's ReauthenticationRequired: its middleware keeps what was posted and leads to the page that asks,
    and after the proof the same is posted once more (`go_on`). Whoever has a second step must have passed that; whose
    roles want one that they do not have yet, the wiki or a code to their own mailbox; for others the password counts.
    """
    if is_fresh(request):
        return
    if request.method != "POST":
        # Nothing that was posted here earlier, and given up, may be done by a proof that was meant for another page.
        request.session.pop(STATE_SESSION_KEY, None)
    raise ReauthenticationRequired


def ask(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks, and back to this one: for a form with a secret in it, which is not kept."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    request.session.pop(STATE_SESSION_KEY, None)
    return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode({'next': request.get_full_path()})}")


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


def is_kept(request: HttpRequest) -> bool:
    """Whether something that was posted waits for a proof."""
    return STATE_SESSION_KEY in request.session


def take(request: HttpRequest) -> Any:
    """Take out what was posted and waits for a proof, in allauth's form; None where nothing does (any more).

    Under the lock of the session's row: of several proofs that come at once one gets it. To be called before a proof
    is noted, which gives each of them a session of its own.
    """
    request.session.pop(STATE_SESSION_KEY, None)
    return _taken(request.session.session_key or "")


@transaction.atomic
def _taken(session_key: str) -> Any:
    row = Session.objects.select_for_update().filter(session_key=session_key).first()
    if row is None:
        return None
    store = SessionStore()
    stored = store.decode(row.session_data)
    kept = stored.pop(STATE_SESSION_KEY, None)
    if kept is not None:
        row.session_data = store.encode(stored)
        row.save(update_fields=["session_data"])
    return kept


def go_on(request: HttpRequest, kept: Any) -> HttpResponse | None:
    """After a proof: do what was posted, once, or lead to the page that was asked for; None where there is no way on.

    `kept` is what `take` gave.
    What was posted is done here as it would have been there. Where its answer is a page, nothing was done and the
    page has something to say: then the form is handed back, to be sent to its own address.
    """
    address = get_next_redirect_url(request)
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
