"""The forms of the criteria of a draft, with what each score means and all weights, and of the answers of a call."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment import plan
from recruitment.forms.two_languages import Said, TwoLanguages, number_field, words_field
from recruitment.models import Clarification, Criterion
from taskforce.core import labels
from taskforce.questions.forms import StorableForm


class CriterionWordsForm(TwoLanguages):
    """A criterion and its hint."""

    said: Sequence[Said] = (
        Said("label", gettext_lazy("Criterion (%(language)s)"), plan.LABEL_LENGTH),
        Said("help_text", gettext_lazy("Hint below it (%(language)s)"), plan.HELP_LENGTH),
    )


class PublicCriterionForm(CriterionWordsForm):
    """A criterion of a published call, its hint, and what its scores mean: written in languages that have no text."""

    def __init__(self, criterion: Criterion, source: str, language: str, data: Mapping[str, Any] | None = None) -> None:
        self.scores = [one.score for one in criterion.meanings.all()]
        meant = tuple(Said(f"meaning_{score}", means(score), plan.MEANING_LENGTH) for score in self.scores)
        self.said = (*CriterionWordsForm.said, *meant)
        stored = words_of_criterion(criterion)
        super().__init__(stored, source, language, data)
        self.keep_what_is_public(stored)

    def own(self) -> dict[str, dict[str, str]]:
        """What the criterion and its hint say, of a form that is valid."""
        return {name: texts for name, texts in self.texts().items() if name in ("label", "help_text")}

    def meanings(self) -> dict[int, dict[str, str]]:
        """{score: what it means by language}, of a form that is valid."""
        texts = self.texts()
        return {score: texts[f"meaning_{score}"] for score in self.scores}


class CriterionForm(CriterionWordsForm):
    """A criterion of a draft, its weight, and what each score of it means."""

    def __init__(self, criterion: Criterion, source: str, language: str, data: Mapping[str, Any] | None = None) -> None:
        meant = tuple(Said(f"meaning_{score}", means(score), plan.MEANING_LENGTH) for score in plan.SCORES)
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


def means(score: int) -> str:
    """What the field is called that says what a score means."""
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
