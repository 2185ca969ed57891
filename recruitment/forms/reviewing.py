"""Parse and validate what reviewers send; nothing here writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _

from recruitment.models import Criterion
from recruitment.services.reviews import SCORES
from taskforce.core.templatetags.portal import number, percent, translated
from taskforce.questions.forms import StorableForm

MAX_NOTE = 10_000


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


def score_name(criterion_id: int) -> str:
    """The name under which a criterion's score is posted."""
    return f"score-{criterion_id}"
