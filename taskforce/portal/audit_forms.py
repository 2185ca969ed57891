"""What can be asked of the log."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from taskforce.core import labels
from taskforce.core.choices import offer
from taskforce.core.text import clean_name
from taskforce.portal import audit_words
from taskforce.portal.auditing import Asked
from taskforce.timeline.models import TaskForce

_LARGEST = 2**63 - 1
# What is asked most often; the rest is folded, so that the entries begin on the first screen of a phone.
_FIRST = ("person", "action")


class AuditForm(forms.Form):
    """All fields may stay empty; what cannot be read is said at its field, and asks nothing."""

    action = forms.ChoiceField(label=_("What happened"), required=False)
    only = forms.ChoiceField(
        label=_("Changes or views"),
        choices=[("", _("both")), ("acts", _("what was changed")), ("looks", _("who looked at personal data"))],
        required=False,
    )
    # An address would stand in the browser's history: with its sign the form does not go off.
    person = forms.CharField(
        label=_("Person: name, or # and number"),
        max_length=120,
        required=False,
        widget=forms.TextInput(
            attrs={"pattern": "[^@]*", "title": _("a name or a number, not an address"), "dir": "auto"}
        ),
    )
    task_force = forms.ChoiceField(label=_("Task force"), required=False)
    since = forms.DateField(
        label=_("From (day in UTC)"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until (day in UTC)"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    kind = forms.ChoiceField(label=_("About"), required=False)
    number = forms.IntegerField(label=_("Its number"), min_value=1, max_value=_LARGEST, required=False)
    before = forms.IntegerField(min_value=1, max_value=_LARGEST, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, task_forces: list[TaskForce], kinds: list[str]) -> None:
        super().__init__(data)
        every = ("", _("all"))
        actions = sorted(((code, str(words)) for code, words in audit_words.ACTIONS.items()), key=lambda one: one[1])
        kinds_named = sorted(((kind, audit_words.kind(kind)) for kind in kinds), key=lambda one: one[1])
        choices: dict[str, list[Any]] = {
            "action": actions,
            "task_force": [(one.pk, labels.label(one, "name").text) for one in task_forces],
            "kind": kinds_named,
        }
        for name, offered in choices.items():
            offer(self, name, [every, *offered])

    def clean_person(self) -> str:
        """A name without invisible characters, or a number that is one."""
        found = clean_name(self.cleaned_data["person"])
        if found.startswith("#") and not found[1:].strip().isdecimal():
            raise forms.ValidationError(_("Behind # there has to be a number, such as #12."))
        return found

    def asked(self) -> Asked:
        """The question, of the fields that could be read."""
        self.full_clean()
        given = dict(self.cleaned_data)
        chosen = given.pop("task_force", "")
        return Asked(**given, task_force_id=int(chosen) if chosen else None)

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields that are seen at once."""
        return [self[name] for name in _FIRST]

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields that are folded."""
        return [field for field in self.visible_fields() if field.name not in _FIRST]

    @property
    def opens(self) -> bool:
        """Whether the folded ones show: one of them was used, or has something to say."""
        return any(field.name in self.used or field.errors for field in self.more)

    @property
    def used(self) -> list[str]:
        """The fields by which was asked."""
        return sorted(name for name, value in self.cleaned_data.items() if value not in ("", None) and name != "before")


class AddressForm(forms.Form):
    """By which address an account is looked for; posted, so that it stands in no address of a page."""

    address = forms.EmailField(
        label=_("Account: its e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
