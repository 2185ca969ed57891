"""What somebody sends who saves a draft of what they say, or changes what they have said."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from feedback import fields
from feedback.enums import Participation, Visibility
from feedback.forms.keyed import HONEYPOT
from feedback.forms.saying import FeedbackForm
from feedback.models import FeedbackAnswer, FeedbackDraft, FeedbackItem, FeedbackWindow
from feedback.queries import Door
from feedback.rules import visibilities
from taskforce.core.choices import offer
from taskforce.core.errors import Invalid
from taskforce.notifications import mailboxes
from taskforce.questions.enums import LONGEST_ANSWER
from taskforce.questions.fields import SeveralChoices
from taskforce.timeline import gates

# What the database can count.
_MOST_EDITS = 32_767
# Fields of a draft's form that are made anew with each form, or that nobody sees.
# And an address, which is for the mail alone.
_NOT_KEPT = frozenset({"form_key", "kept", "mailbox", HONEYPOT})
# Longer is no version of a draft; more values has no field.
_DIGITS, _MOST_VALUES = 9, 100


def _mailbox_field(said: Any) -> forms.CharField:
    return forms.CharField(
        label=_("E-mail address"),
        help_text=said,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
        error_messages={"required": _("Write the address to which the mail is to go.")},
    )


def _checked(typed: str) -> str:
    """A mailbox as mails go to it; an error of its field where none can."""
    try:
        return mailboxes.checked(typed)
    except mailboxes.UnusableMailbox as error:
        raise forms.ValidationError(str(error)) from None


class EditForm(FeedbackForm):
    """The form of the window as its author filled it in. `version` is how often the item had been changed when it was
    shown, so that nobody's change is lost by another one."""

    def __init__(
        self,
        item: FeedbackItem,
        answers: Iterable[FeedbackAnswer],
        data: Mapping[str, Any] | None = None,
        *,
        at: datetime,
    ) -> None:
        super().__init__(item.window, data, language=item.language, at=at, unit_id=item.unit_id)
        allowed = visibilities(item)
        choices = [choice for choice in Visibility.choices if choice[0] in allowed]
        # Others have the same field.
        visibility = self.fields["visibility"] = copy.deepcopy(self.fields["visibility"])
        offer(self, "visibility", choices)
        visibility.help_text = (
            _("A public text can be read by everyone and quoted when the feedback is summed up.")
            if len(choices) == len(Visibility.choices)
            else _("Everybody could read this text, so it stays public. You can take your name off, or withdraw it.")
        )
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, min_value=0, max_value=_MOST_EDITS
        )
        self.initial.update({"visibility": item.visibility, "name": item.name, "version": item.edits})
        self.show({answer.asked_id: (answer.text, answer.choices) for answer in answers})

    def clean(self) -> dict[str, Any]:
        """A form that does not say which wording it was shown with has expired."""
        super().clean()
        if self.cleaned_data.get("version") is None:
            self.errors.pop("version", None)
            self.add_error(None, _("This form has expired. Your text is still here: please send it again."))
            self.renew(self.initial["version"])
        return self.cleaned_data

    def renew(self, version: int | None = None) -> None:
        """Show the form with a new key, and where a version is given, as one that was shown with that."""
        super().renew()
        if version is not None:
            self.put({"version": str(version)})

    def for_service(self) -> dict[str, Any]:
        """The arguments of `services.edit` from a valid form."""
        given = super().for_service()
        # Whoever changes a word is quick.
        given.pop("filled_in")
        return {**given, "version": self.cleaned_data["version"]}


class DraftForm(FeedbackForm):
    """The form of a window, which can be saved as a draft. `kept` is the version of the draft that it was shown with
    (0: there was none)."""

    def __init__(
        self,
        window: FeedbackWindow | Door,
        data: Mapping[str, Any] | None = None,
        *,
        language: str,
        at: datetime,
        unit_id: int | None = None,
        draft: FeedbackDraft | None = None,
    ) -> None:
        super().__init__(window, data, language=language, at=at, unit_id=unit_id)
        self.fields["kept"] = forms.CharField(widget=forms.HiddenInput, required=False)
        if window.participation == Participation.MAIL:
            said = _("Only for the mail with the link that confirms your text. It is not kept with it.")
            self.fields["mailbox"] = _mailbox_field(said)
        self.initial["kept"] = draft.version if draft else 0
        for name, values in (draft.fields if draft else {}).items():
            if field := self.fields.get(name):
                self.initial[name] = values if isinstance(field, SeveralChoices) else next(iter(values), "")
        if draft:
            fields.show(self)

    def clean_mailbox(self) -> str:
        """The mailbox as mails go to it."""
        return _checked(self.cleaned_data["mailbox"])

    @property
    def draft_version(self) -> int:
        """The version of the draft that the form was shown with; 0 for whatever is no number."""
        raw = str(self.data.get("kept", ""))
        return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) <= _DIGITS else 0

    @property
    def nonce(self) -> str:
        """What tells this form from every other, also while it is not valid; "" for one that has expired."""
        try:
            return gates.read_form_key(str(self.data.get("form_key", "")), self.phase_id).nonce
        except Invalid:
            return ""

    def to_keep(self) -> dict[str, list[str]]:
        """What was typed and chosen, valid or not."""
        data = self.data
        names = [name for name in self.fields if name not in _NOT_KEPT and name in data]
        if isinstance(data, QueryDict):
            return {name: [str(value) for value in data.getlist(name)] for name in names}
        return {name: [str(data[name])] for name in names}

    @property
    def says_something(self) -> bool:
        """Whether anything was answered, or a name given: what else the form has, it has by itself."""
        found = self.to_keep()
        return any(value.strip() for name in found if name.startswith("q-") or name == "name" for value in found[name])

    @property
    def can_be_kept(self) -> bool:
        """Whether it can be stored as it stands: not what is too long for any field, or holds what no field may."""
        return not self._damaged and all(
            len(values) <= _MOST_VALUES and all(len(value) <= LONGEST_ANSWER for value in values)
            for values in self.to_keep().values()
        )

    def show_with(self, draft: FeedbackDraft) -> None:
        """Show the form as one that was shown with this draft."""
        self.renew()
        self.put({"kept": str(draft.version)})


def as_sent(kept: Mapping[str, Sequence[str]]) -> QueryDict:
    """The fields of a draft as a form sends them."""
    data = QueryDict(mutable=True)
    for name, values in kept.items():
        data.setlist(name, list(values))
    return data


class AgainForm(forms.Form):
    """To which address the mail is sent again that confirms a text: that of the text, which the portal has not kept."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        # In the reader's language, which a field of the class would not know.
        self.fields["mailbox"] = _mailbox_field(
            _("The address with which you sent this text. The portal has not kept it, so it asks once more.")
        )

    def clean_mailbox(self) -> str:
        """The mailbox as mails go to it."""
        return _checked(self.cleaned_data["mailbox"])
