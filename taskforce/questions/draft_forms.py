"""The forms in which questions are written: a new set, a new question, and one question in two languages."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from taskforce.core import labels, languages
from taskforce.core.choices import offer
from taskforce.questions import drafts, queries
from taskforce.questions.drafts import Spec
from taskforce.questions.enums import LONGEST_ANSWER, LONGEST_LINE, SCALE_END, WITH_CHOICES, QuestionKind
from taskforce.questions.faults import LABEL_LENGTH, PARTS
from taskforce.questions.fields import ShortText, in_words
from taskforce.questions.forms import StorableForm
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import SLUG_LENGTH

# Empty fields for choices below those that there are; after each save there are as many again.
NEW_CHOICES = 3
# How a set for all task forces is chosen.
FOR_ALL = "all"
_KIND_HELP = gettext_lazy(
    "With another kind the fields change when the draft is saved. Choices and texts that the new kind does not have "
    "come back with the former one, until the draft is published."
)
# Longer than a line of most screens, often.
_LONG = frozenset({"labels", "help_texts"})
_WRONG_CHOICE = dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Please choose one of the list."))


class NewSetForm(StorableForm):
    """A new set: what staff call it, whose it is, and what it begins with."""

    slug = forms.SlugField(
        max_length=SLUG_LENGTH,
        label=gettext_lazy("Short name"),
        help_text=gettext_lazy(
            "Staff choose the set by it, and open data names it. Latin letters, digits and hyphens, such as "
            "first-round; it stays the same for ever."
        ),
        error_messages={"invalid": gettext_lazy("Use Latin letters, digits, hyphens and underscores only.")},
        widget=forms.TextInput({"dir": "ltr", "autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    task_force = forms.ChoiceField(label=gettext_lazy("Task force"), error_messages=_WRONG_CHOICE)
    like = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        required=False,
        help_text=gettext_lazy("All its questions and their texts, as a start; the other set stays as it is."),
        error_messages=_WRONG_CHOICE,
    )

    source = forms.ChoiceField(
        label=gettext_lazy("Written in"),
        choices=list(languages.OWN_NAMES.items()),
        help_text=gettext_lazy(
            "The language in which you write first; the others stand beside it. A set that begins with another one is "
            "written in the language of that one."
        ),
        error_messages=_WRONG_CHOICE,
    )

    def __init__(
        self,
        places: Sequence[tuple[str, str]],
        versions: Sequence[QuestionSetVersion],
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial)
        self.versions = {str(one.pk): one for one in versions}
        first = [("", _("Choose…"))] if len(places) > 1 else []
        offer(self, "task_force", [*first, *places])
        nothing = ("", _("No questions"))
        offer(self, "like", [nothing, *((pk, called(one)) for pk, one in self.versions.items())])

    def place(self) -> int | None:
        """The id of the task force; None: for all."""
        chosen = self.cleaned_data["task_force"]
        return None if chosen == FOR_ALL else int(chosen)

    def begins_with(self) -> QuestionSetVersion | None:
        """The version with whose questions the set begins."""
        return self.versions.get(self.cleaned_data["like"])


def called(version: Any) -> str:
    """A version of `queries.versions` in a list: its set, which one it is, how much it asks, and what first."""
    counted = ngettext("%(count)d question", "%(count)d questions", version.asked) % {"count": version.asked}
    first = labels.label(version.first[0], "label").text if version.first else ""
    number = _("Version %(number)d") % {"number": version.number}
    return " · ".join(part for part in (version.question_set.slug, number, counted, first) if part)


class NewQuestionForm(StorableForm):
    """A question more: of which kind, and what it asks in one language."""

    def __init__(self, language: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.language = language
        self.fields["kind"] = _kind()
        asked = _("Question (%(language)s)") % {"language": languages.OWN_NAMES[language]}
        self.fields["asks"] = _line(language, label=asked, most=LABEL_LENGTH, required=True, is_long=True)

    def said(self) -> dict[str, str]:
        """{language: text} of the label."""
        return {self.language: self.cleaned_data["asks"]}


class Row(NamedTuple):
    """One text of a question in the form: the source, and the other language beside it (None: that is the source).

    `code` is that of the choice whose label it is, `number` its place.
    """

    source: forms.BoundField
    own: forms.BoundField | None
    code: str = ""
    number: int = 0


class Both(NamedTuple):
    """A field of which somebody else has stored something else: what is stored, and what was typed."""

    label: str
    language: str
    stored: str
    typed: str


class QuestionForm(StorableForm):
    """One question, its source beside one other language; all of it may stay empty while it is a draft."""

    def __init__(
        self, spec: Mapping[str, Any], source: str, language: str, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        self.spec, self.source, self.language = spec, source, language
        self.codes = list(dict.fromkeys([source, language]))
        for part in drafts.parts(spec["kind"]):
            self._add(part, _CALLED[part], spec.get(part, {}), PARTS[part][1], is_long=part in _LONG)
        for number, (code, said) in enumerate(drafts.choices(spec), start=1):
            self._add(f"choice-{code}", partial(_choice, number), said, LABEL_LENGTH)
        for number in range(1, NEW_CHOICES + 1) if spec["kind"] in WITH_CHOICES else ():
            self._add(f"new-{number}", partial(_new_choice, number), {}, LABEL_LENGTH)
        self.fields["kind"] = _kind(initial=spec["kind"], help_text=_KIND_HELP)
        for name in drafts.numbers(spec["kind"]):
            self.fields[name] = _number(spec["kind"], name, spec.get(name, 0))
        self.fields["required"] = forms.BooleanField(
            label=_("Whoever answers must answer this"), required=False, initial=bool(spec.get("required"))
        )

    def _add(
        self, name: str, called: Callable[[str], str], said: Mapping[str, str], most: int, *, is_long: bool = False
    ) -> None:
        for code in self.codes:
            label = called(languages.OWN_NAMES[code])
            field = _line(code, label=label, most=most, required=False, is_long=is_long)
            field.initial = said.get(code, "")
            self.fields[f"{name}-{code}"] = field

    def over(self, stored: Mapping[str, Any]) -> "QuestionForm":
        """What was typed, to be sent again over what somebody else has stored: where nothing was typed, it is as they
        have stored it."""
        typed, seen = self.typed(), self.data.get("seen", "")
        made, _torn = drafts.merged(stored, typed, seen, self.codes)
        texts, _torn = drafts.merged(stored, {**typed, "kind": stored["kind"]}, seen, self.codes)
        shown = {**drafts.shown(texts, self.codes), "kind": made["kind"]}
        new = {name: self.data[name] for name in self.data if name.startswith("new-")}
        # A box that is not ticked sends nothing.
        sent = {name: "on" if value is True else value for name, value in shown.items() if value is not False}
        return QuestionForm(stored, self.source, self.language, {**sent, **new})

    # --- for the page ------------------------------------------------------------------------------------------------

    @property
    def part_rows(self) -> list[Row]:
        """What it asks, the hint, and what the ends of a scale mean."""
        return [self._row(part) for part in drafts.parts(self.spec["kind"])]

    @property
    def choice_rows(self) -> list[Row]:
        """The choices that there are."""
        numbered = enumerate(drafts.choices(self.spec), start=1)
        return [self._row(f"choice-{code}", code, number) for number, (code, _said) in numbered]

    @property
    def new_rows(self) -> list[Row]:
        """Empty fields for more of them."""
        is_asked = self.spec["kind"] in WITH_CHOICES
        return [self._row(f"new-{number}") for number in range(1, NEW_CHOICES + 1)] if is_asked else []

    @property
    def setting_fields(self) -> list[forms.BoundField]:
        """What is the same in every language."""
        return [self[name] for name in ("kind", *drafts.numbers(self.spec["kind"]), "required")]

    def _row(self, name: str, code: str = "", number: int = 0) -> Row:
        own = self[f"{name}-{self.language}"] if self.language != self.source else None
        return Row(self[f"{name}-{self.source}"], own, code, number)

    # --- what it says ------------------------------------------------------------------------------------------------

    def typed(self) -> dict[str, Any]:
        """What it says of the question, by the names of `drafts.shown`, once that was checked; without what has a
        fault."""
        # A choice that somebody else has made meanwhile was not on the page; a box that is not ticked sends nothing.
        sent = [name for name in drafts.shown(self.spec, self.codes) if name in self.data or name == "required"]
        said = {name: self.cleaned_data[name] for name in sent if name in self.cleaned_data}
        return {name: 0 if value is None else value for name, value in said.items()}

    def with_new_choices(self, spec: Spec) -> Spec:
        """A question with the choices that were typed into the empty fields."""
        for number in range(1, NEW_CHOICES + 1):
            typed = {code: self.cleaned_data.get(f"new-{number}-{code}", "") for code in self.codes}
            said = {code: text for code, text in typed.items() if text}
            spec = drafts.with_choice(spec, said) if said else spec
        return spec

    def as_typed(self) -> Spec:
        """For a look: as it was sent, as far as it has no fault; else as it is stored."""
        if not self.is_bound:
            return dict(self.spec)
        self.full_clean()
        return self.with_new_choices(drafts.with_shown(self.spec, self.typed()))

    def lost(self) -> dict[str, str]:
        """What was typed into fields that the question does not have any more: its choice is gone, or its kind."""
        sent = {name: str(self.data[name]).strip() for name in self.data if name not in self.fields}
        typed = {name: text for name, text in sent.items() if text and _language_of(name)}
        return drafts.typed_into(typed, self.data.get("seen", ""))

    def both(self, stored: Mapping[str, Any], torn: Sequence[str]) -> list[Both]:
        """What is stored now and what was typed, in each field in which one must choose; what is gone is empty."""
        now = drafts.shown(stored, self.codes)
        typed: dict[str, Any] = {**self.lost(), **{name: self.cleaned_data.get(name) for name in torn}}
        return [
            Both(
                str(self.fields[name].label) if name in now else _("What is not there any more"),
                _language_of(name),
                _in_words(name, now.get(name)),
                _in_words(name, value),
            )
            for name, value in typed.items()
        ]


def labels_of_a_question(set_id: int, key: int) -> dict[str, Any]:
    """What the form of a question calls its fields, in whatever language, for a page that gives back what was typed."""
    draft = queries.draft_of(set_id) if set_id < 2**63 else None
    spec = drafts.question(draft.content, key) if draft else None
    if spec is None:
        raise Http404
    forms_of_it = (QuestionForm(spec, code, code) for code in languages.CODES)
    return {name: field.label for form in forms_of_it for name, field in form.fields.items()}


def _kind(**options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Kind"), choices=QuestionKind.choices, error_messages=_WRONG_CHOICE, **options)


def _line(code: str, *, label: str, most: int, required: bool, is_long: bool = False) -> ShortText:
    """A text without line ends; a long one is in sight as a whole all the same."""
    widget = forms.Textarea() if is_long else forms.TextInput()
    field = ShortText(most=most, label=label, required=required, widget=widget)
    field.widget.attrs |= {"rows": 2} if is_long else {}
    field.widget.attrs |= {
        "class": "vTextField",
        "lang": languages.html_lang(code),
        "dir": languages.direction(code),
    }
    return field


def _number(kind: str, name: str, value: int) -> forms.IntegerField:
    label, help_text, most = _NUMBERS[QuestionKind(kind), name]
    return forms.IntegerField(
        label=label,
        help_text=help_text % {"most": in_words(most)},
        min_value=0,
        max_value=most,
        required=False,
        initial=value,
        widget=forms.NumberInput({"class": "vIntegerField"}),
    )


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(QuestionKind(value).label) if name == "kind" and value else str("" if value is None else value)


def _language_of(name: str) -> str:
    """The language of a field by its name; "" of a setting."""
    return next((code for code in languages.CODES if name.endswith(f"-{code}")), "")


def _question(language: str) -> str:
    return _("Question (%(language)s)") % {"language": language}


def _hint(language: str) -> str:
    return _("Hint below it (%(language)s)") % {"language": language}


def _least(language: str) -> str:
    return _("What the lowest number means (%(language)s)") % {"language": language}


def _most(language: str) -> str:
    return _("What the highest number means (%(language)s)") % {"language": language}


def _choice(number: int, language: str) -> str:
    return _("Choice %(number)d (%(language)s)") % {"number": number, "language": language}


def _new_choice(number: int, language: str) -> str:
    return _("New choice %(number)d (%(language)s)") % {"number": number, "language": language}


_CALLED: Mapping[str, Callable[[str], str]] = {
    "labels": _question,
    "help_texts": _hint,
    "least_labels": _least,
    "most_labels": _most,
}
_LONGEST = gettext_lazy("Longest answer, in characters")
_LIMIT = gettext_lazy("0: the general limit of %(most)s.")
_NUMBERS: Mapping[tuple[QuestionKind, str], tuple[Any, Any, int]] = {
    (QuestionKind.LONG_TEXT, "max_length"): (_LONGEST, _LIMIT, LONGEST_ANSWER),
    (QuestionKind.SHORT_TEXT, "max_length"): (_LONGEST, _LIMIT, LONGEST_LINE),
    (QuestionKind.SEVERAL, "least"): (
        gettext_lazy("Choose at least"), gettext_lazy("0: any number, up to %(most)s."), drafts.MOST_CHOICES,
    ),
    (QuestionKind.SEVERAL, "most"): (
        gettext_lazy("Choose at most"), gettext_lazy("0: any number, up to %(most)s."), drafts.MOST_CHOICES,
    ),
    (QuestionKind.SCALE, "least"): (
        gettext_lazy("Lowest number"), gettext_lazy("From 0; the highest is %(most)s at most."), SCALE_END,
    ),
    (QuestionKind.SCALE, "most"): (
        gettext_lazy("Highest number"), gettext_lazy("Not more than %(most)s."), SCALE_END,
    ),
}  # fmt: skip
