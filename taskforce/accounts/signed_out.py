"""What somebody typed whose sign-in had ended meanwhile: kept in the session, and back in its form after signing in.

Django keeps an anonymous session's data when it becomes a signed-in one. Nothing of it is ever done by itself. Each
page has a place of its own, so that what was sent from one tab does not cost what was sent from another.

A machine may be shared, and whoever signs in next may be somebody else. So each of these forms carries a signed mark of
whose it is: what comes without one, which no page of the portal sends, is not kept, and what is kept goes where another
account signs in, or after a while.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from taskforce.core.clock import real_now
from taskforce.core.errors import Refused
from taskforce.core.text import clean
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.limits.clients import client_address

# The hidden field of a form with the mark of whose it is.
OWNER = "owner"
# For so long it is kept: longer than a code by mail works, by which its person comes back.
WITHIN = timedelta(minutes=30)
_KEPT = "typed_signed_out"
# Whether what a page has taken was sent by somebody signed in, whom only the second step was missing.
_IN_STEP = "portal.kept_in_step"
# So many forms wait at a time; the oldest is forgotten.
FORMS = 5
_SIGNER = signing.Signer(salt="accounts.signed_out.owner")
# Characters of all fields together: more than the longest of these forms takes, which is that of a translation with its
# edit summary. Longer ones are given back at once.
MOST = 25_000


def owner_mark(user: Any) -> str:
    """The mark of whose form this is, for its hidden field `OWNER`."""
    return _SIGNER.sign(str(user.pk))


def to_sign_in(
    request: HttpRequest,
    page: str,
    fields: Collection[str] = (),
    place: Mapping[str, Any] | None = None,
    *,
    most: int = MOST,
    way_in: str = "",
) -> HttpResponse:
    """To the sign-in, and from there to the page of this name; what was posted in these fields is kept for it, if it
    was shown to somebody signed in: for them.
    `place` is what the page's address has in it, `most` how many characters are kept, `way_in` the name of a sign-in
    other than the usual one. Whoever asked for a page, and for what of it (its query), comes back to that.

    Raises `Refused` for what is too long for that, whose page has it to be copied, and `TooOften`: each is a row in the
    database.
    """
    sent = {name: request.POST[name] for name in fields if name in request.POST}
    typed = {name: clean(text, most=most) for name, text in sent.items()}
    owner, in_step = _owner(request), bool(request.user.is_authenticated)
    if sum(map(len, typed.values())) > most:
        raise too_long(most, in_step=in_step)
    if owner and any(typed.values()):
        limits.hit(table.KEPT_FORM, client_address(request))
        _add(request, {"page": page, "place": dict(place or {}), "typed": typed, OWNER: owner, "in_step": in_step})
    going_on_to = reverse(page, kwargs=dict(place or {}))
    if request.method != "POST" and request.META.get("QUERY_STRING"):
        going_on_to += f"?{request.META['QUERY_STRING']}"
    response = redirect_to_login(going_on_to, reverse(way_in) if way_in else None)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def too_long(most: int, *, in_step: bool = False) -> Refused:
    """What is raised for more than `most` characters, to whoever is not signed in, or (`in_step`) lacks their second
    step; its page has them to be copied."""
    said = _(
        "What you typed is too long to be kept until you are back: at most %(most)d characters are. Copy it from this "
        "page, sign in, open the form again and paste it."
    )
    title = _("Your second step is needed first") if in_step else _("Your sign-in has ended")
    return Refused(said % {"most": most}, title=title)


def is_kept_for(request: HttpRequest, address: str) -> bool:
    """Whether something waits for the page at this address, in whichever language."""
    asked = address.partition("?")[0].split("/", 2)[2:]
    pages = (reverse(one["page"], kwargs=one.get("place", {})) for one in _kept(request) if _is_fresh(one))
    return any(asked == page.split("/", 2)[2:] for page in pages)


def take(request: HttpRequest, page: str, place: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What was kept for the page of this name and place, once, with word of it to its reader; empty where nothing was.

    To be asked by a page of whoever is signed in, which shows it in its form. What another person typed is thrown away,
    not given.
    """
    typed = take_to_copy(request, page, place)
    if typed:
        tell_back(request)
    return typed


def take_to_copy(request: HttpRequest, page: str, place: Mapping[str, Any] | None = None) -> dict[str, str]:
    """As `take`, for a page that may have no form any more for this person: without word of it.

    A HEAD, which shows nothing, takes nothing.
    """
    drop_others(request, request.user)
    kept = _kept(request)
    found = next((one for one in kept if _is_of(one, page, place)), None)
    if request.method == "HEAD" or found is None:
        return {}
    _store(request, [one for one in kept if one is not found])
    request.META[_IN_STEP] = bool(found.get("in_step"))
    typed: dict[str, str] = found["typed"]
    return typed


def tell_back(request: HttpRequest) -> None:
    """Word to the reader of a page: what was kept stands in its form."""
    if request.META.get(_IN_STEP):
        said = _(
            "Your second step was needed first, so nothing was saved. What you typed is back in its form: look at it "
            "and send it."
        )
    else:
        said = _(
            "You had been signed out, so nothing was saved. What you typed is back in its form: look at it and send it."
        )
    messages.warning(request, said)


def drop_others(request: HttpRequest, user: Any) -> None:
    """This account has signed in: what another one typed is gone for good, and what is too old, which it is told."""
    kept = _kept(request)
    own = [one for one in kept if one.get(OWNER) == str(user.pk)]
    left = [one for one in own if _is_fresh(one)]
    if len(left) < len(kept):
        _store(request, left)
    if len(left) < len(own):
        said = _(
            "What you typed while you were signed out was kept for half an hour, and is gone: please type it again."
        )
        messages.warning(request, said)


def _owner(request: HttpRequest) -> str:
    """The number of the account that the form was shown to; "" where no mark, or none of ours, says so."""
    try:
        return _SIGNER.unsign(request.POST.get(OWNER, ""))
    except signing.BadSignature:
        return ""


def _kept(request: HttpRequest) -> list[dict[str, Any]]:
    """All that is kept, the oldest first; what was kept before each page had its place was a single one."""
    kept: list[dict[str, Any]] | dict[str, Any] = request.session.get(_KEPT, [])
    return [kept] if isinstance(kept, dict) else kept


def _add(request: HttpRequest, new: dict[str, Any]) -> None:
    """Keep it, in place of what its page has: but for the fields of another form of the same page."""
    former = [one for one in _kept(request) if _is_of(one, new["page"], new["place"]) and one[OWNER] == new[OWNER]]
    others = [one for one in _kept(request) if one not in former]
    for one in former:
        if _is_fresh(one) and not one["typed"].keys() & new["typed"].keys():
            new["typed"] = {**one["typed"], **new["typed"]}
    _store(request, [*others[-(FORMS - 1) :], {**new, "at": real_now().timestamp()}])


def _store(request: HttpRequest, kept: list[dict[str, Any]]) -> None:
    if kept:
        request.session[_KEPT] = kept
    else:
        request.session.pop(_KEPT, None)


def _is_of(one: Mapping[str, Any], page: str, place: Mapping[str, Any] | None) -> bool:
    return bool(one["page"] == page and one.get("place", {}) == dict(place or {}))


def _is_fresh(one: Mapping[str, Any]) -> bool:
    """What was kept before there were marks is nobody's, and too old."""
    kept_at: float = one.get("at", 0)
    return 0 <= real_now().timestamp() - kept_at < WITHIN.total_seconds()
