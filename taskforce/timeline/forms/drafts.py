"""The form of a draft of a phase: its rule, and its title and text with the source beside one other language."""

from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.core import labels, languages, zones
from taskforce.core.errors import Invalid
from taskforce.core.side_by_side import SOURCE, body_field, line_field
from taskforce.timeline import describe, plan, queries, rules, windows
from taskforce.timeline.enums import ANYWHERE_ON_EARTH, FIRST_YEAR, GRACE, LAST_YEAR, Capability
from taskforce.timeline.fields import TaskForceField, offer_task_forces
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services.phases import LONGEST_GRACE, MOST_IN

_LABELS = ("title", "text")
_EMPTY_OPENS = gettext_lazy("By the clock of the time zone below. Empty means the start of the day there.")
_EMPTY_CLOSES = gettext_lazy("By the clock of the time zone below. Empty means the end of the day there.")


def zone_names() -> list[str]:
    """What a zone field suggests: anywhere on Earth, UTC, and IANA's names of places."""
    places = {name for name in zones.known() if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return [ANYWHERE_ON_EARTH, "UTC", *sorted(places)]


class _ZoneInput(forms.TextInput):
    """A line of text with suggestions, which works without them too."""

    template_name = "admin/timeline/zone_input.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the names to choose from."""
        return {**super().get_context(name, value, attrs), "zones": zone_names()}


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options)


def _time(label: Any, **options: Any) -> forms.TimeField:
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget, **options)


class DraftForm(forms.Form):
    """A draft, new or not: with `task_forces` it asks for one of them, else it is the phase's own."""

    slug = forms.SlugField(
        max_length=rules.SLUG_LENGTH,
        label=gettext_lazy("Short name in the address"),
        help_text=gettext_lazy("Latin letters, digits and hyphens, such as second-round; the same in every language."),
    )
    capabilities = forms.MultipleChoiceField(
        label=gettext_lazy("What it allows"),
        choices=Capability.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    opens_on = _day(gettext_lazy("First day"))
    opens_time = _time(gettext_lazy("Opens at"), help_text=_EMPTY_OPENS)
    closes_on = _day(gettext_lazy("Last day"))
    closes_time = _time(gettext_lazy("Closes at"), help_text=_EMPTY_CLOSES)
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        initial=ANYWHERE_ON_EARTH,
        widget=_ZoneInput({"list": "zones", "autocapitalize": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "AoE (anywhere on Earth: over when the day is over everywhere), UTC, or a place such as Asia/Taipei."
        ),
    )
    cap = forms.IntegerField(
        label=gettext_lazy("Closes when so many have come in"),
        required=False,
        min_value=1,
        max_value=MOST_IN,
        help_text=gettext_lazy("Empty means without limit."),
    )
    grace_seconds = forms.IntegerField(
        label=gettext_lazy("Grace in seconds"),
        min_value=0,
        max_value=LONGEST_GRACE,
        initial=GRACE,
        help_text=gettext_lazy("For answers that are lost on their way by our own fault; the process page says so."),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(
        self,
        phase: Phase,
        language: str,
        data: Any = None,
        *,
        seen: str = "",
        task_forces: QuerySet[TaskForce] | None = None,
    ) -> None:
        names = ["slug", "capabilities", "opens_on", "opens_time", "closes_on", "closes_time", "zone", "cap"]
        stored = {name: getattr(phase, name) for name in [*names, "grace_seconds"]} if phase.pk else {}
        super().__init__(data, initial={**stored, "seen": seen})
        self.phase = phase
        self.codes = list(dict.fromkeys([SOURCE, language]))
        if task_forces is not None:
            self.fields = {"task_force": TaskForceField(), **self.fields}
            offer_task_forces(self, task_forces)
        for code in self.codes:
            self._add_labels(code)

    def _add_labels(self, code: str) -> None:
        """Title and text of one language, with labels, `lang` and what is stored."""
        name = languages.OWN_NAMES[code]
        title = line_field(
            rules.TITLE_LENGTH, required=code == SOURCE, label=_("Title (%(language)s)") % {"language": name}
        )
        text = body_field(rules.TEXT_LENGTH, required=False, label=_("Text (%(language)s)") % {"language": name})
        text.widget.attrs["rows"] = 5
        for field_name, field in zip(_LABELS, (title, text), strict=True):
            field.widget.attrs |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}
            field.initial = getattr(self.phase, next(iter(labels.columns(field_name, {code: ""}))))
            self.fields[self._name(field_name, code)] = field

    def _name(self, field: str, code: str) -> str:
        return f"source_{field}" if code == SOURCE else field

    @property
    def source_fields(self) -> list[forms.BoundField]:
        """The source's column."""
        return [self[self._name(name, SOURCE)] for name in _LABELS]

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The other language's column; empty where that is the source."""
        return [self[self._name(name, code)] for code in self.codes[1:] for name in _LABELS]

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What comes before the texts: task force and address."""
        return [self[name] for name in ("task_force", "slug") if name in self.fields]

    @property
    def rule_fields(self) -> list[forms.BoundField]:
        """When it is open, and what it allows."""
        names = ("capabilities", "opens_on", "opens_time", "closes_on", "closes_time", "zone", "cap", "grace_seconds")
        return [self[name] for name in names]

    def clean_zone(self) -> str:
        """AoE or an IANA name, however its capitals and spaces were typed; else what may have been meant."""
        typed = self.cleaned_data["zone"].strip().replace(" ", "_")
        known = {name.lower(): name for name in (*zones.known(), ANYWHERE_ON_EARTH)}
        places = {name.rpartition("/")[2].lower(): name for name in zone_names()}
        found = known.get(typed.lower()) or places.get(typed.lower()) or typed
        try:
            windows.zone_of(found)
        except Invalid as refusal:
            near = get_close_matches(typed.lower(), [*known, *places], n=3)
            meant = sorted({known.get(one) or places[one] for one in near})
            hint = _("Did you mean: %(names)s?") % {"names": ", ".join(meant)} if meant else ""
            gap = languages.gap(get_language() or "en") if hint else ""
            raise forms.ValidationError(f"{refusal.message}{gap}{hint}") from None
        return found

    def clean(self) -> dict[str, Any]:
        """Both ends must be instants, in their order, and free of overlaps; the address must be free too."""
        data: dict[str, Any] = super().clean() or {}
        task_force = data.get("task_force") or getattr(self.phase, "task_force", None)
        opens_at, closes_at = self._instant("opens"), self._instant("closes")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_on", _("A phase must close after it opens."))
        elif opens_at and closes_at and task_force and "capabilities" in data:
            self._check_overlap(task_force, opens_at, closes_at)
        if task_force and data.get("slug"):
            taken = Phase.objects.filter(task_force=task_force, slug=data["slug"]).exclude(pk=self.phase.pk)
            if taken.exists():
                self.add_error("slug", _("This task force already has a phase with this address."))
        return data

    def _instant(self, end: str) -> datetime | None:
        """The instant of one end; an error at the field that has to change, and None, where it is none."""
        data = self.cleaned_data
        day: date | None = data.get(f"{end}_on")
        if day is None or f"{end}_time" not in data or "zone" not in data:
            return None
        clock: time | None = data[f"{end}_time"]
        try:
            return windows.instant(day, clock, data["zone"], end=end == "closes")
        except Invalid as refusal:
            is_about_the_time = clock is not None and FIRST_YEAR <= day.year <= LAST_YEAR
            self.add_error(f"{end}_time" if is_about_the_time else f"{end}_on", str(refusal.message))
            return None

    def _check_overlap(self, task_force: TaskForce, opens_at: datetime, closes_at: datetime) -> None:
        asked = Phase(pk=self.phase.pk, task_force=task_force, capabilities=self.cleaned_data["capabilities"])
        other = queries.clash(asked, opens_at, closes_at)
        if other is not None:
            self.add_error("opens_on", describe.clash(other))

    def wanted(self) -> plan.Draft:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        names = ("slug", "opens_on", "closes_on", "opens_time", "closes_time", "zone", "cap", "grace_seconds")
        titles, texts = ({code: data[self._name(name, code)] for code in self.codes} for name in _LABELS)
        return plan.Draft(
            **{name: data[name] for name in names}, capabilities=data["capabilities"], titles=titles, texts=texts
        )
