"""The pages on which a version of questions is written before anybody is asked: its list, one question, the act."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from taskforce.accounts import signed_out
from taskforce.accounts.places import marked
from taskforce.core import errorpages, languages
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.middleware import refusal_page
from taskforce.core.side_by_side import SOURCE, chosen_language
from taskforce.core.templatetags.portal import Problem
from taskforce.questions import drafts, queries, services
from taskforce.questions.admin.frame import SetPages, coverage, user_of
from taskforce.questions.admin.shown import as_readers
from taskforce.questions.draft_forms import Both, NewQuestionForm, QuestionForm
from taskforce.questions.drafts import Spec
from taskforce.questions.enums import QuestionKind
from taskforce.questions.models import Draft, QuestionSet
from taskforce.questions.services import ChangedMeanwhile

_QUESTION = "admin:questions_questionset_question"
# So many characters of a question are kept for whoever must sign in again: more than all its fields take.
_MOST_KEPT = 60_000
# What its form sends that nobody needs back.
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", signed_out.OWNER, "act", "go"})
_STEPS = {"up": -1, "down": 1}


class DraftPages(SetPages):
    """A draft is everybody's who may change the set; whoever comes second is told, and loses nothing."""

    def draft_urls(self) -> list[URLPattern]:
        """The list of a draft's questions, the page of each, and the one that publishes them."""
        view = self.admin_site.admin_view
        return [
            path("<int:set_id>/draft/", view(self.draft_view), name="questions_questionset_draft"),
            path("<int:set_id>/draft/<int:key>/", self._question_or_sign_in, name="questions_questionset_question"),
            path("<int:set_id>/publish/", view(self.publish_view), name="questions_questionset_publish"),
        ]

    # --- the list ----------------------------------------------------------------------------------------------------

    def draft_view(self, request: HttpRequest, set_id: int) -> HttpResponse:
        """The questions in their order, what is missing of each, and what can be done with them."""
        question_set, language = self._for_editors(request, set_id), chosen_language(request)
        form = NewQuestionForm(language, request.POST if request.POST.get("act") == "add" else None)
        refusal = None
        if request.method == "POST":
            try:
                going_on = self._act(request, question_set, form, language)
            except Refused:
                raise
            except PortalError as error:
                refusal = error
            else:
                if going_on:
                    return SeeOther(going_on)
        draft = queries.draft_of(set_id)
        if draft is None:
            return refusal_page(request, refusal) if refusal else SeeOther(self._url("change", set_id))
        return self._draft_page(request, question_set, draft, form, refusal)

    def _act(self, request: HttpRequest, question_set: QuestionSet, form: NewQuestionForm, language: str) -> str:
        """Do what the button says; the address to go on at, "" where the form has a fault."""
        name, _colon, sent = request.POST.get("act", "").partition(":")
        key = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 6 else 0
        pk = question_set.pk
        given: dict[str, Any] = {
            "expected": request.POST.get("version", ""),
            "actor": user_of(request),
            "at": app_now(),
        }
        if name == "add":
            if not form.is_valid():
                return ""
            made = services.add_question(pk, form.cleaned_data["kind"], form.said(), **given)
            return self._url("question", pk, made, language=language)
        if name in _STEPS:
            services.move_question(pk, key, _STEPS[name], **given)
            return self._url("draft", pk, language=language, anchor=f"q-{key}")
        if name == "remove":
            services.remove_question(pk, key, **given)
            messages.success(request, _("The question is removed from the draft."))
            return self._url("draft", pk, language=language)
        if name == "discard":
            services.discard_draft(pk, **given)
            messages.success(request, _("The draft is discarded."))
            return self._url("change", pk)
        raise Invalid(_("The page does not know this button."))

    def _draft_page(
        self,
        request: HttpRequest,
        question_set: QuestionSet,
        draft: Draft,
        form: NewQuestionForm,
        refusal: PortalError | None,
    ) -> HttpResponse:
        specs = drafts.questions(draft.content)
        return self._page(
            request,
            "draft",
            question_set,
            title=_("Draft of the next version"),
            rows=_rows(specs, form.language),
            coverage=coverage(specs),
            language=form.language,
            version=drafts.token(draft.content),
            form=form,
            may_add=len(specs) < drafts.MOST_QUESTIONS,
            refusal=refusal,
        )

    # --- one question ------------------------------------------------------------------------------------------------

    def _question_or_sign_in(self, request: HttpRequest, set_id: int, key: int) -> HttpResponse:
        """What an ended session sends is kept for whoever signs in again, if they may."""
        place = {"set_id": set_id, "key": key}
        is_outside = request.user.is_authenticated and not getattr(request.user, "is_staff", False)
        if is_outside and (typed := _given_back(request, place)):
            return refusal_page(request, Refused(_("You write questions no more: your role has ended.")), typed)
        if request.method == "POST" and not is_outside and not self.admin_site.has_permission(request):
            fields = [name for name in request.POST if name not in _NOT_KEPT]
            return signed_out.to_sign_in(request, _QUESTION, fields, place, most=_MOST_KEPT, way_in="admin:login")
        return self.admin_site.admin_view(self.question_view)(request, set_id=set_id, key=key)

    def question_view(self, request: HttpRequest, set_id: int, key: int) -> HttpResponse:
        """The source of a question beside one other language, and how its readers will find it."""
        question_set = self._for_editors(request, set_id)
        place = {"set_id": set_id, "key": key}
        spec = _spec(set_id, key)
        if request.method == "POST":
            if request.POST.get("act") != "look":
                signed_out.sent_again(request, _QUESTION, place)
            if spec is None:
                return refusal_page(request, ChangedMeanwhile(None))
            return self._sent(request, question_set, spec)
        if spec is None:
            typed = errorpages.kept(request, signed_out.find_to_copy(request, _QUESTION, place))
            if not typed:
                raise Http404
            return refusal_page(request, ChangedMeanwhile(None), typed)
        language = chosen_language(request)
        back = signed_out.find(request, _QUESTION, place)
        if not back:
            return self._question_page(request, question_set, QuestionForm(spec, language))
        form = QuestionForm(spec, _language_of(back, language), back)
        form.is_valid()
        return self._question_page(request, question_set, form, seen=back.get("seen", ""))

    def _sent(self, request: HttpRequest, question_set: QuestionSet, spec: Spec) -> HttpResponse:
        form = QuestionForm(spec, _language_of(request.POST, chosen_language(request)), request.POST)
        seen, act = request.POST.get("seen", ""), request.POST.get("act", "")
        if not form.is_valid() or act == "look":
            return self._question_page(request, question_set, form, seen=seen)
        try:
            if form.gone() and drafts.seen(spec, form.codes) != seen:
                raise ChangedMeanwhile(spec)
            services.save_question(
                question_set.pk,
                spec["key"],
                _change(form, act),
                seen=seen,
                codes=form.codes,
                actor=user_of(request),
                at=app_now(),
            )
        except ChangedMeanwhile as error:
            if error.stored is None:
                return refusal_page(request, error)
            again = QuestionForm.over(error.stored, form.language, request.POST)
            again.is_valid()
            return self._question_page(request, question_set, again, refusal=error, both=form.both(error.stored))
        except Refused:
            raise
        except PortalError as error:
            return self._question_page(request, question_set, form, seen=seen, refusal=error)
        messages.success(request, _("The draft is saved."))
        return SeeOther(self._going_on(request, question_set, spec["key"], form.language))

    def _going_on(self, request: HttpRequest, question_set: QuestionSet, key: int, language: str) -> str:
        """The same page, in the language that was asked for; or the list."""
        go = request.POST.get("go", "")
        if go == "list":
            return self._url("draft", question_set.pk, language=language, anchor=f"q-{key}")
        act, _colon, code = request.POST.get("act", "").partition(":")
        anchor = f"choice-{code}" if act in _STEPS else ""
        return self._url(
            "question", question_set.pk, key, language=go if languages.is_offered(go) else language, anchor=anchor
        )

    def _question_page(
        self,
        request: HttpRequest,
        question_set: QuestionSet,
        form: QuestionForm,
        *,
        seen: str | None = None,
        refusal: PortalError | None = None,
        both: list[Both] | None = None,
    ) -> HttpResponse:
        """`seen` is what the form was shown with; None: it is shown with what is stored now."""
        stored = dict(form.spec)
        return self._page(
            request,
            "question",
            question_set,
            title=_asks(stored, form.language),
            kind=QuestionKind(stored["kind"]).label,
            key=stored["key"],
            form=form,
            language=form.language,
            coverage=coverage([stored]),
            problem=drafts.problems([stored]).get(stored["key"], ""),
            preview=as_readers([form.as_typed()], form.language),
            seen=drafts.seen(stored, form.codes) if seen is None else seen,
            refusal=refusal,
            both=both,
            in_draft=True,
        )

    # --- the act -----------------------------------------------------------------------------------------------------

    def publish_view(self, request: HttpRequest, set_id: int) -> HttpResponse:
        """What would be published, what is missing in which language, and the act."""
        question_set = self._for_editors(request, set_id)
        draft = queries.draft_of(set_id)
        refusal, unconfirmed = None, []
        if request.method == "POST" and not request.POST.get("confirmed"):
            said = _("Tick it to confirm, or leave the page: then nothing changes.")
            unconfirmed = [Problem("id_confirmed", _("The box at the end of the page"), said)]
        elif request.method == "POST":
            try:
                shown = request.POST.get("version", "")
                made = services.publish_draft(set_id, expected=shown, actor=user_of(request), at=app_now())
            except Refused:
                raise
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("Version %(number)d is published.") % {"number": made.number})
                return SeeOther(self._url("change", set_id))
        if draft is None:
            return refusal_page(request, refusal) if refusal else SeeOther(self._url("change", set_id))
        return self._publish_page(request, question_set, draft, refusal, unconfirmed)

    def _publish_page(
        self,
        request: HttpRequest,
        question_set: QuestionSet,
        draft: Draft,
        refusal: PortalError | None,
        unconfirmed: list[Problem],
    ) -> HttpResponse:
        specs = drafts.questions(draft.content)
        newest = queries.newest_versions([question_set.pk]).get(question_set.pk)
        return self._page(
            request,
            "publish",
            question_set,
            title=_("Publish the questions"),
            rows=_rows(specs, SOURCE),
            coverage=coverage(specs),
            problems=[row for row in _rows(specs, SOURCE) if row["problem"]],
            number=(newest.number if newest else 0) + 1,
            version=drafts.token(draft.content),
            # What is wrong is said at the top, as of every form; this one has a single box.
            form=Form(),
            unconfirmed=unconfirmed,
            refusal=refusal,
            in_draft=True,
        )


def _rows(specs: list[Spec], language: str) -> list[dict[str, Any]]:
    """The questions for a list: what each asks, its kind, what keeps it from being published."""
    problems = drafts.problems(specs)
    return [
        {
            "key": spec["key"],
            "number": number,
            "asks": _asks(spec, language),
            "kind": QuestionKind(spec["kind"]).label,
            "required": spec["required"],
            "missing": drafts.missing([spec], language),
            "problem": problems.get(spec["key"], ""),
            "is_first": number == 1,
            "is_last": number == len(specs),
        }
        for number, spec in enumerate(specs, start=1)
    ]


def _asks(spec: Spec, language: str) -> str:
    """What a question asks, in a language or the next of its chain."""
    found = drafts.heading(spec, language)
    return marked(found) if found.text else _("A question without words")


def _spec(set_id: int, key: int) -> Spec | None:
    draft = queries.draft_of(set_id)
    return drafts.question(draft.content, key) if draft else None


def _language_of(sent: Mapping[str, str], otherwise: str) -> str:
    """The language for which a form was shown."""
    code = sent.get("language", "")
    return code if languages.is_offered(code) else otherwise


def _given_back(request: HttpRequest, place: Mapping[str, Any]) -> list[errorpages.Typed]:
    """What somebody typed here whose role has ended, now or before their sign-in ended."""
    if request.method == "POST":
        is_own = signed_out.whose(request) == str(request.user.pk)
        return errorpages.typed_before_refusal(request) if is_own else []
    return errorpages.kept(request, signed_out.find_to_copy(request, _QUESTION, place))


def _change(form: QuestionForm, act: str) -> Callable[[Spec], Spec]:
    """What the pressed button makes of the question: what was typed, and then the step of a choice."""
    name, _colon, code = act.partition(":")
    if name in _STEPS:
        return lambda spec: drafts.with_choice_moved(form.applied(spec), code, _STEPS[name])
    if name == "drop":
        return lambda spec: drafts.without_choice(form.applied(spec), code)
    return partial(_applied, form)


def _applied(form: QuestionForm, spec: Spec) -> Spec:
    return form.applied(spec)
