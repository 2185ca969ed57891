"""The forms of what happens to a published call: other seats, other criteria, each with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from recruitment import plan
from recruitment.forms.rubric import means
from recruitment.forms.two_languages import Said, number_field, words_field
from recruitment.models import Call
from taskforce.core import languages
from taskforce.questions.forms import StorableForm


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


@dataclass(frozen=True)
class Lined:
    """The fields of one criterion of an act, or of one score: those that stand open, and those in other languages."""

    heading: str
    first: list[forms.BoundField]
    others: list[forms.BoundField]
    scores: list[forms.BoundField]

    @property
    def is_wrong_in_fold(self) -> bool:
        """Whether something is wrong in other languages."""
        return any(one.errors for one in self.others)

    @property
    def is_wrong_in_scores(self) -> bool:
        """Whether something is wrong in what the scores mean."""
        return any(one.errors for one in self.scores)


class InLanguages(ReasonForm):
    """An act on words, which are asked in all `codes` at once: an act is done once, in every language of it. The first
    of them is the one in which the call is written."""

    def __init__(self, codes: Sequence[str], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.codes = codes

    def ask(self, name: str, said: Said, stored: Mapping[str, str]) -> None:
        """A text in each language."""
        for code in self.codes:
            self.fields[f"{name}-{code}"] = words_field(said, code, stored.get(code, ""))

    def asked(self, name: str) -> list[forms.BoundField]:
        """Its fields, the first language first."""
        return [self[f"{name}-{code}"] for code in self.codes]

    def text(self, name: str) -> dict[str, str]:
        """What was written, by language; "" where nothing is to stand any more."""
        return {code: self.cleaned_data.get(f"{name}-{code}", "") for code in self.codes}

    def has_text(self, name: str) -> bool:
        """Whether it is said in some language."""
        return any(self.text(name).values())


_LABEL = Said("label", gettext_lazy("Criterion (%(language)s)"), plan.LABEL_LENGTH)


_HINT = Said("help_text", gettext_lazy("Hint below it (%(language)s)"), plan.HELP_LENGTH)


class OtherRubricForm(InLanguages):
    """Other criteria, or other weights, of a published call, named in every language that its task force uses."""

    def __init__(self, lines: Sequence[plan.Line], codes: Sequence[str], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(codes, data)
        self.lines = lines
        for one in lines:
            key = one.criterion_id
            self.ask(f"label-{key}", _LABEL, one.labels)
            self.fields[f"weight-{key}"] = number_field(
                _("Weight, in percent"), 1, 100, initial=one.weight, required=False
            )
            self.fields[f"remove-{key}"] = forms.BooleanField(label=_("Remove this criterion"), required=False)
        self.ask("label-new", _LABEL, {})
        self.fields["weight-new"] = number_field(_("Weight, in percent"), 1, 100, required=False)
        for score in plan.SCORES:
            self.ask(f"meaning-{score}-new", _meaning(score), {})

    @property
    def groups(self) -> list[Lined]:
        """The fields of each criterion, then those of a new one."""
        old = [self._group(_("Criterion"), str(one.criterion_id)) for one in self.lines]
        meant = [field for score in plan.SCORES for field in self.asked(f"meaning-{score}-new")]
        return [*old, replace(self._group(_("One criterion more"), "new"), scores=meant)]

    def _group(self, heading: str, key: str) -> Lined:
        first, *others = self.asked(f"label-{key}")
        asked = [first, self[f"weight-{key}"], *([self[f"remove-{key}"]] if key != "new" else [])]
        return Lined(heading, asked, others, [])

    def clean(self) -> dict[str, Any]:
        """Each that stays has its name and its weight, and together they are a hundred."""
        super().clean()
        said = self.cleaned_data
        for one in self.lines:
            if said.get(f"remove-{one.criterion_id}"):
                continue
            self._needs_name(str(one.criterion_id), is_lost=not any(self._named(one).values()))
            self._needs_weight(f"weight-{one.criterion_id}")
        if self.has_text("label-new"):
            self._needs_weight("weight-new")
        else:
            is_meant = any(self.has_text(f"meaning-{score}-new") for score in plan.SCORES)
            self._needs_name("new", is_lost=is_meant or said.get("weight-new") is not None)
        if not self.errors:
            total = sum(line.weight for line in self.wanted())
            if total != 100:
                message = _("The weights of the criteria add up to %(total)s, not to 100.")
                self.add_error(None, message % {"total": total})
        return said

    def _needs_name(self, key: str, *, is_lost: bool) -> None:
        name = f"label-{key}-{self.codes[0]}"
        if is_lost and name not in self.errors:
            self.add_error(name, _("Say what the criterion is."))

    def _needs_weight(self, name: str) -> None:
        if self.cleaned_data.get(name) is None and name not in self.errors:
            self.add_error(name, _("Say how much it counts: a number from 1 to 100."))

    def _named(self, line: plan.Line) -> dict[str, str]:
        """What it will be called, in languages that are not asked as before."""
        return {**line.labels, **self.text(f"label-{line.criterion_id}")}

    def wanted(self) -> list[plan.Line]:
        """The rubric as it is to be."""
        said = self.cleaned_data
        kept = [
            plan.Line(self._named(one), said[f"weight-{one.criterion_id}"], criterion_id=one.criterion_id)
            for one in self.lines
            if not said[f"remove-{one.criterion_id}"]
        ]
        if not self.has_text("label-new"):
            return kept
        told = {score: self.text(f"meaning-{score}-new") for score in plan.SCORES}
        return [*kept, plan.Line(self.text("label-new"), said["weight-new"], meanings=told)]


class OtherWordsForm(InLanguages):
    """Other words of a published call, or of a question and its answer, in every language that its task force uses."""

    def __init__(
        self,
        said: Sequence[Said],
        headings: Mapping[str, Any],
        stored: Mapping[str, Mapping[str, str]],
        codes: Sequence[str],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(codes, data)
        self.texts_asked, self.headings = said, headings
        for one in said:
            self.ask(one.name, one, stored.get(one.name, {}))

    @property
    def groups(self) -> list[Lined]:
        """The fields of each text."""
        found = []
        for one in self.texts_asked:
            first, *others = self.asked(one.name)
            found.append(Lined(str(self.headings[one.name]), [first], others, []))
        return found

    def wanted(self) -> dict[str, dict[str, str]]:
        """{name: {language: text}} as they are to be."""
        return {one.name: self.text(one.name) for one in self.texts_asked}


class OtherMeaningsForm(InLanguages):
    """The hint of one criterion of a published call, and what its scores are to mean, in every language that its task
    force uses."""

    def __init__(
        self, lines: Sequence[plan.Line], meant: int, codes: Sequence[str], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(codes, data)
        self.lines, self.meant = lines, meant
        own = next(one for one in lines if one.criterion_id == meant)
        self.ask("help", _HINT, own.help_texts)
        for score in plan.SCORES:
            self.ask(f"meaning-{score}", _meaning(score), own.meanings.get(score, {}))

    @property
    def groups(self) -> list[Lined]:
        """The fields of the hint, and of each score."""
        first, *others = self.asked("help")
        found = [Lined(_("Hint"), [first], others, [])]
        for score in plan.SCORES:
            first, *others = self.asked(f"meaning-{score}")
            found.append(Lined(_("Score %(score)s") % {"score": score}, [first], others, []))
        return found

    def wanted(self) -> list[plan.Line]:
        """The rubric as it is to be: all as it was but for these meanings."""
        anew = {score: self.text(f"meaning-{score}") for score in plan.SCORES}
        return [
            plan.Line(
                one.labels,
                one.weight,
                self.text("help") if one.criterion_id == self.meant else {},
                meanings=anew if one.criterion_id == self.meant else {},
                criterion_id=one.criterion_id,
            )
            for one in self.lines
        ]


def _meaning(score: int) -> Said:
    return Said(f"meaning_{score}", means(score), plan.MEANING_LENGTH)
