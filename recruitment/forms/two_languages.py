"""Texts that are asked in two languages, and the fields that forms of a call have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms

from taskforce.core import languages
from taskforce.questions.fields import LongText, ShortText
from taskforce.questions.forms import StorableForm

# What is at most so long stands in a line, or in two.
_LINE, _LINES = 300, 600


class Said(NamedTuple):
    """A text that is asked in two languages: its name, what the field is called, and how long it may be."""

    name: str
    called: Any
    most: int


class Row(NamedTuple):
    """One text in the form: the source, and the other language beside it (None: that is the source)."""

    source: forms.BoundField
    own: forms.BoundField | None


class Both(NamedTuple):
    """A field of which somebody else has stored something else: what is stored, and what was typed."""

    label: str
    language: str
    stored: str
    typed: str


class TwoLanguages(StorableForm):
    """Texts in the language in which one writes first, beside one other language. All may stay empty in a draft."""

    said: Sequence[Said] = ()

    def __init__(
        self,
        stored: Mapping[str, Mapping[str, str]],
        source: str,
        language: str,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.source, self.language = source, language
        self.codes = list(dict.fromkeys([source, language]))
        for one in self.said:
            for code in self.codes:
                self.fields[f"{one.name}-{code}"] = words_field(one, code, stored.get(one.name, {}).get(code, ""))

    def keep_what_is_public(self, stored: Mapping[str, Mapping[str, str]]) -> None:
        """Only languages that have no text are written here: what is public stands to be read."""
        for one in self.said:
            for code in self.codes:
                if stored.get(one.name, {}).get(code):
                    self.fields[f"{one.name}-{code}"].widget.attrs["readonly"] = True

    @property
    def rows(self) -> list[Row]:
        """The texts, one below the other, each in both languages."""
        is_two = self.language != self.source
        return [
            Row(self[f"{one.name}-{self.source}"], self[f"{one.name}-{self.language}"] if is_two else None)
            for one in self.said
        ]

    @property
    def settings(self) -> list[forms.BoundField]:
        """What is the same in every language."""
        names = {f"{one.name}-{code}" for one in self.said for code in self.codes}
        return [self[name] for name in self.fields if name not in names]

    def texts(self) -> dict[str, dict[str, str]]:
        """{name: {language: text}} of the two languages, of a form that is valid."""
        return {one.name: {code: self.cleaned_data[f"{one.name}-{code}"] for code in self.codes} for one in self.said}

    def both(self, now: Mapping[str, Mapping[str, str]], numbers: Mapping[str, Any] | None = None) -> list[Both]:
        """Field by field what is stored `now` and what was typed, where that is something else."""
        typed = self.texts()
        words = [
            Both(str(self.fields[f"{one.name}-{code}"].label), code, stored, typed[one.name][code])
            for one in self.said
            for code in self.codes
            if (stored := now.get(one.name, {}).get(code, "")) != typed[one.name][code]
        ]
        counted = [
            Both(str(self.fields[name].label), "", _in_words(stored), _in_words(self.cleaned_data[name]))
            for name, stored in (numbers or {}).items()
            if name in self.fields and stored != self.cleaned_data[name]
        ]
        return words + counted


def words_field(said: Said, code: str, stored: str = "", *, required: bool = False) -> forms.Field:
    """The field of a text in one language."""
    label = str(said.called) % {"language": languages.OWN_NAMES[code]}
    is_line = said.most <= _LINES
    widget = forms.TextInput() if said.most <= _LINE else forms.Textarea()
    make: type[LongText] = ShortText if is_line else LongText
    field = make(most=said.most, label=label, required=required, initial=stored, widget=widget)
    field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
    field.widget.attrs["class"] = "vTextField" if is_line else "vLargeTextField"
    if not said.most <= _LINE:
        field.widget.attrs["rows"] = 2 if is_line else 8
    return field


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return " · ".join(languages.OWN_NAMES[code] for code in value)
    return str(value)


def number_field(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    """A whole number."""
    widget = forms.NumberInput({"class": "vIntegerField"})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget, **options)
