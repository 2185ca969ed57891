"""The forms of a summary: its draft in each language, and its publication."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from feedback import rules, summaries
from feedback.models import Summary, SummaryDraft
from feedback.services.summaries import Written
from taskforce.core import languages
from taskforce.core.text import clean_text
from taskforce.questions.forms import StorableForm

_MOST = gettext_lazy("The text is too long: at most %(limit_value)d characters.")


class Part(NamedTuple):
    """What is written in one language; `fits`: a box for a translation whose source has changed since."""

    code: str
    name: str
    field: forms.BoundField
    fits: forms.BoundField | None
    is_open: bool


def _text(label: str, code: str, most: int, rows: int) -> forms.CharField:
    field = forms.CharField(
        label=label,
        max_length=most,
        required=False,
        widget=forms.Textarea({"rows": rows, "class": "vLargeTextField"}),
        error_messages={"max_length": _MOST},
    )
    # The browser's own limit would cut off what is pasted without a word.
    field.widget.attrs.pop("maxlength", None)
    field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
    return field


class SummaryForm(forms.Form):
    """The draft: its text in each language, which of them the others are made from, and when it is expected."""

    source = forms.ChoiceField(
        label=gettext_lazy("Language in which the summary is written"),
        help_text=gettext_lazy("Write the text in its field below. The translations are made from it."),
        choices=list(languages.OWN_NAMES.items()),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Expected so many days after the close"), min_value=1, max_value=rules.MOST_SUMMARY_DAYS
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, draft: SummaryDraft | None, data: Any = None, typed: Mapping[str, str] | None = None) -> None:
        texts = draft.texts if draft else {}
        initial = {
            "source": draft.source if draft else get_language() or "en",
            "days": draft.days if draft else rules.SUMMARY_DAYS,
            "seen": draft.version if draft else 0,
            **{f"text-{code}": text for code, text in texts.items()},
            **(typed or {}),
        }
        super().__init__(data, initial=initial)
        self.outdated = summaries.outdated(draft) if draft else []
        for code, name in languages.OWN_NAMES.items():
            self.fields[f"text-{code}"] = _text(
                _("Text (%(language)s)") % {"language": name}, code, rules.SUMMARY_LENGTH, 12
            )
            if code in self.outdated:
                self.fields[f"fits-{code}"] = forms.BooleanField(
                    label=_("It fits the source as it now is"), required=False
                )

    @property
    def parts(self) -> list[Part]:
        """Language by language; open where its reader begins and where something is written."""
        own = str(self["source"].value())
        return [
            Part(
                code,
                name,
                self[f"text-{code}"],
                self[f"fits-{code}"] if f"fits-{code}" in self.fields else None,
                code == own or bool(self[f"text-{code}"].errors),
            )
            for code, name in languages.OWN_NAMES.items()
        ]

    def written(self) -> Written:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        return Written(
            {code: data[f"text-{code}"] for code in languages.CODES},
            data["source"],
            [code for code in self.outdated if data.get(f"fits-{code}")],
            data["days"],
        )


class PublishSummaryForm(forms.Form):
    """Of a later version: what has changed and why, in each language in which somebody can say it, and whether it is
    counted anew."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    recount = forms.BooleanField(
        label=gettext_lazy("Count anew, as it stands now"),
        required=False,
        help_text=gettext_lazy("Without it the numbers stay those that are published."),
    )

    def __init__(
        self,
        draft: SummaryDraft,
        before: Summary | None,
        data: Any = None,
        typed: Mapping[str, str] | None = None,
    ) -> None:
        number = (before.number if before else 0) + 1
        super().__init__(data, initial={"version": draft.version, "number": number, **(typed or {})})
        self.is_later = before is not None
        if not self.is_later:
            del self.fields["recount"]
            return
        for code, name in languages.OWN_NAMES.items():
            label = _("What has changed, and why (%(language)s)") % {"language": name}
            self.fields[f"change-{code}"] = _text(label, code, rules.REASON_LENGTH, 3)

    @property
    def parts(self) -> list[Part]:
        """Language by language, of a later version."""
        if not self.is_later:
            return []
        own = get_language() or "en"
        return [
            Part(code, name, field, None, code == own or bool(field.value() or field.errors))
            for code, name in languages.OWN_NAMES.items()
            if (field := self[f"change-{code}"])
        ]

    def changes(self) -> Mapping[str, str]:
        """What has changed, by language; only of a valid form."""
        return {code: self.cleaned_data.get(f"change-{code}", "") for code in languages.CODES}

    def recounts(self) -> bool:
        """Whether it is counted anew."""
        return bool(self.cleaned_data.get("recount"))


class SummaryTranslationForm(StorableForm):
    """A translation of a summary, and of which texts it was shown the `stamp`."""

    text = forms.CharField(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, language: str, data: Any = None, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        self.fields["text"] = _text(_("Translation"), language, rules.SUMMARY_LENGTH, 16)
        self.order_fields(["text", "seen"])

    def clean_text(self) -> str:
        """As it is kept, so that it can be compared with what is."""
        return clean_text(self.cleaned_data["text"], most=rules.SUMMARY_LENGTH)

    def renew(self, seen: str) -> None:
        """Show the form again as one that knows what stands now."""
        self.data = {"text": self.data.get("text", ""), "seen": seen}
