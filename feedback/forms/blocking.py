"""What moderators say when they block who posted something, and when they lift a block."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from feedback import blocks
from feedback.enums import BlockKind, BrokenRule
from feedback.forms.moderation import WRONG_CHOICE
from feedback.rules import MODERATION_LENGTH
from taskforce.core.choices import offer
from taskforce.core.templatetags.portal import number
from taskforce.questions.fields import LongText
from taskforce.questions.forms import StorableForm


def _reason(label: Any) -> LongText:
    return LongText(label=label, most=MODERATION_LENGTH, widget=forms.Textarea(attrs={"class": "vLargeTextField"}))


class BlockForm(StorableForm):
    """For which rule, why, and for how long: a network for a week at most."""

    rule = forms.ChoiceField(
        label=_("Rule that was broken"),
        choices=BrokenRule.choices,
        widget=forms.RadioSelect,
        error_messages=WRONG_CHOICE,
    )
    reason = _reason(_("Reason (whoever is blocked reads it; write nothing about anybody else)"))
    days = forms.TypedChoiceField(label=_("For how long"), coerce=int, error_messages=WRONG_CHOICE)

    def __init__(
        self, kind: BlockKind, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, dict(initial or {}))
        is_short = kind == BlockKind.NETWORK
        offered = [days for days in blocks.DAYS if not is_short or days <= blocks.LONGEST_OF_A_NETWORK.days]
        choices = [(str(days), _in_words(days)) for days in offered]
        if not is_short:
            choices.append((str(blocks.NO_END), str(_("Until somebody lifts it"))))
        offer(self, "days", choices)


def _in_words(days: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}


class LiftForm(StorableForm):
    """Why somebody may post again."""

    reason = _reason(_("Reason (for the log)"))
