"""What staff type who sort and answer what was said, and by what they narrow the list of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from feedback.answering import NO_THEME
from feedback.enums import Outcome, ReadState
from feedback.forms.publishing import InLanguage
from feedback.models import Theme
from feedback.rules import ANSWER_LENGTH, DESCRIPTION_LENGTH, STATEMENT_LENGTH, THEME_LENGTH
from feedback.services.answering import MOST_AT_ONCE, Wanted
from proposals.calling import Named
from proposals.models import Revision
from taskforce.core import dates, labels, languages
from taskforce.core.choices import offer
from taskforce.core.side_by_side import body_field, line_field
from taskforce.core.text import clean_name, clean_text
from taskforce.questions.enums import OTHER_LANGUAGE
from taskforce.questions.forms import StorableForm
from taskforce.questions.models import Question

_WRONG_CHOICE = {"required": _("Please choose one of the list."), "invalid_choice": _("Please choose one of the list.")}
# More digits no id has; a stamp is the code of a state and three ids.
_LONGEST_ID, _LONGEST_STAMP = 18, 80


class Part(NamedTuple):
    """A text that is asked in each language: its label, how its field is made, how it is cleaned."""

    called: Callable[[str], str]
    field: Callable[..., forms.CharField]
    most: int
    rows: int
    clean: Callable[[str], str]


class TextsForm(StorableForm):
    """Texts in each language; `parts` are {name: what it is}."""

    parts: ClassVar[Mapping[str, Part]]

    def __init__(self, data: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        for code, name in languages.OWN_NAMES.items():
            for part, what in self.parts.items():
                field = what.field(what.most, required=False, label=what.called(name))
                field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
                if what.rows:
                    field.widget.attrs["rows"] = what.rows
                self.fields[f"{part}-{code}"] = field

    @property
    def by_language(self) -> list[InLanguage]:
        """Language by language; open where something is said or wrong, and in the reader's own."""
        found = []
        for code, name in languages.OWN_NAMES.items():
            fields = [self[f"{part}-{code}"] for part in self.parts]
            is_used = any(field.value() or field.errors for field in fields)
            found.append(InLanguage(code, name, fields, is_used or code in ("en", get_language())))
        return found

    def texts(self, part: str) -> dict[str, str]:
        """{language: text} as it would be stored."""
        clean = self.parts[part].clean
        found = {code: clean(self.cleaned_data.get(f"{part}-{code}") or "") for code in languages.CODES}
        return {code: text for code, text in found.items() if text}

    def _need(self, part: str, message: str) -> None:
        if not any(self.texts(part).values()) and not any(name.startswith(f"{part}-") for name in self.errors):
            self.add_error(f"{part}-{get_language() or 'en'}", message)


def of_languages(part: str) -> list[str]:
    """The names of the fields of a part."""
    return [f"{part}-{code}" for code in languages.CODES]


class ThemeForm(TextsForm):
    """What a theme is called, and what is meant by it."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    parts = {
        "title": Part(
            lambda name: gettext("Title (%(language)s)") % {"language": name}, line_field, THEME_LENGTH, 0, clean_name
        ),
        "description": Part(
            lambda name: gettext("Description (%(language)s)") % {"language": name},
            body_field,
            DESCRIPTION_LENGTH,
            3,
            clean_text,
        ),
    }

    def clean(self) -> dict[str, Any]:
        """A title in one language at least."""
        data = super().clean()
        self._need("title", gettext("Give it a title in one language at least."))
        return data

    def every_text(self, part: str) -> dict[str, str]:
        """{language: text} of all languages, empty ones too, so that a text can be taken away."""
        return dict.fromkeys(languages.CODES, "") | self.texts(part)


class AnswerForm(TextsForm):
    """What becomes of something that was said, and why; `seen` is what it was like when the form was shown."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("feedback", "What became of it"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages=_WRONG_CHOICE,
    )
    revision = forms.TypedChoiceField(
        label=_("In which revision"),
        help_text=_("Only of what was adopted. It must be a later one than what was read."),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages=_WRONG_CHOICE,
    )
    parts = {
        "answer": Part(
            lambda name: gettext("Public answer (%(language)s)") % {"language": name},
            body_field,
            ANSWER_LENGTH,
            5,
            clean_text,
        ),
    }

    def __init__(
        self,
        revisions: Sequence[Revision],
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial)
        called = [(one.number, _revision(one)) for one in revisions]
        offer(self, "revision", [("", "–"), *called])

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What became of it."""
        return [self["outcome"], self["revision"]]

    def clean(self) -> dict[str, Any]:
        """A revision for what was adopted, and an answer in one language at least."""
        data = super().clean()
        if data.get("outcome") == Outcome.ADOPTED and not data.get("revision") and "revision" not in self.errors:
            self.add_error("revision", gettext("Say in which revision the text has taken it up."))
        self._need("answer", gettext("Say why, in one language at least: everybody will read it."))
        return data

    def wanted(self) -> Wanted:
        """What the service takes; only of a valid form."""
        return Wanted(self.cleaned_data["outcome"], self.cleaned_data.get("revision"), self.texts("answer"))


class FinalForm(TextsForm):
    """Why so much is not answered, where something is not; and what was shown: how much, and which revision."""

    left = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    parts = {
        "statement": Part(
            lambda name: gettext("Why so much is not answered (%(language)s)") % {"language": name},
            body_field,
            STATEMENT_LENGTH,
            3,
            clean_text,
        ),
    }

    def seen(self) -> dict[str, int]:
        """What was shown, for the service."""
        return {name: self.cleaned_data.get(name) or 0 for name in ("left", "revision")}


def _revision(one: Revision) -> str:
    day = dates.day_text(one.at.astimezone(UTC).date())
    # The parts run in directions of their own, and a choice can hold no markup.
    said = f"\u2068{one.summary}\u2069" if one.summary else ""
    parts = (gettext("Revision %(number)d") % {"number": one.number}, day, said)
    return " · ".join(part for part in parts if part)


class SortForm(forms.Form):
    """Into which theme (`NO_THEME`: none)."""

    theme = forms.TypedChoiceField(label=_("Theme"), coerce=int, error_messages=_WRONG_CHOICE)

    def __init__(self, themes: Iterable[Theme], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        called = [(one.pk, labels.label(one, "title").text) for one in themes]
        offer(self, "theme", [("", gettext("Choose…")), *called, (NO_THEME, gettext("No theme"))])


def seen_of(text: str) -> dict[int, str]:
    """{id of an item: the stamp that it had} as a form had them in its hidden field; what cannot be one is left out."""
    found: dict[int, str] = {}
    for word in text.split(maxsplit=MOST_AT_ONCE + 1)[: MOST_AT_ONCE + 1]:
        pk, _colon, stamp = word.partition(":")
        if pk.isascii() and pk.isdecimal() and len(pk) <= _LONGEST_ID and len(stamp) <= _LONGEST_STAMP:
            found[int(pk)] = stamp
    return found


def ids_of(given: Iterable[str]) -> list[int]:
    """The ids that an address names, each once, no more than can be worked on at once."""
    known = (one for one in given if one.isascii() and one.isdecimal() and len(one) <= _LONGEST_ID)
    return list(dict.fromkeys(map(int, known)))[:MOST_AT_ONCE]


class WorkForm(forms.Form):
    """By what the items of a window are narrowed that are to be answered; sent by GET."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("undecided, nothing drafted")),
            ("undecided", _("undecided")),
            ("drafted", _("drafted, not public yet")),
            ("decided", _("answered in public")),
            ("all", _("all that is to be answered")),
        ],
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    question = forms.ChoiceField(label=_("Answers to"), required=False)
    unit = forms.ChoiceField(label=_("What it is about"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    read = forms.ChoiceField(label=_("What was read"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any],
        questions: Sequence[Question],
        units: Mapping[int, Named],
        themes: Sequence[Theme],
    ) -> None:
        super().__init__(data)
        asked = [(str(one.pk), labels.label(one, "label").text) for one in questions]
        about = [(str(pk), one.text) for pk, one in units.items()]
        called = [(str(one.pk), labels.label(one, "title").text) for one in themes]
        for name, choices in (
            ("language", [*languages.OWN_NAMES.items(), (OTHER_LANGUAGE, gettext("another language"))]),
            ("question", asked),
            ("unit", [("0", gettext("The whole text")), *about]),
            ("theme", [(str(NO_THEME), gettext("No theme")), *called]),
            ("read", [("not-current", gettext("outdated, or not translated")), *ReadState.choices]),
        ):
            offer(self, name, [("", gettext("All")), *choices])

    def chosen(self) -> dict[str, str]:
        """What is asked for; what cannot be is as if it were not."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
