"""A call as it is written: begun, its words and numbers, its questions, how it stands, and how its readers find it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recruitment import calling, links, plan, queries, readiness, services
from recruitment.admin.call_acts import rubric_stays, seats_stay
from recruitment.admin.writing import (
    CallPages,
    coverage,
    lacking,
    languages_of,
    more_languages,
    typed_before,
    url,
    user_of,
)
from recruitment.enums import Part
from recruitment.forms.calling import CallWordsForm, ChooseQuestionsForm, DetailsForm, NewCallForm, numbers_of
from recruitment.forms.two_languages import TwoLanguages
from recruitment.models import Call
from recruitment.queries import saying
from recruitment.readiness import Finding
from recruitment.services.building import check_seen
from recruitment.views.framing import crumbs
from taskforce.core import labels, languages
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.side_by_side import own_name
from taskforce.core.templatetags.portal import Problem, number, percent
from taskforce.core.templatetags.staff import sentence
from taskforce.questions.queries import visible_versions
from taskforce.timeline import describe
from taskforce.timeline import queries as timeline


class DraftPages(CallPages):
    """Begin a call, write it, look at it, check it and publish it."""

    def draft_urls(self) -> list[URLPattern]:
        """Its pages."""
        return [
            path("add/", self.kept("add", self.add_view), name="recruitment_call_add"),
            self.page_at("details/", "details", self.details_view),
            self.page_at("questions/", "questions", self.questions_view),
            self.page_at("preview/", "preview", self.preview_view),
            self.page_at("check/", "check", self.check_view),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft: in which phase, with which questions, under which title."""
        if not self.has_add_permission(request):
            raise Refused(_("Only coordinators and their deputies write and change calls for members."))
        user, at = user_of(request), app_now()
        phases, versions = queries.phases_to_call_in(user, at), visible_versions(user)
        start = {"phase": request.GET.get("phase", ""), **typed_before(request, "add")}
        form = NewCallForm(phases, versions, request.POST if request.method == "POST" else None, start)
        refusal: PortalError | None = None
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            try:
                call = services.draft_call(int(chosen["phase"]), int(chosen["questions"]), form.details(), actor=user)
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is saved."))
                return SeeOther(url("change", call.pk))
        lacks = _lacks(phases=bool(phases), versions=bool(versions))
        # What was typed stays, whatever has gone meanwhile.
        shown = form if form.is_bound or not lacks else None
        return self.page(request, "add", None, title=_("New call"), form=shown, lacks=lacks, refusal=refusal)

    # --- how it stands -----------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Part by part how it stands, with the ways on; a draft can be discarded here."""
        call = self.found(request, int(object_id) if object_id.isascii() and object_id.isdecimal() else 0)
        refusal: PortalError | None = None
        if request.method == "POST":
            try:
                services.discard_call(call.pk, actor=user_of(request), expected=request.POST.get("seen", ""))
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The draft is discarded."))
                return SeeOther(reverse("admin:recruitment_call_changelist"))
        return self.page(
            request,
            "desk",
            call,
            title=labels.label(call, "title").text,
            is_desk=True,
            opens_rule=describe.opens_rule(call.phase),
            closes_rule=describe.closes_rule(call.phase),
            parts=_parts(call),
            lacks=_untranslated(call) if call.published_at else [],
            changes=[calling.changed(one) for one in queries.changes(call)],
            page_url=links.call(call, is_only=False),
            seen=queries.whole_seen(call),
            refusal=refusal,
        )

    # --- words and numbers -------------------------------------------------------------------------------------------

    def details_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Its words in two languages, and its numbers; of a published call the words alone, in more languages."""
        call = self.found(request, call_id)
        back = typed_before(request, "details", call_id=call_id)
        sent = request.POST if request.method == "POST" else back
        form = _details_form(call, *languages_of(request, call, sent), sent or None)
        seen = sent.get("seen", "") if sent else _details_seen(call)
        refusal, both = None, []
        if request.method == "POST" and form.is_valid():
            try:
                self._save_details(request, call, form, seen)
            except PortalError as error:
                refusal = error
                if error.status == 409:
                    call = self.found(request, call_id)
                    both, seen = _both(call, form), _details_seen(call)
            else:
                return SeeOther(_going_on(request, "details", call.pk, form.language))
        return self.page(
            request,
            "words",
            call,
            title=_("What the call says"),
            heading=_("What the call says"),
            intro=more_languages() if call.published_at else "",
            act=None if seats_stay(call) else (url("words", call.pk), _("Change the words…")),
            form=form,
            coverage=coverage(labels.stored(call, name) for name in plan.FIELDS),
            seen=seen,
            refusal=refusal,
            both=both,
        )

    def _save_details(self, request: HttpRequest, call: Call, form: TwoLanguages, seen: str) -> None:
        if isinstance(form, DetailsForm):
            services.edit_call(call.pk, form.details(), actor=user_of(request), expected=seen)
            messages.success(request, _("The draft is saved."))
            return
        changed = services.put_right(call, form.texts(), seen=seen, actor=user_of(request))
        said = _("The texts are stored; everybody reads them at once.")
        messages.success(request, said if changed else _("Nothing was changed."))

    def questions_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Which version of questions a draft asks; what is published asks it for good."""
        call = self.found(request, call_id)
        typed_before(request, "questions", call_id=call_id)
        form = ChooseQuestionsForm(
            call, visible_versions(request.user), request.POST if request.method == "POST" else None
        )
        refusal: PortalError | None = None
        if request.method == "POST" and form.is_valid():
            try:
                chosen, seen = int(form.cleaned_data["questions"]), request.POST.get("seen", "")
                services.choose_questions(call.pk, chosen, actor=user_of(request), expected=seen)
            except PortalError as error:
                refusal = error
                call = self.found(request, call_id)
            else:
                messages.success(request, _("The draft is saved."))
                return SeeOther(url("change", call.pk))
        return self.page(
            request,
            "questions",
            call,
            title=_("What the form asks"),
            form=None if call.published_at else form,
            asked=calling.asked(saying.asked(call)),
            set_url=_set_url(call),
            seen=queries.details_seen(call),
            refusal=refusal,
        )

    # --- preview and publishing --------------------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """The public page, as it would be now; the language is that of the address, as everywhere."""
        # Whoever does not find the call is told nothing of how its page is asked for.
        return require_safe(self._preview)(request, self.found(request, call_id))

    def _preview(self, request: HttpRequest, call: Call) -> HttpResponse:
        at, group = app_now(), call.phase.task_force
        context = {
            "task_force": group,
            "crumbs": crumbs(group, _("Call for members")),
            "process_url": reverse("process", args=[group.slug]),
            "application_url": links.application(call, is_only=False),
            **calling.shown(call, timeline.phases(group), at),
            "preview": True,
            "edit_url": url("change", call.pk),
        }
        response = render(request, "recruitment/call.html", context)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def check_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """What speaks against publishing, each with the way to where it is mended; and the act."""
        call, at = self.found(request, call_id), app_now()
        if call.published_at is not None:
            return SeeOther(url("change", call.pk))
        refusal: PortalError | None = None
        unconfirmed: list[Problem] = []
        if request.method == "POST" and not request.POST.get("confirmed"):
            said = _("Tick it to confirm, or leave the page: then nothing changes.")
            unconfirmed = [Problem("id_confirmed", _("The box at the end of the page"), said)]
        elif request.method == "POST":
            try:
                shown = request.POST.get("seen", "")
                services.publish_draft(call.pk, actor=user_of(request), expected=shown, has_read=True)
            except PortalError as error:
                refusal = error
                # What is found stands below, with the ways to where it is mended.
                refusal.facts = []
            else:
                messages.success(request, _("The call is public."))
                return SeeOther(url("change", call.pk))
        found = readiness.of(call, at)
        return self.page(
            request,
            "check",
            call,
            title=_("Check and publish"),
            blocking=[_finding(call, one) for one in readiness.blocking(found)],
            noted=[_finding(call, one) for one in readiness.warnings(found)],
            seen=check_seen(call, found),
            form=ChooseQuestionsForm(call, []),
            unconfirmed=unconfirmed,
            refusal=refusal,
        )


def _details_form(call: Call, source: str, language: str, sent: Any) -> TwoLanguages:
    if call.published_at is None:
        return DetailsForm(call, source, language, sent)
    stored = {name: labels.stored(call, name) for name in plan.FIELDS}
    form = CallWordsForm(stored, source, language, sent)
    form.keep_what_is_public(stored)
    return form


def _details_seen(call: Call) -> str:
    return queries.details_seen(call) if call.published_at is None else queries.words_seen(call)


def _both(call: Call, form: TwoLanguages) -> list[Any]:
    return form.both({name: labels.stored(call, name) for name in plan.FIELDS}, numbers_of(call))


def _going_on(request: HttpRequest, name: str, *place: Any) -> str:
    """The same page, in the language that was asked for."""
    *keys, language = place
    go = request.POST.get("go", "")
    return url(name, *keys, language=go if languages.is_offered(go) else language)


def _lacks(*, phases: bool, versions: bool) -> list[dict[str, str]]:
    found = []
    if not phases:
        found.append(
            {
                "text": _("No phase in which people can apply is without a call: plan one first."),
                "url": reverse("admin:timeline_phase_changelist"),
                "way": _("Phases"),
            }
        )
    if not versions:
        found.append(
            {
                "text": _("There are no questions yet that could be asked."),
                "url": reverse("admin:questions_questionset_changelist"),
                "way": _("Sets of questions"),
            }
        )
    return found


def _set_url(call: Call) -> str:
    """The page of the set whose questions it asks."""
    return reverse("admin:questions_questionset_change", args=[call.questions.question_set_id])


# --- part by part -----------------------------------------------------------------------------------------------------


def _parts(call: Call) -> list[dict[str, Any]]:
    """The parts of a call as they stand, each with the ways to where they are written or changed."""
    is_draft = call.published_at is None
    own = [labels.stored(call, name) for name in plan.FIELDS]
    rubric = queries.rubric(call)
    asked = queries.clarifications(call)
    told = [labels.stored(one, name) for one in asked for name in ("question", "answer")]
    edit = _("Edit") if is_draft else _("Translate or put right")
    seats = sentence(_("Seats: %(count)s"), count=number(call.seats))
    panel = sentence(_("Reviewers in the panel: %(count)s"), count=number(call.panel_size))
    total = sum(one.weight for one in rubric)
    criteria = ngettext("%(count)s criterion", "%(count)s criteria", len(rubric))
    answers = ngettext("%(count)s question with its answer", "%(count)s questions with their answers", len(asked))
    to_seats = [(url("seats", call.pk), _("Change the seats…"))] if not is_draft and not seats_stay(call) else []
    to_words = [(url("words", call.pk), _("Change the words…"))] if not is_draft and not seats_stay(call) else []
    to_rubric = [(url("rubric", call.pk), _("Change the criteria…"))] if not is_draft and not rubric_stays(call) else []
    return [
        {
            "name": "details",
            "title": _("What the call says"),
            "lines": [_written(own), seats, _cap(call), panel],
            "ways": [(url("details", call.pk), edit), *to_words, *to_seats, *_to_cap(call)],
        },
        {
            "name": "asked",
            "title": _("What the form asks"),
            "lines": [_called(call)],
            "ways": [(url("questions", call.pk), _("Choose others") if is_draft else _("Look at them"))],
        },
        {
            "name": "criteria",
            "title": _("Criteria and their weights"),
            "lines": [
                sentence(criteria, count=number(len(rubric))),
                *([sentence(_("Together: %(sum)s"), sum=percent(total))] if rubric else []),
            ],
            "problem": _("It must be 100 percent before the call can be published.") if total != 100 else "",
            "ways": [(url("criteria", call.pk), edit), *to_rubric],
        },
        {
            "name": "answers",
            "title": _("Questions and answers"),
            "lines": [sentence(answers, count=number(len(asked))), *([_written(told)] if asked else [])],
            "ways": [(url("clarifications", call.pk), edit if is_draft else _("Add or translate"))],
        },
    ]


def _cap(call: Call) -> Any:
    """How many applications the phase takes at most: a published one keeps it."""
    if call.phase.cap is None:
        return _("Applications: as many as come until the close")
    return sentence(_("Applications at most: %(count)s, then the call closes"), count=number(call.phase.cap))


def _to_cap(call: Call) -> list[tuple[str, str]]:
    """The way to where the most applications are set, as long as they can be."""
    if call.phase.published_at is not None:
        return []
    return [
        (reverse("admin:timeline_phase_change", args=[call.phase_id]), _("Set the most applications, at the phase"))
    ]


def _called(call: Call) -> Any:
    version = sentence(_("Version %(number)s"), number=number(call.questions.number))
    return format_html('<bdi dir="ltr">{}</bdi> · {}', call.questions.question_set.slug, version)


def _written(texts: list[dict[str, str]]) -> Any:
    """In which languages all is said that is said in any."""
    said = [one for one in texts if any(one.values())]
    complete = [code for code in languages.CODES if said and not lacking(said, code)]
    if not complete:
        return _("Complete in no language yet.")
    names = format_html_join(" · ", "{}", ((own_name(code),) for code in complete))
    return sentence(_("Complete in: %(languages)s"), languages=names)


# --- what was found ---------------------------------------------------------------------------------------------------


def _finding(call: Call, found: Finding) -> dict[str, str]:
    """A finding with the way to where it is mended."""
    return {"text": found.text, "url": _mended_at(call, found), "way": capfirst(str(found.part.label))}


def _untranslated(call: Call) -> list[dict[str, str]]:
    """What a published call lacks in languages in which texts are wanted: an act may have brought a criterion."""
    found = readiness.of(call, app_now())
    return [_finding(call, one) for one in found if one.code == "priority-translation"]


def _mended_at(call: Call, found: Finding) -> str:
    language = found.language if languages.is_offered(found.language) else ""
    if found.part == Part.DETAILS:
        return url("details", call.pk, language=language)
    if found.part == Part.QUESTIONS:
        return url("questions", call.pk)
    if found.part in (Part.RUBRIC, Part.CLARIFICATIONS):
        of_one, all_of_them = {
            Part.RUBRIC: ("criterion", "criteria"),
            Part.CLARIFICATIONS: ("clarification", "clarifications"),
        }[found.part]
        place = (call.pk, found.row) if found.row else (call.pk,)
        return url(of_one if found.row else all_of_them, *place, language=language)
    pages = {
        Part.PHASES: "admin:timeline_phase_changelist",
        Part.PEOPLE: "admin:accounts_rolegrant_changelist",
        Part.MAILS: "admin:mail_texts",
    }
    return reverse(pages[found.part])
