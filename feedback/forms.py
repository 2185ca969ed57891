"""What a visitor or a moderator sends, parsed and validated."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from feedback.enums import Visibility
from feedback.models import FeedbackWindow
from feedback.queries import Door
from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.core.text import clean_name as cleaned_name
from taskforce.questions.forms import LongText, QuestionsForm, StorableForm
from taskforce.timeline import gates

_WRONG_CHOICE = {
    "required": _("Please choose one."),
    "invalid_choice": _("Please choose one of the answers given here."),
}
_NAME_OR_NOT = _(
    "You wrote a name, but “Public, without a name” is chosen. Empty this field, or choose another answer above."
)
# A field that people never see. Its name means nothing to a browser that fills in forms for them.
HONEYPOT = "second_remark"


class FeedbackForm(QuestionsForm):
    """The questions of a window, then how the answers may be shown. `at` is the moment it is shown or sent (UTC)."""

    def __init__(
        self, window: FeedbackWindow | Door, data: Mapping[str, Any] | None = None, *, language: str, at: datetime
    ) -> None:
        initial = {
            "form_key": gates.new_form_key(at, window.phase_id),
            "language": language,
            # The careful choice: nobody's name becomes public because a default was overlooked.
            "visibility": Visibility.NAMELESS,
        }
        super().__init__(window.questions_id, data, initial)
        self.phase_id, self.at = window.phase_id, at
        self.fields["language"] = forms.ChoiceField(
            label=_("Language you write in"),
            choices=list(languages.OWN_NAMES.items()),
            error_messages=_WRONG_CHOICE,
        )
        self.fields["visibility"] = forms.ChoiceField(
            label=_("Who may read this?"),
            help_text=format_lazy(
                "{} {}",
                _("A public text can be read by everyone and quoted when the feedback is summed up."),
                _("“Public, without a name” is chosen unless you choose otherwise."),
            ),
            choices=Visibility.choices,
            widget=forms.RadioSelect,
            error_messages=_WRONG_CHOICE,
        )
        self.fields["name"] = forms.CharField(
            label=_("Name to show"),
            help_text=_("Leave this empty if no name is to be shown with your text."),
            required=False,
            max_length=120,
            widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "nickname"}),
        )
        self.fields["form_key"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.fields[HONEYPOT] = forms.CharField(
            label=_("Leave this field empty"),
            required=False,
            widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
        )

    def clean_name(self) -> str:
        """One line, without invisible disguises."""
        return cleaned_name(self.cleaned_data["name"])

    def clean_form_key(self) -> gates.FormKey | None:
        """The key that this form was shown with; anything else is an error of the form as a whole."""
        try:
            return gates.read_form_key(self.cleaned_data["form_key"], self.phase_id)
        except Invalid:
            return None

    def clean(self) -> dict[str, Any]:
        """A name that is not to be shown, a form that has expired, or one in which nothing is said."""
        super().clean()
        if self.cleaned_data.get("name") and self.cleaned_data.get("visibility") == Visibility.NAMELESS:
            # Neither may give way without a word: a name must not become public, and none may be lost, by a slip.
            self.add_error("name", _NAME_OR_NOT)
        if self.cleaned_data.get("form_key") is None:
            self.add_error(None, _("This form has expired. Your text is still here: please send it again."))
            self.renew()
        if not self.errors and not any(answer.text or answer.choice for answer in self.answers()):
            self.add_error(None, _("Please answer at least one question."))
        return self.cleaned_data

    def renew(self) -> None:
        """Show the form with a new key, so that it can be sent again as it stands."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["form_key"] = self.initial["form_key"]
        self.data = data

    @property
    def is_suspected(self) -> bool:
        """Whether the field was filled in that no person sees."""
        return bool(self.cleaned_data.get(HONEYPOT))

    def for_service(self) -> dict[str, Any]:
        """The arguments of `services.submit` from a valid form."""
        fields = {name: self.cleaned_data[name] for name in ("form_key", "language", "visibility", "name")}
        filled_in = self.at - self.cleaned_data["form_key"].issued_at
        return {**fields, "answers": self.answers(), "suspected": self.is_suspected, "filled_in": filled_in}


class WithdrawForm(forms.Form):
    """The confirmation before one's own text is withdrawn."""

    confirm = forms.BooleanField(
        label=_("Yes, withdraw my text"),
        error_messages={"required": _("Please confirm that you want to withdraw your text.")},
    )


class ModerationForm(StorableForm):
    """What staff decide about an item; the author reads the reason, for which `read` is offered."""

    action = forms.ChoiceField(
        label=_("Decision"),
        choices=[("publish", _("Publish")), ("hide", _("Hide"))],
        widget=forms.RadioSelect,
        error_messages=_WRONG_CHOICE,
    )
    reason = LongText(
        label=_("Reason (its author can read this)"),
        most=1000,
        widget=forms.Textarea(attrs={"class": "vLargeTextField"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, read: str = "") -> None:
        super().__init__(data, {"reason": read})
        self._read = read

    def clean(self) -> dict[str, Any]:
        """That it was read is no reason for hiding it."""
        found = super().clean()
        if self._read and found.get("action") == "hide" and found.get("reason", "").strip() == self._read:
            self.add_error("reason", _("Please say why it is hidden: its author reads this."))
        return found
