"""The forms of a request for deletion: the person's, and the data officer's answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rules
from taskforce.core.text import clean_text


class DeletionForm(forms.Form):
    """Why somebody wants to be deleted, if they want to say."""

    reason = forms.CharField(
        label=_("Do you want to say why?"),
        help_text=_("You need not. Data officers read it."),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )

    def clean_reason(self) -> str:
        """As it can be stored."""
        return clean_text(self.cleaned_data["reason"])


class AnswerForm(forms.Form):
    """What came of a request."""

    action = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            ("do", _("Done: everything below has been deleted by hand")),
            ("refuse", _("Not done, or not all of it")),
        ],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("What was done and what stays, or why not (the person gets this by mail)"),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
    )

    def clean_answer(self) -> str:
        """As it can be stored; words that nobody sees are none."""
        found = clean_text(self.cleaned_data["answer"])
        if not found:
            raise forms.ValidationError(_("Please say what was done, or why not: the person gets it by mail."))
        return found
