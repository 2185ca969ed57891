"""The pages on which items are put in themes and answered, and on which themes are made and answered."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from feedback import answering, listing, queries
from feedback.answering import Answer, ThemeAt
from feedback.enums import Outcome
from feedback.forms.answering import AnswerForm, FinalForm, SortForm, ThemeForm, ids_of, of_languages, seen_of
from feedback.models import Disposition, FeedbackWindow, Theme
from feedback.services import answering as services
from feedback.services.finality import call_final, not_yet
from proposals.calling import Named
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.audit.watching import note_list
from taskforce.core import clock, labels
from taskforce.core.errors import Invalid, PortalError
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence
from taskforce.timeline.describe import in_language

# What is kept of a form for whoever must sign in again: answers in every language.
_MOST_KEPT = 100_000
_TYPED = ("items", "outcome", "revision", "theme", *of_languages("answer"), *of_languages("title"))
TYPED = (*_TYPED, *of_languages("description"), *of_languages("statement"))


@dataclass(frozen=True)
class Visit:
    """Somebody at a page of a window that they answer; `chrome` is what the staff side puts on every page."""

    request: HttpRequest
    window: FeedbackWindow
    name: str
    chrome: dict[str, Any]

    @property
    def user(self) -> User:
        """Who it is; the staff side has let nobody else in."""
        assert isinstance(self.request.user, User)  # noqa: S101 - as it says
        return self.request.user

    @property
    def task_force_id(self) -> int:
        """Whose window it is."""
        return self.window.phase.task_force_id

    def address(self, name: str, **place: Any) -> str:
        """One of these pages of the same window."""
        return reverse(f"admin:feedback_feedbackwindow_{name}", kwargs={"pk": self.window.pk, **place})

    def typed_before(self, **place: Any) -> dict[str, str]:
        """What was typed here before the sign-in ended, for the form; empty where nothing was."""
        place = {"pk": self.window.pk, **place}
        if self.request.method == "POST":
            signed_out.sent_again(self.request, self.name, place=place, fields=TYPED)
            return {}
        return signed_out.find(self.request, self.name, place)

    def page(
        self, template: str, title: Any, context: dict[str, Any], error: PortalError | None = None
    ) -> HttpResponse:
        """The page, with the error's status where there is one."""
        around = {
            **self.chrome,
            "title": title,
            "window": self.window,
            "work_url": self.address("answers"),
            "themes_url": self.address("themes"),
            "release_url": self.address("release"),
            "final_url": self.address("final"),
            "refusal": error,
        }
        return render(self.request, template, {**around, **context}, status=error.status if error else 200)


def sign_in_again(request: HttpRequest, name: str, place: dict[str, Any]) -> HttpResponse:
    """To the sign-in and back, with what was typed."""
    return signed_out.to_sign_in(request, name, TYPED, place, most=_MOST_KEPT, way_in="admin:login")


# --- items that were chosen ------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """An item that was chosen: how it stands, what its paragraph is called, what was said, and what would happen."""

    answer: Answer
    unit: Named | None
    said: list[Any]
    effect: Any = ""
    is_hindered: bool = False


def chosen(visit: Visit) -> HttpResponse:
    """The items that were chosen on the list: put them in a theme, or say what becomes of them; shown per item before
    it is done."""
    kept = visit.typed_before()
    typed = visit.request.POST if visit.request.method == "POST" else kept
    seen = seen_of(typed.get("items", ""))
    answers = _answers(visit, list(seen) or ids_of(visit.request.GET.getlist("item")))
    themes = answering.themes(visit.window)
    act = visit.request.POST.get("act", "")
    one = answers[0] if len(answers) == 1 else None
    forms = _Forms(
        SortForm([each.theme for each in themes], typed if act == "sort" else None),
        AnswerForm(
            answering.revisions(visit.window.proposal),
            typed if act == "draft" or kept else None,
            initial_of(one.draft or one.own if one else None),
        ),
    )
    is_asked = bool(act) and forms.is_valid(act)
    error: PortalError | None = None
    if is_asked and visit.request.POST.get("confirmed") == "yes":
        try:
            return _done(visit, act, seen, forms)
        except PortalError as refusal:
            error = refusal
            answers = _answers(visit, list(seen))
    called, said = _shown(answers)
    rows = [
        Row(
            one,
            called.get(one.item.unit_id or 0),
            said.get(one.item.pk, []),
            *(_effect(act, one, forms, themes) if is_asked else ("", False)),
        )
        for one in answers
    ]
    context = {
        "rows": rows,
        "items": " ".join(f"{one.item.pk}:{one.stamp}" for one in answers),
        "sort_form": forms.sort,
        "form": forms.answer,
        "act": act if is_asked and answers else "",
        "is_hindered": any(row.is_hindered for row in rows),
        "has_drafts": any(one.draft for one in answers),
        "has_themes": bool(themes),
    }
    return visit.page("feedback/admin_chosen.html", _("The texts that you chose"), context, error)


class _Forms(NamedTuple):
    sort: SortForm
    answer: AnswerForm

    def is_valid(self, act: str) -> bool:
        """Whether what the act needs was typed."""
        return {"sort": self.sort.is_valid, "draft": self.answer.is_valid}.get(act, lambda: act == "discard")()


def _answers(visit: Visit, ids: list[int]) -> list[Answer]:
    """How these items of the window stand that are still published."""
    found = answering.to_answer([visit.window]).filter(pk__in=ids).select_related("window", "revision")
    items = list(found)
    if items:
        note_list(visit.request, "feedback", len(items), about=visit.window, task_force_id=visit.task_force_id)
    return list(answering.answers_of(items).values())


def _shown(answers: list[Answer]) -> tuple[dict[int, Named], dict[int, list[Any]]]:
    items = [one.item for one in answers]
    units = {item.unit_id for item in items if item.unit_id}
    return listing.called(units, get_language() or "en"), queries.answers_of(items)


def _done(visit: Visit, act: str, seen: dict[int, str], forms: _Forms) -> HttpResponse:
    """What was confirmed."""
    by: dict[str, Any] = {"actor": visit.user, "at": clock.app_now()}
    if act == "sort":
        theme = forms.sort.cleaned_data["theme"] or None
        count = services.sort(visit.window.pk, seen, theme_id=theme, **by)
        text = ngettext("%(count)s text has moved.", "%(count)s texts have moved.", count)
    elif act == "draft":
        count = services.draft(visit.window.pk, seen, forms.answer.wanted(), **by)
        text = ngettext(
            "%(count)s answer is drafted. Nobody else reads it before you publish the answers.",
            "%(count)s answers are drafted. Nobody else reads them before you publish the answers.",
            count,
        )
    else:
        count = services.discard(visit.window.pk, seen, **by)
        text = ngettext("%(count)s draft was thrown away.", "%(count)s drafts were thrown away.", count)
    messages.success(visit.request, sentence(text, count=number(count)))
    return SeeOther(visit.address("answers"))


def _effect(act: str, one: Answer, forms: _Forms, themes: list[ThemeAt]) -> tuple[Any, bool]:
    """What the act would do with an item, in words, and whether it cannot be done."""
    if act == "discard":
        return (_("Its draft goes.") if one.draft else _("Nothing is drafted of it.")), False
    if act == "sort":
        return _moves(one, forms.sort.cleaned_data["theme"], themes)
    return _becomes(one, forms.answer)


def _moves(one: Answer, theme_id: int, themes: list[ThemeAt]) -> tuple[Any, bool]:
    there = next((each for each in themes if each.theme.pk == theme_id), None)
    if (one.theme.pk if one.theme else answering.NO_THEME) == theme_id:
        return _("It stays where it is."), False
    if one.own is None and one.shared is not None:
        return _("It has no public answer but that of its theme: answer it by itself first."), True
    if there is None:
        return _("It is in no theme any more."), False
    if there.standing and not there.draft and not (one.own or one.draft):
        text = _(
            "It goes into “%(theme)s”, which is answered already: that answer is drafted for it, and is its own from "
            "the next release on."
        )
        return sentence(text, theme=_title(there.theme)), False
    text = _("It goes into “%(theme)s”.") if one.theme is None else _("It goes from “%(before)s” into “%(theme)s”.")
    return sentence(text, theme=_title(there.theme), before=_title(one.theme) if one.theme else ""), False


def _title(theme: Theme) -> Any:
    return in_language(*labels.label(theme, "title"))


def _becomes(one: Answer, form: AnswerForm) -> tuple[Any, bool]:
    wanted = form.wanted()
    read = one.item.revision.number if one.item.revision else 0
    if wanted.revision is not None and wanted.revision <= read and wanted.outcome in ("adopted", "partly"):
        text = _("It was said about revision %(read)s: only a later revision can have taken it up.")
        return sentence(text, read=number(read)), True
    outcome = Outcome(wanted.outcome).label
    if one.own:
        text = _("“%(outcome)s” is drafted. It will correct the answer that is public, which stays to be read.")
    elif one.draft:
        text = _("“%(outcome)s” is drafted in place of what is drafted now.")
    elif one.shared:
        text = _("“%(outcome)s” is drafted. It will go before the answer to its theme.")
    else:
        text = _("“%(outcome)s” is drafted.")
    return sentence(text, outcome=outcome), False


# --- themes ----------------------------------------------------------------------------------------------------------


def themes(visit: Visit) -> HttpResponse:
    """The themes of the window, and a new one; each can be moved up."""
    kept = visit.typed_before()
    post = visit.request.POST if visit.request.method == "POST" else None
    is_move = post is not None and "up" in post
    form = ThemeForm(None if is_move else (post or kept or None))
    error: PortalError | None = None
    try:
        if post is not None and is_move:
            return _move(visit, post["up"])
        if post is not None and form.is_valid():
            texts = {"titles": form.texts("title"), "descriptions": form.texts("description")}
            services.add_theme(visit.window.pk, **texts, actor=visit.user, at=clock.app_now())
            messages.success(visit.request, _("The theme is there. Readers see it once something in it is answered."))
            return SeeOther(visit.address("themes"))
    except PortalError as refusal:
        error = refusal
    context = {"form": form, "themes": answering.themes(visit.window)}
    return visit.page("feedback/admin_themes.html", _("Themes"), context, error)


def _move(visit: Visit, given: str) -> HttpResponse:
    """`given` names a theme and where it stood."""
    pk, _colon, position = given.partition(":")
    theme = answering.theme_in(visit.window, pk)
    if theme is None or not (position.isascii() and position.isdecimal() and len(position) < 10):
        raise Invalid(_("This theme is not one of the window."))
    services.move_theme(theme.pk, expected=int(position), actor=visit.user, at=clock.app_now())
    return SeeOther(visit.address("themes"))


def theme(visit: Visit, theme: int) -> HttpResponse:
    """What a theme says, to be changed."""
    found = _theme_or_404(visit, theme).theme
    kept = visit.typed_before(theme=theme)
    stored = {f"{part}-{code}": text for part in ThemeForm.parts for code, text in labels.stored(found, part).items()}
    post = visit.request.POST if visit.request.method == "POST" else None
    form = ThemeForm(post or kept or None, {**stored, "version": found.version})
    error: PortalError | None = None
    if post is not None and form.is_valid():
        try:
            texts = {"titles": form.every_text("title"), "descriptions": form.every_text("description")}
            expected = form.cleaned_data.get("version") or 0
            services.change_theme(found.pk, expected=expected, **texts, actor=visit.user, at=clock.app_now())
        except PortalError as refusal:
            error = refusal
        else:
            messages.success(visit.request, _("The theme is saved."))
            return SeeOther(visit.address("themes"))
    context = {"form": form, "theme": found, "version": found.version, "stored": labels.stored(found, "title")}
    return visit.page("feedback/admin_theme.html", _("Change a theme"), context, error)


def theme_answer(visit: Visit, theme: int) -> HttpResponse:
    """What becomes of a theme: of all its items that have no answer of their own."""
    found = _theme_or_404(visit, theme)
    kept = visit.typed_before(theme=theme)
    post = visit.request.POST if visit.request.method == "POST" else None
    form = AnswerForm(
        answering.revisions(visit.window.proposal), post or kept or None, initial_of(found.draft or found.standing)
    )
    error: PortalError | None = None
    by: dict[str, Any] = {"expected": post.get("seen", "") if post else "", "actor": visit.user, "at": clock.app_now()}
    try:
        if post is not None and post.get("act") == "discard":
            services.discard_of_theme(found.theme.pk, **by)
            return SeeOther(visit.address("themes"))
        if post is not None and form.is_valid():
            services.draft_for_theme(found.theme.pk, form.wanted(), **by)
            messages.success(
                visit.request, _("The answer is drafted. Nobody else reads it before you publish the answers.")
            )
            return SeeOther(visit.address("themes"))
    except PortalError as refusal:
        error = refusal
        found = _theme_or_404(visit, theme)
    context = {"form": form, "at": found, "theme": found.theme, "seen": found.stamp}
    return visit.page("feedback/admin_theme_answer.html", _("Answer a theme"), context, error)


def initial_of(disposition: Disposition | None) -> dict[str, Any]:
    """What a disposition says, for its form."""
    if disposition is None:
        return {}
    answers = {f"answer-{code}": text for code, text in disposition.answers.items()}
    revision = disposition.revision.number if disposition.revision else None
    return {"outcome": disposition.outcome, "revision": revision, **answers}


def _theme_or_404(visit: Visit, pk: int) -> ThemeAt:
    found = next((one for one in answering.themes(visit.window) if one.theme.pk == pk), None)
    if found is None:
        raise Http404
    return found


# --- final -----------------------------------------------------------------------------------------------------------


def final(visit: Visit) -> HttpResponse:
    """Call the text of the window final: shows how much of what was said is undecided, and asks why in public."""
    kept, proposal = visit.typed_before(), visit.window.proposal
    post = visit.request.POST if visit.request.method == "POST" else None
    form = FinalForm(post or kept or None)
    is_unconfirmed = post is not None and post.get("confirmed") != "yes"
    error: PortalError | None = None
    if post is not None and form.is_valid() and not is_unconfirmed:
        try:
            call_final(
                proposal.pk, **form.seen(), statements=form.texts("statement"), actor=visit.user, at=clock.app_now()
            )
        except PortalError as refusal:
            error = refusal
        else:
            messages.success(visit.request, _("The text is called final; its page says so."))
            return SeeOther(visit.address("final"))
    last = proposal.revisions.order_by("-number").first()
    context = {
        "form": form,
        "unconfirmed": is_unconfirmed,
        "obstacle": not_yet(proposal, clock.app_now()),
        "is_typed": bool(post or kept),
        "left": answering.left_with_coming(answering.windows_on(proposal), clock.app_now()),
        "revision": last.number if last else 0,
        "call": answering.last_final_call(proposal),
        "text_url": reverse("proposals:text", args=[proposal.task_force.slug, proposal.slug]),
    }
    return visit.page("feedback/admin_final.html", _("Call the text final"), context, error)
