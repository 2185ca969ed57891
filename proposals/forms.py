"""What readers choose of a text's history."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from taskforce.core import languages

_WRONG_CHOICE = {"invalid_choice": _("Please choose one of the list.")}


class HistoryForm(forms.Form):
    """Which revisions to list: those that changed a language, an editor's, or all. Sent by GET."""

    language = forms.ChoiceField(label=_("Language"), required=False, error_messages=_WRONG_CHOICE)
    editor = forms.ChoiceField(label=_("Edited by"), required=False, error_messages=_WRONG_CHOICE)

    def __init__(self, data: Mapping[str, Any], edited: Sequence[str], editors: Sequence[str]) -> None:
        super().__init__(data)
        own_names = [(code, languages.OWN_NAMES[code]) for code in edited]
        self.fields["language"].choices = [("", _("All languages")), *own_names]  # type: ignore[attr-defined]
        self.fields["editor"].choices = [  # type: ignore[attr-defined]
            ("", _("Everybody")),
            *((name, name) for name in editors),
        ]

    def chosen(self) -> dict[str, str]:
        """{field: value} of what was chosen; a choice that there is not is none."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class CompareForm(forms.Form):
    """Two revisions to compare, by number; 0 is before the first. Sent by GET."""

    old = forms.IntegerField(min_value=0)
    new = forms.IntegerField(min_value=0)
