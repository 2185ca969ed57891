"""The forms of what happens to a published call: other seats, other criteria, each with its reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from recruitment import plan
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
