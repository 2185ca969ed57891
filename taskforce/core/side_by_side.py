"""Texts that staff write in several languages: a line and a body, the source beside one other language.

Shared by whatever is written so: the columns (django-modeltranslation), what a form sends, and what pages say of it.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from modeltranslation.utils import build_localized_fieldname

from taskforce.core import labels, languages

SOURCE = "en"
BODY = "body"
# {language: text} of the line, and of the body.
Texts = tuple[dict[str, str], dict[str, str]]
Validator = Callable[[str], None]


class Both(NamedTuple):
    """What is stored in a language and what was typed meanwhile: (line, body) each."""

    code: str
    name: str
    stored: tuple[str, str]
    typed: tuple[str, str]


def own_texts(obj: Model, head: str, code: str) -> tuple[str, str]:
    """The line `head` and the body in exactly this language, empty where there are none."""
    line, body = (getattr(obj, build_localized_fieldname(name, code)) or "" for name in (head, BODY))
    return line, body


def copied(obj: Model, head: str, earlier: Model | None) -> list[str]:
    """The languages in which a correction still says, to the letter, what the text says that it corrects.

    None in a text that corrects nothing.
    """
    if earlier is None:
        return []
    own = {code: own_texts(obj, head, code) for code in languages.CODES}
    return [code for code, texts in own.items() if any(texts) and texts == own_texts(earlier, head, code)]


def line_field(length: int, **options: Any) -> forms.CharField:
    """A line of text."""
    return forms.CharField(max_length=length, widget=forms.TextInput({"class": "vTextField"}), **options)


def body_field(length: int, **options: Any) -> forms.CharField:
    """A text of blocks."""
    widget = forms.Textarea({"class": "vLargeTextField", "rows": 14})
    return forms.CharField(max_length=length, widget=widget, **options)


class SideBySideForm(forms.Form):
    """The source beside one other language: `source_HEAD` and `source_body`, `HEAD` and `body`."""

    head: ClassVar[str]
    head_length: ClassVar[int]
    body_length: ClassVar[int]
    # What a text must stand besides its length: functions that raise `forms.ValidationError`.
    head_validators: ClassVar[Sequence[Validator]] = ()
    body_validators: ClassVar[Sequence[Validator]] = ()

    def __init__(self, obj: Model, language: str, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        self.obj, self.language = obj, language
        self.codes = list(dict.fromkeys([SOURCE, language]))
        super().__init__(data, initial=initial)
        for code in self.codes:
            self._add(code)

    def head_label(self, language: str) -> str:
        """What the line is called, with its language."""
        raise NotImplementedError

    def _add(self, code: str) -> None:
        """Line and body of one language, with labels, `lang` and what is stored."""
        line, body = own_texts(self.obj, self.head, code)
        language, required = languages.OWN_NAMES[code], code == SOURCE
        head = {"label": self.head_label(language), "required": required, "validators": self.head_validators}
        text = {"label": _("Text (%(language)s)") % {"language": language}, "required": required}
        made = (
            (self.head, line, line_field(self.head_length, **head)),
            (BODY, body, body_field(self.body_length, **text, validators=self.body_validators)),
        )
        for name, stored, field in made:
            field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
            field.initial = stored
            self.fields[self._name(name, code)] = field

    def _name(self, field: str, code: str) -> str:
        return f"source_{field}" if code == SOURCE else field

    @property
    def source_fields(self) -> list[forms.BoundField]:
        """The source's column."""
        return [self[self._name(name, SOURCE)] for name in (self.head, BODY)]

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The other language's column; empty where that is the source."""
        return [] if self.language == SOURCE else [self[self.head], self[BODY]]

    def texts(self) -> Texts:
        """Lines and bodies of exactly the languages that the form shows."""
        lines, bodies = (
            {code: self.cleaned_data[self._name(name, code)] for code in self.codes} for name in (self.head, BODY)
        )
        return lines, bodies

    def both(self) -> list[Both]:
        """For somebody who comes second: what is stored now and what they typed, in each language of the form."""
        lines, bodies = self.texts()
        return [
            Both(code, languages.OWN_NAMES[code], own_texts(self.obj, self.head, code), (lines[code], bodies[code]))
            for code in self.codes
        ]


# --- pages -----------------------------------------------------------------------------------------------------------


def chosen_language(request: HttpRequest, otherwise: str = SOURCE) -> str:
    """The language chosen in the address, else the other one: the source's."""
    code = request.GET.get("language", otherwise)
    return code if languages.is_offered(code) else otherwise


def own_name(code: str) -> SafeString:
    """What a language calls itself, marked as being in that language."""
    return format_html('<bdi lang="{}">{}</bdi>', languages.html_lang(code), languages.OWN_NAMES[code])


def coverage(obj: Model, head: str, earlier: Model | None = None) -> list[dict[str, Any]]:
    """Every language of the portal and whether line and body are there.

    What a correction has taken over from the `earlier` text and not changed yet is `copied`, and not complete.
    """
    same = copied(obj, head, earlier)
    return [
        {
            "code": code,
            "name": name,
            "complete": code not in same and all(own_texts(obj, head, code)),
            "copied": code in same,
        }
        for code, name in languages.OWN_NAMES.items()
    ]


class Corrected(NamedTuple):
    """What the text that is corrected says in a language, and whether its correction still says the same."""

    code: str
    line: str
    body: str
    is_copied: bool


def corrected(obj: Model, head: str, earlier: Model | None, codes: Sequence[str]) -> list[Corrected]:
    """To stand beside the fields of a correction; nothing for a text that corrects none."""
    if earlier is None:
        return []
    same = copied(obj, head, earlier)
    return [Corrected(code, *own_texts(earlier, head, code), is_copied=code in same) for code in codes]


def readers(obj: Model, head: str, followers: dict[str, int], earlier: Model | None = None) -> list[dict[str, Any]]:
    """Every language of the portal: whether it is complete, how many follow in it, and what they get otherwise."""
    return [
        {
            **one,
            "followers": followers.get(one["code"], 0),
            "instead": own_name(labels.label(obj, BODY, one["code"]).language),
        }
        for one in coverage(obj, head, earlier)
    ]
