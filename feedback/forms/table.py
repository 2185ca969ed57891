"""A pasted table of what was said elsewhere: the form that takes it, and each of its lines as a form of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import unescape
from typing import Any, NamedTuple

from django import forms
from django.utils.html import strip_tags
from django.utils.text import format_lazy
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from feedback import pasting
from feedback.enums import ELSEWHERE, Speaker, Visibility
from feedback.forms.entered import VISIBILITIES, EnterForm
from feedback.forms.keyed import Keyed, key_field
from feedback.models import FeedbackWindow
from feedback.search import folded
from feedback.services import Pasted, PastedLine
from proposals.calling import Named
from taskforce.core import labels, languages
from taskforce.core.choices import of, offer
from taskforce.core.errors import Invalid
from taskforce.core.text import digest as text_digest
from taskforce.questions import spoken as tongues
from taskforce.questions.enums import IN_WORDS, OTHER_LANGUAGE, WITH_CHOICES, QuestionKind, Region
from taskforce.questions.forms import StorableForm, field_name, other_name
from taskforce.questions.models import Question
from taskforce.timeline import gates

_LEFT_OUT = _("Please choose one of the list.")
_LIST = {"required": _LEFT_OUT, "invalid_choice": _LEFT_OUT}
# A day as spreadsheets of several countries write it, with the year first.
_DAY = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?")
_BETWEEN_CHOICES = re.compile(r"[;；\n]")
# So much of the name of a column is shown.
_SHOWN = 100
# Lists up to so many words are told whole.
_MOST_TOLD = 15
# What a line means that leaves these out is chosen once for the whole table.
FALLBACKS = ("channel", "language", "visibility")


class Known(NamedTuple):
    """What a window asks and its text has, read once for all lines of a table; in which languages one enters."""

    window: FeedbackWindow
    questions: Sequence[Question]
    units: Mapping[int, Named]
    spoken: Sequence[str]
    at: datetime


class LineForm(EnterForm):
    """A line of a table: as the form for one, without what is said once for all of them."""

    def __init__(self, known: Known, data: Mapping[str, Any]) -> None:
        super().__init__(
            known.window, data, at=known.at, spoken=known.spoken, units=known.units, questions=known.questions
        )
        for name in ("form_key", "consent"):
            del self.fields[name]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong: (the field's label, what it says), "" for the label of what is wrong with the whole line."""
        return [
            (
                str(self.fields[name].label) if name in self.fields else "",
                f"{message}{self._instead_of(name, one.code)}",
            )
            for name, errors in self.errors.as_data().items()
            for one in errors
            for message in one.messages
        ]

    def _instead_of(self, name: str, code: str | None) -> str:
        """Of a word that is not on a list: which one it is, and what would be right where that is not too much."""
        typed = self.data.get(name)
        if code != "invalid_choice" or not typed:
            return ""
        words = ", ".join(typed) if isinstance(typed, list) else str(typed)
        offered = [(value, label) for value, label in of(self, name) if value]
        if len(offered) > _MOST_TOLD:
            return " " + gettext("“%(word)s” is not on it.") % {"word": _isolated(words[:_SHOWN])}
        known = (f"{value} ({label})" if name == "visibility" else str(label) for value, label in offered)
        said = gettext("“%(word)s” is not on it; on it are: %(choices)s")
        return " " + said % {
            "word": _isolated(words[:_SHOWN]),
            "choices": " · ".join(_isolated(unescape(strip_tags(one))) for one in known),
        }


def _isolated(words: str) -> str:
    """Words that may run the other way than the sentence around them, as plain text."""
    return f"\u2068{words}\u2069"


@dataclass(frozen=True)
class ReadLine:
    """A line of the table, and what it says as a form that has been looked at."""

    line: pasting.Line
    form: LineForm

    @property
    def is_good(self) -> bool:
        """Whether it can be entered."""
        return self.form.is_valid()

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong with it."""
        return self.form.problems


def read_line(known: Known, cells: Sequence[str], columns: Sequence[str], fallbacks: Mapping[str, Any]) -> LineForm:
    """What a line says, in words or by codes, in whichever of the portal's languages its writer names things."""
    given = pasting.fields(cells, columns)
    asked = {field_name(question.pk): question for question in known.questions}
    data: dict[str, Any] = {name: value for name, value in fallbacks.items() if value}
    for name, cell in given.items():
        if name in asked:
            data |= _answer(name, asked[name], cell)
        else:
            data[name] = _field(name, cell)
    return LineForm(known, data)


def _field(name: str, cell: str) -> str:
    if name == "said_on":
        found = _DAY.fullmatch(cell)
        return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else cell
    if name == "unit":
        # As a page's address has it, too.
        return cell.rstrip("/").rpartition("/")[2].removeprefix("#").strip()
    return _codes(name).get(folded(cell), cell) if name in (*FALLBACKS, "spoke") else cell


@cache
def _codes(name: str) -> Mapping[str, str]:
    """{a word for it, as it is compared: its code}: the code itself, and what it is called in each language."""
    if name == "language":
        tags = {folded(languages.html_lang(code)): code for code in languages.CODES}
        own = {folded(called): code for code, called in languages.OWN_NAMES.items()}
        return {**{code: code for code in languages.CODES}, **tags, **own}
    choices: Mapping[str, Iterable[tuple[str, Any]]] = {
        "visibility": VISIBILITIES,
        "spoke": [(each.value, each.label) for each in Speaker],
        "channel": [(each.value, each.label) for each in ELSEWHERE],
    }
    return _in_all_languages(list(choices[name]))


def _in_all_languages(choices: Sequence[tuple[Any, Any]]) -> dict[str, str]:
    found = {folded(str(code)): str(code) for code, _label in choices}
    for language in languages.CODES:
        with override(language):
            found |= {folded(str(label)): str(code) for code, label in choices}
    return found


@cache
def _regions() -> Mapping[str, str]:
    return _in_all_languages(Region.choices)


def _answer(name: str, question: Question, cell: str) -> dict[str, Any]:
    """What a cell answers to a question; words that are no choice stay as they are, for the form to refuse."""
    if question.kind in IN_WORDS:
        return {name: cell}
    if question.kind == QuestionKind.LANGUAGE:
        tag = _codes("language").get(folded(cell), cell)
        return {name: tag} if tag in tongues.offered() else {name: OTHER_LANGUAGE, other_name(name): cell}
    known = _choices(question)
    if question.kind == QuestionKind.SEVERAL:
        parts = [part.strip() for part in _BETWEEN_CHOICES.split(cell) if part.strip()]
        return {name: [known.get(folded(part), part) for part in parts]}
    return {name: known.get(folded(cell), cell)}


def _choices(question: Question) -> Mapping[str, str]:
    if question.kind == QuestionKind.REGION:
        return _regions()
    if question.kind not in WITH_CHOICES:
        return {}
    called = {
        folded(text): choice.code
        for choice in question.choices.all()
        for text in labels.stored(choice, "label").values()
    }
    return {**called, **{folded(choice.code): choice.code for choice in question.choices.all()}}


class TableForm(Keyed, StorableForm):
    """A table to be pasted, what a line means that leaves something out, and what is said once for all of it.

    Once it has been read, a list for each of its columns says what that is. `seen` is what was in its preview: another
    table, or other columns, are shown first. `shape` is which columns the lists were about: what was chosen for those
    of another table does not hold.
    """

    text = forms.CharField(
        label=_("The lines of the table"),
        help_text=format_lazy(
            "{} {}",
            _("As you copy them in a spreadsheet, with the names of the columns or without."),
            _("At most 500 lines at once."),
        ),
        widget=forms.Textarea({"rows": 12, "dir": "auto", "wrap": "off", "spellcheck": "false"}),
        strip=False,
        error_messages={"required": _("Please paste the lines of a table here.")},
    )
    channel = forms.ChoiceField(
        label=_("Where it was said, if a line does not say so"),
        choices=[("", _("Choose…")), *((each.value, each.label) for each in ELSEWHERE)],
        required=False,
        error_messages=_LIST,
    )
    language = forms.ChoiceField(label=_("Language it was said in, if a line does not say so"), error_messages=_LIST)
    visibility = forms.ChoiceField(
        label=_("Who may read it, if a line does not say so"), choices=VISIBILITIES, error_messages=_LIST
    )
    consent = forms.BooleanField(
        label=_("Those who spoke know that it is written down here"),
        error_messages={"required": _("Please ask them first, and then say here that they know.")},
    )
    form_key = key_field()
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    shape = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self,
        known: Known,
        data: Mapping[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        is_to_enter: bool = False,
    ) -> None:
        given = {
            "form_key": gates.new_form_key(known.at, known.window.phase_id), "visibility": Visibility.NAMELESS,
            "language": known.spoken[0] if known.spoken else "",
        }  # fmt: skip
        super().__init__(data, {**given, **(initial or {})})
        self.known, self.phase_id = known, known.window.phase_id
        # A preview promises nothing yet.
        self.fields["consent"].required = is_to_enter
        offer(self, "language", [(code, languages.OWN_NAMES[code]) for code in known.spoken])
        self.table: pasting.Table | None = None
        self.lines: list[ReadLine] = []
        self._fault: Any = ""
        if data is not None:
            self._read()

    def _read(self) -> None:
        """The table, and what its columns are: as was chosen, else by their names or their order."""
        try:
            self.table = pasting.read(str(self.data.get("text", "")), self.known.questions)
        except Invalid as error:
            self._fault = error.message
            return
        is_chosen = self.data.get("shape") == self.columns_mark()
        offered: list[tuple[str, Any]] = [(pasting.NOTHING, _("Nothing that is asked")), *pasting.COLUMNS.items()]
        offered += [(field_name(one.pk), labels.label(one, "label").text) for one in self.known.questions]
        # As a report of what was not entered has it, which is pasted again.
        offered.append((pasting.FAULT, pasting.FAULT_NAME))
        for place, guess in enumerate(pasting.columns(self.table, self.known.questions)):
            name = self.table.names[place] if place < len(self.table.names) else ""
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=name[:_SHOWN] or gettext("Column %(number)d") % {"number": place + 1},
                choices=offered,
                required=False,
                initial=guess,
                error_messages=_LIST,
            )
            if not is_chosen:
                self.put({f"column-{place}": guess})

    def clean(self) -> dict[str, Any]:
        """The table itself, its columns each once, and its lines."""
        super().clean()
        if self.table is None and "text" not in self.errors:
            self.add_error("text", str(self._fault))
        chosen = [code for code in self.columns if code != pasting.NOTHING]
        for code in sorted({code for code in chosen if chosen.count(code) > 1}):
            last = max(place for place, one in enumerate(self.columns) if one == code)
            self.add_error(f"column-{last}", gettext("Another column is this already."))
        if self.table and not self.errors.keys() - {"consent"}:
            self.lines = [
                ReadLine(line, read_line(self.known, line.cells, self.columns, self.fallbacks))
                for line in self.table.lines
            ]
        self.require_key(gettext("This form has expired. Your table is still here: please send it again."))
        return self.cleaned_data

    @property
    def columns(self) -> list[str]:
        """What each column is: as was chosen for just these columns, else as it is guessed."""
        if self.table is None:
            return []
        return [str(self.data.get(f"column-{place}", pasting.NOTHING)) for place in range(self.table.width)]

    def columns_mark(self) -> str:
        """Which columns the lists are about."""
        return text_digest([self.table.names, self.table.width]) if self.table else ""

    @property
    def passed_over(self) -> list[str]:
        """What the columns are called that are taken for nothing that is asked."""
        pairs = zip(self.column_fields, self.columns, strict=False)
        return [str(field.label) for field, code in pairs if code == pasting.NOTHING]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The lists that say what each column is."""
        return [self[name] for name in self.fields if name.startswith("column-")]

    @property
    def fallbacks(self) -> dict[str, Any]:
        """What a line means that leaves something out."""
        return {name: self.cleaned_data.get(name, "") for name in FALLBACKS}

    @property
    def good(self) -> list[ReadLine]:
        """The lines that can be entered."""
        return [line for line in self.lines if line.is_good]

    @property
    def bad(self) -> list[ReadLine]:
        """The lines with something wrong."""
        return [line for line in self.lines if not line.is_good]

    def mark(self) -> str:
        """What is shown in a preview: the same text, columns and choices are the same."""
        return text_digest([str(self.data.get("text", "")), self.columns, self.fallbacks])

    @property
    def is_seen(self) -> bool:
        """Whether just this has been shown in a preview."""
        return bool(self.lines) and self.cleaned_data.get("seen") == self.mark()

    def pasted(self) -> Pasted:
        """What the service takes; only of a form that was read."""
        lines = [
            PastedLine(one.line.number, one.line.cells, one.form.told() if one.is_good else None) for one in self.lines
        ]
        names = self.table.names if self.table else []
        return Pasted(names, self.columns, self.fallbacks, lines)
