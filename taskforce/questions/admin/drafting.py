"""The pages on which a version of questions is written before anybody is asked: its list, one question, the act."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.accounts.places import marked
from taskforce.core import errorpages, languages
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.middleware import refusal_page
from taskforce.core.side_by_side import chosen_language
from taskforce.core.templatetags.portal import Problem
from taskforce.questions import drafts, queries, services, uses
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
        question_set, draft = self._for_editors(request, set_id), queries.draft_of(set_id)
        language = chosen_language(request, _source(draft))
        form = NewQuestionForm(_source(draft), request.POST if request.POST.get("act") == "add" else None)
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
        return self._draft_page(request, question_set, draft, form, refusal, language)

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
        if name == "source":
            services.write_in(pk, request.POST.get("source", ""), **given)
            return self._url("draft", pk)
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
        language: str,
    ) -> HttpResponse:
        specs = drafts.questions(draft.content)
        return self._page(
            request,
            "draft",
            question_set,
            title=_("Draft of the next version"),
            rows=_rows(specs, language),
            coverage=coverage(specs),
            language=language,
            source=drafts.source(draft.content),
            languages=languages.OWN_NAMES.items(),
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
        draft = queries.draft_of(set_id)
        source, spec = _source(draft), drafts.question(draft.content, key) if draft else None
        if request.method == "POST":
            if request.POST.get("act") != "look":
                signed_out.sent_again(request, _QUESTION, place)
            if spec is None:
                return refusal_page(request, ChangedMeanwhile(None))
            return self._sent(
                request, question_set, _form(request.POST, spec, source, chosen_language(request, source))
            )
        if spec is None:
            typed = errorpages.kept(request, signed_out.find_to_copy(request, _QUESTION, place))
            if not typed:
                raise Http404
            return refusal_page(request, ChangedMeanwhile(None), typed)
        language = chosen_language(request, source)
        back = signed_out.find(request, _QUESTION, place)
        if not back:
            return self._question_page(request, question_set, QuestionForm(spec, source, language))
        form = _form(back, spec, source, language)
        form.is_valid()
        return self._question_page(request, question_set, form, seen=back.get("seen", ""))

    def _sent(self, request: HttpRequest, question_set: QuestionSet, form: QuestionForm) -> HttpResponse:
        seen, act = request.POST.get("seen", ""), request.POST.get("act", "")
        if not form.is_valid() or act == "look":
            return self._question_page(request, question_set, form, seen=seen)
        try:
            saved = _saved(question_set.pk, form, seen, act, user_of(request))
        except ChangedMeanwhile as error:
            if error.stored is None:
                return refusal_page(request, error)
            again = form.over(error.stored)
            again.is_valid()
            both = form.both(error.stored, error.torn)
            return self._question_page(request, question_set, again, refusal=error, both=both)
        except Refused:
            raise
        except PortalError as error:
            return self._question_page(request, question_set, form, seen=seen, refusal=error)
        messages.success(request, _("The draft is saved."))
        if drafts.others_changed(saved, form.typed(), seen, form.codes):
            said = _("Somebody else has changed other fields of this question meanwhile: look whether yours still fit.")
            messages.warning(request, said)
        return SeeOther(self._going_on(request, question_set, form.spec["key"], form.language))

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
            key=stored["key"],
            form=form,
            language=form.language,
            source=form.source,
            coverage=coverage([stored]),
            problem=drafts.problems([stored]).get(stored["key"], ""),
            preview=as_readers([form.as_typed()], form.language),
            seen=drafts.marks(stored, form.codes) if seen is None else seen,
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
                said = _("Version %(number)d is published.") % {"number": made.number}
                ways = format_html_join("", ' <a href="{1}">{0}</a>', uses.ways(request.user))
                messages.success(request, format_html("{}{}", said, ways))
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
        source = drafts.source(draft.content)
        newest = queries.newest_versions([question_set.pk]).get(question_set.pk)
        return self._page(
            request,
            "publish",
            question_set,
            title=_("Publish the questions"),
            rows=_rows(specs, source),
            coverage=coverage(specs),
            problems=[row for row in _rows(specs, source) if row["problem"]],
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


def _source(draft: Draft | None) -> str:
    return drafts.source(draft.content if draft else None)


def _form(sent: Mapping[str, str], spec: Spec, source: str, language: str) -> QuestionForm:
    """What was sent, in the languages for which its form was shown."""
    return QuestionForm(spec, _language_of(sent, "source", source), _language_of(sent, "language", language), sent)


def _language_of(sent: Mapping[str, str], name: str, otherwise: str) -> str:
    code = sent.get(name, "")
    return code if languages.is_offered(code) else otherwise


def _saved(set_id: int, form: QuestionForm, seen: str, act: str, actor: User) -> Spec:
    """Keep what was typed, and do what the pressed button says of a choice."""
    typed, (name, _colon, code) = form.typed(), act.partition(":")
    if name == "drop":
        # What somebody else has written into it meanwhile does not go unseen.
        typed |= {f"choice-{code}-{language}": None for language in form.codes}
    if form.lost():
        raise ChangedMeanwhile(dict(form.spec), drafts.merged(form.spec, typed, seen, form.codes)[1])
    step = _step(name, code)
    return services.save_question(
        set_id,
        form.spec["key"],
        typed,
        seen=seen,
        codes=form.codes,
        then=lambda spec: step(form.with_new_choices(spec)),
        actor=actor,
        at=app_now(),
    )


def _step(name: str, code: str) -> Callable[[Spec], Spec]:
    """What the button of a choice makes of the question; saving alone: nothing more."""
    if name in _STEPS:
        return lambda spec: drafts.with_choice_moved(spec, code, _STEPS[name])
    return (lambda spec: drafts.without_choice(spec, code)) if name == "drop" else dict


def _given_back(request: HttpRequest, place: Mapping[str, Any]) -> list[errorpages.Typed]:
    """What somebody typed here whose role has ended, now or before their sign-in ended."""
    if request.method == "POST":
        is_own = signed_out.whose(request) == str(request.user.pk)
        return errorpages.typed_before_refusal(request) if is_own else []
    return errorpages.kept(request, signed_out.find_to_copy(request, _QUESTION, place))
