"""Parse and validate what applicants send; nothing here writes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from recruitment import groups, merging, queries
from recruitment.enums import OWN_WORDS, Group
from recruitment.fields import (
    CONSENTS,
    FIRST_LANGUAGES,
    MORE_LANGUAGES,
    MOST_LANGUAGES,
    language_name,
    level_name,
    of_every_call,
    read_language,
)
from recruitment.models import Call
from recruitment.services import Draft, Said
from taskforce.core import languages
from taskforce.core.choices import of as choices_of
from taskforce.core.choices import offer
from taskforce.core.text import clean_name, clean_text
from taskforce.questions.enums import LONGEST_ANSWER, QuestionKind
from taskforce.questions.fields import LongText, SeveralChoices
from taskforce.questions.forms import Answer, QuestionsForm, field_name, initial, made_of
from taskforce.questions.models import Question
from taskforce.questions.queries import questions
from taskforce.timeline import gates

# A draft keeps what is too long, too, to be shortened later; what is longer than this nobody has typed.
LONGEST_TYPED = 4 * LONGEST_ANSWER
# The sections of the form, each with the fields that are drawn there one below the other.
IDENTITY = ("name", "wiki_name")
BACKGROUND = (
    "about-gender", "about-gender-words", "about-age", "about-affiliation", "about-affiliation-words",
    "about-experience",
)  # fmt: skip
TO_PUBLISH = (*CONSENTS, "publish_text")
NOT_REVIEWERS = ("not-reviewers",)
# What else somebody writes of who they are.
IDENTITY_WORDS = ("publish_text", *NOT_REVIEWERS)
BEFORE_LANGUAGES = ("profile-region",)
AFTER_LANGUAGES = ("profile-zone", "profile-hours", "profile-times", "profile-projects", "profile-roles")
# In which language somebody applies, where the page's is none of those of the call.
LANGUAGE = "language"


class Shown(NamedTuple):
    """What stands in a field, under its label."""

    name: str
    label: Any
    value: Any
    is_text: bool


class ApplicationForm(QuestionsForm):
    """The whole form of a call: its questions, and what every call asks.

    A `draft` keeps what was typed as it was typed: of it is wrong only what cannot be stored. `rows` are how many
    languages can be given, more where more are.
    """

    most_rows = MOST_LANGUAGES

    def __init__(
        self,
        call: Call,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        draft: bool = False,
        rows: int = FIRST_LANGUAGES,
        asked: Sequence[Question] | None = None,
    ) -> None:
        here = get_language() or "en"
        asked = questions(call.questions_id) if asked is None else asked
        made = made_of(asked, None, draft=draft, by_script=True)
        super().__init__(asked, data, initial, draft=draft, fields=made)
        self.call = call
        self._asked_names = list(self.fields)
        around = of_every_call(here)
        self.rows = min(MOST_LANGUAGES, max(rows, self._last_row()))
        beyond = {make(row) for row in range(self.rows + 1, MOST_LANGUAGES + 1) for make in (language_name, level_name)}
        self.fields.update({name: field for name, field in around.items() if name not in beyond})
        self.offered = queries.languages_of(call)
        if here not in self.offered:
            self.fields[LANGUAGE] = forms.ChoiceField(
                label=_("The language in which you apply"), choices=(), required=False
            )
            offer(self, LANGUAGE, [(code, languages.OWN_NAMES[code]) for code in self.offered])
        self.order_fields([*IDENTITY, *BEFORE_LANGUAGES, *self._row_names(), *AFTER_LANGUAGES, LANGUAGE,
                           *self._asked_names, *BACKGROUND, *TO_PUBLISH, *NOT_REVIEWERS])  # fmt: skip

    # --- what was typed ---------------------------------------------------------------------------------------------

    def again(self, data: Mapping[str, Any]) -> "ApplicationForm":
        """The same form with other data."""
        return ApplicationForm(self.call, data, draft=self._is_draft, asked=self.questions)

    def full_clean(self) -> None:
        """Of a draft nothing is checked but that it can be stored."""
        if not (self.is_bound and self._is_draft):
            super().full_clean()
            return
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.say_damaged()
        for name in self.fields:
            if any(len(value) > LONGEST_TYPED for value in self._sent(name)):
                self.add_error(name, _("This is too long to be saved."))

    def typed_fields(self) -> dict[Group, dict[str, list[str]]]:
        """What was typed, as it was sent, by group. In which language is said of the whole application."""
        return groups.by_group((name, self._sent(name)) for name in self.fields if name != LANGUAGE)

    def groups_sent(self) -> list[Group]:
        """The groups of which the post has anything: a field, or the version that it was typed on. Questions always."""
        came = {groups.group_of(name) for name in self.fields if name in self.data}
        said = {group for group in Group if groups.version_name(group) in self.data}
        return [group for group in Group if group in came | said | {Group.ANSWERS}]

    def draft(
        self, form_key: gates.FormKey, only: Sequence[Group] | None = None, *, language: str | None = None
    ) -> Draft:
        """What a valid form says to the services, of all groups that were sent or `only` these; `Invalid` where a
        version is damaged. It is written in the language of the page on which the answers are."""
        sent = self.groups_sent() if only is None else only
        typed = self.typed_fields()
        return Draft(
            form_key=form_key,
            language=language or (self.language() if Group.ANSWERS in sent else None),
            typed={group: typed[group] for group in sent},
            tokens=self.tokens(sent),
            said=None if self._is_draft else self._said(sent),
            unheard=self.unheard(),
        )

    def tokens(self, sent: Sequence[Group]) -> dict[Group, groups.Token]:
        """On what each of these groups was typed, where the post says so; `Invalid` for a damaged one."""
        said = {group: self.data.get(groups.version_name(group)) for group in sent}
        return {group: groups.read_token(str(raw)) for group, raw in said.items() if raw is not None}

    def unheard(self) -> frozenset[Group]:
        """The groups of which this form has sent something that was not answered."""
        return frozenset(group for group in Group if group in self._sent(merging.UNHEARD))

    def language(self) -> str | None:
        """The language of the application: the page's where one may apply in it, else the chosen one, if any."""
        here = get_language() or "en"
        if here in self.offered:
            return here
        chosen = str(self.data.get(LANGUAGE, "")) if self.is_bound else ""
        return chosen if chosen in self.offered else None

    # --- the sections, as they are drawn ----------------------------------------------------------------------------

    def identity_fields(self) -> list[forms.BoundField]:
        """Who somebody is."""
        return [self[name] for name in IDENTITY]

    def before_languages(self) -> list[forms.BoundField]:
        """Where they are."""
        return [self[name] for name in BEFORE_LANGUAGES]

    def language_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """What they speak, and how well."""
        return [(self[language_name(row)], self[level_name(row)]) for row in range(1, self.rows + 1)]

    @property
    def can_have_more(self) -> bool:
        """Whether more rows can be added."""
        return self.rows < MOST_LANGUAGES

    def after_languages(self) -> list[forms.BoundField]:
        """When they have time, and what they do."""
        return [self[name] for name in AFTER_LANGUAGES]

    def asked_fields(self) -> list[forms.BoundField]:
        """The questions of the call, and in which language they are answered where that is asked."""
        return [self[name] for name in (LANGUAGE, *self._asked_names) if name in self.fields]

    def long_lists(self) -> list[str]:
        """The names of the fields whose choices are longer than a page, and known to everybody."""
        return [field_name(one.pk) for one in self.questions if one.kind == QuestionKind.LANGUAGE]

    def background_fields(self) -> list[forms.BoundField]:
        """What they want to say of themselves."""
        return [self[name] for name in BACKGROUND]

    def publish_fields(self) -> list[forms.BoundField]:
        """What may be published of them."""
        return [self[name] for name in TO_PUBLISH]

    def not_reviewers_fields(self) -> list[forms.BoundField]:
        """Who should not review them."""
        return [self[name] for name in NOT_REVIEWERS]

    # --- what is valid ----------------------------------------------------------------------------------------------

    def clean_name(self) -> str:
        """One line, without invisible characters."""
        return clean_name(self.cleaned_data["name"])

    def clean_wiki_name(self) -> str:
        """One line, as the wiki writes it."""
        return clean_name(self.cleaned_data["wiki_name"]).replace("_", " ")

    def clean(self) -> dict[str, Any]:
        """A name that may be published must be there, and so must the language of a level."""
        cleaned = super().clean()
        names = (
            ("name", "publish_name", _("To have your name published, please give it.")),
            ("wiki_name", "publish_wiki_name", _("To have your user name published, please give it.")),
        )
        for name, consent, said in names:
            is_missing = name in self.data and name not in self.errors and not cleaned.get(name)
            if cleaned.get(consent) and is_missing:
                self.add_error(name, said)
        self._clean_languages()
        return cleaned

    def _clean_languages(self) -> None:
        seen: set[tuple[str, str]] = set()
        for row in range(1, self.rows + 1):
            named = clean_name(self.cleaned_data.get(language_name(row)) or "")
            if not named:
                if self.cleaned_data.get(level_name(row)) and language_name(row) not in self.errors:
                    self.add_error(language_name(row), _("Please name the language, or take its level away."))
                continue
            found = read_language(named)
            if found in seen:
                self.add_error(language_name(row), _("You have named this language above already."))
            seen.add(found)

    # --- as it is understood ----------------------------------------------------------------------------------------

    def as_said(self) -> Said:
        """What is understood of it so far, with nothing in the fields that are wrong: for whoever looks at it."""
        self.is_valid()
        for name, field in self.fields.items():
            self.cleaned_data.setdefault(name, _nothing(field))
        return self._said(list(Group))

    def _said(self, sent: Sequence[Group]) -> Said:
        return Said(
            answers=self.answers(),
            profile=self._profile() if Group.PROFILE in sent else None,
            identity=self._identity() if Group.IDENTITY in sent else None,
            demographics=self._demographics() if Group.DEMOGRAPHICS in sent else None,
        )

    def _identity(self) -> dict[str, Any]:
        values: dict[str, Any] = {name: bool(self.cleaned_data[name]) for name in CONSENTS}
        # A text that is not in the post stays, as what is stored of it.
        given = {name: self.cleaned_data[name] for name in IDENTITY if name in self.data}
        words = (name for name in IDENTITY_WORDS if name in self.data)
        given |= {name.replace("-", "_"): clean_text(self.cleaned_data[name]) for name in words}
        return {**values, **given}

    def _profile(self) -> dict[str, Any]:
        """As a snapshot keeps it: nothing that was not said."""
        cleaned = self.cleaned_data
        said = {
            "region": cleaned["profile-region"],
            "languages": self._languages(),
            "zone": cleaned["profile-zone"],
            "hours": cleaned["profile-hours"],
            "times": cleaned["profile-times"],
            "projects": clean_text(cleaned["profile-projects"]),
            "roles": clean_text(cleaned["profile-roles"]),
        }
        return {name: value for name, value in said.items() if value not in ("", None, [])}

    def _languages(self) -> list[dict[str, str]]:
        rows = []
        for row in range(1, self.rows + 1):
            if named := clean_name(self.cleaned_data[language_name(row)]):
                tag, words = read_language(named)
                said = {"tag": tag, "name": words, "level": self.cleaned_data[level_name(row)]}
                rows.append({name: value for name, value in said.items() if value})
        return rows

    def _demographics(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        values = {name: cleaned[f"about-{name}"] for name in ("gender", "age", "affiliation", "experience")}
        for name in ("gender", "affiliation"):
            words = clean_text(cleaned[f"about-{name}-words"])
            values[f"{name}_words"] = words
            # Whoever writes words has chosen them.
            values[name] = values[name] or (OWN_WORDS if words else "")
        return values

    # --- as it is shown again ---------------------------------------------------------------------------------------

    def shown_again(self, only: Sequence[Group] = tuple(Group)) -> list[Shown]:
        """What stands in the fields of these groups, valid or not, for a page that gives it back; no empty ones."""
        answers = {field_name(one.question.pk): one for one in self.typed()}
        found = []
        for name, field in self.fields.items():
            if groups.group_of(name) not in only:
                continue
            if name in answers:
                found.append(Shown(name, field.label, answers[name].value, is_text=answers[name].is_text))
            elif name not in self._asked_names and (said := self._in_words(name)):
                found.append(Shown(name, field.label, said, is_text=isinstance(field, LongText)))
        return found

    def _in_words(self, name: str) -> str:
        """What stands in a field: a text, or the labels of what was chosen."""
        value = self[name].value()
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return _("Yes") if value else ""
        if isinstance(field, forms.ChoiceField):
            called = {str(code): str(label) for code, label in choices_of(self, name)}
            codes = value if isinstance(value, list) else [value]
            return " · ".join(called.get(str(code), str(code)) for code in codes if code)
        return str(value or "")

    # --- helpers ----------------------------------------------------------------------------------------------------

    def _sent(self, name: str) -> list[str]:
        """What came in a field, all of it."""
        if name not in self.data:
            return []
        if isinstance(self.data, QueryDict):
            return [str(value) for value in self.data.getlist(name)]
        value = self.data[name]
        return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]

    def _last_row(self) -> int:
        """The last row of languages in which something stands."""
        given = self.data if self.is_bound else self.initial
        rows = (
            row for row in range(MOST_LANGUAGES, 0, -1) if given.get(language_name(row)) or given.get(level_name(row))
        )
        return next(rows, 0)

    def _row_names(self) -> list[str]:
        return [make(row) for row in range(1, self.rows + 1) for make in (language_name, level_name)]


def _nothing(field: forms.Field) -> Any:
    """What stands in a field that is left empty."""
    if isinstance(field, SeveralChoices):
        return []
    return None if isinstance(field, forms.IntegerField) else ""


def more_rows(form: ApplicationForm) -> int:
    """How many rows of languages the form has once some were added."""
    return min(MOST_LANGUAGES, form.rows + MORE_LANGUAGES)


def shown(
    call: Call,
    typed: Mapping[Group, groups.Fields],
    *,
    asked: Sequence[Question] | None = None,
    language: str = "",
) -> ApplicationForm:
    """The form with what was typed before, valid or not, and in which language ("": nobody has said)."""
    asked = questions(call.questions_id) if asked is None else asked
    several = {
        name for name, field in of_every_call(get_language() or "en").items() if isinstance(field, SeveralChoices)
    }
    several |= {f"q-{one.pk}" for one in asked if one.kind == "several"}
    values: dict[str, Any] = {LANGUAGE: language}
    for fields in typed.values():
        values |= {name: list(said) if name in several else said[0] for name, said in fields.items() if said}
    return ApplicationForm(call, initial=values, asked=asked)


def from_typed(call: Call, typed: Mapping[Group, groups.Fields]) -> ApplicationForm:
    """The form as if what was typed before were sent now: what is wrong with it, and what would be submitted."""
    data = QueryDict(mutable=True)
    for fields in typed.values():
        for name, values in fields.items():
            data.setlist(name, list(values))
    return ApplicationForm(call, data)


def made_draft(
    call: Call,
    answers: Sequence[Answer],
    *,
    form_key: gates.FormKey,
    language: str,
    tokens: Mapping[Group, groups.Token] | None = None,
    **fields: Any,
) -> Draft:
    """What a form with these answers, and with these fields of the others by their names, says to the services."""
    data: dict[str, Any] = {name: value for name, value in fields.items() if value not in (False, None)}
    by_id = {one.pk: one for one in questions(call.questions_id)}
    for answer in answers:
        data |= initial(by_id[answer.question_id], answer.text, answer.choices)
    form = ApplicationForm(call, data, asked=list(by_id.values()))
    if not form.is_valid():
        raise ValueError(dict(form.errors))
    made = form.draft(form_key, language=language)
    return Draft(made.form_key, made.language, made.typed, tokens or {}, made.said)


class TakeBackForm(forms.Form):
    """Which withdrawn application is meant: a page that was left open may show an earlier one."""

    reference = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)


class WithdrawForm(forms.Form):
    """A box to tick, so that one press of a wrong button takes nothing back, nor an old page what it did not show."""

    reference = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    confirm = forms.BooleanField(
        label=gettext_lazy("Yes, I want to withdraw my application"),
        error_messages={"required": gettext_lazy("Please tick the box to withdraw.")},
    )
