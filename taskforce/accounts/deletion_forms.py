"""The forms of a request for deletion: the person's, and the data officer's answer."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from taskforce.accounts import rules
from taskforce.core.templatetags.portal import number
from taskforce.core.text import clean_text, digest


class _Words(forms.CharField):
    """A text as it can be stored. The limit stands in words: a `maxlength` would cut what is pasted without telling."""

    widget = forms.Textarea

    def __init__(self, *, rows: int, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"rows": rows, "dir": "auto"}

    def to_python(self, value: Any) -> str:
        """Counted as it is stored; words that nobody sees are none."""
        return clean_text(super().to_python(value) or "", most=rules.LONGEST_REASON)

    def validate(self, value: str) -> None:
        """As Django's, and by how much it is too long."""
        super().validate(value)
        over = len(value) - rules.LONGEST_REASON
        if over > 0:
            message = ngettext(
                "This is %(over)s character too long: %(most)s are possible.",
                "This is %(over)s characters too long: %(most)s are possible.",
                over,
            )
            raise forms.ValidationError(message % {"over": number(over), "most": number(rules.LONGEST_REASON)})


class _FormOfWords(forms.Form):
    """A form that says at each text how long it may be."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        most = rules.LONGEST_REASON
        limit = ngettext("At most %(most)s character.", "At most %(most)s characters.", most) % {"most": number(most)}
        for field in self.fields.values():
            if isinstance(field, _Words):
                field.help_text = format_html("{} <bdi>{}</bdi>", field.help_text, limit)


class DeletionForm(_FormOfWords):
    """Why somebody wants to be deleted, if they want to say, and what of theirs nothing else would lead to."""

    reason = _Words(
        rows=4,
        label=_("Do you want to say why?"),
        help_text=_("You need not. Data officers read it."),
        required=False,
    )
    receipts = _Words(
        rows=3,
        label=_("References of feedback that is to go too"),
        help_text=_(
            "You need not. Nothing leads from your account to feedback that you gave: write the reference of each, as "
            "it stands on its receipt (F-…). Data officers read it."
        ),
        required=False,
    )


class AnswerForm(_FormOfWords):
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
    answer = _Words(
        rows=6,
        label=_("In words for the person: what was done, what stays and why, or why not"),
        help_text=_("The person gets these words by mail. The next page shows the mail before it goes."),
        error_messages={"required": _("Please say what was done, or why not: the person gets it by mail.")},
    )

    @property
    def seen(self) -> str:
        """A mark of what is answered, so that only what was looked at is sent; only of a valid form."""
        return digest([self.cleaned_data["action"], self.cleaned_data["answer"]])
