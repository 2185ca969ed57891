"""The rubric of a call, and what is asked and answered about it: a list of each, and a page of each line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils.translation import gettext as _

from recruitment import plan, queries, services
from recruitment.admin.call_acts import rubric_stays, seats_stay
from recruitment.admin.writing import (
    CallPages,
    coverage,
    lacking,
    languages_of,
    more_languages,
    source_of,
    typed_before,
    url,
    user_of,
)
from recruitment.forms.rubric import (
    ClarificationForm,
    CriterionForm,
    PublicCriterionForm,
    RubricForm,
    words_of_clarification,
    words_of_criterion,
)
from recruitment.forms.two_languages import Both, TwoLanguages
from recruitment.models import Call, Clarification, Criterion
from recruitment.queries import saying
from taskforce.core import labels, languages
from taskforce.core.errors import Conflict, Invalid, PortalError
from taskforce.core.http import SeeOther
from taskforce.core.side_by_side import chosen_language
from taskforce.timeline.describe import in_language

_STEPS = {"up": True, "down": False}
_Row = TypeVar("_Row", Criterion, Clarification)


@dataclass(frozen=True)
class _Page(Generic[_Row]):
    """How a row of a call is written on a page of its own: the names and headings of this page and of its list, the
    field that is its title; its words and numbers as they are stored, its form, what it was when that was shown, and
    what storing it does."""

    name: str
    list_name: str
    heading: str
    list_heading: str
    title: str
    words: Callable[[_Row], dict[str, dict[str, str]]]
    form: Callable[[tuple[str, str], Any], TwoLanguages]
    numbers: Callable[[_Row], dict[str, Any]]
    seen: Callable[[Call, _Row], str]
    save: Callable[[TwoLanguages, str], None]


class RubricPages(CallPages):
    """Add, weigh, write, move and remove; what is published is translated."""

    def rubric_urls(self) -> list[URLPattern]:
        """Both lists, and the page of each line."""
        return [
            self.page_at("criteria/", "criteria", self.criteria_view),
            self.page_at("criteria/<int:row>/", "criterion", self.criterion_view),
            self.page_at("clarifications/", "clarifications", self.clarifications_view),
            self.page_at("clarifications/<int:row>/", "clarification", self.clarification_view),
        ]

    # --- the rubric --------------------------------------------------------------------------------------------------

    def criteria_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """The criteria in their order with their weights, and one more; of a published call, to read."""
        call = self.found(request, call_id)
        if request.method == "POST" and call.published_at is not None:
            # Its page gives back what was typed.
            raise Conflict(_("Somebody has published this call meanwhile: what it says changes by public acts now."))
        criteria = saying.rubric(call)
        back = typed_before(request, "criteria", call_id=call_id)
        sent = request.POST if request.method == "POST" else back
        form = RubricForm(criteria, source_of(call), sent or None)
        refusal: PortalError | None = None
        both: list[Both] = []
        if request.method == "POST" and form.is_valid():
            try:
                return SeeOther(_done_with(request, call, form))
            except PortalError as error:
                refusal = error
                call = self.found(request, call_id)
                criteria = saying.rubric(call)
                form = RubricForm(criteria, source_of(call), _with_weights(request, criteria))
                both = _weighed_otherwise(form) if error.status == 409 else []
        language = chosen_language(request, source_of(call))
        return self.page(
            request,
            "criteria",
            call,
            title=_("Criteria and their weights"),
            form=form,
            rows=[_criterion_row(one, form, language) for one in criteria],
            total=form.total(),
            coverage=coverage(text for one in criteria for text in words_of_criterion(one).values()),
            language=language,
            may_add=len(criteria) < plan.MOST_CRITERIA,
            may_change=call.published_at is not None and not rubric_stays(call),
            order=queries.order_seen(call),
            seen=queries.rubric_seen(call),
            refusal=refusal,
            both=both,
        )

    def criterion_view(self, request: HttpRequest, call_id: int, row: int) -> HttpResponse:
        """A criterion in two languages, with what its scores mean; of a published call in more languages."""
        call = self.found(request, call_id)
        criterion = get_object_or_404(call.criteria, pk=row, retired_at=None)
        page = _Page[Criterion](
            "criterion", "criteria", _("Criterion"), _("Criteria and their weights"), "label",
            words=words_of_criterion,
            form=lambda codes, sent: _criterion_form(call, criterion, *codes, sent),
            numbers=lambda one: {"weight": one.weight},
            seen=_criterion_seen,
            save=lambda form, seen: _save_criterion(request, criterion, form, seen),
        )  # fmt: skip
        return self._written(request, call, criterion, page)

    # --- questions and answers ---------------------------------------------------------------------------------------

    def clarifications_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """What is asked about the call with the answers, and one more; a published one gets it at once."""
        call = self.found(request, call_id)
        back = typed_before(request, "clarifications", call_id=call_id)
        sent = request.POST if request.method == "POST" else back
        is_adding = request.method != "POST" or request.POST.get("act", "add") == "add"
        new = ClarificationForm({}, *languages_of(request, call, sent), (sent or None) if is_adding else None)
        refusal, is_unconfirmed = None, False
        if request.method == "POST":
            is_unconfirmed = bool(is_adding and call.published_at and not request.POST.get("confirmed"))
            if not is_unconfirmed and (not is_adding or new.is_valid()):
                try:
                    return SeeOther(_answered(request, call, new))
                except PortalError as error:
                    refusal = error
                    call = self.found(request, call_id)
        rows = queries.clarifications(call)
        return self.page(
            request,
            "clarifications",
            call,
            title=_("Questions and answers"),
            new=new,
            rows=[_clarification_row(call, one, new.language) for one in rows],
            coverage=coverage(text for one in rows for text in words_of_clarification(one).values()),
            language=new.language,
            may_add=len(rows) < plan.MOST_CLARIFICATIONS,
            is_unconfirmed=is_unconfirmed,
            seen=queries.order_seen(call),
            refusal=refusal,
        )

    def clarification_view(self, request: HttpRequest, call_id: int, row: int) -> HttpResponse:
        """A question and its answer in two languages; of a published call in more languages."""
        call = self.found(request, call_id)
        one = get_object_or_404(call.clarifications, pk=row)
        page = _Page[Clarification](
            "clarification", "clarifications", _("Question and answer"), _("Questions and answers"), "question",
            words=words_of_clarification,
            form=lambda codes, sent: _clarification_form(call, one, *codes, sent),
            numbers=lambda _row: {},
            seen=lambda _call, one: queries.clarification_seen(one),
            save=lambda form, seen: _save_clarification(request, call, one, form, seen),
        )  # fmt: skip
        return self._written(request, call, one, page)

    def _written(self, request: HttpRequest, call: Call, row: _Row, page: "_Page[_Row]") -> HttpResponse:
        """The form of a row, or what came of it: what was typed beside what somebody else has stored, where that is
        something else by now."""
        back = typed_before(request, page.name, call_id=call.pk, row=row.pk)
        sent = request.POST if request.method == "POST" else back
        form = page.form(languages_of(request, call, sent), sent or None)
        seen = sent.get("seen", "") if sent else page.seen(call, row)
        refusal, both = None, []
        if request.method == "POST" and form.is_valid():
            try:
                page.save(form, seen)
            except PortalError as error:
                refusal = error
                if error.status == 409:
                    call, now = self.found(request, call.pk), type(row)._default_manager.filter(pk=row.pk).first()
                    if now is not None:
                        both, seen = form.both(page.words(now), page.numbers(now)), page.seen(call, now)
            else:
                return SeeOther(_going_on(request, page.name, page.list_name, call.pk, row.pk, form.language))
        return self._words_page(
            request,
            call,
            form,
            title=_label(row, page.title),
            heading=page.heading,
            list_url=url(page.list_name, call.pk, language=form.language),
            list_name=page.list_heading,
            coverage=coverage(page.words(row).values()),
            seen=seen,
            refusal=refusal,
            both=both,
            act=_act(call, row),
        )

    def _words_page(self, request: HttpRequest, call: Call, form: TwoLanguages, **context: Any) -> HttpResponse:
        intro = more_languages() if call.published_at is not None else ""
        return self.page(request, "words", call, form=form, intro=intro, **context)


def _act(call: Call, row: Criterion | Clarification) -> tuple[str, str] | None:
    """Where words of a published row change, and what that is called; None where they do no more."""
    if call.published_at is None or (rubric_stays(call) if isinstance(row, Criterion) else seats_stay(call)):
        return None
    if isinstance(row, Criterion):
        return url("rubric", call.pk), _("Change the criteria…")
    return url("answer_words", call.pk, row.pk), _("Change the words…")


def _label(row: Criterion | Clarification, field: str) -> Any:
    found = labels.label(row, field)
    return in_language(found.text, found.language)


def _pressed(request: HttpRequest) -> tuple[str, int, str]:
    """What the button says: the act, the row, and what the row was when the page was shown."""
    name, _colon, rest = request.POST.get("act", "").partition(":")
    sent, _colon, seen = rest.partition(":")
    return name, int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 16 else 0, seen


def _going_on(request: HttpRequest, name: str, list_name: str, call_id: int, row: int, language: str) -> str:
    """The same page, in the language that was asked for; or the list."""
    go = request.POST.get("go", "")
    if go == "list":
        return url(list_name, call_id, language=language)
    return url(name, call_id, row, language=go if languages.is_offered(go) else language)


# --- criteria ---------------------------------------------------------------------------------------------------------


def _criterion_row(criterion: Criterion, form: RubricForm, language: str) -> dict[str, Any]:
    texts = words_of_criterion(criterion).values()
    return {
        "pk": criterion.pk,
        "label": _label(criterion, "label"),
        "weight": form[f"weight-{criterion.pk}"],
        "anchors": len(criterion.meanings.all()),
        "missing": lacking(texts, language),
        "seen": queries.criterion_seen(criterion),
        "url": url("criterion", criterion.call_id, criterion.pk, language=language),
        "scores_url": url("scores", criterion.call_id, criterion.pk),
    }


def _with_weights(request: HttpRequest, criteria: Any) -> dict[str, str]:
    """What was typed, over what is stored by now: a criterion that came meanwhile has its own weight."""
    stored = {f"weight-{one.pk}": str(one.weight) for one in criteria}
    return {**stored, **{name: request.POST[name] for name in request.POST}}


def _weighed_otherwise(form: RubricForm) -> list[Both]:
    """What is stored now and what was typed, for each criterion that has another weight by now."""
    typed = ((one, str(form[f"weight-{one.pk}"].value() or "")) for one in form.criteria)
    return [
        Both(labels.label(one, "label").text, "", str(one.weight), value)
        for one, value in typed
        if value != str(one.weight)
    ]


def _done_with(request: HttpRequest, call: Call, form: RubricForm) -> str:
    """Store what was typed, whatever button was pressed, then do what it says; the address to go on at."""
    actor, (act, row, seen), order = user_of(request), _pressed(request), request.POST.get("order", "")
    if act not in ("save", "add", "remove", *_STEPS):
        raise Invalid(_("The page does not know this button."))
    services.weigh(call.pk, form.weights(), actor=actor, expected=request.POST.get("seen", ""))
    language = chosen_language(request, source_of(call))
    added = None
    if line := form.new():
        added = services.add_criterion(call.pk, line, actor=actor, expected=order)
    # What was added a moment ago has changed the order that the page was shown.
    expected = None if added else order
    if act in _STEPS:
        services.move_criterion(row, up=_STEPS[act], actor=actor, expected=expected)
    if act == "remove":
        _remove_criterion(call, row, seen, form, actor)
        messages.success(request, _("The criterion is removed from the draft."))
    else:
        messages.success(request, _("The draft is saved."))
    if act == "add" and added:
        return url("criterion", call.pk, added.pk, language=language)
    return url("criteria", call.pk, language=language, anchor=f"c-{row}" if act in _STEPS else "")


def _remove_criterion(call: Call, row: int, seen: str, form: RubricForm, actor: Any) -> None:
    """With the weight that was typed for it, it is another one than the page was shown: its own token is asked only
    where that is as it was."""
    before = next((one for one in form.criteria if one.pk == row), None)
    is_weighed = before is not None and form.weights().get(row) != before.weight
    services.remove_criterion(row, actor=actor, expected=None if is_weighed else seen)


def _criterion_form(call: Call, criterion: Criterion, source: str, language: str, sent: Any) -> TwoLanguages:
    if call.published_at is None:
        return CriterionForm(criterion, source, language, sent)
    return PublicCriterionForm(criterion, source, language, sent)


def _criterion_seen(call: Call, criterion: Criterion) -> str:
    return queries.criterion_seen(criterion) if call.published_at is None else queries.words_seen(criterion)


def _save_criterion(request: HttpRequest, criterion: Criterion, form: TwoLanguages, seen: str) -> None:
    actor = user_of(request)
    if isinstance(form, CriterionForm):
        services.edit_criterion(criterion.pk, form.line(criterion), actor=actor, expected=seen)
        messages.success(request, _("The draft is saved."))
    elif isinstance(form, PublicCriterionForm):
        added = services.put_right(criterion, form.own(), seen=seen, actor=actor, meanings=form.meanings())
        _say_added(request, added)


def _say_added(request: HttpRequest, changed: int) -> None:
    said = _("The texts are stored; everybody reads them at once.")
    messages.success(request, said if changed else _("Nothing was changed."))


# --- questions and answers --------------------------------------------------------------------------------------------


def _clarification_row(call: Call, one: Clarification, language: str) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "label": _label(one, "question"),
        "missing": lacking(words_of_clarification(one).values(), language),
        "seen": queries.clarification_seen(one),
        "url": url("clarification", call.pk, one.pk, language=language),
    }


def _clarification_form(call: Call, one: Clarification, source: str, language: str, sent: Any) -> ClarificationForm:
    stored = words_of_clarification(one)
    form = ClarificationForm(stored, source, language, sent)
    if call.published_at is not None:
        form.keep_what_is_public(stored)
    return form


def _answered(request: HttpRequest, call: Call, new: ClarificationForm) -> str:
    """Do what the button says; the address to go on at."""
    actor, (act, row, seen) = user_of(request), _pressed(request)
    expected = request.POST.get("seen", "")
    if act == "remove":
        services.remove_clarification(row, actor=actor, expected=seen)
        messages.success(request, _("The question is removed from the draft."))
    elif act in _STEPS:
        services.move_clarification(row, up=_STEPS[act], actor=actor, expected=expected)
    elif act == "add":
        texts = new.texts()
        services.add_clarification(call.pk, texts["question"], texts["answer"], actor=actor, expected=expected)
        is_draft = call.published_at is None
        messages.success(request, _("The draft is saved.") if is_draft else _("The answer is public."))
    else:
        raise Invalid(_("The page does not know this button."))
    return url("clarifications", call.pk, language=new.language, anchor=f"a-{row}" if act in _STEPS else "")


def _save_clarification(request: HttpRequest, call: Call, one: Clarification, form: TwoLanguages, seen: str) -> None:
    if call.published_at is not None:
        _say_added(request, services.put_right(one, form.texts(), seen=seen, actor=user_of(request)))
        return
    texts = form.texts()
    services.edit_clarification(one.pk, texts["question"], texts["answer"], actor=user_of(request), expected=seen)
    messages.success(request, _("The draft is saved."))
