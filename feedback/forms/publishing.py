"""The form with which a window is published, and what it says in each language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from feedback.enums import Participation
from feedback.rules import INTRODUCTION_LENGTH, REASON_LENGTH, SLUG_LENGTH, TERMS_LENGTH, TITLE_LENGTH
from feedback.services import Wanted
from proposals.models import Proposal
from proposals.queries import Listed
from taskforce.core import labels, languages
from taskforce.core.choices import offer
from taskforce.core.side_by_side import body_field, line_field
from taskforce.core.text import clean_name as cleaned_name
from taskforce.core.text import clean_text
from taskforce.questions.forms import StorableForm
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.queries import is_for
from taskforce.timeline import describe
from taskforce.timeline.models import Phase

_WRONG_CHOICE = {
    "required": _("Please choose one."),
    "invalid_choice": _("Please choose one of the answers given here."),
}


class Offered(NamedTuple):
    """What a window can bind: phases and texts of the task forces of whoever publishes it, and all questions."""

    phases: Sequence[Phase]
    texts: Sequence[Listed]
    versions: Sequence[QuestionSetVersion]


class InLanguage(NamedTuple):
    """The fields of one language, and whether they are shown at once."""

    code: str
    name: str
    fields: list[forms.BoundField]
    is_open: bool


# What a window says in each language.
_PARTS = ("title", "introduction", "terms")
# The choices of a list under what they belong to.
_Group = tuple[str, list[tuple[int, str]]]


class WindowForm(StorableForm):
    """A window that is to be published: what it binds, its address, and what it says in each language."""

    phase = forms.TypedChoiceField(
        label=_("Phase"),
        coerce=int,
        help_text=_("The window opens and closes with it."),
        error_messages={
            "required": _("Please choose one of the list."),
            "invalid_choice": _("Please choose one of the list: a published phase for feedback that is not over."),
        },
    )
    text = forms.TypedChoiceField(
        label=_("Text"),
        coerce=int,
        error_messages={
            "required": _("Please choose one of the list."),
            "invalid_choice": _("Please choose one of the list: a published text that has not ended."),
        },
    )
    questions = forms.TypedChoiceField(
        label=_("Questions"),
        coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose one of the list.")),
    )
    slug = forms.SlugField(
        label=_("Short name in the address"),
        max_length=SLUG_LENGTH,
        help_text=_("Latin letters, digits and hyphens, such as first-round; the same in every language, for ever."),
    )
    participation = forms.ChoiceField(
        label=_("Who can take part"),
        choices=Participation.choices,
        initial=Participation.ANYBODY,
        required=False,
        help_text=_("An account is kept with what its owner says, and is shown to nobody else."),
        error_messages=_WRONG_CHOICE,
    )
    is_read_first = forms.BooleanField(
        label=_("Each text is read by a moderator before it appears"),
        required=False,
        help_text=_(
            "The form says so. Nothing stands until somebody has published it, so somebody must have the time."
        ),
    )
    override = forms.CharField(
        label=_("Why it is published all the same"),
        help_text=_("Who reads the log reads this."),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField", "dir": "auto"}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, offered: Offered, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.offered = offered
        for name, groups in (
            ("phase", _in_task_forces((one, _phase(one)) for one in offered.phases)),
            ("text", _in_task_forces((one.proposal, one.title.text or one.proposal.slug) for one in offered.texts)),
            ("questions", _in_sets(offered.versions)),
        ):
            several = sum(len(choices) for _called, choices in groups) > 1
            offer(self, name, [*([("", gettext("Choose…"))] if several else []), *groups])
        for code, name in languages.OWN_NAMES.items():
            title = line_field(TITLE_LENGTH, required=False, label=gettext("Title (%(language)s)") % {"language": name})
            said = gettext("Introduction (%(language)s)") % {"language": name}
            introduction = body_field(INTRODUCTION_LENGTH, required=False, label=said)
            introduction.widget.attrs["rows"] = 4
            said = gettext("Terms besides the licence (%(language)s)") % {"language": name}
            terms = body_field(TERMS_LENGTH, required=False, label=said)
            terms.widget.attrs["rows"] = 2
            for part, field in zip(_PARTS, (title, introduction, terms), strict=True):
                field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
                self.fields[f"{part}-{code}"] = field

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What the window binds, and its address."""
        return [self[name] for name in ("phase", "text", "questions", "slug", "participation", "is_read_first")]

    @property
    def by_language(self) -> list[InLanguage]:
        """What it says, language by language; open where something is said or wrong, and in the reader's own."""
        found = []
        for code, name in languages.OWN_NAMES.items():
            both = [self[f"{part}-{code}"] for part in _PARTS]
            is_used = any(field.value() or field.errors for field in both)
            found.append(InLanguage(code, name, both, is_used or code in ("en", get_language())))
        return found

    @property
    def is_wrong_in_fold(self) -> bool:
        """Whether something is wrong besides the reason, which stands apart from what is folded in a preview."""
        return bool(self.errors.keys() - {"override"})

    def clean(self) -> dict[str, Any]:
        """Phase and text of one task force, and a title in one language at least."""
        data = super().clean()
        phase, text = self.chosen_phase(), self.chosen_text()
        if phase and text and phase.task_force_id != text.proposal.task_force_id:
            self.add_error("text", gettext("This text belongs to another task force than the phase."))
        version = next((one for one in self.offered.versions if one.pk == data.get("questions")), None)
        if phase and version and not is_for(version, phase.task_force_id):
            self.add_error("questions", gettext("These questions belong to another task force than the phase."))
        if not any(self.titles().values()) and not any(name.startswith("title-") for name in self.errors):
            self.add_error(f"title-{get_language()}", gettext("Give it a title in one language at least."))
        return data

    def clean_participation(self) -> str:
        """Anybody, unless somebody chose otherwise."""
        return self.cleaned_data["participation"] or Participation.ANYBODY

    def chosen_phase(self) -> Phase | None:
        """The phase that was chosen, if it can be."""
        return next((one for one in self.offered.phases if one.pk == self.cleaned_data.get("phase")), None)

    def chosen_text(self) -> Listed | None:
        """The text that was chosen, if it can be."""
        return next((one for one in self.offered.texts if one.proposal.pk == self.cleaned_data.get("text")), None)

    def titles(self) -> dict[str, str]:
        """{language: title} as they would be stored."""
        return self._texts("title", cleaned_name)

    def introductions(self) -> dict[str, str]:
        """{language: introduction} as they would be stored."""
        return self._texts("introduction", clean_text)

    def terms(self) -> dict[str, str]:
        """{language: what it asks to be agreed to besides the licence} as they would be stored."""
        return self._texts("terms", clean_text)

    def reason(self) -> str:
        """Why it is published although it needs a reason, as it would be stored."""
        return clean_text(self.cleaned_data.get("override") or "")

    def _texts(self, part: str, clean: Callable[[str], str]) -> dict[str, str]:
        found = {code: clean(self.cleaned_data.get(f"{part}-{code}") or "") for code in languages.CODES}
        return {code: text for code, text in found.items() if text}

    def wanted(self) -> Wanted:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        said = self.titles(), self.introductions(), self.terms()
        bound = data["phase"], data["text"], data["questions"], data["slug"]
        return Wanted(*bound, *said, data["participation"], is_read_first=data["is_read_first"])


def _in_task_forces(rows: Iterable[tuple[Phase | Proposal, str]]) -> list[_Group]:
    """Choices under the names of their task forces."""
    return [
        (labels.label(task_force, "name").text, [(row.pk, name) for row, name in found])
        for task_force, found in groupby(rows, key=lambda row: row[0].task_force)
    ]


def _phase(phase: Phase) -> str:
    return f"{labels.label(phase, 'title').text} · {describe.period(phase)}"


def _in_sets(versions: Iterable[QuestionSetVersion]) -> list[_Group]:
    """Choices under the names of their sets."""
    return [
        (slug, [(one.pk, _version(one)) for one in found])
        for slug, found in groupby(versions, key=lambda one: one.question_set.slug)
    ]


def _version(version: Any) -> str:
    """Which wording of a set it is, how many questions it has and what it asks first."""
    counted = ngettext("%(count)d question", "%(count)d questions", version.asked) % {"count": version.asked}
    first = labels.label(version.first[0], "label").text if version.first else ""
    number = gettext("Version %(number)d") % {"number": version.number}
    return " · ".join(part for part in (number, counted, first) if part)
