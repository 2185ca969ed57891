"""By what readers narrow the list of what was said; sent by GET."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from feedback import search
from feedback.answering import UNDECIDED, Offered
from feedback.enums import Channel, Outcome
from feedback.listing import AGREED, WHOLE, Chosen, Group
from proposals.calling import Named
from taskforce.core import labels, languages, small_groups
from taskforce.core.choices import of as choices_of
from taskforce.core.choices import offer
from taskforce.core.templatetags.portal import number
from taskforce.questions import spoken
from taskforce.questions.models import Question

_WRONG_CHOICE = {"invalid_choice": _("Please choose one of the list.")}
# More digits no id has.
_LONGEST_ID = 18
# Nor has any number of a revision.
_LONGEST_NUMBER = 9
# What says something of who speaks: no small group of it has a number here either, as in `counting`.
_OF_WHO_SPEAKS = frozenset({"language", "channel"})
# A name in another script and direction stays apart from the number behind it; in a list nothing else can do that.
_ISOLATED = "\u2068{}\u2069"


class Filter(NamedTuple):
    """Something that is chosen, in words, and the query without it."""

    name: str
    value: str
    without: str


class ItemsForm(forms.Form):
    """Words, and choices of which each says how much there is of it, unless a group of who speaks would be small; what
    would leave no choice is not shown."""

    q = forms.CharField(
        label=_("Search in what was said"),
        required=False,
        max_length=search.MOST_CHARACTERS,
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto"}),
        error_messages={"max_length": _("Please look for less: at most %(limit_value)d characters.")},
    )
    language = forms.ChoiceField(label=_("Language it was said in"), required=False, error_messages=_WRONG_CHOICE)
    question = forms.ChoiceField(label=_("Answers to"), required=False, error_messages=_WRONG_CHOICE)
    unit = forms.ChoiceField(label=_("What it is about"), required=False, error_messages=_WRONG_CHOICE)
    channel = forms.ChoiceField(label=_("Where it was said"), required=False, error_messages=_WRONG_CHOICE)
    theme = forms.ChoiceField(label=_("Theme"), required=False, error_messages=_WRONG_CHOICE)
    disposition = forms.ChoiceField(
        label=pgettext_lazy("feedback", "What became of it"), required=False, error_messages=_WRONG_CHOICE
    )
    revision = forms.ChoiceField(label=_("Taken up in"), required=False, error_messages=_WRONG_CHOICE)
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[("", _("The newest day first")), (AGREED, _("What most people agree with first"))],
        error_messages=_WRONG_CHOICE,
    )

    def __init__(self, data: Mapping[str, Any], questions: Sequence[Question], offered: Offered) -> None:
        super().__init__(data)
        # What each choice is called, without the number behind it.
        self._names: dict[str, Mapping[str, str]] = {}
        given = str(self.data.get("language", ""))
        # Any language that there is; whether something was said in it, the list says.
        is_another = len(given) <= spoken.LONGEST_TAG and given == spoken.known(given, "en")
        codes = [(code, code) for code in dict.fromkeys((*languages.CODES, *([given] if is_another and given else [])))]
        asked = [(str(one.pk), labels.label(one, "label").text) for one in questions]
        self._choose("language", gettext("All languages"), codes)
        self._choose("question", gettext("All questions"), asked)
        self._choose("unit", gettext("The text and all its paragraphs"), self._asked_for("unit"))
        self._choose("channel", gettext("Everywhere"), [(code, code) for code in Channel.values])
        called = [(str(one.pk), labels.label(one, "title").text) for one in offered.themes]
        self._choose("theme", gettext("All themes"), called)
        # The page of a revision leads here; without it nobody has to choose among them.
        numbered = [
            (given, gettext("Revision %(number)s") % {"number": number(int(given))})
            for given, _ in self._asked_for("revision", _LONGEST_NUMBER)
        ]
        self._choose("revision", gettext("All of it"), numbered)
        became = [*Outcome.choices, (UNDECIDED, gettext("not decided yet"))] if offered.is_answered else []
        self._choose("disposition", gettext("All of it"), [(code, capfirst(str(name))) for code, name in became])

    def _choose(self, name: str, all_of_it: str, choices: Iterable[tuple[str, str]]) -> None:
        offer(self, name, [("", all_of_it), *choices])

    def _asked_for(self, name: str, longest: int = _LONGEST_ID) -> list[tuple[str, str]]:
        """An id as the address has it: whether there is something with it, the list says."""
        given = str(self.data.get(name, ""))
        is_id = given.isascii() and given.isdecimal() and len(given) <= longest
        return [(given, given)] if is_id else []

    def clean_q(self) -> list[str]:
        """The words to look for."""
        typed = self.cleaned_data["q"]
        found = search.words(typed)
        if typed and not found:
            raise ValidationError(gettext("Nothing of this can be looked for. Please type a word."))
        if len(found) > search.MOST_WORDS:
            raise ValidationError(gettext("Please look for fewer words: at most %d.") % search.MOST_WORDS)
        return found

    def chosen(self) -> Chosen | None:
        """What is asked for; None where some of it cannot be."""
        if not self.is_valid():
            return None
        sent = self.cleaned_data
        ids = ("question", "unit", "theme", "revision")
        question, unit, theme, revision = (int(sent[name]) if sent[name] else None for name in ids)
        return Chosen(
            sent["q"],
            sent["language"],
            sent["channel"],
            question,
            unit,
            theme,
            sent["disposition"],
            revision,
            sent["sort"],
        )

    def offer(self, groups: Sequence[Group], called: Mapping[int, Named]) -> None:
        """Say with each choice how much there is, and offer what there is, in its order, and what is chosen."""
        chosen = {code for code, _name in choices_of(self, "language") if code}
        names: dict[str, Mapping[str, str]] = {
            "language": {
                **languages.OWN_NAMES,
                **{code: languages.own_name(code) for code in sorted({group.language for group in groups} | chosen)},
            },
            "unit": {str(WHOLE): gettext("The whole text"), **{str(pk): one.text for pk, one in called.items()}},
            "channel": {code: str(label) for code, label in Channel.choices},
        }
        for name, known in names.items():
            counts: dict[str, int] = {}
            for group in groups:
                value = str(getattr(group, name))
                counts[value] = counts.get(value, 0) + group.total
            given = str(self.data.get(name, ""))
            offered = [value for value in known if value in counts or value == given]
            others = [value for value in counts if value not in known]
            told = dict(small_groups.told(counts, settings.SMALL_GROUP).groups) if name in _OF_WHO_SPEAKS else counts
            choices = [(value, _with_number(known.get(value, "…"), told.get(value))) for value in (*offered, *others)]
            self._choose(name, choices_of(self, name)[0][1], choices)
        self._names = names

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that leave a choice, or have an error or a choice that was made."""
        return [
            field
            for field in self
            if field.name in ("q", "sort") or len(choices_of(self, field.name)) > 2 or field.errors or field.value()
        ]

    @property
    def words(self) -> forms.BoundField:
        """The field for words, which is always there."""
        return self["q"]

    @property
    def narrowing(self) -> list[forms.BoundField]:
        """The choices beside it."""
        return [field for field in self.shown if field.name != "q"]

    @property
    def is_narrowed(self) -> bool:
        """Whether one of these is made, or was made wrong: then they are not folded away."""
        return any(field.errors or field.value() for field in self.narrowing)

    @property
    def query(self) -> str:
        """What is chosen, as an address has it; empty where nothing is."""
        return urlencode(self._given())

    def filters(self) -> list[Filter]:
        """What is chosen, each with the way to take it off."""
        given = self._given()
        return [
            Filter(
                str(self.fields[name].label),
                self._called(name, value),
                urlencode({other: kept for other, kept in given.items() if other != name}),
            )
            for name, value in given.items()
        ]

    def _given(self) -> dict[str, str]:
        given = {name: str(self.data.get(name, "")).strip() for name in self.fields}
        return {name: value for name, value in given.items() if value}

    def _called(self, name: str, value: str) -> str:
        if name == "q":
            return value
        known = self._names.get(name) or dict(choices_of(self, name))
        return str(known.get(value, value))


def _with_number(name: str, count: int | None) -> str:
    return f"{_ISOLATED.format(name)} ({number(count)})" if count else name
