"""The form of a reply to what was said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.forms.keyed import HONEYPOT, Keyed, key_field, trap
from feedback.rules import REPLY_LENGTH
from feedback.services import Reply
from taskforce.core import languages
from taskforce.core.text import clean_name as cleaned_name
from taskforce.questions.fields import LongText
from taskforce.questions.forms import StorableForm
from taskforce.timeline import gates


class ReplyForm(Keyed, StorableForm):
    """A text, its language, and the name to show with it, if any. `at` is the moment it is shown or sent (UTC)."""

    text = LongText(
        label=_("Your reply"),
        most=REPLY_LENGTH,
        error_messages={"required": _("Please write something.")},
    )
    language = forms.ChoiceField(
        label=_("Language you write in"),
        choices=list(languages.OWN_NAMES.items()),
        error_messages={"invalid_choice": _("Please choose one of the list."), "required": _("Please choose one.")},
    )
    name = forms.CharField(
        label=_("Name to show"),
        help_text=_("Leave this empty if no name is to be shown with your reply."),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "nickname"}),
    )
    form_key = key_field()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, phase_id: int, at: datetime, initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, {"form_key": gates.new_form_key(at, phase_id), **initial})
        self.phase_id, self.at = phase_id, at
        self.fields[HONEYPOT] = trap()

    def clean_name(self) -> str:
        """One line, without invisible disguises."""
        return cleaned_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """Nor a form that has expired."""
        super().clean()
        self.require_key()
        return self.cleaned_data

    def sent(self, sender: str) -> Reply:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        key: gates.FormKey = data["form_key"]
        is_trapped = bool(data.get(HONEYPOT))
        return Reply(key, data["language"], data["text"], data["name"], is_trapped, self.at - key.issued_at, sender)
