"""What moderators send, parsed and validated."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.enums import AppealOutcome, BrokenRule
from feedback.rules import APPEAL_LENGTH, MODERATION_LENGTH
from taskforce.questions.fields import LongText
from taskforce.questions.forms import StorableForm

WRONG_CHOICE = {
    "required": _("Please choose one."),
    "invalid_choice": _("Please choose one of the answers given here."),
}
RULES = [("", _("None: it is published")), *BrokenRule.choices]


class ModerationForm(StorableForm):
    """What staff decide about an item; the author reads rule and reason. What is published needs neither."""

    action = forms.ChoiceField(
        label=_("Decision"),
        choices=[("publish", _("Publish")), ("hide", _("Hide"))],
        widget=forms.RadioSelect,
        error_messages=WRONG_CHOICE,
    )
    rule = forms.ChoiceField(
        label=_("Rule that it breaks, if you hide it"),
        choices=RULES,
        required=False,
        widget=forms.RadioSelect,
        error_messages=WRONG_CHOICE,
    )
    reason = LongText(
        label=_("Reason, if you hide it (its author can read this; of a public text, everybody can)"),
        most=MODERATION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"class": "vLargeTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        """What is hidden breaks a rule, and has a reason; what is published breaks none. Who has not chosen yet reads
        at once what else is needed."""
        found = super().clean()
        action = found.get("action")
        if action == "hide" and not found.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Please say why it is hidden: its author reads this."))
        if action != "publish" and not found.get("rule") and "rule" not in self.errors:
            self.add_error(
                "rule",
                _("Please say which rule it breaks: everybody reads it in its place.")
                if action
                else _("If you hide it, please say also which rule it breaks, and why."),
            )
        if found.get("action") == "publish" and found.get("rule"):
            self.add_error("rule", _("You chose a rule that it breaks, but also to publish it. Change one of the two."))
        return found


class AppealForm(StorableForm):
    """What an author says against the hiding of their text."""

    words = LongText(
        label=_("Why should your text stand?"),
        help_text=_("Somebody who did not hide it reads this and decides. You can say it once."),
        most=APPEAL_LENGTH,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, dict(initial or {}))


class AppealDecisionForm(StorableForm):
    """What somebody else decides about it."""

    outcome = forms.ChoiceField(
        label=_("Decision about the appeal"),
        choices=[
            (AppealOutcome.PUT_BACK, AppealOutcome.PUT_BACK.label),
            (AppealOutcome.UPHELD, AppealOutcome.UPHELD.label),
        ],
        widget=forms.RadioSelect,
        error_messages=WRONG_CHOICE,
    )
    reason = LongText(
        label=_("Reason (its author reads this)"),
        most=MODERATION_LENGTH,
        widget=forms.Textarea(attrs={"class": "vLargeTextField"}),
    )
