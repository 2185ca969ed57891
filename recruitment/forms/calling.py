"""The forms in which staff write a call: a new one, which questions it asks, what it says in words and in numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from recruitment import plan
from recruitment.forms.two_languages import Said, TwoLanguages, number_field
from recruitment.models import Call
from taskforce.core import labels, languages
from taskforce.core.choices import offer
from taskforce.questions.draft_forms import called
from taskforce.questions.fields import ShortText
from taskforce.questions.forms import StorableForm
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase

_WRONG_CHOICE = dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Please choose one of the list."))


class NewCallForm(StorableForm):
    """A new call: in which phase people apply, what they are asked, and what it is called."""

    phase = forms.ChoiceField(label=gettext_lazy("Phase"), error_messages=_WRONG_CHOICE)
    questions = forms.ChoiceField(label=gettext_lazy("Questions"), error_messages=_WRONG_CHOICE)
    seats = number_field(gettext_lazy("Seats"), 1, plan.MOST_SEATS)
    source = forms.ChoiceField(
        label=gettext_lazy("Written in"), choices=list(languages.OWN_NAMES.items()), error_messages=_WRONG_CHOICE
    )
    title = ShortText(
        most=plan.LINES["title"], label=gettext_lazy("Title"), widget=forms.TextInput({"class": "vTextField"})
    )

    def __init__(
        self,
        phases: Sequence[Phase],
        versions: Sequence[QuestionSetVersion],
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, {"source": get_language(), **(initial or {})})
        offer(self, "phase", _chosen_first([(str(one.pk), _named(one)) for one in phases]))
        offer(self, "questions", _chosen_first([(str(one.pk), called(one)) for one in versions]))

    def details(self) -> plan.Details:
        """What the call says at first."""
        return plan.Details(
            {"title": {self.cleaned_data["source"]: self.cleaned_data["title"]}}, self.cleaned_data["seats"]
        )


class ChooseQuestionsForm(StorableForm):
    """Which version of questions a draft asks."""

    questions = forms.ChoiceField(label=gettext_lazy("Questions"), error_messages=_WRONG_CHOICE)

    def __init__(
        self,
        call: Call,
        versions: Sequence[QuestionSetVersion],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, {"questions": str(call.questions_id)})
        offer(self, "questions", [(str(one.pk), called(one)) for one in versions])


class CallWordsForm(TwoLanguages):
    """What a call says in words, published or not."""

    said = (
        Said("title", gettext_lazy("Title (%(language)s)"), plan.LINES["title"]),
        Said("purpose", gettext_lazy("What the members will do (%(language)s)"), plan.BLOCKS["purpose"]),
        Said("eligibility", gettext_lazy("Who may apply (%(language)s)"), plan.BLOCKS["eligibility"]),
        Said("term", gettext_lazy("Term of office (%(language)s)"), plan.LINES["term"]),
        Said("hours", gettext_lazy("Hours per week (%(language)s)"), plan.LINES["hours"]),
        Said("allowance", gettext_lazy("Allowance (%(language)s)"), plan.BLOCKS["allowance"]),
        Said(
            "criteria_introduction",
            gettext_lazy("Above the criteria (%(language)s)"),
            plan.BLOCKS["criteria_introduction"],
        ),
        Said(
            "publication",
            gettext_lazy("What becomes public, and about whom (%(language)s)"),
            plan.BLOCKS["publication"],
        ),
    )


class DetailsForm(CallWordsForm):
    """What a draft says in words, and its numbers."""

    def __init__(self, call: Call, source: str, language: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__({name: labels.stored(call, name) for name in plan.FIELDS}, source, language, data)
        self.fields["seats"] = number_field(_("Seats"), 1, plan.MOST_SEATS, initial=call.seats)
        self.fields["panel_size"] = number_field(
            _("Reviewers in the panel"), 0, plan.MOST_PANEL, initial=call.panel_size, help_text=_("0: not said yet.")
        )
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("One can apply in"),
            help_text=_("None ticked: in every language of the portal."),
            choices=list(languages.OWN_NAMES.items()),
            required=False,
            initial=call.languages,
            widget=forms.CheckboxSelectMultiple,
        )

    def details(self) -> plan.Details:
        """What it says, of a form that is valid."""
        said = self.cleaned_data
        return plan.Details(self.texts(), said["seats"], said["panel_size"], said["languages"])


def numbers_of(call: Call) -> dict[str, Any]:
    """The numbers of a call by the names of `DetailsForm`."""
    return {"seats": call.seats, "panel_size": call.panel_size, "languages": call.languages}


def _chosen_first(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Nothing is chosen by itself where there is a choice."""
    return [("", _("Choose…")), *choices] if len(choices) > 1 else choices


def _named(phase: Phase) -> str:
    return f"{labels.label(phase, 'title').text} · {labels.label(phase.task_force, 'name').text}"
