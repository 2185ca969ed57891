"""The composer's forms: a new draft, and a draft's source beside one other language."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.announcements.models import Announcement
from taskforce.announcements.services import BODY_LENGTH, TITLE_LENGTH, own_texts, seen
from taskforce.core import languages
from taskforce.core.labels import label
from taskforce.timeline.models import TaskForce

SOURCE = "en"


class _TaskForceField(forms.ModelChoiceField):  # type: ignore[type-arg] # the stubs' class takes no parameter at run time
    def label_from_instance(self, obj: TaskForce) -> str:
        """The name by the reader's chain."""
        return label(obj, "name").text


def _title_field(**options: Any) -> forms.CharField:
    widget = forms.TextInput({"class": "vTextField"})
    return forms.CharField(max_length=TITLE_LENGTH, widget=widget, **options)


def _body_field(**options: Any) -> forms.CharField:
    widget = forms.Textarea({"class": "vLargeTextField", "rows": 14})
    return forms.CharField(max_length=BODY_LENGTH, widget=widget, **options)


class DraftForm(forms.Form):
    """A new draft: which task force, under which address, and its source text."""

    task_force = _TaskForceField(label=gettext_lazy("Task force"), queryset=TaskForce.objects.none())
    slug = forms.SlugField(
        label=gettext_lazy("Short name in the address"),
        help_text=gettext_lazy(
            "The last part of the announcement’s address, such as first-members. Latin letters, digits and hyphens, "
            "without spaces. It is the same in every language and cannot be changed once the draft is saved."
        ),
    )
    title = _title_field(label=gettext_lazy("Title (English)"))
    body = _body_field(label=gettext_lazy("Text (English)"), help_text=gettext_lazy("Markdown; raw HTML is not used."))

    def __init__(self, task_forces: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["task_force"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = task_forces
        only = task_forces[:2]
        if len(only) == 1:
            field.initial = only[0].pk

    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Titles and bodies per language, for the service."""
        return {SOURCE: self.cleaned_data["title"]}, {SOURCE: self.cleaned_data["body"]}


class EditForm(forms.Form):
    """The source beside one other language; `seen` says which texts the editor had before their eyes."""

    source_title = _title_field()
    source_body = _body_field()
    title = _title_field(required=False)
    body = _body_field(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, announcement: Announcement, language: str, data: Any = None) -> None:
        self.language = language
        self.codes = list(dict.fromkeys([SOURCE, language]))
        source, own = own_texts(announcement, SOURCE), own_texts(announcement, language)
        initial = {
            "source_title": source[0],
            "source_body": source[1],
            "title": own[0],
            "body": own[1],
            "seen": seen(announcement, self.codes),
        }
        super().__init__(data, initial=initial)
        self._name("source_title", "source_body", SOURCE)
        if language == SOURCE:
            del self.fields["title"], self.fields["body"]
        else:
            self._name("title", "body", language)

    def _name(self, title: str, body: str, code: str) -> None:
        """Labels and `lang` of one column."""
        name = languages.OWN_NAMES[code]
        self.fields[title].label = _("Title (%(language)s)") % {"language": name}
        self.fields[body].label = _("Text (%(language)s)") % {"language": name}
        for field in (title, body):
            attributes = self.fields[field].widget.attrs
            attributes |= {"lang": languages.html_lang(code), "dir": languages.direction(code)}

    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Titles and bodies of exactly the languages that the form shows."""
        titles = {SOURCE: self.cleaned_data["source_title"]}
        bodies = {SOURCE: self.cleaned_data["source_body"]}
        if self.language != SOURCE:
            titles[self.language] = self.cleaned_data["title"]
            bodies[self.language] = self.cleaned_data["body"]
        return titles, bodies
