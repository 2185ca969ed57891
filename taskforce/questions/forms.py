"""A version's questions as a form: fields named `q-ID`, for feedback and for applications.

Whatever bytes come in, the form holds text that can be stored and shown again: nothing that someone typed is
lost without word, and nothing that someone sent breaks the page.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.core import text
from taskforce.questions import describe, spoken
from taskforce.questions.enums import IN_WORDS, LONGEST_ANSWER, NO_ANSWER, OTHER_LANGUAGE, PARAGRAPH, QuestionKind
from taskforce.questions.fields import SeveralChoices, made, other_language
from taskforce.questions.models import Question, QuestionSetVersion
from taskforce.questions.queries import known, questions

# What `text.clean` takes out or replaces: control characters but tab and line ends, and lone surrogates.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Answer:
    """What was answered to one question: in words, or the codes of what was chosen, in the order of the choices.

    A number of a scale, a region and a language (its tag, BCP 47) are codes too; one that has no tag is `UNCODED`, and
    `text` says what it is called. Both empty mean that the question was left open.
    """

    question_id: int
    text: str = ""
    choices: tuple[str, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether it says anything."""
        return bool(self.text or self.choices)

    def same(self) -> list[Any]:
        """What of it makes two forms "the same fields"; with one choice at most, as when there were no more."""
        return [self.question_id, self.text, self.choices[0] if self.choices else "", *self.choices[1:]]


class Typed(NamedTuple):
    """What someone sent to a question, as they would recognise it: a text, or the labels of what was chosen."""

    question: Question
    value: str | SafeString
    is_text: bool


class StorableForm(forms.Form):
    """A form whose fields hold only what PostgreSQL can store and a page can show (`core.text.clean`).

    Where that is not what was sent, the field has an error, so that nobody's text is changed behind their back.
    """

    def __init__(
        self, data: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        self._damaged = _damaged(data or {})
        super().__init__(data=None if data is None else _storable(data), initial=dict(initial or {}), **options)

    def clean(self) -> dict[str, Any]:
        """Say at its field what could not be stored."""
        self.say_damaged()
        return self.cleaned_data

    def say_damaged(self) -> None:
        """Say at its field what could not be stored, and nothing else."""
        for name in self.fields:
            if self.add_prefix(name) in self._damaged:
                self.add_error(name, _("This holds characters that cannot be stored."))


class QuestionsForm(StorableForm):
    """The questions of `version`, or those that are given; labels in `language` (default: the page's) by the reader's
    chain.

    With `draft=True` nothing is required, so that half an application can be saved. `fields` are those of these
    questions, where they were made before (`made_once`); whoever changes one puts a copy in its place.
    """

    def __init__(
        self,
        version: QuestionSetVersion | int | Sequence[Question],
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        language: str | None = None,
        *,
        draft: bool = False,
        fields: Mapping[str, forms.Field] | None = None,
    ) -> None:
        super().__init__(data, initial)
        self._is_draft = draft
        self.questions = version if isinstance(version, Sequence) else questions(version)
        self.fields.update(made_of(self.questions, language, draft=draft) if fields is None else fields)

    def clean(self) -> dict[str, Any]:
        """Refuse a field that came more than once, unless it takes several: which of its values was meant?"""
        super().clean()
        if isinstance(self.data, QueryDict):
            for name, field in self.fields.items():
                if len(self.data.getlist(name)) > 1 and not isinstance(field, SeveralChoices):
                    self.add_error(name, _("This was sent more than once."))
        for question in self.questions:
            if question.kind == QuestionKind.LANGUAGE:
                self._clean_language(field_name(question.pk), question)
        return self.cleaned_data

    def _clean_language(self, name: str, question: Question) -> None:
        """One language: of the list, or named beside it."""
        other = other_name(name)
        if name in self.errors or other in self.errors:
            return
        chosen, named = self.cleaned_data.get(name) or "", self.cleaned_data.get(other) or ""
        if chosen == OTHER_LANGUAGE and not named:
            self.add_error(other, _("Please name the language."))
        elif named and chosen not in ("", NO_ANSWER, OTHER_LANGUAGE):
            said = _("You chose a language of the list too: empty this field, or choose “Another language” above.")
            self.add_error(other, said)
        elif question.required and not self._is_draft and not named and chosen in ("", NO_ANSWER):
            self.add_error(name, _("Please choose a language."))

    def show(self, stored: Mapping[int, tuple[str, Sequence[str]]]) -> None:
        """Show answers that are stored, {question id: (text, codes)}, where nothing was sent."""
        for question in self.questions:
            if question.pk in stored:
                self.initial.update(initial(question, *stored[question.pk]))

    def answers(self) -> list[Answer]:
        """One answer per question, in order, of a form that is valid."""
        return [self._answer(question) for question in self.questions]

    def typed(self) -> list[Typed]:
        """What was sent to each question, valid or not, for a page that shows it again; no empty ones."""
        return [typed for typed in map(self._typed, self.questions) if not text.is_blank(typed.value)]

    def _answer(self, question: Question) -> Answer:
        name = field_name(question.pk)
        value = self.cleaned_data.get(name) or ""
        if question.kind in IN_WORDS:
            return Answer(question.pk, value)
        if question.kind == QuestionKind.SEVERAL:
            return Answer(question.pk, choices=tuple(value))
        if named := self.cleaned_data.get(other_name(name)):
            tag, unknown = spoken.read(named, get_language() or "en")
            return Answer(question.pk, unknown, (tag,))
        return Answer(question.pk, choices=(value,) if value not in ("", NO_ANSWER) else ())

    def _typed(self, question: Question) -> Typed:
        name = field_name(question.pk)
        value = self[name].value()
        if question.kind in IN_WORDS:
            return Typed(question, str(value or ""), is_text=True)
        codes = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value or "")]
        if question.kind == QuestionKind.LANGUAGE:
            if named := str(self[other_name(name)].value() or ""):
                return Typed(question, named, is_text=False)
            codes = [code for code in codes if code in spoken.offered()]
        return Typed(question, describe.listed(question, codes), is_text=False)


@lru_cache(maxsize=256)
def made_once(
    version: int, digest: str | None, language: str | None, *, draft: bool = False, by_script: bool = False
) -> Mapping[str, forms.Field]:
    """The fields of the questions of a version as long as they say the same (`queries.known`), for a page in
    `language`: once for each process, since to make them is most of what a posted form costs."""
    return made_of(known(version, digest), language, draft=draft, by_script=by_script)


def made_of(
    asked: Iterable[Question], language: str | None, *, draft: bool, by_script: bool = False
) -> dict[str, forms.Field]:
    """The fields of questions."""
    fields: dict[str, forms.Field] = {}
    for question in asked:
        name = field_name(question.pk)
        fields[name] = made(question, language, draft=draft, by_script=by_script)
        if question.kind == QuestionKind.LANGUAGE:
            fields[other_name(name)] = other_language(question, language)
    return fields


def field_name(question_id: int) -> str:
    """The name under which a question's answer is posted (CONTRACT: forms that scripts may rely on)."""
    return "q-paragraph" if question_id == PARAGRAPH else f"q-{question_id}"


def other_name(name: str) -> str:
    """The name of the field beside the list of languages, from that of the list."""
    return f"{name}-other"


def initial(question: Question, words: str, codes: Sequence[str]) -> dict[str, Any]:
    """{name of a field: its value} of a stored answer."""
    name = field_name(question.pk)
    if question.kind in IN_WORDS:
        return {name: words}
    if question.kind == QuestionKind.SEVERAL:
        return {name: list(codes)}
    code = codes[0] if codes else ""
    if question.kind == QuestionKind.LANGUAGE and code and code not in spoken.offered():
        return {name: OTHER_LANGUAGE, other_name(name): words or code}
    return {name: code}


def _damaged(data: Mapping[str, Any]) -> set[str]:
    """The names of the fields with a value that cannot be stored as it was sent."""
    sent: Iterable[tuple[str, list[Any]]]
    sent = data.lists() if isinstance(data, QueryDict) else ((name, [value]) for name, value in data.items())
    return {name for name, values in sent if any(_UNSTORABLE.search(str(value)) for value in values)}


def _storable(data: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(data, QueryDict):
        return {name: _cleaned(value) if isinstance(value, str) else value for name, value in data.items()}
    sent = dict(data.lists())
    as_stored = {name: [_cleaned(str(value)) for value in values] for name, values in sent.items()}
    if as_stored == sent:
        return data
    cleaned = QueryDict(mutable=True)
    for name, values in as_stored.items():
        cleaned.setlist(name, values)
    return cleaned


def _cleaned(value: str) -> str:
    """As `text.clean`; what is too long for any field is shown again, and is not worth the work."""
    return text.clean(value) if text.may_fit(value, LONGEST_ANSWER) else text.shown_again(value)
