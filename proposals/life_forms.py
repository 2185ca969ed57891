"""What somebody types who begins a text or ends one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from proposals.enums import ProposalKind
from proposals.queries import Listed
from proposals.services.lives import LONGEST_REASON, LONGEST_SLUG, LONGEST_TITLE
from taskforce.core import languages
from taskforce.core.choices import offer
from taskforce.core.text import clean_text

WITHDRAW, SUPERSEDE = "withdraw", "supersede"
_WRONG_CHOICE = {"invalid_choice": gettext_lazy("Please choose one of the list.")}


class BeginForm(forms.Form):
    """A new text: what kind, its title and the language of that, its short name in the address."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of text"),
        choices=[(value, capfirst(name)) for value, name in ProposalKind.choices],
        error_messages=_WRONG_CHOICE,
    )
    title = forms.CharField(
        label=gettext_lazy("Title of the text"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput({"dir": "auto"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language in which it is written"),
        help_text=gettext_lazy("It is translated into the others."),
        choices=list(languages.OWN_NAMES.items()),
        error_messages=_WRONG_CHOICE,
    )
    slug = forms.SlugField(
        label=gettext_lazy("Short name in the address"),
        help_text=gettext_lazy(
            "Small Latin letters, digits and hyphens, such as plan or plan-2027; the same in every language. It does "
            "not change any more."
        ),
        max_length=LONGEST_SLUG,
        widget=forms.TextInput({"dir": "ltr", "autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"language": get_language()})


class EndForm(forms.Form):
    """How a text ends, and why, in each language in which somebody can say it."""

    how = forms.ChoiceField(label=gettext_lazy("What happens to it"), widget=forms.RadioSelect)
    successor = forms.TypedChoiceField(
        label=gettext_lazy("Which text has taken its place"),
        help_text=gettext_lazy("Only where another text has taken its place. Its page then leads there."),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages=_WRONG_CHOICE,
    )

    def __init__(self, others: Sequence[Listed], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        choices = [(WITHDRAW, _("It is withdrawn"))]
        if others:
            choices.append((SUPERSEDE, _("Another text has taken its place")))
            names = [(one.proposal.pk, one.title.text or one.proposal.slug) for one in others]
            offer(self, "successor", [("", "—"), *names])
        else:
            # Nothing is left to be chosen: the page says what will be done, and why the other way is not open.
            self.fields["how"].widget = forms.HiddenInput()
            del self.fields["successor"]
        offer(self, "how", choices)
        for code, own_name in languages.OWN_NAMES.items():
            field = forms.CharField(
                label=_called(own_name),
                max_length=LONGEST_REASON,
                required=False,
                widget=forms.Textarea({"rows": 2}),
            )
            field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
            self.fields[_field(code)] = field

    @property
    def first_reason(self) -> forms.BoundField:
        """The reason in the language of the page."""
        return self[_field(get_language() or "en")]

    @property
    def other_reasons(self) -> list[forms.BoundField]:
        """Those in the other languages."""
        return [self[_field(code)] for code in languages.CODES if code != get_language()]

    @property
    def has_other_reasons(self) -> bool:
        """Whether one of these says something, or is wrong."""
        return any(field.value() or field.errors for field in self.other_reasons)

    def clean(self) -> dict[str, Any]:
        """A reason for a text that is withdrawn, another text for one that is replaced."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("how") == WITHDRAW and not any(
            clean_text(data.get(_field(code)) or "") for code in languages.CODES
        ):
            self.add_error(_field(get_language() or "en"), _("Say why the text is withdrawn; everybody will read it."))
        if data.get("how") == SUPERSEDE and not data.get("successor") and "successor" not in self.errors:
            self.add_error("successor", _("Choose another published text of this task force."))
        return data

    def reasons(self) -> dict[str, str]:
        """{language: reason}; only of a valid form."""
        return {code: self.cleaned_data.get(_field(code)) or "" for code in languages.CODES}


def called_reasons() -> dict[str, str]:
    """{field: what it is called} of the reasons, one for each language."""
    return {_field(code): _called(own_name) for code, own_name in languages.OWN_NAMES.items()}


def _called(own_name: str) -> str:
    return _("Reason (%(language)s)") % {"language": own_name}


def _field(code: str) -> str:
    return f"reason-{code}"
