"""The form of a task force's names: every language in which it has one, or could have."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.core import labels, languages
from taskforce.core.text import clean_name
from taskforce.timeline import rules
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries import renaming as queries


class RenameForm(forms.Form):
    """A name for each language, the short name in the address, and why."""

    slug = forms.SlugField(
        max_length=rules.SLUG_LENGTH,
        label=gettext_lazy("Short name in the address"),
        help_text=gettext_lazy(
            "Latin letters, digits and hyphens, such as working-group; the same in every language. If it changes, all "
            "addresses with the old one lead to the new one."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=rules.REASON_LENGTH,
        widget=forms.Textarea({"rows": 4, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Everybody will read it, on the page that says how it is decided."),
    )
    reason_language = forms.ChoiceField(
        label=gettext_lazy("Language of the reason"), choices=list(languages.OWN_NAMES.items())
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, task_force: TaskForce, data: Any = None, *, seen: str = "") -> None:
        initial = {"slug": task_force.slug, "seen": seen, "reason_language": get_language()}
        super().__init__(data, initial=initial)
        self.task_force = task_force
        stored = labels.stored(task_force, "name")
        for code, own_name in languages.OWN_NAMES.items():
            self.fields[_field(code)] = forms.CharField(
                max_length=rules.NAME_LENGTH,
                required=False,
                label=_("Name (%(language)s)") % {"language": own_name},
                initial=stored.get(code, ""),
                # Two rows, so that a long name is read whole on a phone; a break of the line in it counts as a space.
                widget=forms.Textarea(
                    {
                        "class": "vLargeTextField",
                        "rows": 2,
                        "lang": languages.html_lang(code),
                        "dir": languages.direction(code),
                    }
                ),
            )

    @property
    def name_fields(self) -> list[forms.BoundField]:
        """The names, language by language."""
        return [self[_field(code)] for code in languages.CODES]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """What is asked besides."""
        return [self[name] for name in ("slug", "reason", "reason_language", "seen")]

    def clean_slug(self) -> str:
        """One that is nobody else's, and never was."""
        slug = str(self.cleaned_data["slug"])
        if queries.owner_of(slug) not in (None, self.task_force):
            raise forms.ValidationError(
                _("The address “%(slug)s” is that of another task force, or was once: it leads there for ever.")
                % {"slug": slug}
            )
        return slug

    def clean(self) -> dict[str, Any]:
        """At least one name."""
        data: dict[str, Any] = super().clean() or {}
        if not any(clean_name(data.get(_field(code)) or "") for code in languages.CODES):
            self.add_error(_field("en"), _("It needs a name in one language at least."))
        return data

    def wanted(self) -> dict[str, Any]:
        """What the service takes; only of a valid form."""
        data = self.cleaned_data
        names = {code: data[_field(code)] for code in languages.CODES}
        return {"names": names, **{name: data[name] for name in ("slug", "reason", "reason_language")}}


def _field(code: str) -> str:
    return f"name-{code}"
