"""The form in which what was said is translated."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.models import FeedbackAnswer
from feedback.services import Words
from taskforce.core import labels, languages
from taskforce.core.text import clean_name as cleaned_name
from taskforce.questions.enums import LONGEST_ANSWER
from taskforce.questions.fields import LongText
from taskforce.questions.forms import StorableForm


class TranslationForm(StorableForm):
    """One field for each answer, named `text-` and the number of its question; then the name to show, if any."""

    def __init__(
        self,
        answers: Sequence[FeedbackAnswer],
        language: str,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial)
        self.answers = answers
        spoken = {"lang": languages.html_lang(language), "dir": languages.direction(language)}
        for one in answers:
            field = LongText(label=labels.label(one.asked, "label").text, most=LONGEST_ANSWER * 2, required=False)
            field.widget.attrs |= spoken
            self.fields[f"text-{one.asked_id}"] = field
        self.fields["name"] = forms.CharField(
            label=_("Your name as its translator"),
            help_text=_("Everybody reads it. Leave it empty, and your role alone is shown."),
            required=False,
            max_length=120,
            widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "nickname"}),
        )
        for name in ("version", "edits"):
            self.fields[name] = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput)

    @property
    def says_something(self) -> bool:
        """Whether any text is translated; only of a valid form."""
        return any(self.cleaned_data[f"text-{one.asked_id}"].strip() for one in self.answers)

    def clean_name(self) -> str:
        """One line, without invisible disguises."""
        return cleaned_name(self.cleaned_data["name"])

    @property
    def pairs(self) -> list[tuple[FeedbackAnswer, forms.BoundField]]:
        """Each answer with the field of its translation."""
        return [(one, self[f"text-{one.asked_id}"]) for one in self.answers]

    def words(self) -> Words:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        texts = {one.asked_id: data[f"text-{one.asked_id}"] for one in self.answers}
        return Words(texts, data["name"], data["version"], data["edits"])

    def renew(self, version: int, edits: int) -> None:
        """Show the form again as one that knows what stands now."""
        self.data = {**{name: self.data.get(name, "") for name in self.fields}, "version": version, "edits": edits}
