"""Parse and validate what applicants send; nothing here writes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment.models import Call
from taskforce.core.text import clean_name
from taskforce.questions.forms import QuestionsForm


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


class TakeBackForm(forms.Form):
    """Which withdrawn application is meant: a page that was left open may show an earlier one."""

    reference = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)


class WithdrawForm(forms.Form):
    """A box to tick, so that one press of a wrong button takes nothing back, nor an old page what it did not show."""

    reference = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    confirm = forms.BooleanField(
        label=gettext_lazy("Yes, I want to withdraw my application"),
        error_messages={"required": gettext_lazy("Please tick the box to withdraw.")},
    )
