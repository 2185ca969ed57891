"""The composer's forms: a new draft, a draft's source beside one other language, the second person's yes."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.announcements.models import Announcement
from taskforce.announcements.services import BODY_LENGTH, HEAD, SLUG_LENGTH, TITLE_LENGTH, seen
from taskforce.core.side_by_side import SOURCE, SideBySideForm, body_field, line_field
from taskforce.timeline.bulletin_forms import ToWhom
from taskforce.timeline.fields import TaskForceField, offer_task_forces


class DraftForm(forms.Form):
    """A new draft: which task force, under which address, and its source text."""

    task_force = TaskForceField()
    slug = forms.SlugField(
        max_length=SLUG_LENGTH,
        label=gettext_lazy("Short name in the address"),
        help_text=gettext_lazy(
            "The last part of the announcement’s address, such as first-members. Latin letters, digits and hyphens, "
            "without spaces. It is the same in every language and cannot be changed once the draft is saved."
        ),
    )
    title = line_field(TITLE_LENGTH, label=gettext_lazy("Title (English)"))
    body = body_field(
        BODY_LENGTH, label=gettext_lazy("Text (English)"), help_text=gettext_lazy("Markdown; raw HTML is not used.")
    )

    def __init__(self, task_forces: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_task_forces(self, task_forces)

    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Titles and bodies per language, for the service."""
        return {SOURCE: self.cleaned_data["title"]}, {SOURCE: self.cleaned_data["body"]}


class EditForm(SideBySideForm):
    """The source beside one other language; `seen` says which texts the editor had before their eyes."""

    head = HEAD
    head_length = TITLE_LENGTH
    body_length = BODY_LENGTH
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, announcement: Announcement, language: str, data: Any = None) -> None:
        super().__init__(announcement, language, data)
        self.fields["seen"].initial = seen(announcement, self.codes)

    def head_label(self, language: str) -> str:
        """The title's."""
        return _("Title (%(language)s)") % {"language": language}


class PublishForm(ToWhom):
    """The second person's yes, which repeats what they were shown and the number of readers."""

    confirmed = forms.CharField(max_length=64)
