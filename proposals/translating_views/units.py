"""One unit alone: saved, kept for later, discarded, approved; for the scripts of both pages too."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from proposals import queries, services, translating
from proposals.forms import TranslationForm
from proposals.rules import may_translate
from proposals.translating import Standing, WorkUnit
from proposals.translating_views import acts
from proposals.translating_views.acts import Sent
from proposals.translating_views.door import LIST, UNIT, Visit, Way, about, address, as_translator, refused
from taskforce.accounts import signed_out
from taskforce.core import errorpages
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.timeline import queries as timeline

_TYPED = ("text", "summary", "version", "source_version", "draft", "language")


@require_http_methods(["GET", "HEAD", "POST"])
def translate_unit(request: HttpRequest, task_force: str, proposal: str, unit: int) -> HttpResponse:
    """One unit alone; POST saves it, keeps it for later, discards what was kept, or approves it."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)

    def answer(visit: Visit) -> HttpResponse:
        if not queries.has_unit(found, unit):
            raise Http404
        if request.method != "POST":
            return _alone(visit, unit)
        sent = Sent(unit, request.POST)
        acts.note_sent(visit, sent)
        return _ACTS.get(sent.action, _save)(visit, sent)

    return as_translator(request, found, Way(UNIT, {"unit": unit}, _TYPED), answer)


# --- its page --------------------------------------------------------------------------------------------------------


def _one(visit: Visit, unit: int) -> tuple[WorkUnit | None, Standing]:
    return translating.one(visit.proposal, visit.language, visit.user, unit, in_list=visit.is_in_list)


def _alone(visit: Visit, unit: int) -> HttpResponse:
    """The page of one unit, with what somebody had typed in it before their sign-in ended: in its form, else to be
    copied where that is gone or was another language's."""
    shown, stands = _one(visit, unit)
    place, language = {**visit.names, "unit": unit}, {"language": visit.language}
    typed = signed_out.find_to_copy(visit.request, UNIT, place, shown_with=language)
    copied = errorpages.kept(visit.request, typed)
    if shown is None:
        if not typed:
            raise Http404
        gone = services.Gone(_("The text has changed: this paragraph was taken out."))
        return _page(visit, None, stands, typed=copied, error=gone)
    if not shown.form or typed.get("language") != visit.language:
        return _page(visit, shown, stands, typed=copied)
    shown.form = TranslationForm.sent(unit, typed)
    shown.is_unsent = True
    signed_out.tell_back(visit.request)
    return _page(visit, shown, stands)


def _page(
    visit: Visit,
    shown: WorkUnit | None,
    stands: Standing,
    *,
    typed: list[errorpages.Typed] | None = None,
    error: PortalError | None = None,
) -> HttpResponse:
    """One unit (None: it has gone); `typed` is what no form has a place for."""
    context = {
        **about(visit),
        "unit": shown,
        "show": visit.show,
        "progress": stands.progress,
        "error": error,
        "typed": typed or [],
    }
    return render(visit.request, "proposals/translate_one.html", context, status=error.status if error else 200)


# --- saving ----------------------------------------------------------------------------------------------------------


def _save(visit: Visit, sent: Sent) -> HttpResponse:
    """Save what was typed; a refusal shows it again, a conflict beside the text that is there."""
    try:
        acts.save(visit, sent)
    except (Refused, Conflict, Invalid) as error:
        return _not_saved(visit, sent, error)
    return _saved(visit, sent) if visit.is_script else acts.after_saving(visit, sent)


def _keep(visit: Visit, sent: Sent) -> HttpResponse:
    """Keep what was typed for its translator, unfinished as it is."""
    try:
        kept = acts.keep(visit, sent)
    except (Refused, Conflict, Invalid) as error:
        return _not_saved(visit, sent, error)
    if not visit.is_script:
        return acts.after_keeping(visit, sent, kept)
    drawn = render_to_string("proposals/translate_kept.html", {"kept": kept}) if kept else ""
    return JsonResponse({"draft": kept.token if kept else "", "kept": drawn, "told": acts.told_of(kept)})


def _discard(visit: Visit, sent: Sent) -> HttpResponse:
    """Throw away what was kept; what is saved stands in the field again, or why they may not translate any more."""
    allowed, why = may_translate(visit.user, visit.proposal, visit.language)
    try:
        acts.discard(visit, sent)
    except Conflict as error:
        return _not_saved(visit, sent, error) if allowed else refused(visit, why, {})
    if not allowed:
        messages.success(visit.request, _("Discarded: it is not kept any more."))
        return SeeOther(reverse(LIST, kwargs=visit.names))
    shown, _stands = _one(visit, sent.unit)
    if visit.is_script and shown:
        told = acts.told_of_discarding()
        return JsonResponse({"unit": _drawn(visit, shown), "next": None, "next_url": "", "told": told})
    return acts.after_discarding(visit, sent)


def _review(visit: Visit, sent: Sent) -> HttpResponse:
    """Approve what somebody else has written, and go on to the next that waits."""
    try:
        acts.review(visit, sent)
    except (Refused, Conflict, Invalid) as error:
        shown, stands = _one(visit, sent.unit)
        return _page(visit, shown, stands, error=error)
    return acts.after_review(visit, sent)


def _not_saved(visit: Visit, sent: Sent, error: PortalError) -> HttpResponse:
    """The unit with what was typed; after a conflict the form is on the versions that there are now."""
    shown, stands = _one(visit, sent.unit)
    if shown is None or shown.form is None:
        return _page(visit, shown, stands, error=error, typed=errorpages.typed_before_refusal(visit.request))
    acts.put(shown, sent._replace(in_list=visit.is_in_list), error)
    if not visit.is_script:
        return _page(visit, shown, stands, error=error)
    answer: dict[str, Any] = {"unit": _drawn(visit, shown), "told": str(error.message)}
    if isinstance(error, services.KeptElsewhere):
        answer |= {"draft": error.kept.token, "elsewhere": error.kept.text}
    return JsonResponse(answer, status=error.status)


# --- for the scripts -------------------------------------------------------------------------------------------------


def _saved(visit: Visit, sent: Sent) -> HttpResponse:
    """The unit as it is now, how far the text is, and where to go on."""
    shown, stands = _one(visit, sent.unit)
    if shown is None:
        return acts.after_saving(visit, sent)
    is_next = sent.action == "next"
    after = translating.following(stands.places, sent.unit, visit.show) if is_next else None
    return JsonResponse(
        {
            "unit": _drawn(visit, shown, saved=sent.unit),
            "progress": _drawn_progress(visit, stands),
            "next": after,
            "next_url": address(visit, after) if after else "",
            "told": _("Saved. That was the last one here.") if is_next and not after else _("Saved."),
        }
    )


def _drawn(visit: Visit, unit: WorkUnit, saved: int | None = None) -> str:
    """One unit as the page has it that asks."""
    context = {**about(visit), "unit": unit, "saved": saved, "show": visit.show, "is_alone": True}
    context["in_list"] = visit.is_in_list
    return render_to_string("proposals/translate_unit.html", context, visit.request)


def _drawn_progress(visit: Visit, stands: Standing) -> str:
    context = {**about(visit), "progress": stands.progress}
    return render_to_string("proposals/translate_progress.html", context, visit.request)


# {name of a button: what it does}; every other one saves.
_ACTS: dict[str, Callable[[Visit, Sent], HttpResponse]] = {"review": _review, "keep": _keep, "discard": _discard}
