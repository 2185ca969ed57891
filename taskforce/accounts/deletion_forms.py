"""The forms of a request for deletion: the person's, and the data officer's answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import rules
from taskforce.core.text import clean_text, digest

_WITHOUT_WORDS = _("Please say what was done, or why not: the person gets it by mail.")


class DeletionForm(forms.Form):
    """Why somebody wants to be deleted, if they want to say, and what of theirs nothing else would lead to."""

    reason = forms.CharField(
        label=_("Do you want to say why?"),
        help_text=_("You need not. Data officers read it."),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    receipts = forms.CharField(
        label=_("References of feedback that is to go too"),
        help_text=_(
            "You need not. Nothing leads from your account to feedback that you gave: write the reference of each, as "
            "it stands on its receipt (F-…). Data officers read it."
        ),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        required=False,
    )

    def clean_reason(self) -> str:
        """As it can be stored."""
        return clean_text(self.cleaned_data["reason"])

    def clean_receipts(self) -> str:
        """As it can be stored."""
        return clean_text(self.cleaned_data["receipts"])


class AnswerForm(forms.Form):
    """What came of a request; the person gets the words by mail."""

    action = forms.ChoiceField(
        label=_("What was done"),
        choices=[
            ("do", _("Done: everything listed here is dealt with as the list says")),
            ("part", _("Partly done: say below what stays, and why")),
            ("refuse", _("Not done: say below why")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    answer = forms.CharField(
        label=_("In words for the person: what was done, what stays and why, or why not"),
        help_text=_("The person gets these words by mail. The next page shows the mail before it goes."),
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        error_messages={"required": _WITHOUT_WORDS},
    )

    def clean_answer(self) -> str:
        """As it can be stored; words that nobody sees are none."""
        found = clean_text(self.cleaned_data["answer"])
        if not found:
            raise forms.ValidationError(_WITHOUT_WORDS)
        return found

    @property
    def seen(self) -> str:
        """A mark of what is answered, so that only what was looked at is sent; only of a valid form."""
        return digest([self.cleaned_data["action"], self.cleaned_data["answer"]])
