"""The form in which the title and the introduction of a published window are translated or put right."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from feedback.models import FeedbackWindow
from feedback.rules import INTRODUCTION_LENGTH, TITLE_LENGTH
from feedback.services.windows import words_seen
from taskforce.core import labels, languages


class Part(NamedTuple):
    """What a window says in one language; `is_open`: it is looked at first."""

    code: str
    name: str
    title: forms.BoundField
    introduction: forms.BoundField
    is_open: bool


class TextsForm(forms.Form):
    """Title and introduction in each language, and which texts it was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, window: FeedbackWindow, data: Any = None, typed: Mapping[str, str] | None = None) -> None:
        self.stored = {place: labels.stored(window, place) for place in ("title", "introduction")}
        said = {f"{place}-{code}": text for place, texts in self.stored.items() for code, text in texts.items()}
        super().__init__(data, initial={"seen": words_seen(window), **said, **(typed or {})})
        for code, name in languages.OWN_NAMES.items():
            in_language = {"lang": languages.html_lang(code), "dir": languages.direction(code)}
            self.fields[f"title-{code}"] = _field(
                _("Title (%(language)s)") % {"language": name},
                TITLE_LENGTH,
                forms.TextInput({"class": "vLargeTextField", **in_language}),
            )
            self.fields[f"introduction-{code}"] = _field(
                _("Introduction (%(language)s)") % {"language": name},
                INTRODUCTION_LENGTH,
                forms.Textarea({"rows": 6, "class": "vLargeTextField", **in_language}),
            )

    @property
    def parts(self) -> list[Part]:
        """Language by language; open where its reader begins, and where something is wrong."""
        own = get_language() or "en"
        return [
            Part(code, name, title, introduction, code == own or bool(title.errors or introduction.errors))
            for code, name in languages.OWN_NAMES.items()
            if (title := self[f"title-{code}"]) and (introduction := self[f"introduction-{code}"])
        ]

    def texts(self, place: str) -> dict[str, str]:
        """{language: text}, as typed; only of a valid form."""
        return {code: self.cleaned_data[f"{place}-{code}"] for code in languages.CODES}

    def others(self, now: FeedbackWindow) -> list[tuple[str, str, str]]:
        """(language, its name, text) of what the window says by now where something else was typed."""
        return [
            (code, languages.OWN_NAMES[code], text)
            for place in ("title", "introduction")
            for code, text in labels.stored(now, place).items()
            if text != self.cleaned_data[f"{place}-{code}"]
        ]


def _field(label: str, most: int, widget: forms.Widget) -> forms.CharField:
    too_long = _("The text is too long: at most %(limit_value)d characters.")
    field = forms.CharField(
        label=label, max_length=most, required=False, widget=widget, error_messages={"max_length": too_long}
    )
    # The browser's own limit would cut off what is pasted without a word.
    field.widget.attrs.pop("maxlength", None)
    return field
