"""Who translates what: the way to the pages of translating, on which nobody loses a text, and what all of them say."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from proposals import endings, queries, translating
from proposals.models import Proposal
from proposals.rules import may_translate, translated_until_it_ended, translates_into
from proposals.translating import Show
from taskforce.accounts import second_factor, signed_out
from taskforce.accounts.models import User
from taskforce.core import errorpages, languages
from taskforce.core.templatetags.portal import translated

UNIT, LIST = "proposals:translate_unit", "proposals:translate"


class Visit(NamedTuple):
    """Who translates what into which language."""

    request: HttpRequest
    user: User
    proposal: Proposal
    language: str

    @property
    def names(self) -> dict[str, Any]:
        """The places in the page's address."""
        return {"task_force": self.proposal.task_force.slug, "proposal": self.proposal.slug}

    @property
    def show(self) -> Show:
        """Which units are listed; where the address does not say, what there is to do."""
        return show_of(self.request.POST.get("show") or self.request.GET.get("show"))

    @property
    def is_script(self) -> bool:
        """Whether the page's script asks, which puts the answer into the page that is there."""
        return self.request.headers.get("Accept", "") == "application/json"

    @property
    def is_in_list(self) -> bool:
        """Whether that page is the one of all units."""
        return self.is_script and self.request.POST.get("place") == "list"


class Way(NamedTuple):
    """The page that somebody comes to: the name of its address, the places in it besides the text's, which fields of
    its form are kept for whoever must sign in again, and how many characters of them."""

    page: str
    place: Mapping[str, Any]
    fields: Collection[str]
    most: int = signed_out.MOST


def show_of(raw: str | None) -> Show:
    """A list by its name; one that there is not is that of what there is to do."""
    return Show(raw) if raw in set(Show) else Show.TODO


def as_translator(
    request: HttpRequest, proposal: Proposal, way: Way, answer: Callable[[Visit], HttpResponse]
) -> HttpResponse:
    """The answer for who may translate; the others are led to sign in, or told whom to ask. Nobody loses a text.

    For whoever is staff, whose roles would let them approve and change public texts here, a password is not enough, as
    it is not on the staff side.
    """
    user = request.user
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, **way.place}
    fields = way.fields if request.method == "POST" else ()
    if not isinstance(user, User):
        return signed_out.to_sign_in(request, way.page, fields, names, most=way.most)
    visit = Visit(request, user, proposal, get_language() or "en")
    allowed, why = may_translate(user, proposal, visit.language)
    if allowed and user.is_staff and second_factor.last_passed(request) is None:
        return signed_out.to_sign_in(request, way.page, fields, names, most=way.most, way_in="admin:login")
    is_read = not allowed and request.method != "POST"
    typed = signed_out.find_to_copy(request, way.page, names) if is_read else {}
    # What is kept is theirs, also once they may not translate any more.
    is_open = allowed or (way.page == UNIT and request.POST.get("action") == "discard")
    response = answer(visit) if is_open else _closed(visit, way, why, typed)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _closed(visit: Visit, way: Way, why: str, typed: Mapping[str, str]) -> HttpResponse:
    """Nothing may be translated; 404 for a translator who asks for a paragraph that a text that has ended never had."""
    is_of_unit = way.page == UNIT and visit.request.method != "POST"
    if is_of_unit and _ended(visit) and not queries.has_unit(visit.proposal, way.place["unit"]):
        raise Http404
    return refused(visit, why, typed)


def _ended(visit: Visit) -> endings.Ended | None:
    """How the text has ended, for who could translate it otherwise."""
    if not translated_until_it_ended(visit.user, visit.proposal, visit.language):
        return None
    return endings.ended(visit.proposal, queries.successor(visit.proposal, visit.language))


def refused(visit: Visit, why: str, kept: Mapping[str, str]) -> HttpResponse:
    """403: why, whom to ask, into which languages one may translate instead, and what was typed, now or signed out or
    kept for them.

    Of a text that has ended its translators read how, and where to read on: 200, unless they sent something, which is
    refused.
    """
    ended, own = _ended(visit), []
    for code in translates_into(visit.user, visit.proposal):
        with override(code):
            own.append((code, languages.OWN_NAMES[code], reverse(LIST, kwargs=visit.names)))
    typed = [*errorpages.typed_before_refusal(visit.request), *errorpages.kept(visit.request, kept)]
    context = {**about(visit), "why": why, "own": own, "typed": typed, "ended": ended}
    context |= {"show": visit.show, "drafts": translating.own_drafts(visit.proposal, visit.language, visit.user)}
    status = 200 if ended and visit.request.method != "POST" else 403
    return render(visit.request, "proposals/translate_refused.html", context, status=status)


def about(visit: Visit) -> dict[str, Any]:
    """What every page of translating says about the text."""
    group = visit.proposal.task_force
    kind = capfirst(visit.proposal.get_kind_display())
    text_url = reverse("proposals:text", kwargs=visit.names)
    return {
        "task_force": group,
        "proposal": visit.proposal,
        "kind": kind,
        "text_url": text_url,
        "language": visit.language,
        "own_name": languages.OWN_NAMES[visit.language],
        "work_url": reverse(LIST, kwargs=visit.names),
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(group, "name"), reverse("task_force", args=[group.slug])),
            (kind, text_url),
            (_("Translate"), None),
        ],
    }


def number(raw: str | None) -> int | None:
    """A number from an address; None for everything else."""
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 19 else None


def address(visit: Visit, unit: int, saved: int | None = None) -> str:
    """The page of the list with this unit."""
    query = f"show={visit.show}&unit={unit}" + (f"&saved={saved}" if saved else "")
    return f"{reverse(LIST, kwargs=visit.names)}?{query}#u{unit}"


def page_address(visit: Visit, page: str | None) -> str:
    """A page of the list by its number."""
    return f"{reverse(LIST, kwargs=visit.names)}?show={visit.show}&page={number(page) or 1}"
