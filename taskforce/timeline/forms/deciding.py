"""The form of a decision after feedback."""

from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.core import labels, languages
from taskforce.core.choices import offer
from taskforce.core.text import clean_text, digest
from taskforce.timeline import rules, subjects
from taskforce.timeline.describe import in_language
from taskforce.timeline.enums import Outcome
from taskforce.timeline.models import Phase

_SIGNER = Signer(salt="taskforce.timeline.previewed-decision")


class Reason(NamedTuple):
    """The reason in one language; open where its reader begins, where something is written, and where it is wrong."""

    code: str
    name: str
    field: forms.BoundField
    is_open: bool


class DecideForm(forms.Form):
    """What is decided, and why, in each language in which somebody can say it."""

    about = forms.TypedChoiceField(
        label=gettext_lazy("Which text is decided about"), coerce=int, empty_value=None, widget=forms.RadioSelect
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What is decided"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, phase: Phase, actor: User, data: Any = None, *, seen: int = 0) -> None:
        super().__init__(data, initial={"seen": seen})
        self.phase, self.actor = phase, actor
        self.subjects = subjects.of(phase)
        if len(self.subjects) > 1:
            choices = [(subject.id, in_language(*labels.chosen(subject.titles))) for subject in self.subjects]
            offer(self, "about", choices)
        else:
            del self.fields["about"]
        for code, own_name in languages.OWN_NAMES.items():
            field = forms.CharField(
                label=_("Reason (%(language)s)") % {"language": own_name},
                max_length=rules.REASON_LENGTH,
                required=False,
                widget=forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
            )
            field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
            self.fields[_field(code)] = field

    @property
    def by_language(self) -> list[Reason]:
        """The reasons, language by language."""
        fields = [(code, self[_field(code)]) for code in languages.CODES]
        return [
            Reason(code, languages.OWN_NAMES[code], field, code == _own() or bool(field.value() or field.errors))
            for code, field in fields
        ]

    def clean(self) -> dict[str, Any]:
        """At least one reason."""
        data: dict[str, Any] = super().clean() or {}
        if not any(clean_text(data.get(_field(code)) or "") for code in languages.CODES):
            self.add_error(_field(_own()), _("Say why it is decided so; everybody will read it."))
        return data

    def wanted(self) -> dict[str, Any]:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        reasons = {code: data[_field(code)] for code in languages.CODES if clean_text(data[_field(code)])}
        return {
            "about": data.get("about"),
            "outcome": data["outcome"],
            "reasons": reasons,
            "seen": data["seen"],
            "unanswered": self.unanswered,
        }

    @cached_property
    def unanswered(self) -> int:
        """How much of what was said on the text is not answered; only of a valid form. The preview shows it, and its
        token confirms it: with another number it is shown anew."""
        about = self.cleaned_data.get("about")
        return subjects.unanswered(about or (self.subjects[0].id if self.subjects else None))

    def token(self) -> str:
        """What a preview sends back: signed, and bound to this person, this phase and what it showed."""
        return _SIGNER.signature(digest([self.phase.pk, self.actor.pk, self.wanted()]))

    def was_previewed(self) -> bool:
        """Whether exactly this was shown in a preview; only of a valid form."""
        return constant_time_compare(str(self.data.get("previewed", "")), self.token())

    def wants_to_look(self) -> bool:
        """Whether the preview is asked for once more, whatever box is ticked."""
        return "again" in self.data

    def is_confirmed(self) -> bool:
        """Whether exactly this was shown, and the box that says so is ticked; only of a valid form."""
        return bool(self.data.get("confirmed")) and not self.wants_to_look() and self.was_previewed()


def _own() -> str:
    """The language of whoever reads the page."""
    return get_language() or "en"


def _field(code: str) -> str:
    return f"reason-{code}"
