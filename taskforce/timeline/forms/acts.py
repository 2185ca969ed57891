"""The forms of the acts on a published end: what is asked, what was previewed, and the confirmation of exactly that."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.core.text import digest
from taskforce.timeline import describe, plan, queries, rules
from taskforce.timeline.enums import Act
from taskforce.timeline.models import Extension, Phase

_SIGNER = Signer(salt="taskforce.timeline.previewed-act")


class ActForm(forms.Form):
    """Why an end changes; subclasses say which act it is, and ask for the new end where there is one to choose."""

    act: ClassVar[Act]
    # Whether a box must be ticked in the preview: such an act takes time away from people.
    asks_twice: ClassVar[bool] = True

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

    def __init__(self, phase: Phase, actor: User, at: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phase = phase
        self.actor = actor
        self.at = at

    def clean_reason(self) -> str:
        """As the service will take it."""
        try:
            return rules.checked_reason(self.cleaned_data["reason"], "en")
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.message)) from None

    def wanted(self) -> dict[str, Any]:
        """What the service takes; only of a valid form."""
        return dict(self.cleaned_data)

    def planned(self) -> Extension:
        """The act as it would be written at the form's moment, not saved; only of a valid form."""
        data = self.cleaned_data
        end = plan.new_end(self.phase, self.act, self.at, data.get("closes_on"), data.get("closes_time"))
        reason = plan.Reason(data["reason"], data["reason_language"])
        return plan.extension(self.phase, self.act, end, reason, actor=self.actor, at=self.at)

    def overlaps(self) -> list[Phase]:
        """The published phases that would run at the same time; only of a valid form."""
        return []

    def token(self) -> str:
        """What a preview sends back: signed, and bound to this person, this act and everything that it showed.

        Not to the instant at which a phase would be closed at once, which is the act's own. Only of a valid form.
        """
        data = {name: str(value) for name, value in self.cleaned_data.items()}
        shown = [self.act.value, self.phase.pk, self.actor.pk, data, [other.pk for other in self.overlaps()]]
        return _SIGNER.signature(digest(shown))

    def was_previewed(self) -> bool:
        """Whether exactly this was shown in a preview that the person sends back; only of a valid form."""
        return constant_time_compare(str(self.data.get("previewed", "")), self.token())

    def is_confirmed(self) -> bool:
        """Whether the person has said so, where the act asks twice."""
        return not self.asks_twice or bool(self.data.get("confirmed"))


class _EndForm(ActForm):
    """A new end, by day and time in the phase's own zone."""

    # A browser's date field knows one form of a date, whatever the page's language.
    closes_on = forms.DateField(
        label=gettext_lazy("New last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    closes_time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("The clock of this zone counts, not your own. Empty means the end of the day there."),
    )
    field_order = ("closes_on", "closes_time", "reason", "reason_language", "ends_version")

    def __init__(self, phase: Phase, *args: Any, **kwargs: Any) -> None:
        super().__init__(phase, *args, **kwargs)
        self.fields["closes_on"].help_text = _("Closes now: %(rule)s") % {"rule": describe.closes_rule(phase)}
        self.fields["closes_time"].label = _("Time, %(zone)s") % {"zone": describe.zone_name(phase.zone)}

    def clean(self) -> dict[str, Any]:
        """The new end must be one instant, and one that the act can give."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("closes_on") and "closes_time" in data:
            try:
                plan.new_end(self.phase, self.act, self.at, data["closes_on"], data["closes_time"])
            except Invalid as refusal:
                self.add_error("closes_on", str(refusal.message))
            except OverflowError:
                self.add_error("closes_on", _("This day is too far away."))
        return data


class ExtendForm(_EndForm):
    """A later end, with its reason."""

    act = Act.EXTENDED
    asks_twice = False

    def overlaps(self) -> list[Phase]:
        """The published phases into which the new end would reach, in order of time; only of a valid form."""
        return queries.beside(self.phase, self.phase.closes_at, self.planned().new_closes_at)


class ShortenForm(_EndForm):
    """An earlier end that keeps the notice period, with its reason."""

    act = Act.SHORTENED

    def __init__(self, phase: Phase, actor: User, at: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(phase, actor, at, *args, **kwargs)
        earliest = describe.rule_of(rules.earliest_end(phase, at), phase.zone)
        self.fields["closes_on"].help_text = _("Closes now: %(rule)s. The earliest possible end: %(earliest)s.") % {
            "rule": describe.closes_rule(phase),
            "earliest": earliest,
        }


class CloseForm(ActForm):
    """Ending an open phase at once, with its reason."""

    act = Act.CLOSED


class CancelForm(ActForm):
    """Cancelling a phase, with its reason."""

    act = Act.CANCELLED
