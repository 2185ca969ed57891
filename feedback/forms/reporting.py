"""The form by which readers report what others said, and what moderators decide about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.enums import BrokenRule
from feedback.forms.keyed import HONEYPOT, Keyed, key_field, trap
from feedback.forms.moderation import WRONG_CHOICE
from feedback.rules import MODERATION_LENGTH, REPORT_LENGTH
from feedback.services import Report
from taskforce.questions.fields import LongText
from taskforce.questions.forms import StorableForm
from taskforce.timeline import gates

LEAVE, HIDE = "leave", "hide"


class ReportForm(Keyed, StorableForm):
    """Which rule something breaks, and words if there are any. `at` is the moment it is shown or sent (UTC)."""

    rule = forms.ChoiceField(
        label=_("Which rule does it break?"),
        choices=BrokenRule.choices,
        widget=forms.RadioSelect,
        error_messages={**WRONG_CHOICE, "required": _("Please say which rule it breaks.")},
    )
    words = LongText(
        label=_("What moderators should know"),
        help_text=_("Only moderators read this."),
        most=REPORT_LENGTH,
        required=False,
    )
    form_key = key_field()

    def __init__(self, data: Mapping[str, Any] | None = None, *, phase_id: int, at: datetime) -> None:
        super().__init__(data, {"form_key": gates.new_form_key(at, phase_id)})
        self.phase_id, self.at = phase_id, at
        self.fields[HONEYPOT] = trap()

    def clean(self) -> dict[str, Any]:
        """Nor a form that has expired."""
        super().clean()
        self.require_key()
        return self.cleaned_data

    def sent(self, browser: str, sender: str) -> Report:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        key: gates.FormKey = data["form_key"]
        is_trapped = bool(data.get(HONEYPOT))
        return Report(key, data["rule"], data["words"], is_trapped, self.at - key.issued_at, browser, sender)


class ReportsForm(StorableForm):
    """What moderators decide about what was reported: it stands, or it is hidden for a rule that it breaks."""

    action = forms.ChoiceField(
        label=_("Decision"),
        choices=[(LEAVE, _("Leave it: it breaks no rule")), (HIDE, _("Hide"))],
        widget=forms.RadioSelect,
        error_messages=WRONG_CHOICE,
    )
    rule = forms.ChoiceField(
        label=_("Rule that it breaks, if you hide it"),
        choices=[("", _("None: it stands")), *BrokenRule.choices],
        required=False,
        widget=forms.RadioSelect,
        error_messages=WRONG_CHOICE,
    )
    reason = LongText(
        label=_("Reason (of what you hide everybody can read it; of what you leave, only moderators)"),
        most=MODERATION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"class": "vLargeTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        """What is hidden breaks a rule, and has a reason; what stands breaks none."""
        found = super().clean()
        is_hidden = found.get("action") == HIDE
        if is_hidden and not found.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Please say why it is hidden: its author reads this."))
        if is_hidden and not found.get("rule") and "rule" not in self.errors:
            self.add_error("rule", _("Please say which rule it breaks: everybody reads it in its place."))
        if found.get("action") == LEAVE and found.get("rule"):
            self.add_error("rule", _("You chose a rule that it breaks, but also to leave it. Change one of the two."))
        return found
