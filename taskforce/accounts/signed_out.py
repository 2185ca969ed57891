"""What somebody typed whose sign-in had ended meanwhile: kept in the session, and back in its form after signing in.

Django keeps an anonymous session's data when it becomes a signed-in one. Nothing of it is ever done by itself. What was
sent from one tab does not cost what was sent from another: each page has a place of its own, and of one page, what was
written in different fields is shown together, and in the same ones one after the other, the newest first.

A look takes nothing away: whoever loads the page again finds it again. It goes once its person has sent that form,
whose own page shows it from then on, whatever comes of it (`sent_again`); after half an hour; or where another account
signs in.

A machine may be shared, and whoever signs in next may be somebody else. So each of these forms carries a signed mark of
whose it is: what comes without one, which no page of the portal sends, is not kept.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from taskforce.accounts import sessions
from taskforce.core import errorpages
from taskforce.core.clock import real_now
from taskforce.core.errors import Refused
from taskforce.core.text import clean
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.limits.clients import client_address

# The hidden field of a form with the mark of whose it is.
OWNER = "owner"
# Whether what a page has found was sent by somebody signed in, whom only the second step was missing.
_IN_STEP = "portal.kept_in_step"
# So many forms wait at a time; the oldest is forgotten.
FORMS = 5
# The field that says for which language a form was shown.
_LANGUAGE = "language"
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
    owner, in_step = whose(request), bool(request.user.is_authenticated)
    if sum(map(len, typed.values())) > most:
        raise too_long(most, in_step=in_step, was_in=bool(owner))
    if owner and any(typed.values()):
        limits.hit(table.KEPT_FORM, client_address(request))
        _add(request, {"page": page, "place": dict(place or {}), "typed": typed, OWNER: owner, "in_step": in_step})
    going_on_to = reverse(page, kwargs=dict(place or {}))
    if request.method != "POST" and request.META.get("QUERY_STRING"):
        going_on_to += f"?{request.META['QUERY_STRING']}"
    response = redirect_to_login(going_on_to, reverse(way_in) if way_in else None)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def too_long(most: int, *, in_step: bool = False, was_in: bool = False) -> Refused:
    """What is raised for more than `most` characters, to whoever is not signed in (any more, if they `was_in`), or
    (`in_step`) lacks their second step; its page has them to be copied."""
    said = _(
        "What you typed is too long to be kept until you are back: at most %(most)d characters are. Copy it from this "
        "page, sign in, open the form again and paste it."
    )
    ended = _("Your sign-in has ended") if was_in else _("Sign in")
    title = _("Your second step is needed first") if in_step else ended
    return Refused(said % {"most": most}, title=title)


def is_kept_for(request: HttpRequest, address: str) -> bool:
    """Whether something waits for the page at this address, in whichever language."""
    asked = address.partition("?")[0].split("/", 2)[2:]
    pages = (_address(one) for one in _kept(request) if sessions.is_fresh(one))
    return any(asked == page.split("/", 2)[2:] for page in pages)


def _address(one: Mapping[str, Any]) -> str:
    """Where its page is; "" for a page that an update of the portal has taken away meanwhile."""
    try:
        return reverse(one["page"], kwargs=one.get("place", {}))
    except NoReverseMatch:
        return ""


def find(request: HttpRequest, page: str, place: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What is kept for the page of this name and place, the newest, with word of it to its reader; empty where nothing
    is.

    To be asked by a page of whoever is signed in, which shows it in its form. What another person typed is thrown away,
    not given.
    """
    typed = find_to_copy(request, page, place)
    if typed:
        tell_back(request)
    return typed


def find_to_copy(
    request: HttpRequest,
    page: str,
    place: Mapping[str, Any] | None = None,
    *,
    shown_with: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """As `find`, for a page that may have no form any more for this person: without word of it.

    What was kept with `shown_with` comes first, where the page has a form of its own for each language. That it was
    shown is noted, once. A HEAD, which shows nothing, changes nothing.
    """
    if request.method == "HEAD":
        return {}
    drop_others(request, request.user)
    kept = _kept(request)
    found = _newest(kept, page, place, shown_with)
    if found is None:
        return {}
    if not found.get(sessions.SHOWN):
        _store(request, [{**one, sessions.SHOWN: True} if one is found else one for one in kept])
    request.META[_IN_STEP] = bool(found.get("in_step"))
    return dict(found["typed"])


def was_shown(
    request: HttpRequest,
    page: str,
    place: Mapping[str, Any] | None = None,
    *,
    shown_with: Mapping[str, str] | None = None,
) -> bool:
    """Whether what `find_to_copy` finds for this page has been shown there already."""
    return sessions.SHOWN in (_newest(_kept(request), page, place, shown_with) or {})


def sent_again(
    request: HttpRequest,
    page: str,
    place: Mapping[str, Any] | None = None,
    *,
    fields: Collection[str] | None = None,
    shown_with: Mapping[str, str] | None = None,
) -> None:
    """Somebody signed in has sent these fields of the page (by default all that are posted): they are kept no more.

    To be called by what takes the form, past the door at which it is kept anew, wherever it is posted to. Of a form
    with none of the fields in which they had written nothing goes; what was written in others stays, with what belongs
    to it. `shown_with` is what must have been kept with them, where the page has a form of its own for each language.
    """
    names = set(request.POST if fields is None else fields)
    kept = _kept(request)
    shown = _newest(kept, page, place, shown_with)
    left = [_without(one, names, shown_with or {}) if one is shown else one for one in kept]
    if left != kept:
        _store(request, [one for one in left if one["typed"]])


def _without(one: dict[str, Any], names: Collection[str], shown_with: Mapping[str, str]) -> dict[str, Any]:
    """The same without these fields; without any where nobody has written in those that are left."""
    typed: dict[str, str] = one["typed"]
    written = errorpages.written(one["page"], typed) or typed
    if shown_with.items() - typed.items() or not any(name in names for name in written if name in typed):
        return one
    left = {name: text for name, text in typed.items() if name not in names}
    is_written = any(left.get(name, "").strip() for name in errorpages.written(one["page"], left))
    return {**one, "typed": left if is_written else {}}


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
    """This account has signed in: what another one typed is gone for good, and what is too old, which it is told if it
    never got to see it."""
    kept = _kept(request)
    own = [one for one in kept if one.get(OWNER) == str(user.pk)]
    left = [one for one in own if sessions.is_fresh(one)]
    if len(left) < len(kept):
        _store(request, left)
    if any(not sessions.is_fresh(one) and not one.get(sessions.SHOWN) for one in own):
        said = _(
            "What you typed while you were signed out was kept for half an hour, and is gone: please type it again."
        )
        messages.warning(request, said)


def whose(request: HttpRequest) -> str:
    """The number of the account that the form was shown to; "" where no mark, or none of ours, says so."""
    try:
        return _SIGNER.unsign(request.POST.get(OWNER, ""))
    except signing.BadSignature:
        return ""


def _kept(request: HttpRequest) -> list[dict[str, Any]]:
    """All that is kept, the oldest first."""
    kept: list[dict[str, Any]] = request.session.get(sessions.TYPED_SIGNED_OUT, [])
    return kept


def _add(request: HttpRequest, new: dict[str, Any]) -> None:
    """Keep it: together with what waits for the same page, unless the same fields were written otherwise there.

    Where its person has seen that, they have gone on from it: what they send anew takes its place.
    """
    others = []
    for one in _kept(request):
        if not _fit_together(one, new):
            others.append(one)
        elif sessions.is_fresh(one):
            new = {**new, "typed": _together(one, new["typed"])}
    _store(request, [*others[-(FORMS - 1) :], {**new, "at": real_now().timestamp()}])


def _fit_together(one: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether both can stand in one form: of the same page, person and language, no field written in two ways."""
    if not _is_of(one, new["page"], new["place"]) or one.get(OWNER) != new[OWNER]:
        return False
    former, later = one["typed"], new["typed"]
    # Also where one of them has emptied a field that the other has words in.
    written = _in_words(new["page"], former) | _in_words(new["page"], later)
    both = written & former.keys() & later.keys()
    is_other_language = former.get(_LANGUAGE, later.get(_LANGUAGE)) != later.get(_LANGUAGE, former.get(_LANGUAGE))
    is_same = sessions.SHOWN in one or all(former[name] == later[name] for name in both)
    return is_same and not is_other_language


def _together(one: Mapping[str, Any], later: Mapping[str, str]) -> dict[str, str]:
    """What two forms of a page say: of fields that go with those in which only the former was written, the former,
    unless its person has seen it and gone on from it."""
    former: Mapping[str, str] = one["typed"]
    if sessions.SHOWN in one:
        return {**former, **later}
    written = _in_words(one["page"], later)
    groups = {_group(name) for name in _in_words(one["page"], former) - written}
    stays = {name for name in former if name not in later or (_group(name) in groups and name not in written)}
    return {**later, **{name: former[name] for name in stays}}


def _group(name: str) -> str:
    """What the names of the fields of one thing begin with, where a page has several; a name of its own is alone."""
    return name.rpartition("-")[0] or name


def _in_words(page: str, typed: Mapping[str, str]) -> set[str]:
    """The fields in which somebody has written something."""
    return {name for name in errorpages.written(page, typed) if typed.get(name, "").strip()}


def _newest(
    kept: list[dict[str, Any]], page: str, place: Mapping[str, Any] | None, shown_with: Mapping[str, str] | None
) -> dict[str, Any] | None:
    """The last that was kept for a page, if there is one of what it was shown with; else any of it."""
    there = [one for one in reversed(kept) if _is_of(one, page, place)]
    wanted = (shown_with or {}).items()
    return next((one for one in there if wanted <= one["typed"].items()), there[0] if there else None)


def _store(request: HttpRequest, kept: list[dict[str, Any]]) -> None:
    if kept:
        request.session[sessions.TYPED_SIGNED_OUT] = kept
    else:
        request.session.pop(sessions.TYPED_SIGNED_OUT, None)


def _is_of(one: Mapping[str, Any], page: str, place: Mapping[str, Any] | None) -> bool:
    return bool(one["page"] == page and one.get("place", {}) == dict(place or {}))
