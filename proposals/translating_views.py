"""The pages on which a text is translated, one unit at a time."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from proposals import queries, services, translating
from proposals.forms import TranslationForm
from proposals.models import Proposal
from proposals.rules import may_translate, translates_into
from proposals.translating import Show, Standing, WorkUnit
from taskforce.accounts import second_factor, signed_out
from taskforce.accounts.models import User
from taskforce.core import clock, languages
from taskforce.core.errorpages import Typed
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import translated
from taskforce.core.text import clean
from taskforce.timeline import queries as timeline

_UNIT = "proposals:translate_unit"
_TYPED = ("text", "summary", "version", "source_version", "draft", "language")


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
        wanted = self.request.POST.get("show") or self.request.GET.get("show") or ""
        return Show(wanted) if wanted in set(Show) else Show.TODO

    @property
    def is_script(self) -> bool:
        """Whether the page's script asks, which puts the answer into the page that is there."""
        return self.request.headers.get("Accept", "") == "application/json"


@require_http_methods(["GET", "HEAD", "POST"])
def translate(request: HttpRequest, task_force: str, proposal: str) -> HttpResponse:
    """What there is to translate into the page's language, with a form for each unit, sent to the unit's address."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)
    return _as_translator(request, found, "proposals:translate", {}, _list)


@require_http_methods(["GET", "HEAD", "POST"])
def translate_unit(request: HttpRequest, task_force: str, proposal: str, unit: int) -> HttpResponse:
    """One unit alone; POST saves it, keeps it for later, discards what was kept, or approves it."""
    found = queries.proposal_or_404(timeline.task_force_or_404(task_force), proposal)

    def answer(visit: Visit) -> HttpResponse:
        if not queries.has_unit(found, unit):
            raise Http404
        if request.method != "POST":
            return _alone(visit, unit)
        return _ACTS.get(request.POST.get("action", ""), _save)(visit, unit)

    return _as_translator(request, found, _UNIT, {"unit": unit}, answer)


def _as_translator(
    request: HttpRequest,
    proposal: Proposal,
    page: str,
    place: Mapping[str, Any],
    answer: Callable[[Visit], HttpResponse],
) -> HttpResponse:
    """The answer for who may translate; the others are led to sign in, or told whom to ask. Nobody loses a text.

    For whoever is staff, whose roles would let them approve and change public texts here, a password is not enough, as
    it is not on the staff side.
    """
    user = request.user
    names = {"task_force": proposal.task_force.slug, "proposal": proposal.slug, **place}
    fields = _TYPED if request.method == "POST" else ()
    if not isinstance(user, User):
        return signed_out.to_sign_in(request, page, fields, names)
    visit = Visit(request, user, proposal, get_language() or "en")
    allowed, why = may_translate(user, proposal, visit.language)
    if allowed and user.is_staff and second_factor.last_passed(request) is None:
        return signed_out.to_sign_in(request, page, fields, names, way_in="admin:login")
    typed = {} if allowed else signed_out.take_to_copy(request, page, names)
    # What is kept is theirs, also once they may not translate any more.
    is_open = allowed or (page == _UNIT and request.POST.get("action") == "discard")
    response = answer(visit) if is_open else _refused(visit, why, typed)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _refused(visit: Visit, why: str, kept: Mapping[str, str]) -> HttpResponse:
    """403: why, whom to ask, into which languages one may translate instead, and what was typed, now or signed out or
    kept for them."""
    own = []
    for code in translates_into(visit.user, visit.proposal):
        with override(code):
            own.append((code, languages.OWN_NAMES[code], reverse("proposals:translate", kwargs=visit.names)))
    context = {**_about(visit), "why": why, "own": own, "typed": [*_typed(visit), *_typed(visit, kept)]}
    context |= {"show": visit.show, "drafts": translating.own_drafts(visit.proposal, visit.language, visit.user)}
    return render(visit.request, "proposals/translate_refused.html", context, status=403)


def _typed(visit: Visit, fields: Mapping[str, str] | None = None) -> list[Typed]:
    """What somebody typed, to be copied from a page that has no form for it."""
    sent = visit.request.POST if fields is None else fields
    labels = {"text": _("Translation"), "summary": _("Edit summary")}
    texts = {name: clean(sent.get(name, "")) for name in labels}
    return [Typed(str(labels[name]), text) for name, text in texts.items() if text.strip()]


def _about(visit: Visit) -> dict[str, Any]:
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
        "work_url": reverse("proposals:translate", kwargs=visit.names),
        "crumbs": [
            (_("Home"), reverse("home")),
            (translated(group, "name"), reverse("task_force", args=[group.slug])),
            (kind, text_url),
            (_("Translate"), None),
        ],
    }


# --- the pages -------------------------------------------------------------------------------------------------------


def _list(visit: Visit) -> HttpResponse:
    """The units of a list, page by page."""
    if visit.request.method == "POST":
        return HttpResponseNotAllowed(["GET", "HEAD"])
    asked = visit.request.GET
    unit = _number(asked.get("unit"))
    work = translating.work(
        visit.proposal, visit.language, visit.user, visit.show, page=asked.get("page"), unit_id=unit
    )
    titles = {
        Show.TODO: _("To do"),
        Show.MISSING: _("Missing"),
        Show.OUTDATED: _("Outdated"),
        Show.WAITING: _("Waiting for review"),
        Show.KEPT: _("Kept, not saved"),
        Show.ALL: _("All"),
    }
    context = {
        **_about(visit),
        "work": work,
        "show": visit.show,
        "tabs": [(each.value, titles[each], work.counts[each]) for each in Show if _is_offered(each, work, visit)],
        "saved": _number(asked.get("saved")),
    }
    return render(visit.request, "proposals/translate.html", context)


def _is_offered(show: Show, work: translating.Work, visit: Visit) -> bool:
    """Whether a list has its tab: of what waits where reviews are wanted, of what is kept where something is."""
    if show is Show.WAITING:
        return bool(work.progress.goal and work.progress.goal.wants_review)
    return show is not Show.KEPT or visit.show is Show.KEPT or work.counts[Show.KEPT] > 0


def _one(visit: Visit, unit: int) -> tuple[WorkUnit | None, Standing]:
    return translating.one(visit.proposal, visit.language, visit.user, unit)


def _alone(visit: Visit, unit: int) -> HttpResponse:
    """The page of one unit, with what somebody had typed in it before their sign-in ended: in its form, else to be
    copied where that is gone or was another language's."""
    shown, stands = _one(visit, unit)
    typed = signed_out.take_to_copy(visit.request, _UNIT, {**visit.names, "unit": unit})
    if shown is None:
        if not typed:
            raise Http404
        gone = services.Gone(_("The text has changed: this paragraph was taken out."))
        return _page(visit, None, stands, typed=_typed(visit, typed), error=gone)
    if not shown.form or typed.get("language") != visit.language:
        return _page(visit, shown, stands, typed=_typed(visit, typed))
    shown.form = TranslationForm.sent(unit, typed)
    shown.is_unsent = True
    signed_out.tell_back(visit.request)
    return _page(visit, shown, stands)


def _page(
    visit: Visit,
    shown: WorkUnit | None,
    stands: Standing,
    *,
    typed: list[Typed] | None = None,
    error: PortalError | None = None,
) -> HttpResponse:
    """One unit (None: it has gone); `typed` is what no form has a place for."""
    context = {
        **_about(visit),
        "unit": shown,
        "show": visit.show,
        "progress": stands.progress,
        "error": error,
        "typed": typed or [],
    }
    return render(visit.request, "proposals/translate_one.html", context, status=error.status if error else 200)


def _put(unit: WorkUnit, form: TranslationForm, error: PortalError | None) -> None:
    """What was typed stands in the unit's form; after a conflict on the version that there is now."""
    unit.form = form
    unit.is_unsent = unit.is_refused = True
    unit.is_overtaken = isinstance(error, services.Overtaken)
    unit.elsewhere = error.kept if isinstance(error, services.KeptElsewhere) else None
    if isinstance(error, Invalid):
        form.add_error("summary" if isinstance(error, services.LongSummary) else "text", error.message)


def _number(raw: str | None) -> int | None:
    """A number from an address; None for everything else."""
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 19 else None


def _address(visit: Visit, unit: int, saved: int | None = None) -> str:
    """The page of the list with this unit."""
    query = f"show={visit.show}&unit={unit}" + (f"&saved={saved}" if saved else "")
    return f"{reverse('proposals:translate', kwargs=visit.names)}?{query}#u{unit}"


# --- saving ----------------------------------------------------------------------------------------------------------


def _save(visit: Visit, unit: int) -> HttpResponse:
    """Save what was typed; a refusal shows it again, a conflict beside the text that is there."""
    try:
        typed = _read(visit, unit)
        services.translate(visit.proposal.pk, visit.language, typed, editor=visit.user, at=clock.app_now())
    except (Refused, Conflict, Invalid) as error:
        return _not_saved(visit, unit, error)
    return _saved(visit, unit)


def _read(visit: Visit, unit: int) -> services.Typed:
    """What was typed, if the form says into which language and on which versions."""
    form = TranslationForm.sent(unit, visit.request.POST)
    if visit.request.POST.get("language", visit.language) != visit.language:
        raise Invalid(_("This was typed for another language. Nothing was saved."))
    if not form.is_valid():
        raise Invalid(_("The form is damaged: it does not say on which version it was typed. Nothing was saved."))
    return services.Typed(unit, **form.cleaned_data)


def _keep(visit: Visit, unit: int) -> HttpResponse:
    """Keep what was typed for its translator, unfinished as it is."""
    try:
        typed = _read(visit, unit)
        kept = services.keeping.keep(visit.proposal.pk, visit.language, typed, editor=visit.user, at=clock.app_now())
    except (Refused, Conflict, Invalid) as error:
        return _not_saved(visit, unit, error)
    told = _("Kept for you; it is not saved yet.") if kept else _("Nothing is kept: nothing here is unsaved.")
    if visit.is_script:
        drawn = render_to_string("proposals/translate_kept.html", {"kept": kept}) if kept else ""
        return JsonResponse({"draft": kept.token if kept else "", "kept": drawn, "told": told})
    messages.success(visit.request, told)
    return SeeOther(_address(visit, unit))


def _discard(visit: Visit, unit: int) -> HttpResponse:
    """Throw away what was kept; what is saved stands in the field again, or why they may not translate any more."""
    allowed, why = may_translate(visit.user, visit.proposal, visit.language)
    token = visit.request.POST.get("draft", "")
    try:
        services.keeping.discard(visit.proposal.pk, visit.language, unit, token, editor=visit.user)
    except Conflict as error:
        return _not_saved(visit, unit, error) if allowed else _refused(visit, why, {})
    if not allowed:
        messages.success(visit.request, _("Discarded: it is not kept any more."))
        return SeeOther(reverse("proposals:translate", kwargs=visit.names))
    told = _("Discarded: here is what is saved.")
    shown, _stands = _one(visit, unit)
    if visit.is_script and shown:
        return JsonResponse({"unit": _drawn(visit, shown), "next": None, "next_url": "", "told": told})
    messages.success(visit.request, told)
    return SeeOther(_address(visit, unit))


def _review(visit: Visit, unit: int) -> HttpResponse:
    """Approve what somebody else has written, and go on to the next that waits."""
    version = _number(visit.request.POST.get("version")) or 0
    try:
        services.review(visit.proposal.pk, visit.language, unit, version, reviewer=visit.user, at=clock.app_now())
    except (Refused, Conflict, Invalid) as error:
        shown, stands = _one(visit, unit)
        return _page(visit, shown, stands, error=error)
    found = translating.standing(visit.proposal, visit.language, visit.user).places
    after = translating.following(found, unit, Show.WAITING)
    messages.success(visit.request, _("Reviewed.") if after else _("Reviewed. Nothing else waits."))
    return SeeOther(_address(visit, after or unit))


def _not_saved(visit: Visit, unit: int, error: PortalError) -> HttpResponse:
    """The unit with what was typed; after a conflict the form is on the versions that there are now."""
    shown, stands = _one(visit, unit)
    if shown is None or shown.form is None:
        return _page(visit, shown, stands, error=error, typed=_typed(visit))
    versions: dict[str, Any] = {}
    if isinstance(error, services.Overtaken):
        versions = {name: shown.form.initial[name] for name in ("version", "source_version")}
    if isinstance(error, services.KeptElsewhere):
        versions = {"draft": error.kept.token}
    _put(shown, TranslationForm.sent(unit, visit.request.POST, **versions), error)
    if not visit.is_script:
        return _page(visit, shown, stands, error=error)
    answer: dict[str, Any] = {"unit": _drawn(visit, shown), "told": str(error.message)}
    if isinstance(error, services.KeptElsewhere):
        answer |= {"draft": error.kept.token, "elsewhere": error.kept.text}
    return JsonResponse(answer, status=error.status)


def _saved(visit: Visit, unit: int) -> HttpResponse:
    """On to the next unit where that was asked for, else back to this one."""
    shown, stands = _one(visit, unit)
    is_next = visit.request.POST.get("action") == "next"
    after = translating.following(stands.places, unit, visit.show) if is_next else None
    if visit.is_script and shown:
        return JsonResponse(
            {
                "unit": _drawn(visit, shown, saved=unit),
                "progress": _drawn_progress(visit, stands),
                "next": after,
                "next_url": _address(visit, after) if after else "",
                "told": _("Saved. That was the last one here.") if is_next and not after else _("Saved."),
            }
        )
    if is_next and not after:
        messages.success(visit.request, _("Saved. That was the last one here."))
    return SeeOther(_address(visit, after or unit, saved=unit))


def _drawn(visit: Visit, unit: WorkUnit, saved: int | None = None) -> str:
    """One unit as the page has it."""
    context = {**_about(visit), "unit": unit, "saved": saved, "show": visit.show, "is_alone": True}
    return render_to_string("proposals/translate_unit.html", context, visit.request)


def _drawn_progress(visit: Visit, stands: Standing) -> str:
    context = {**_about(visit), "progress": stands.progress}
    return render_to_string("proposals/translate_progress.html", context, visit.request)


# {name of a button: what it does}; every other one saves.
_ACTS: dict[str, Callable[[Visit, int], HttpResponse]] = {"review": _review, "keep": _keep, "discard": _discard}
