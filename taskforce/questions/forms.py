"""A version's questions as a form: fields named `q-ID`, for feedback and for applications.

Whatever bytes come in, the form holds text that can be stored and shown again: nothing that someone typed is
lost without word, and nothing that someone sent breaks the page.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from babel import numbers
from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from taskforce.core import labels, languages, text
from taskforce.questions.enums import LONGEST_ANSWER, NO_ANSWER, QuestionKind
from taskforce.questions.models import Choice, Question, QuestionSetVersion
from taskforce.questions.queries import questions

# What `text.clean` takes out or replaces: control characters but tab and line ends, and lone surrogates.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Answer(NamedTuple):
    """What was answered to one question; empty `text` and `choice` mean that it was left open."""

    question_id: int
    text: str
    choice: str


class Typed(NamedTuple):
    """What someone sent to a question, as they would recognise it: a text, or the label of a choice."""

    question: Question
    value: str | SafeString
    is_text: bool


class LongText(forms.CharField):
    """A text area. The limit counts code points and stands in words: a `maxlength` would cut what is pasted
    without telling, and it counts some characters double."""

    widget = forms.Textarea

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(**options)
        self.widget.attrs.update({"rows": 8, "dir": "auto"})

    def to_python(self, value: Any) -> str:
        """As it was typed; empty where nothing of it can be seen."""
        typed = super().to_python(value) or ""
        return "" if text.is_blank(typed) else typed

    def validate(self, value: str) -> None:
        """Required, and not longer than allowed; the message says by how much it is too long."""
        super().validate(value)
        over = len(value) - self.most
        if over > 0:
            message = ngettext(
                "This is %(over)s character too long: %(most)s are possible.",
                "This is %(over)s characters too long: %(most)s are possible.",
                over,
            )
            numbers_in_words = {"over": _number(over), "most": _number(self.most)}
            raise forms.ValidationError(message % numbers_in_words, "max_length")


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
        for name in self.fields:
            if self.add_prefix(name) in self._damaged:
                self.add_error(name, _("This holds characters that cannot be stored."))
        return self.cleaned_data


class QuestionsForm(StorableForm):
    """The questions of `version`; labels in `language` (default: the page's) by the reader's chain.

    With `draft=True` nothing is required, so that half an application can be saved.
    """

    def __init__(
        self,
        version: QuestionSetVersion | int,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        language: str | None = None,
        *,
        draft: bool = False,
    ) -> None:
        super().__init__(data, initial)
        self.questions = questions(version)
        for question in self.questions:
            self.fields[field_name(question.pk)] = _field(question, language, draft=draft)

    def clean(self) -> dict[str, Any]:
        """Refuse a field that came more than once: which of its values was meant?"""
        super().clean()
        if isinstance(self.data, QueryDict):
            for name in self.fields:
                if len(self.data.getlist(name)) > 1:
                    self.add_error(name, _("This was sent more than once."))
        return self.cleaned_data

    def answers(self) -> list[Answer]:
        """One answer per question, in order, of a form that is valid."""
        return [self._answer(question) for question in self.questions]

    def typed(self) -> list[Typed]:
        """What was sent to each question, valid or not, for a page that shows it again; no empty ones."""
        values = ((question, self[field_name(question.pk)].value()) for question in self.questions)
        many = [_typed(question, str(value or "")) for question, value in values]
        return [typed for typed in many if not text.is_blank(typed.value)]

    def _answer(self, question: Question) -> Answer:
        value = self.cleaned_data.get(field_name(question.pk)) or ""
        if question.kind == QuestionKind.ONE_CHOICE:
            return Answer(question.pk, "", "" if value == NO_ANSWER else value)
        return Answer(question.pk, value, "")


def field_name(question_id: int) -> str:
    """The name under which a question's answer is posted (CONTRACT: forms that scripts may rely on)."""
    return f"q-{question_id}"


def _damaged(data: Mapping[str, Any]) -> set[str]:
    """The names of the fields with a value that cannot be stored as it was sent."""
    sent: Iterable[tuple[str, list[Any]]]
    sent = data.lists() if isinstance(data, QueryDict) else ((name, [value]) for name, value in data.items())
    return {name for name, values in sent if any(_UNSTORABLE.search(str(value)) for value in values)}


def _storable(data: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(data, QueryDict):
        return {name: _cleaned(value) if isinstance(value, str) else value for name, value in data.items()}
    cleaned = QueryDict(mutable=True)
    for name, values in data.lists():
        cleaned.setlist(name, [_cleaned(str(value)) for value in values])
    return cleaned


def _cleaned(value: str) -> str:
    """As `text.clean`; what is too long for any field is shown again, and is not worth the work."""
    return text.clean(value) if text.may_fit(value, LONGEST_ANSWER) else text.shown_again(value)


def _field(question: Question, language: str | None, *, draft: bool) -> forms.Field:
    label = _marked(question, "label", language)
    help_text = _marked(question, "help_text", language)
    required = question.required and not draft
    if question.kind == QuestionKind.ONE_CHOICE:
        return _choice_field(question, language, label=label, help_text=help_text, required=required)
    most = min(question.max_length or LONGEST_ANSWER, LONGEST_ANSWER)
    limit = ngettext("At most %(most)s character.", "At most %(most)s characters.", most)
    limit %= {"most": _number(most)}
    return LongText(
        most=most,
        label=label,
        help_text=format_html("{} <bdi>{}</bdi>", help_text, limit) if help_text else limit,
        required=required,
        error_messages={"required": _("Please answer this question.")},
    )


def _choice_field(question: Question, language: str | None, *, required: bool, **texts: Any) -> forms.ChoiceField:
    choices: list[tuple[str, str | SafeString | Promise]] = [
        (choice.code, _marked(choice, "label", language)) for choice in question.choices.all()
    ]
    if not required:
        # A radio button cannot be taken back: without this an answer given by mistake would have to stay.
        choices.append((NO_ANSWER, _("No answer")))
    return forms.ChoiceField(
        choices=choices,
        widget=forms.RadioSelect,
        required=required,
        error_messages={
            "required": _("Please choose one."),
            "invalid_choice": _("Please choose one of the answers given here."),
        },
        **texts,
    )


def _typed(question: Question, value: str) -> Typed:
    if question.kind != QuestionKind.ONE_CHOICE:
        return Typed(question, value, is_text=True)
    chosen = next((choice for choice in question.choices.all() if choice.code == value), None)
    return Typed(question, _marked(chosen, "label", None) if chosen else "", is_text=False)


def _marked(obj: Question | Choice, field: str, language: str | None) -> SafeString:
    """A label as HTML; in another language than the page's, it says so to browsers and screen readers."""
    found = labels.label(obj, field, language)
    if not found.text or found.language == get_language():
        return conditional_escape(found.text)
    tag, direction = languages.html_lang(found.language), languages.direction(found.language)
    return format_html('<span lang="{}" dir="{}">{}</span>', tag, direction, found.text)


def _number(value: int) -> str:
    return str(numbers.format_decimal(value, locale=languages.locale_of(get_language() or "en")))
