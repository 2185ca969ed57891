"""The forms in which staff write a call: what it says in two languages, its rubric, its answers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from recruitment import plan
from recruitment.models import Call, Clarification, Criterion
from taskforce.core import labels, languages
from taskforce.core.choices import offer
from taskforce.questions.draft_forms import called
from taskforce.questions.fields import LongText, ShortText
from taskforce.questions.forms import StorableForm
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase

# What is at most so long stands in a line, or in two.
_LINE, _LINES = 300, 600
_WRONG_CHOICE = dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Please choose one of the list."))


class Said(NamedTuple):
    """A text that is asked in two languages: its name, what the field is called, and how long it may be."""

    name: str
    called: Any
    most: int


class Row(NamedTuple):
    """One text in the form: the source, and the other language beside it (None: that is the source)."""

    source: forms.BoundField
    own: forms.BoundField | None


class Both(NamedTuple):
    """A field of which somebody else has stored something else: what is stored, and what was typed."""

    label: str
    language: str
    stored: str
    typed: str


class TwoLanguages(StorableForm):
    """Texts in the language in which one writes first, beside one other language. All may stay empty in a draft."""

    said: Sequence[Said] = ()

    def __init__(
        self,
        stored: Mapping[str, Mapping[str, str]],
        source: str,
        language: str,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.source, self.language = source, language
        self.codes = list(dict.fromkeys([source, language]))
        for one in self.said:
            for code in self.codes:
                self.fields[f"{one.name}-{code}"] = words_field(one, code, stored.get(one.name, {}).get(code, ""))

    @property
    def rows(self) -> list[Row]:
        """The texts, one below the other, each in both languages."""
        is_two = self.language != self.source
        return [
            Row(self[f"{one.name}-{self.source}"], self[f"{one.name}-{self.language}"] if is_two else None)
            for one in self.said
        ]

    @property
    def settings(self) -> list[forms.BoundField]:
        """What is the same in every language."""
        names = {f"{one.name}-{code}" for one in self.said for code in self.codes}
        return [self[name] for name in self.fields if name not in names]

    def texts(self) -> dict[str, dict[str, str]]:
        """{name: {language: text}} of the two languages, of a form that is valid."""
        return {one.name: {code: self.cleaned_data[f"{one.name}-{code}"] for code in self.codes} for one in self.said}

    def both(self, now: Mapping[str, Mapping[str, str]], numbers: Mapping[str, Any] | None = None) -> list[Both]:
        """Field by field what is stored `now` and what was typed, where that is something else."""
        typed = self.texts()
        words = [
            Both(str(self.fields[f"{one.name}-{code}"].label), code, stored, typed[one.name][code])
            for one in self.said
            for code in self.codes
            if (stored := now.get(one.name, {}).get(code, "")) != typed[one.name][code]
        ]
        counted = [
            Both(str(self.fields[name].label), "", _in_words(stored), _in_words(self.cleaned_data[name]))
            for name, stored in (numbers or {}).items()
            if name in self.fields and stored != self.cleaned_data[name]
        ]
        return words + counted


def words_field(said: Said, code: str, stored: str = "", *, required: bool = False) -> forms.Field:
    """The field of a text in one language."""
    label = str(said.called) % {"language": languages.OWN_NAMES[code]}
    is_line = said.most <= _LINES
    widget = forms.TextInput() if said.most <= _LINE else forms.Textarea()
    make: type[LongText] = ShortText if is_line else LongText
    field = make(most=said.most, label=label, required=required, initial=stored, widget=widget)
    field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
    field.widget.attrs["class"] = "vTextField" if is_line else "vLargeTextField"
    if not said.most <= _LINE:
        field.widget.attrs["rows"] = 2 if is_line else 8
    return field


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return " · ".join(languages.OWN_NAMES[code] for code in value)
    return str(value)


def number_field(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    """A whole number."""
    widget = forms.NumberInput({"class": "vIntegerField"})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget, **options)


class NewCallForm(StorableForm):
    """A new call: in which phase people apply, what they are asked, and what it is called."""

    phase = forms.ChoiceField(label=gettext_lazy("Phase"), error_messages=_WRONG_CHOICE)
    questions = forms.ChoiceField(label=gettext_lazy("Questions"), error_messages=_WRONG_CHOICE)
    seats = number_field(gettext_lazy("Seats"), 1, plan.MOST_SEATS)
    source = forms.ChoiceField(
        label=gettext_lazy("Written in"), choices=list(languages.OWN_NAMES.items()), error_messages=_WRONG_CHOICE
    )
    title = ShortText(
        most=plan.LINES["title"], label=gettext_lazy("Title"), widget=forms.TextInput({"class": "vTextField"})
    )

    def __init__(
        self,
        phases: Sequence[Phase],
        versions: Sequence[QuestionSetVersion],
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, {"source": get_language(), **(initial or {})})
        offer(self, "phase", _chosen_first([(str(one.pk), _named(one)) for one in phases]))
        offer(self, "questions", _chosen_first([(str(one.pk), called(one)) for one in versions]))

    def details(self) -> plan.Details:
        """What the call says at first."""
        return plan.Details(
            {"title": {self.cleaned_data["source"]: self.cleaned_data["title"]}}, self.cleaned_data["seats"]
        )


class ChooseQuestionsForm(StorableForm):
    """Which version of questions a draft asks."""

    questions = forms.ChoiceField(label=gettext_lazy("Questions"), error_messages=_WRONG_CHOICE)

    def __init__(
        self,
        call: Call,
        versions: Sequence[QuestionSetVersion],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, {"questions": str(call.questions_id)})
        offer(self, "questions", [(str(one.pk), called(one)) for one in versions])


class CallWordsForm(TwoLanguages):
    """What a call says in words, published or not."""

    said = (
        Said("title", gettext_lazy("Title (%(language)s)"), plan.LINES["title"]),
        Said("purpose", gettext_lazy("What the members will do (%(language)s)"), plan.BLOCKS["purpose"]),
        Said("term", gettext_lazy("Term of office (%(language)s)"), plan.LINES["term"]),
        Said("hours", gettext_lazy("Hours per week (%(language)s)"), plan.LINES["hours"]),
        Said("allowance", gettext_lazy("Allowance (%(language)s)"), plan.BLOCKS["allowance"]),
        Said(
            "criteria_introduction",
            gettext_lazy("Above the criteria (%(language)s)"),
            plan.BLOCKS["criteria_introduction"],
        ),
        Said(
            "publication",
            gettext_lazy("What becomes public, and about whom (%(language)s)"),
            plan.BLOCKS["publication"],
        ),
    )


class DetailsForm(CallWordsForm):
    """What a draft says in words, and its numbers."""

    def __init__(self, call: Call, source: str, language: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__({name: labels.stored(call, name) for name in plan.FIELDS}, source, language, data)
        self.fields["seats"] = number_field(_("Seats"), 1, plan.MOST_SEATS, initial=call.seats)
        self.fields["panel_size"] = number_field(
            _("Reviewers in the panel"), 0, plan.MOST_PANEL, initial=call.panel_size, help_text=_("0: not said yet.")
        )
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("One can apply in"),
            help_text=_("None ticked: in every language of the portal."),
            choices=list(languages.OWN_NAMES.items()),
            required=False,
            initial=call.languages,
            widget=forms.CheckboxSelectMultiple,
        )

    def details(self) -> plan.Details:
        """What it says, of a form that is valid."""
        said = self.cleaned_data
        return plan.Details(self.texts(), said["seats"], said["panel_size"], said["languages"])


def numbers_of(call: Call) -> dict[str, Any]:
    """The numbers of a call by the names of `DetailsForm`."""
    return {"seats": call.seats, "panel_size": call.panel_size, "languages": call.languages}


class CriterionWordsForm(TwoLanguages):
    """A criterion and its hint."""

    said: Sequence[Said] = (
        Said("label", gettext_lazy("Criterion (%(language)s)"), plan.LABEL_LENGTH),
        Said("help_text", gettext_lazy("Hint below it (%(language)s)"), plan.HELP_LENGTH),
    )


class CriterionForm(CriterionWordsForm):
    """A criterion of a draft, its weight, and what each score of it means."""

    def __init__(self, criterion: Criterion, source: str, language: str, data: Mapping[str, Any] | None = None) -> None:
        meant = tuple(Said(f"meaning_{score}", _means(score), plan.MEANING_LENGTH) for score in plan.SCORES)
        self.said = (*CriterionWordsForm.said, *meant)
        super().__init__(words_of_criterion(criterion), source, language, data)
        self.fields["weight"] = number_field(_("Weight, in percent"), 1, 100, initial=criterion.weight)

    def line(self, criterion: Criterion) -> plan.Line:
        """What it says, of a form that is valid."""
        texts = self.texts()
        meanings = {score: texts[f"meaning_{score}"] for score in plan.SCORES}
        return plan.Line(texts["label"], self.cleaned_data["weight"], texts["help_text"], meanings, criterion.pk)


def words_of_criterion(criterion: Criterion) -> dict[str, dict[str, str]]:
    """What is stored, by the names of `CriterionForm`."""
    meant = {f"meaning_{one.score}": labels.stored(one, "text") for one in criterion.meanings.all()}
    return {**{name: labels.stored(criterion, name) for name in ("label", "help_text")}, **meant}


def _means(score: int) -> str:
    # The language is filled in by the field.
    return _("What score %(score)d means (%(language)s)") % {"score": score, "language": "%(language)s"}


class RubricForm(StorableForm):
    """The weights of all criteria of a draft, and one criterion more."""

    def __init__(self, criteria: Sequence[Criterion], source: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.criteria, self.source = criteria, source
        for one in criteria:
            self.fields[f"weight-{one.pk}"] = number_field(_("Weight, in percent"), 1, 100, initial=one.weight)
        said = Said("new", gettext_lazy("Criterion (%(language)s)"), plan.LABEL_LENGTH)
        self.fields["new-label"] = words_field(said, source)
        self.fields["new-weight"] = number_field(_("Weight, in percent"), 1, 100, required=False)

    def clean(self) -> dict[str, Any]:
        """A new one needs both."""
        super().clean()
        label, weight = self.cleaned_data.get("new-label"), self.cleaned_data.get("new-weight")
        if label and weight is None and "new-weight" not in self.errors:
            self.add_error("new-weight", _("Say how much it counts: a number from 1 to 100."))
        if weight is not None and not label and "new-label" not in self.errors:
            self.add_error("new-label", _("Say what the criterion is."))
        return self.cleaned_data

    @property
    def new_fields(self) -> list[forms.BoundField]:
        """Those of the criterion more."""
        return [self["new-label"], self["new-weight"]]

    def weights(self) -> dict[int, int]:
        """{criterion id: weight}, of a form that is valid."""
        return {one.pk: self.cleaned_data[f"weight-{one.pk}"] for one in self.criteria}

    def total(self) -> int:
        """The sum of what stands in the fields, valid or not."""
        values = (self[f"weight-{one.pk}"].value() for one in self.criteria)
        return sum(int(value) for value in values if str(value).isascii() and str(value).isdecimal())

    def new(self) -> plan.Line | None:
        """The criterion more, if one was typed."""
        label = self.cleaned_data["new-label"]
        return plan.Line({self.source: label}, self.cleaned_data["new-weight"]) if label else None


class ClarificationForm(TwoLanguages):
    """A question about the call, and its answer."""

    said = (
        Said("question", gettext_lazy("Question (%(language)s)"), plan.QUESTION_LENGTH),
        Said("answer", gettext_lazy("Answer (%(language)s)"), plan.ANSWER_LENGTH),
    )


def words_of_clarification(clarification: Clarification | None) -> dict[str, dict[str, str]]:
    """What is stored, by the names of `ClarificationForm`."""
    if clarification is None:
        return {}
    return {name: labels.stored(clarification, name) for name in ("question", "answer")}


# --- acts -------------------------------------------------------------------------------------------------------------


class ReasonForm(StorableForm):
    """Why a published call changes, in one language at least; everybody reads it."""

    said = Said("reason", gettext_lazy("Reason (%(language)s)"), plan.REASON_LENGTH)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.own = get_language() or "en"
        for code in self.reason_codes:
            self.fields[f"reason-{code}"] = words_field(self.said, code)
            self.fields[f"reason-{code}"].widget.attrs["rows"] = 3

    @property
    def reason_codes(self) -> list[str]:
        """The reader's language first."""
        return list(dict.fromkeys([self.own, *languages.CODES]))

    @property
    def reason(self) -> forms.BoundField:
        """In the reader's language."""
        return self[f"reason-{self.own}"]

    @property
    def other_reasons(self) -> list[forms.BoundField]:
        """In all others."""
        return [self[f"reason-{code}"] for code in self.reason_codes[1:]]

    @property
    def is_wrong_in_fold(self) -> bool:
        """Whether something is typed or wrong there."""
        return any(one.errors or one.value() for one in self.other_reasons)

    def clean(self) -> dict[str, Any]:
        """One language at least."""
        super().clean()
        if not any(self.cleaned_data.get(f"reason-{code}") for code in languages.CODES) and not self.reason.errors:
            self.add_error(f"reason-{self.own}", _("Say why, in one language at least: everybody will read it."))
        return self.cleaned_data

    def reasons(self) -> dict[str, str]:
        """{language: text} of a form that is valid."""
        found = {code: self.cleaned_data[f"reason-{code}"] for code in languages.CODES}
        return {code: text for code, text in found.items() if text}


class SeatsForm(ReasonForm):
    """Another number of seats."""

    def __init__(self, call: Call, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.call = call
        self.fields["seats"] = number_field(_("Seats"), 1, plan.MOST_SEATS, initial=call.seats)

    def clean(self) -> dict[str, Any]:
        """Another one than there is."""
        super().clean()
        if self.cleaned_data.get("seats") == self.call.seats:
            self.add_error("seats", _("The call has this number of seats already."))
        return self.cleaned_data

    @property
    def settings(self) -> list[forms.BoundField]:
        """What changes."""
        return [self["seats"]]


class OtherRubricForm(ReasonForm):
    """Other criteria, or other weights, of a published call."""

    def __init__(self, lines: Sequence[plan.Line], source: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.lines, self.source = lines, source
        said = Said("label", gettext_lazy("Criterion (%(language)s)"), plan.LABEL_LENGTH)
        for one in lines:
            key = one.criterion_id
            self.fields[f"label-{key}"] = words_field(said, source, one.labels.get(source, ""))
            self.fields[f"weight-{key}"] = number_field(
                _("Weight, in percent"), 1, 100, initial=one.weight, required=False
            )
            self.fields[f"remove-{key}"] = forms.BooleanField(label=_("Remove this criterion"), required=False)
        self.fields["label-new"] = words_field(said, source)
        self.fields["weight-new"] = number_field(_("Weight, in percent"), 1, 100, required=False)

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """The fields of each criterion, then those of a new one."""
        old = [[self[f"{name}-{one.criterion_id}"] for name in ("label", "weight", "remove")] for one in self.lines]
        return [*old, [self["label-new"], self["weight-new"]]]

    def clean(self) -> dict[str, Any]:
        """Each that stays has its weight, and together they are a hundred."""
        super().clean()
        said = self.cleaned_data
        for one in self.lines:
            name = f"weight-{one.criterion_id}"
            if not said.get(f"remove-{one.criterion_id}") and said.get(name) is None and name not in self.errors:
                self.add_error(name, _("Say how much it counts: a number from 1 to 100."))
        if said.get("label-new") and said.get("weight-new") is None and "weight-new" not in self.errors:
            self.add_error("weight-new", _("Say how much it counts: a number from 1 to 100."))
        if not self.errors:
            total = sum(line.weight for line in self.wanted())
            if total != 100:
                message = _("The weights of the criteria add up to %(total)s, not to 100.")
                self.add_error(None, message % {"total": total})
        return said

    def wanted(self) -> list[plan.Line]:
        """The rubric as it is to be."""
        said = self.cleaned_data
        kept = [
            plan.Line(
                {self.source: said[f"label-{one.criterion_id}"]} if said[f"label-{one.criterion_id}"] else one.labels,
                said[f"weight-{one.criterion_id}"],
                criterion_id=one.criterion_id,
            )
            for one in self.lines
            if not said[f"remove-{one.criterion_id}"]
        ]
        new = [plan.Line({self.source: said["label-new"]}, said["weight-new"])] if said["label-new"] else []
        return kept + new


def _chosen_first(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Nothing is chosen by itself where there is a choice."""
    return [("", _("Choose…")), *choices] if len(choices) > 1 else choices


def _named(phase: Phase) -> str:
    return f"{labels.label(phase, 'title').text} · {labels.label(phase.task_force, 'name').text}"
