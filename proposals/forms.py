"""What readers choose of a text's history, and what translators type."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from proposals.models import UnitText
from taskforce.core import languages
from taskforce.core.text import clean

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


class TranslationForm(forms.Form):
    """A unit's translation: what was typed, on which versions, and an edit summary of one's own."""

    text = forms.CharField(label=_("Translation"), required=False, strip=False, widget=forms.Textarea({"rows": 4}))
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    source_version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    summary = forms.CharField(label=_("Edit summary"), required=False, strip=False)

    @classmethod
    def for_unit(cls, unit_id: int, own: UnitText | None, source: UnitText | None) -> "TranslationForm":
        """The form of a unit, with its translation as it is stored."""
        initial = {
            "text": own.text if own else "",
            "version": own.version if own else 0,
            "source_version": source.version if source else 0,
        }
        return cls(initial=initial, auto_id=f"u{unit_id}-%s")

    @classmethod
    def sent(cls, unit_id: int, data: Mapping[str, Any], **versions: int) -> "TranslationForm":
        """The form as it came in, whatever is in it: to be shown again, on other `versions` if they are named."""
        kept = {name: clean(str(data.get(name, ""))) for name in ("text", "summary", "version", "source_version")}
        return cls({**kept, **versions}, auto_id=f"u{unit_id}-%s")
