"""The forms in which questions are written: a new set, a new question, and one question in two languages."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from taskforce.core import labels, languages
from taskforce.core.side_by_side import SOURCE
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
    )
    task_force = forms.ChoiceField(label=gettext_lazy("Task force"), error_messages=_WRONG_CHOICE)
    like = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        required=False,
        help_text=gettext_lazy("All its questions and their texts, as a start; the other set stays as it is."),
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
        self.fields["task_force"].choices = [*first, *places]  # type: ignore[attr-defined] # it is a choice field
        nothing = ("", _("No questions"))
        self.fields["like"].choices = [nothing, *((pk, called(one)) for pk, one in self.versions.items())]  # type: ignore[attr-defined] # as above

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

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=QuestionKind.choices, error_messages=_WRONG_CHOICE)

    def __init__(self, language: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.language = language
        asked = _("Question (%(language)s)") % {"language": languages.OWN_NAMES[language]}
        self.fields["asks"] = _line(language, label=asked, most=LABEL_LENGTH, required=True)

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

    def __init__(self, spec: Mapping[str, Any], language: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.spec, self.language = spec, language
        self.codes = list(dict.fromkeys([SOURCE, language]))
        for part in drafts.parts(spec["kind"]):
            self._add(part, _CALLED[part], spec.get(part, {}), PARTS[part][1])
        for number, (code, said) in enumerate(spec["choices"], start=1):
            self._add(f"choice-{code}", partial(_choice, number), said, LABEL_LENGTH)
        for number in range(1, NEW_CHOICES + 1) if spec["kind"] in WITH_CHOICES else ():
            self._add(f"new-{number}", partial(_new_choice, number), {}, LABEL_LENGTH)
        for name in drafts.numbers(spec["kind"]):
            self.fields[name] = _number(spec["kind"], name, spec.get(name, 0))
        self.fields["required"] = forms.BooleanField(
            label=_("Whoever answers must answer this"), required=False, initial=bool(spec.get("required"))
        )

    def _add(self, name: str, called: Callable[[str], str], said: Mapping[str, str], most: int) -> None:
        for code in self.codes:
            field = _line(code, label=called(languages.OWN_NAMES[code]), most=most, required=False)
            field.initial = said.get(code, "")
            self.fields[f"{name}-{code}"] = field

    @classmethod
    def over(cls, stored: Mapping[str, Any], language: str, sent: Mapping[str, Any]) -> "QuestionForm":
        """What was sent, to be sent again over what somebody else has stored: what the first form did not have, such
        as a choice of theirs, is as they have stored it."""
        # A box that is not ticked sends nothing.
        theirs = {name: each.initial for name, each in cls(stored, language).fields.items() if name != "required"}
        return cls(stored, language, {**theirs, **{name: sent[name] for name in sent}})

    # --- for the page ------------------------------------------------------------------------------------------------

    @property
    def part_rows(self) -> list[Row]:
        """What it asks, the hint, and what the ends of a scale mean."""
        return [self._row(part) for part in drafts.parts(self.spec["kind"])]

    @property
    def choice_rows(self) -> list[Row]:
        """The choices that there are."""
        numbered = enumerate(self.spec["choices"], start=1)
        return [self._row(f"choice-{code}", code, number) for number, (code, _said) in numbered]

    @property
    def new_rows(self) -> list[Row]:
        """Empty fields for more of them."""
        is_asked = self.spec["kind"] in WITH_CHOICES
        return [self._row(f"new-{number}") for number in range(1, NEW_CHOICES + 1)] if is_asked else []

    @property
    def setting_fields(self) -> list[forms.BoundField]:
        """What is the same in every language."""
        return [self[name] for name in (*drafts.numbers(self.spec["kind"]), "required")]

    def _row(self, name: str, code: str = "", number: int = 0) -> Row:
        own = self[f"{name}-{self.language}"] if self.language != SOURCE else None
        return Row(self[f"{name}-{SOURCE}"], own, code, number)

    # --- what it says ------------------------------------------------------------------------------------------------

    def applied(self, spec: Spec) -> Spec:
        """The question with what the form says of it, once that was checked; what has a fault, other languages, and
        choices that it does not show stay as they are."""
        said_here = self.cleaned_data
        made = {**spec, "required": said_here.get("required", bool(spec.get("required")))}
        made |= {name: said_here.get(name, spec.get(name)) or 0 for name in drafts.numbers(spec["kind"])}
        made |= {part: self._said(part, spec.get(part, {})) for part in drafts.parts(spec["kind"])}
        made["choices"] = [[code, self._said(f"choice-{code}", said)] for code, said in spec["choices"]]
        for number in range(1, NEW_CHOICES + 1):
            said = self._said(f"new-{number}", {})
            made = drafts.with_choice(made, said) if said else made
        return made

    def as_typed(self) -> Spec:
        """For a look: as it was sent, as far as it has no fault; else as it is stored."""
        spec = dict(self.spec)
        if not self.is_bound:
            return spec
        self.full_clean()
        return self.applied(spec)

    def _said(self, name: str, before: Mapping[str, str]) -> dict[str, str]:
        typed = {code: self.cleaned_data.get(f"{name}-{code}", before.get(code, "")) for code in self.codes}
        return {code: text for code, text in {**before, **typed}.items() if text}

    def both(self, stored: Mapping[str, Any]) -> list[Both]:
        """Where what was typed is not what is stored now, field by field; what is gone is empty there."""
        now = QuestionForm(stored, self.language).fields
        found = []
        for name, field in {**now, **self.fields}.items():
            before = _shown(now[name].initial) if name in now else ""
            typed = _shown(self[name].value()) if name in self.fields else ""
            if before != typed:
                found.append(Both(str(field.label), _language_of(name), before, typed))
        return found + self.gone()

    def gone(self) -> list[Both]:
        """What was sent for choices that somebody else has removed meanwhile."""
        names = [name for name in self.data if name.startswith("choice-") and name not in self.fields]
        called = _("A choice that is not there any more")
        return [Both(called, _language_of(name), "", text) for name in names if (text := str(self.data[name]).strip())]


def labels_of_a_question(set_id: int, key: int) -> dict[str, Any]:
    """What the form of a question calls its fields, in whatever language, for a page that gives back what was typed."""
    draft = queries.draft_of(set_id) if set_id < 2**63 else None
    spec = drafts.question(draft.content, key) if draft else None
    if spec is None:
        raise Http404
    forms_of_it = (QuestionForm(spec, code) for code in languages.CODES)
    return {name: field.label for form in forms_of_it for name, field in form.fields.items()}


def _line(code: str, *, label: str, most: int, required: bool) -> ShortText:
    field = ShortText(most=most, label=label, required=required)
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


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value == "on":
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


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
