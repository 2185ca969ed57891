"""What somebody typed whose sign-in had ended meanwhile: kept in the session, and back in its form after signing in.

Django keeps an anonymous session's data when it becomes a signed-in one. Nothing of it is ever done by itself.
"""

from collections.abc import Collection

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from taskforce.core.text import clean
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.limits.clients import client_address

_KEPT = "typed_signed_out"
# Characters of all fields together: more than the longest of these forms has room for.
MOST = 20_000


def to_sign_in(request: HttpRequest, page: str, fields: Collection[str] = ()) -> HttpResponse:
    """To the sign-in, and from there to the page of this name; what was posted in these fields is kept for it.

    Raises `TooOften`: each is a row in the database.
    """
    typed = {name: clean(request.POST[name]) for name in fields if name in request.POST}
    if any(typed.values()) and sum(map(len, typed.values())) <= MOST:
        limits.hit(table.KEPT_FORM, client_address(request))
        request.session[_KEPT] = {"page": page, "typed": typed}
    response = redirect_to_login(reverse(page))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def is_kept_for(request: HttpRequest, address: str) -> bool:
    """Whether something waits for the page at this address, in whichever language."""
    kept = request.session.get(_KEPT)
    return kept is not None and address.split("/", 2)[2:] == reverse(kept["page"]).split("/", 2)[2:]


def take(request: HttpRequest, page: str) -> dict[str, str]:
    """What was kept for the page of this name, once, with word of it to its reader; empty where nothing was."""
    kept = request.session.get(_KEPT)
    if not kept or kept["page"] != page:
        return {}
    del request.session[_KEPT]
    messages.warning(
        request,
        _("You had been signed out, so nothing was saved. What you typed is back in its form: look at it and send it."),
    )
    typed: dict[str, str] = kept["typed"]
    return typed
