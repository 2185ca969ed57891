"""What readers choose of a text's history, and what translators type."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from proposals.models import Proposal, TranslationDraft, TranslationGoal, UnitText
from proposals.services.goals import LONGEST_REASON, Wanted
from proposals.services.texts import LONGEST_TEXT
from proposals.services.typed import Typed
from taskforce.core import labels, languages
from taskforce.core.choices import offer
from taskforce.core.text import clean, digest, may_fit, shown_again

_WRONG_CHOICE = {"invalid_choice": _("Please choose one of the list.")}


class HistoryForm(forms.Form):
    """Which revisions to list: those that changed a language, an editor's, or all. Sent by GET."""

    language = forms.ChoiceField(label=_("Language"), required=False, error_messages=_WRONG_CHOICE)
    editor = forms.ChoiceField(label=_("Edited by"), required=False, error_messages=_WRONG_CHOICE)

    def __init__(self, data: Mapping[str, Any], edited: Sequence[str], editors: Sequence[str]) -> None:
        super().__init__(data)
        asked = data.get("language", "")
        # A language of the portal that no revision has changed: there is nothing to list, and that is said.
        self.unchanged = asked if asked in languages.OWN_NAMES and asked not in edited else ""
        codes = [*edited, self.unchanged] if self.unchanged else edited
        own_names = [(code, languages.OWN_NAMES[code]) for code in codes]
        offer(self, "language", [("", _("All languages")), *own_names])
        offer(
            self,
            "editor",
            [
                ("", _("Everybody")),
                *((name, name) for name in editors),
            ],
        )

    def chosen(self) -> dict[str, str]:
        """{field: value} of what was chosen; a choice that there is not is none."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class CompareForm(forms.Form):
    """Two revisions to compare, by number; 0 is before the first. Sent by GET."""

    old = forms.IntegerField(min_value=0)
    new = forms.IntegerField(min_value=0)


class TranslationForm(forms.Form):
    """A unit's translation: what was typed, on which versions, and an edit summary of one's own; `draft` is the token
    of what was kept of it. On the page of all units, in one form with the others (`prefix`), also in short what it was
    shown with (`shown`).

    Its fields have the same ids on both pages.
    """

    text = forms.CharField(label=_("Translation"), required=False, strip=False, widget=forms.Textarea({"rows": 4}))
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    source_version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    summary = forms.CharField(label=_("Edit summary"), required=False, strip=False)
    draft = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def for_unit(
        cls,
        unit_id: int,
        own: UnitText | None,
        source: UnitText | None,
        kept: TranslationDraft | None = None,
        *,
        in_list: bool = False,
    ) -> "TranslationForm":
        """The form of a unit, with its translation as it is stored, or as its translator has kept it unfinished."""
        initial = {
            "text": own.text if own else "",
            "version": own.version if own else 0,
            "source_version": source.version if source else 0,
        }
        if kept:
            initial |= {"text": kept.text, "summary": kept.summary, "draft": kept.token}
        initial["shown"] = in_short(str(initial["text"]), str(initial.get("summary", "")))
        return cls(initial=initial, **_named(unit_id, in_list=in_list))

    @classmethod
    def sent(
        cls, unit_id: int, data: Mapping[str, Any], *, in_list: bool = False, **versions: int | str
    ) -> "TranslationForm":
        """The form as it came in, whatever is in it: to be shown again, on other `versions` if they are named."""
        sent = {name: str(data.get(name, "")) for name in cls.base_fields}
        kept = {name: clean(text) if may_fit(text, LONGEST_TEXT) else shown_again(text) for name, text in sent.items()}
        found = {_front(unit_id, in_list=in_list) + name: value for name, value in {**kept, **versions}.items()}
        return cls(found, **_named(unit_id, in_list=in_list))

    def typed(self, unit_id: int) -> Typed:
        """What a valid form says."""
        return Typed(unit_id, **{name: value for name, value in self.cleaned_data.items() if name != "shown"})


def _prefix(unit_id: int) -> str:
    return f"u{unit_id}"


def _front(unit_id: int, *, in_list: bool) -> str:
    return f"{_prefix(unit_id)}-" if in_list else ""


def _named(unit_id: int, *, in_list: bool) -> dict[str, Any]:
    prefix = _prefix(unit_id)
    return {"prefix": prefix, "auto_id": "%s"} if in_list else {"auto_id": f"{prefix}-%s"}


_OF_A_UNIT = re.compile(r"u([1-9][0-9]{0,17})-(text|version|source_version|summary|draft|shown|action|approved)")


def sheet(posted: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """{unit: its fields, by the names that they have on its own page} of what the page of all units sends."""
    found: dict[int, dict[str, str]] = {}
    for name in posted:
        if part := _OF_A_UNIT.fullmatch(name):
            found.setdefault(int(part[1]), {})[part[2]] = posted[name]
    return found


def is_typed_in(fields: Mapping[str, str]) -> bool:
    """Whether the fields of a unit say something else than they were shown with."""
    text, summary = fields.get("text"), fields.get("summary", "")
    if text is None:
        return False
    return fields.get("shown", _NOTHING) != in_short(text, summary)


def in_short(text: str, summary: str) -> str:
    """What the fields of a unit say, in a few characters; of what is too long to be one of its texts, another one."""
    if not (may_fit(text, LONGEST_TEXT) and may_fit(summary, LONGEST_TEXT)):
        return ""
    return digest([clean(text).strip(), clean(summary).strip()])[:16]


# A form that does not say what it was shown with was empty.
_NOTHING = in_short("", "")


def names_of(unit_id: int, *, in_list: bool) -> list[str]:
    """The fields of a unit, by the names that they have on its own page or on that of all units."""
    return [_front(unit_id, in_list=in_list) + name for name in TranslationForm.base_fields]


def names_typed(posted: Mapping[str, str]) -> list[str]:
    """The fields of the page of all units in which somebody has written."""
    units = [unit for unit, fields in sheet(posted).items() if is_typed_in(fields)]
    return [name for unit in units for name in (f"{_prefix(unit)}-text", f"{_prefix(unit)}-summary") if name in posted]


def names_kept(posted: Mapping[str, str]) -> list[str]:
    """All that is needed to show that page again as it was sent: the fields of those units in which somebody has
    written, or that were to be saved; of the others, that they stood there. Nothing where there are none of those."""
    units = sheet(posted)
    needed = {unit for unit, fields in units.items() if is_typed_in(fields) or "action" in fields}
    if not needed:
        return []
    found = ["language", "show"]
    for unit in units:
        names = TranslationForm.base_fields if unit in needed else ("version",)
        found += [f"{_prefix(unit)}-{name}" for name in names]
    return found


class GoalForm(forms.Form):
    """In which language a text is wanted, how much of it, and why."""

    text = forms.TypedChoiceField(label=_("Text"), coerce=int, error_messages=_WRONG_CHOICE)
    language = forms.ChoiceField(label=_("Language"), error_messages=_WRONG_CHOICE)
    percent = forms.IntegerField(label=_("Share wanted, in percent"), min_value=1, max_value=100, initial=100)
    reason = forms.CharField(
        label=_("Why it is wanted in this language"),
        help_text=_("Translators read this."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField", "dir": "auto"}),
    )
    wants_review = forms.BooleanField(label=_("A second person reviews each paragraph"), required=False)
    refuses = forms.BooleanField(
        label=_("Refuse a feedback window while less is translated"),
        help_text=_("Otherwise it is only noted in the log. Whoever gives a reason may publish one all the same."),
        required=False,
    )

    def __init__(
        self, texts: Sequence[Proposal], goal: TranslationGoal | None, data: Mapping[str, Any] | None = None
    ) -> None:
        initial = {name: getattr(goal, name) for name in self.base_fields if name != "text"} if goal else {}
        super().__init__(data, initial=initial)
        self.goal = goal
        if goal:
            del self.fields["text"], self.fields["language"]
            return
        names = [(text.pk, f"{labels.label(text.task_force, 'name').text} · {text.slug}") for text in texts]
        offer(self, "text", names)
        offer(self, "language", list(languages.OWN_NAMES.items()))

    def text_id(self) -> int:
        """The text that the goal is for."""
        return self.goal.proposal_id if self.goal else int(self.cleaned_data["text"])

    def wanted(self) -> Wanted:
        """The goal of a valid form."""
        sent = {name: value for name, value in self.cleaned_data.items() if name not in ("text", "language")}
        return Wanted(self.goal.language if self.goal else self.cleaned_data["language"], **sent)
