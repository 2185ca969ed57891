"""What is changed of a published call: other seats, another rubric, other words. What everybody will read is shown
first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from recruitment import calling, plan, queries, services
from recruitment.admin.writing import CallPages, lacking, source_of, typed_before, url, user_of
from recruitment.forms.call_acts import OtherMeaningsForm, OtherRubricForm, OtherWordsForm, ReasonForm, SeatsForm
from recruitment.forms.calling import CallWordsForm
from recruitment.forms.rubric import ClarificationForm, words_of_clarification
from recruitment.forms.two_languages import Said
from recruitment.models import Call, Clarification
from recruitment.plan import Line
from taskforce.core import labels, languages
from taskforce.core.errors import PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.text import digest
from taskforce.timeline import wanted
from taskforce.timeline.describe import in_language


class CallActPages(CallPages):
    """Each asks what is to change and why, shows it as it will be read, and does it once that is confirmed."""

    def act_urls(self) -> list[URLPattern]:
        """All of them."""
        return [
            self.page_at("seats/", "seats", self.seats_view),
            self.page_at("rubric/", "rubric", self.rubric_view),
            self.page_at("criteria/<int:row>/scores/", "scores", self.scores_view),
            self.page_at("words/", "words", self.words_view),
            self.page_at("clarifications/<int:row>/words/", "answer_words", self.answer_words_view),
        ]

    def seats_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Another number of seats."""
        call = self.found(request, call_id)
        _refuse(seats_stay(call))
        sent = _sent(request, "seats", call_id)

        def do(form: Any, seen: str) -> None:
            before = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 6 else 0
            services.change_seats(
                call_id, form.cleaned_data["seats"], form.reasons(), actor=user_of(request), expected=before
            )

        def shown(form: Any) -> dict[str, Any]:
            return {"what": calling.seats_changed(call.seats, form.cleaned_data["seats"])}

        return self._act(
            request,
            call,
            SeatsForm(call, sent),
            title=_("Change the seats"),
            intro=_("Another number of seats is a public act: the page says who changed it and why, for good."),
            button=_("Change the seats for everybody to see"),
            done=_("The new number of seats is public."),
            now=str(call.seats),
            do=do,
            shown=shown,
        )

    def rubric_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Other criteria, or other weights."""
        call = self.found(request, call_id)
        _refuse(rubric_stays(call))
        lines, sent = queries.rubric(call), _sent(request, "rubric", call_id)
        return self._rubric_act(
            request,
            call,
            OtherRubricForm(lines, used_languages(call, lines), sent),
            title=_("Change the criteria"),
            intro=_(
                "Other criteria or weights are a public act: the page says who changed them and why, for good. People "
                "have prepared for those that were published, so change them only where they cannot stand."
            ),
            button=_("Change the criteria for everybody to see"),
            done=_("The new criteria are public."),
        )

    def scores_view(self, request: HttpRequest, call_id: int, row: int) -> HttpResponse:
        """What the scores of a criterion mean, put right."""
        call = self.found(request, call_id)
        _refuse(rubric_stays(call))
        lines, sent = queries.rubric(call), _sent(request, "scores", call_id, row=row)
        if row not in [one.criterion_id for one in lines]:
            raise Http404
        return self._rubric_act(
            request,
            call,
            OtherMeaningsForm(lines, row, used_languages(call, lines), sent),
            title=_("Change what the scores mean"),
            intro=_(
                "What a score means is read by applicants and reviewers alike, so to say it anew is a public act: the "
                "page says who changed it and why, with what it said before, for good."
            ),
            button=_("Change it for everybody to see"),
            done=_("What the scores mean now is public."),
        )

    def words_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        """Other words of the call."""
        call = self.found(request, call_id)
        _refuse(seats_stay(call))
        stored = {name: labels.stored(call, name) for name in plan.FIELDS}
        return self._words_act(request, call, call, CallWordsForm.said, stored, _sent(request, "words", call_id))

    def answer_words_view(self, request: HttpRequest, call_id: int, row: int) -> HttpResponse:
        """Other words of a question about it, and of its answer."""
        call = self.found(request, call_id)
        _refuse(seats_stay(call))
        told = get_object_or_404(call.clarifications, pk=row)
        sent = _sent(request, "answer_words", call_id, row=row)
        return self._words_act(request, call, told, ClarificationForm.said, words_of_clarification(told), sent)

    def _words_act(
        self,
        request: HttpRequest,
        call: Call,
        row: Call | Clarification,
        said: Sequence[Said],
        stored: Mapping[str, Mapping[str, str]],
        sent: Mapping[str, Any] | None,
    ) -> HttpResponse:
        used = used_languages(call, [])
        written = {code for texts in stored.values() for code in texts}
        codes = [*used, *(code for code in languages.CODES if code in written and code not in used)]

        def do(form: Any, seen: str) -> None:
            services.change_words(row, form.wanted(), form.reasons(), actor=user_of(request), expected=seen)

        def shown(form: Any) -> dict[str, Any]:
            return calling.words_changed(services.as_words(row, form.wanted()))

        return self._act(
            request,
            call,
            OtherWordsForm(said, plan.WORDS, stored, codes, sent),
            title=_("Change the words"),
            intro=_(
                "People apply, and agree to what becomes public, by what the call says. So other words are a public "
                "act: the page says who changed them and why, with what they said before, for good. Those who have "
                "applied and those who follow the dates get a mail."
            ),
            button=_("Change the words for everybody to see"),
            done=_("The new words are public."),
            now=queries.words_seen(row),
            do=do,
            shown=shown,
        )

    def _rubric_act(
        self, request: HttpRequest, call: Call, form: OtherRubricForm | OtherMeaningsForm, **words: str
    ) -> HttpResponse:
        old = queries.kept(form.lines)

        def do(form: Any, seen: str) -> None:
            services.change_criteria(call.pk, form.wanted(), form.reasons(), actor=user_of(request), expected=seen)

        def shown(form: Any) -> dict[str, Any]:
            return calling.rubric_changed(old, services.as_kept(form.lines, form.wanted()))

        def lacks(form: Any) -> list[str]:
            return missing_in(call, services.as_kept(form.lines, form.wanted()))

        now = queries.rubric_seen(call)
        return self._act(request, call, form, **words, now=now, do=do, shown=shown, lacks=lacks)

    def _act(
        self,
        request: HttpRequest,
        call: Call,
        form: ReasonForm,
        *,
        title: str,
        intro: str,
        button: str,
        done: str,
        now: str,
        do: Callable[[Any, str], None],
        shown: Callable[[Any], dict[str, Any]],
        lacks: Callable[[Any], list[str]] = lambda form: [],
    ) -> HttpResponse:
        if call.published_at is None:
            return SeeOther(url("change", call.pk))
        context: dict[str, Any] = {"title": title, "intro": intro, "button": button, "form": form, "seen": now}
        if request.method == "POST" and form.is_valid():
            token, given = _token(form, now), request.POST
            sent_back = "previewed" in given and "again" not in given
            is_same = given.get("previewed") == token
            if sent_back and is_same and given.get("confirmed"):
                try:
                    do(form, given.get("seen", ""))
                except PortalError as error:
                    context["refusal"] = error
                else:
                    messages.success(request, done)
                    return SeeOther(url("change", call.pk))
            context |= {
                "shown": _as_read(form, shown),
                "lacks": lacks(form),
                "token": token,
                "is_other": sent_back and not is_same,
                "is_unconfirmed": sent_back and is_same and not given.get("confirmed"),
                "actor_name": user_of(request).name,
                "known": _("I have read what everybody will read, and know that it stays."),
            }
        return self.page(request, "act", call, **context)


def seats_stay(call: Call) -> str:
    """Why the seats of a published call change no more, before anybody types; empty where they can. The service asks
    again."""
    if call.phase.cancelled_at is not None:
        return _("This call was cancelled: nothing of it changes any more.")
    if call.phase.dropped_at is not None:
        return _("This task force ended before the call closed: nothing of it changes any more.")
    if queries.is_released(call):
        return _("Decisions of this call have been told: its seats and criteria stay.")
    return ""


def rubric_stays(call: Call) -> str:
    """The same of its criteria."""
    if why := seats_stay(call):
        return why
    if queries.is_reviewed(call):
        return _("Reviews were submitted by these criteria and weights: they stay as they are.")
    return ""


def _refuse(why: str) -> None:
    if why:
        raise Refused(why)


def used_languages(call: Call, lines: Sequence[Line]) -> list[str]:
    """The languages of the portal that a call's task force uses: that in which it is written first, then those that are
    wanted, those in which one applies, and those in which the call is called or the rubric says something."""
    said = [text for one in lines for text in (one.labels, one.help_texts, *one.meanings.values())]
    named = [labels.stored(call, "title"), *said]
    used = {*wanted.languages_of(call.phase.task_force_id), *call.languages, *(code for one in named for code in one)}
    source = source_of(call)
    return [source, *(code for code in languages.CODES if code in used and code != source)]


def missing_in(call: Call, specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a rubric would lack in languages in which texts are wanted, in a sentence for each."""
    found = []
    for code in wanted.languages_of(call.phase.task_force_id):
        numbers = [
            number
            for number, one in enumerate(specs, start=1)
            if lacking([one["labels"], one["help_texts"], *one["meanings"].values()], code)
        ]
        if numbers:
            what = ", ".join(_("criterion %(number)d") % {"number": number} for number in numbers)
            said = _("%(language)s: missing of what is wanted in it: %(what)s.")
            found.append(said % {"language": languages.OWN_NAMES[code], "what": what})
    return found


def _sent(request: HttpRequest, name: str, call_id: int, **place: int) -> Mapping[str, Any] | None:
    """What is sent, or was sent before the sign-in ended."""
    back = typed_before(request, name, call_id=call_id, **place)
    return request.POST if request.method == "POST" else back or None


def _token(form: ReasonForm, now: str) -> str:
    """Another one as soon as something else would be done, or it would be done to something else."""
    said = {name: form.cleaned_data[name] for name in sorted(form.cleaned_data)}
    return digest([now, said])


def _as_read(form: ReasonForm, shown: Callable[[Any], dict[str, Any]]) -> list[dict[str, Any]]:
    """The act as it will be read: in the reader's language, and in each in which its reason is written."""
    reasons = form.reasons()
    found = []
    for code in dict.fromkeys([get_language() or "en", *reasons]):
        with override(code):
            reason = labels.chosen(reasons)
            found.append(
                {
                    "code": code,
                    "name": languages.OWN_NAMES[code],
                    "reason": in_language(reason.text, reason.language),
                    "by": _("Changed by"),
                    "before": _("Before"),
                    "now": _("Now"),
                    **shown(form),
                }
            )
    return found
