"""Parse and validate what applicants, reviewers and deciders send; nothing here writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment import queries
from recruitment.enums import Outcome
from recruitment.models import Call, Criterion, Decision
from recruitment.services.reviews import SCORES
from taskforce.core.templatetags.portal import number, percent, translated
from taskforce.core.text import clean_name
from taskforce.questions.forms import QuestionsForm, StorableForm

MAX_NOTE = 10_000
MAX_REASON = 2_000


class ApplicationForm(QuestionsForm):
    """The questions of a call between the applicant's name and the consent to publish it."""

    def __init__(
        self,
        call: Call,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        draft: bool = False,
    ) -> None:
        super().__init__(call.questions_id, data, initial, draft=draft)
        self.fields["name"] = forms.CharField(
            label=_("Your name"),
            help_text=_("Reviewers do not see it. You may leave it empty."),
            max_length=120,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
        )
        self.fields["publish_name"] = forms.BooleanField(
            label=_("If I am chosen, my name may be published on the list of members"),
            help_text=_("Without this you are counted as a member, but not named."),
            required=False,
        )
        asked = [name for name in self.fields if name not in ("name", "publish_name")]
        self.order_fields(["name", *asked, "publish_name"])

    def clean_name(self) -> str:
        """One line, without invisible characters."""
        return clean_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """A name that may be published must be there."""
        cleaned = super().clean()
        is_nameless = "name" in self.data and "name" not in self.errors and not cleaned.get("name")
        if cleaned.get("publish_name") and is_nameless:
            self.add_error("name", _("To have your name published, please give it."))
        return cleaned

    def name(self) -> str | None:
        """The name that was sent, or None if the post had no such field."""
        return self.cleaned_data["name"] if "name" in self.data else None

    def publish_name(self) -> bool:
        """Whether the box was ticked."""
        return bool(self.cleaned_data["publish_name"])


class WithdrawForm(forms.Form):
    """A box to tick, so that one press of a wrong button takes nothing back, nor an old page what it did not show."""

    reference = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    confirm = forms.BooleanField(
        label=gettext_lazy("Yes, I want to withdraw my application"),
        error_messages={"required": gettext_lazy("Please tick the box to withdraw.")},
    )


class ReviewForm(StorableForm):
    """A score on each criterion and a note; with `draft=True` scores may be missing."""

    snapshot = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(
        self,
        criteria: Sequence[Criterion],
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        draft: bool = False,
    ) -> None:
        super().__init__(data, initial)
        self.criteria = criteria
        for criterion in criteria:
            self.fields[score_name(criterion.pk)] = forms.TypedChoiceField(
                label=format_html(
                    "{} ({})",
                    translated(criterion, "label"),
                    _("weight %(weight)s") % {"weight": percent(criterion.weight)},
                ),
                help_text=translated(criterion, "help_text"),
                choices=[(score, number(score)) for score in SCORES],
                coerce=int,
                empty_value=None,
                required=not draft,
                widget=forms.RadioSelect,
                error_messages={"required": _("Please choose a score.")},
            )
        self.fields["note"] = forms.CharField(
            label=_("Private note"),
            help_text=_("Only you see it."),
            max_length=MAX_NOTE,
            required=False,
            widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        )

    def asked(self) -> list[forms.BoundField]:
        """The fields that a reviewer fills in."""
        return [self[name] for name in self.fields if name not in ("snapshot", "seen")]

    def scores(self) -> dict[int, int]:
        """{criterion id: score} of those that were given."""
        given = {criterion.pk: self.cleaned_data.get(score_name(criterion.pk)) for criterion in self.criteria}
        return {criterion: value for criterion, value in given.items() if value is not None}


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


def score_name(criterion_id: int) -> str:
    """The name under which a criterion's score is posted."""
    return f"score-{criterion_id}"
