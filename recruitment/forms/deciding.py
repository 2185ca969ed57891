"""Parse and validate what deciders send; nothing here writes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment import queries
from recruitment.enums import Outcome
from recruitment.models import Decision
from taskforce.questions.forms import StorableForm

MAX_REASON = 2_000


class DecisionForm(StorableForm):
    """What is decided about one candidate, among those of a page: its fields are named `candidate-ID-…`.

    `seen` says what the page showed: a candidate whom nobody touched is not written, and a decision that somebody
    else has made meanwhile is not replaced unseen.
    """

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    # Radio buttons: a list would have one of the two chosen from the start.
    outcome = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose to accept or to decline.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for the record; it is not sent"),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, application_id: int, decision: Decision | None, data: Mapping[str, Any] | None = None) -> None:
        shown = {"outcome": "", "reason": ""}
        if decision is not None:
            shown = {"outcome": decision.outcome, "reason": decision.reason}
        initial = {"seen": queries.decision_token(decision), **shown}
        super().__init__(data, initial, prefix=f"candidate-{application_id}", auto_id="%s")
        # A radio button cannot be taken back: without the first of these a slip of the hand would be a decision.
        open_choice = [] if decision is not None else [("", _("not decided yet"))]
        outcome = self.fields["outcome"]
        if isinstance(outcome, forms.ChoiceField):
            outcome.choices = [*open_choice, *Outcome.choices]

    @property
    def is_changed(self) -> bool:
        """Whether what was sent differs from what the page showed; valid or not."""
        outcome, reason = self.typed()
        return queries.decided_token(outcome, reason) != str(self["seen"].value() or "")

    def typed(self) -> tuple[str, str]:
        """(outcome, reason) as they were sent, valid or not."""
        return str(self["outcome"].value() or ""), str(self["reason"].value() or "").strip()


class ReleaseForm(forms.Form):
    """What the page showed, and, where it warned of something, a box to tick: "I have read this"."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    read = forms.BooleanField(
        label=gettext_lazy("I have read the warnings above"),
        error_messages={"required": gettext_lazy("Please read the warnings above, then tick the box.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, is_warned: bool) -> None:
        super().__init__(data)
        if not is_warned:
            del self.fields["read"]
