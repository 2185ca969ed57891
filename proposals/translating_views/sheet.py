"""The page of all units: one form, whose buttons save one of them and keep what was typed in all others."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from proposals import forms, queries, reviewing, services, translating
from proposals.translating import Show, Work, WorkUnit
from proposals.translating_views import acts
from proposals.translating_views.acts import Sent
from proposals.translating_views.door import LIST, Visit, Way, about, as_translator, number, page_address, show_of
from taskforce.accounts import signed_out
from taskforce.core import clock, errorpages, languages
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import Problem
from taskforce.core.templatetags.portal import number as written
from taskforce.timeline import queries as timeline

# So many characters of what was typed on the page are kept for whoever must sign in again; more is given back at once.
_MOST_KEPT = 100_000


@require_http_methods(["GET", "HEAD", "POST"])
def translate(request: HttpRequest, task_force: str, proposal: str) -> HttpResponse:
    """What there is to translate into the page's language, and how far it is; POST does something with one unit, and
    keeps what was typed in the others."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    fields = forms.names_kept(request.POST) if request.method == "POST" else ()
    return as_translator(request, found, Way(LIST, {}, fields, _MOST_KEPT), _answer)


def _answer(visit: Visit) -> HttpResponse:
    if visit.request.method == "POST":
        return _taken(visit)
    language = {"language": visit.language}
    is_seen = signed_out.was_shown(visit.request, LIST, visit.names, shown_with=language)
    typed = signed_out.find_to_copy(visit.request, LIST, visit.names, shown_with=language)
    return _brought_back(visit, typed, is_seen=is_seen) if typed else _listed(visit)


# --- shown -----------------------------------------------------------------------------------------------------------


class _Told(NamedTuple):
    """What a page says besides its list: what is wrong, what has no field to stand in, which unit is saved."""

    problems: Collection[Problem] = ()
    typed: Collection[errorpages.Typed] = ()
    saved: int | None = None
    status: int = 200


def _listed(visit: Visit, told: _Told | None = None) -> HttpResponse:
    """The units of a list, page by page."""
    return _page(visit, _asked(visit), told or _Told(saved=number(visit.request.GET.get("saved"))))


def _asked(visit: Visit) -> Work:
    """The page of a list that the address asks for."""
    asked = visit.request.GET
    return translating.work(
        visit.proposal,
        visit.language,
        visit.user,
        visit.show,
        page=asked.get("page"),
        unit_id=number(asked.get("unit")),
    )


def _page(visit: Visit, work: Work, told: _Told) -> HttpResponse:
    titles = {
        Show.TODO: _("To do"),
        Show.MISSING: _("Missing"),
        Show.OUTDATED: _("Outdated"),
        Show.WAITING: _("Waiting for review"),
        Show.KEPT: _("Kept, not saved"),
        Show.ALL: _("All"),
    }
    context = {
        **about(visit),
        "work": work,
        "show": work.show,
        "reviews": _reviews(visit, work),
        "tabs": [(each.value, titles[each], work.counts[each]) for each in Show if _is_offered(each, work)],
        "in_list": True,
        "saved": told.saved,
        "problems": told.problems,
        "typed": told.typed,
    }
    return render(visit.request, "proposals/translate.html", context, status=told.status)


def _reviews(visit: Visit, work: Work) -> int:
    """Where nothing is left to do but reviews: how many of them are the visitor's to make."""
    is_all_done = work.show is Show.TODO and not work.units and work.progress.waiting
    return reviewing.count_for(visit.user, visit.proposal, visit.language) if is_all_done else 0


def _is_offered(show: Show, work: Work) -> bool:
    """Whether a list has its tab: of what waits where reviews are wanted, of what is kept where something is."""
    if show is Show.WAITING:
        return bool(work.progress.goal and work.progress.goal.wants_review)
    return show is not Show.KEPT or work.show is Show.KEPT or work.counts[Show.KEPT] > 0


def _again(visit: Visit, show: Show, units: Collection[int]) -> Work:
    """The page of those units that somebody had before them, as far as the text still has them."""
    return translating.work(visit.proposal, visit.language, visit.user, show, only=units)


def _brought_back(visit: Visit, typed: Mapping[str, str], *, is_seen: bool) -> HttpResponse:
    """The page as somebody had it when their sign-in ended: what they had typed stands in its fields, else to be copied
    where its unit has gone, or where it was typed for another language.

    Once they have seen that, another list that they ask for is that list, with what they had typed in what it has.
    """
    if typed.get("language") != visit.language:
        return _listed(visit, _Told(typed=errorpages.kept(visit.request, typed)))
    sent = {unit: Sent(unit, fields, in_list=True) for unit, fields in forms.sheet(typed).items()}
    is_other = is_seen and bool(visit.request.GET)
    work = _asked(visit) if is_other else _again(visit, show_of(typed.get("show")), sent)
    left = _filled_in(work, sent, typed)
    if any(unit.is_unsent for unit in work.units):
        signed_out.tell_back(visit.request)
    if is_other:
        return _page(visit, work, _Told(saved=number(visit.request.GET.get("saved"))))
    return _page(visit, work if work.units else _asked(visit), _Told(typed=errorpages.kept(visit.request, left)))


def _filled_in(work: Work, sent: Mapping[int, Sent], typed: Mapping[str, str]) -> dict[str, str]:
    """Put what was typed into the fields of the units; what has no field there."""
    left = dict(typed)
    for unit in work.units:
        if unit.form and unit.id in sent and "text" in sent[unit.id].fields:
            unit.form, unit.is_unsent = sent[unit.id].form(), True
            left.pop(unit.form.add_prefix("text"))
            left.pop(unit.form.add_prefix("summary"), "")
    return left


# --- taken -----------------------------------------------------------------------------------------------------------

_Refusals = dict[int, PortalError]


def _taken(visit: Visit) -> HttpResponse:
    """Do what the button says; all that was typed in other units is kept, or shown again with what is wrong with it."""
    sent = {unit: Sent(unit, fields, in_list=True) for unit, fields in forms.sheet(visit.request.POST).items()}
    acts.note_sent(visit, *sent.values())
    if not sent:
        nothing = Problem("", "", _("The form does not say what to do. Press one of its buttons."))
        return _listed(visit, _Told([nothing], status=Invalid.status))
    acted = next((one for one in sent.values() if one.action in _ACTS or one.action == "keep"), None)
    wanted = [one for one in sent.values() if _is_to_be_kept(one)]
    kept, refused = _keep(visit, wanted)
    if acted and acted.action in _ACTS:
        try:
            _ACTS[acted.action](visit, acted)
        except (Refused, Conflict, Invalid) as error:
            refused[acted.unit] = error
    others = len([unit for unit in kept if acted is None or unit != acted.unit])
    if others and acted:
        _tell_kept(visit, others)
    if refused:
        return _shown_again(visit, sent, refused, acted)
    return _went_on(visit, acted, kept)


def _is_to_be_kept(one: Sent) -> bool:
    """What its button saves or throws away is not; what is typed beside the button that approves is."""
    return one.action == "keep" or (one.action not in ("save", "next", "discard") and forms.is_typed_in(one.fields))


def _keep(visit: Visit, wanted: Collection[Sent]) -> tuple[dict[int, Any], _Refusals]:
    """{unit: what is kept of it}, and why the others cannot be."""
    typed, refused = [], _Refusals()
    for one in wanted:
        try:
            typed.append(acts.read(visit, one))
        except Invalid as error:
            refused[one.unit] = error
    if not typed:
        return {}, refused
    try:
        kept = services.keeping.keep_all(
            visit.proposal.pk, visit.language, typed, editor=visit.user, at=clock.app_now()
        )
    except (Refused, Invalid) as error:
        return {}, refused | {one.unit_id: error for one in typed}
    return kept.drafts, refused | kept.refused


def _went_on(visit: Visit, acted: Sent | None, kept: Mapping[int, Any]) -> SeeOther:
    """All is done: on to the next unit, back to this one, or to the page that was asked for."""
    if acted:
        if acted.action == "keep":
            return acts.after_keeping(visit, acted, kept.get(acted.unit))
        return _AFTER.get(acted.action, acts.after_saving)(visit, acted)
    if not visit.request.POST.get("go") or kept:
        messages.success(visit.request, acts.told_of(next(iter(kept.values()), None)))
    return SeeOther(page_address(visit, visit.request.POST.get("go") or visit.request.POST.get("page")))


def _tell_kept(visit: Visit, count: int) -> None:
    said = ngettext(
        "What you typed in %(count)s other paragraph is kept for you; it is not saved yet.",
        "What you typed in %(count)s other paragraphs is kept for you; it is not saved yet.",
        count,
    ) % {"count": written(count)}
    url = f"{reverse(LIST, kwargs=visit.names)}?show={Show.KEPT}"
    gap = languages.gap(visit.language)
    messages.info(visit.request, format_html('{}{}<a href="{}">{}</a>', said, gap, url, _("Kept, not saved")))


def _shown_again(visit: Visit, sent: Mapping[int, Sent], refused: _Refusals, acted: Sent | None) -> HttpResponse:
    """The same units, each with what was typed; what is wrong stands above the first and at each."""
    work = _again(visit, visit.show, sent)
    found = {unit.id: unit for unit in work.units}
    problems, gone = [], dict[str, str]()
    for id_, error in refused.items():
        unit, form = found.get(id_), sent[id_].form()
        if unit and unit.form:
            acts.put(unit, sent[id_], error)
        else:
            gone |= {form.add_prefix(name): sent[id_].fields.get(name, "") for name in ("text", "summary")}
        problems.append(Problem(form["text"].auto_id if unit else "", _name(unit), str(error.message)))
    status = (refused.get(acted.unit) if acted else None) or next(iter(refused.values()))
    is_saved = acted is not None and acted.unit not in refused and acted.action in ("save", "next")
    typed = errorpages.kept(visit.request, gone)
    return _page(visit, work, _Told(problems, typed, acted.unit if acted and is_saved else None, status.status))


def _name(unit: WorkUnit | None) -> str:
    return f"{written(unit.number)} · {unit.kind}" if unit else ""


# {name of a button: what it does, and where it leads}; every other one saves nothing.
_ACTS: dict[str, Callable[[Visit, Sent], None]] = {
    "save": acts.save,
    "next": acts.save,
    "discard": acts.discard,
    "review": acts.review,
}
_AFTER: dict[str, Callable[[Visit, Sent], SeeOther]] = {
    "discard": acts.after_discarding,
    "review": acts.after_review,
}
