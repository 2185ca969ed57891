"""What the page of a call says: to everybody once it is published, before that to the staff who write it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recruitment import plan, queries
from recruitment.enums import ChangeKind
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Call, CallChange
from recruitment.queries import saying
from taskforce.core import dates, labels, languages, prose
from taskforce.core.choices import of as choices_of
from taskforce.core.sentences import filled
from taskforce.core.templatetags.portal import number
from taskforce.questions.enums import NO_ANSWER, OTHER_LANGUAGE, QuestionKind
from taskforce.questions.forms import QuestionsForm, field_name
from taskforce.questions.models import Question
from taskforce.timeline import describe, windows
from taskforce.timeline.enums import OVER, Act, PhaseState
from taskforce.timeline.models import Phase

# A list of these is longer than the page, and everybody knows what it holds.
_NOT_LISTED = frozenset({QuestionKind.LANGUAGE})
# What is longer is folded where it stands beside what it says now.
_LONG = 300


def shown(call: Call, phases: Iterable[Phase], at: datetime) -> dict[str, Any]:
    """All that the page says of a call at the moment, in the active language; `phases` are its task force's.

    The same for everybody.
    """
    state = windows.state(call.phase, at)
    found = {
        "call": call,
        "at": at,
        "row": describe.row(call.phase, at),
        "opens_label": describe.opens_label(call.phase, at),
        "opens_rule": describe.opens_rule(call.phase),
        "closes_label": describe.closes_label(call.phase, at),
        "closes_rule": describe.closes_rule(call.phase),
        "cap_note": describe.cap_note(call.phase, at),
        "is_open": state is PhaseState.CURRENT,
        "is_over": state in OVER,
        "had_opened": windows.has_opened(call.phase, at),
        "stopped": stopped(call.phase, at),
        "is_short": dates.left(call.phase.closes_at, at).is_short,
        "later": later(call.phase, phases, at),
        "purpose": prose.of(call, "purpose"),
        "eligibility": prose.of(call, "eligibility"),
        "allowance": prose.of(call, "allowance"),
        "publication": prose.of(call, "publication"),
        "criteria_introduction": prose.of(call, "criteria_introduction"),
        "languages": [
            (code, name) for code, name in languages.OWN_NAMES.items() if code in call.languages or not call.languages
        ],
        "asked": whole_form(ApplicationForm(call, asked=saying.asked(call))),
        "criteria": saying.rubric(call),
        "changes": [changed(one) for one in queries.changes(call)],
        "clarified": _clarified(call),
    }
    return {**found, "contents": _contents(found)}


class Stopped(NamedTuple):
    """That a call will not come to its close: since when, whether because its task force has ended, and why."""

    at: datetime
    is_dropped: bool
    state_text: str
    reason: SafeString | str


def stopped(phase: Phase, at: datetime) -> Stopped | None:
    """What everybody may know of a call that was cancelled, or whose task force ended before its close; None for one
    that was neither, also where that came after the close."""
    state = windows.state(phase, at)
    if state is PhaseState.DROPPED and phase.dropped_at is not None:
        return Stopped(phase.dropped_at, is_dropped=True, state_text=capfirst(str(state.label)), reason="")
    if state is not PhaseState.CANCELLED or phase.cancelled_at is None:
        return None
    acts = (one for one in phase.extensions.all() if one.act == Act.CANCELLED and one.reason)
    reason = next((describe.told_in(one.reason, one.reason_language) for one in acts), "")
    return Stopped(phase.cancelled_at, is_dropped=False, state_text=capfirst(str(state.label)), reason=reason)


def later(own: Phase, phases: Iterable[Phase], at: datetime) -> list[dict[str, Any]]:
    """The phases that come after the one in which people apply, with their rules; none after one that was stopped."""
    if stopped(own, at) is not None:
        return []
    after = (one for one in phases if one.pk != own.pk and one.opens_at >= own.opens_at and not one.cancelled_at)
    return [
        {"phase": one, "opens_rule": describe.opens_rule(one), "closes_rule": describe.closes_rule(one)}
        for one in after
    ]


def _contents(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The sections that the page has, in their order: (anchor, heading)."""
    sections = (
        ("dates", _("Dates"), True),
        ("purpose", _("What the members will do"), found["purpose"]),
        ("eligibility", _("Who may apply"), found["eligibility"]),
        ("terms", _("What it asks and what it gives"), True),
        ("asked", _("What the form asks"), True),
        ("criteria", _("How people are chosen"), True),
        ("published", _("What becomes public, and about whom"), found["publication"]),
        ("changes", _("Changes since it was published"), found["changes"]),
        ("clarified", _("Questions and answers"), found["clarified"]),
        ("what-now", _("What you can do now"), True),
    )
    return [(anchor, heading) for anchor, heading, is_there in sections if is_there]


def _clarified(call: Call) -> list[dict[str, Any]]:
    """What was asked about a call, each with its answer; what came after it was published, with its date."""
    since = call.published_at
    return [
        {"one": one, "answer": prose.of(one, "answer"), "is_later": since is not None and one.added_at > since}
        for one in queries.clarifications(call)
    ]


def asked(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """What the form asks, for whoever prepares before they sign in: in the words of its own fields."""
    form = QuestionsForm(questions)
    return [_question(one, form[field_name(one.pk)]) for one in questions]


class Section(NamedTuple):
    """A part of the form: its heading, who reads it, and what it asks; `is_numbered` where those are the questions."""

    name: str
    heading: str
    note: str
    asked: list[dict[str, Any]]

    @property
    def is_numbered(self) -> bool:
        """The questions of the call have an order of their own; of all others it says nothing."""
        return self.name == "questions"


def whole_form(form: ApplicationForm) -> list[Section]:
    """All that the form asks, part by part as it stands there, in the words of its own fields."""
    spoken = form.language_rows()[:1]
    languages_spoken = {
        "label": _("Languages that you speak"),
        "help": _(
            "Name each in any language of this page, or by its code, such as sw. The levels are those of Babel on user "
            "pages."
        ),
        "required": False,
        "choices": [said for _language, level in spoken for said in _offered(form, level)],
    }
    profile = [*_parts(form, form.before_languages()), languages_spoken, *_parts(form, form.after_languages())]
    without_name = _("Reviewers read this, without your name.")
    counted = _(
        "Kept apart from your application. Nobody who reviews or decides reads it; it is only counted, so that the "
        "task force can be as diverse as the movement."
    )
    allowed = _("Published only if you are chosen, and only what you allow here. Those who coordinate read it, too.")
    return [
        Section("about-you", _("About you"), "", _parts(form, form.identity_fields())),
        Section("languages-and-time", _("Your languages and time"), without_name, profile),
        Section("questions", _("Questions"), without_name, _parts(form, form.asked_fields())),
        Section("background", _("About your background (voluntary)"), counted, _parts(form, form.background_fields())),
        Section("to-publish", _("What may be published"), allowed, _parts(form, form.publish_fields())),
        Section("not-me", _("Who should not review you"), "", _parts(form, form.not_reviewers_fields())),
    ]


def _parts(form: ApplicationForm, fields: Sequence[forms.BoundField]) -> list[dict[str, Any]]:
    return [
        {
            "label": one.label,
            "help": one.help_text,
            "required": one.field.required,
            "choices": _offered(form, one),
        }
        for one in fields
    ]


def _offered(form: ApplicationForm, field: forms.BoundField) -> list[Any]:
    """What can be chosen, but that one says nothing, and what is longer than the page."""
    is_listed = hasattr(field.field, "choices") and field.name not in form.long_lists()
    listed = choices_of(form, field.name) if is_listed else []
    return [label for code, label in listed if code not in ("", NO_ANSWER, OTHER_LANGUAGE)]


def _question(question: Question, field: Any) -> dict[str, Any]:
    listed = [] if question.kind in _NOT_LISTED else getattr(field.field, "choices", [])
    return {
        "label": field.label,
        "help": field.help_text,
        "required": field.field.required,
        "choices": [label for code, label in listed if code not in ("", NO_ANSWER, OTHER_LANGUAGE)],
    }


def changed(change: CallChange) -> dict[str, Any]:
    """A public act on a call, as its pages tell it."""
    reason = labels.label(change, "reason")
    if change.kind == ChangeKind.SEATS:
        changes: dict[str, Any] = {"what": seats_changed(change.old_seats, change.new_seats)}
    elif change.kind == ChangeKind.WORDS:
        changes = words_changed(change.words or [])
    else:
        changes = rubric_changed(change.old_criteria or [], change.new_criteria or [])
    return {
        **changes,
        "reason": describe.in_language(reason.text, reason.language),
        "name": change.actor_name,
        "at": change.at,
    }


def seats_changed(old: int | None, new: int | None) -> SafeString:
    """The sentence about another number of seats."""
    said = _("The number of seats was changed from %(old)s to %(new)s.")
    before, after = (format_html("<bdi>{}</bdi>", number(seats or 0)) for seats in (old, new))
    return filled(said, old=before, new=after)


def rubric_changed(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The sentence about another rubric, what it was and is where that differs, and what scores meant and mean."""
    means = [_meant(one) for one in queries.remeant(old, new)]
    texts = [_reworded(one) for one in queries.reworded(old, new)]
    if queries.is_weighed_otherwise(old, new):
        said = _("The criteria or their weights were changed.")
        return {"what": said, "old": rubric(old), "new": rubric(new), "texts": texts, "meanings": means}
    return {"what": _("What scores mean was changed."), "texts": texts, "meanings": means}


def words_changed(words: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sentence about other words, and of each text what it said and says."""
    texts = [_text(plan.WORDS[one["field"]], one["language"], one["before"], one["now"]) for one in words]
    return {"what": _("Words of the call were changed."), "texts": texts}


def _reworded(one: queries.Reworded) -> dict[str, Any]:
    label = _said(one.labels)
    if one.field == "help_texts":
        label = format_html("{} · {}", label, _("Hint"))
    return _text(label, one.language, one.before, one.now)


def _text(label: Any, language: str, before: str, now: str) -> dict[str, Any]:
    """A text that changed in a language; a long one is folded."""
    name = format_html('<bdi lang="{}">{}</bdi>', languages.html_lang(language), languages.OWN_NAMES[language])
    return {
        "label": format_html("{} · {}", label, name),
        "before": describe.in_language(before, language) if before else "",
        "now": describe.in_language(now, language) if now else "",
        "is_long": max(len(before), len(now)) > _LONG,
    }


def _meant(one: queries.Meant) -> dict[str, Any]:
    """What a score meant and means: in the language of the page, or where that says the same, in one that does not."""
    said = {"label": _said(one.labels), "score": _("Score %(score)s") % {"score": number(one.score)}}
    if labels.chosen(one.before).text != labels.chosen(one.now).text:
        return {**said, "before": _said(one.before), "now": _said(one.now)}
    code = next(code for code in languages.CODES if one.before.get(code, "") != one.now.get(code, ""))
    before, now = ({code: texts[code]} if texts.get(code) else {} for texts in (one.before, one.now))
    return {**said, "before": _said(before), "now": _said(now)}


def _said(texts: Mapping[str, str]) -> Any:
    """A text in the language of the page, or the next of its chain; "" for none."""
    if not any(texts.values()):
        return ""
    found = labels.chosen(texts)
    return describe.in_language(found.text, found.language)


def rubric(specs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A rubric as an act keeps it: each criterion in the language of the page, or the next of its chain."""
    return [{"label": _said(one["labels"]), "weight": one["weight"]} for one in specs]
