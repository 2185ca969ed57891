"""The form that moves the end of a phase."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.timeline import describe, queries, rules, windows
from taskforce.timeline.models import Phase


class ExtendForm(forms.Form):
    """A later end, by day and time in the phase's own zone, with its reason and the reason's language."""

    # A browser's date field knows one form of a date, whatever the page's language.
    closes_on = forms.DateField(
        label=gettext_lazy("New last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    closes_time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Empty means the end of the day."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=rules.REASON_LENGTH,
        widget=forms.Textarea({"rows": 4, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Everybody will read it, on the page and in the mail."),
    )
    reason_language = forms.ChoiceField(
        label=gettext_lazy("Language of the reason"), choices=list(languages.OWN_NAMES.items())
    )
    ends_version = forms.IntegerField(widget=forms.HiddenInput)
    # Which overlaps the person has been shown for exactly this end; whoever sends it back goes on all the same.
    overlaps_seen = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, phase: Phase, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phase = phase
        self.fields["closes_on"].help_text = _("Closes now: %(rule)s") % {"rule": describe.closes_rule(phase)}

    def clean_reason(self) -> str:
        """As the service will take it."""
        try:
            return rules.checked_reason(self.cleaned_data["reason"], "en")
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.message)) from None

    def clean(self) -> dict[str, Any]:
        """The new end must be one instant, and later than the old one."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("closes_on") and "closes_time" in data:
            try:
                rules.later_end(self.phase, data["closes_on"], data["closes_time"])
            except Invalid as refusal:
                self.add_error("closes_on", str(refusal.message))
            except OverflowError:
                self.add_error("closes_on", _("This day is too far away."))
        return data

    def wanted(self) -> dict[str, Any]:
        """What the service takes; only of a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if name != "overlaps_seen"}

    def new_end(self) -> datetime:
        """The instant of the new end; only of a valid form."""
        data = self.cleaned_data
        return windows.instant(data["closes_on"], data["closes_time"], self.phase.zone, end=True)

    def new_rule(self) -> str:
        """The new end as a rule; only of a valid form."""
        data = self.cleaned_data
        return describe.rule(data["closes_on"], data["closes_time"], self.phase.zone, end=True)

    def overlaps(self) -> list[Phase]:
        """The published phases into which the new end would reach, in order of time; only of a valid form.

        Only those that allow something else: two phases that allow the same never overlap, which the service refuses.
        """
        end, own = self.new_end(), set(self.phase.capabilities)
        return [
            other
            for other in queries.phases(self.phase.task_force)
            if other.pk != self.phase.pk
            and not own & set(other.capabilities)
            and other.opens_at < end
            and other.closes_at > self.phase.closes_at
        ]

    def overlap_token(self) -> str:
        """What the page sends back once it has shown the overlaps of this end; only of a valid form."""
        return " ".join([self.new_end().isoformat(), *(str(other.pk) for other in self.overlaps())])

    def unseen_overlaps(self) -> list[Phase]:
        """The overlaps that the person has not been shown yet; only of a valid form."""
        return self.overlaps() if self.cleaned_data["overlaps_seen"] != self.overlap_token() else []
