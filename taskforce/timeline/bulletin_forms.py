"""The forms of mails to followers: a new draft, a draft's two languages, the acts on one, the second person's yes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from taskforce.core import languages
from taskforce.core.choices import offer
from taskforce.core.errors import Invalid
from taskforce.core.side_by_side import SOURCE, SideBySideForm, Texts, body_field, line_field
from taskforce.core.text import is_blank
from taskforce.timeline import bulletin_rules as rules
from taskforce.timeline.fields import TaskForceField, offer_task_forces
from taskforce.timeline.models import Bulletin, TaskForce
from taskforce.timeline.services import bulletins as services


def _as(check: Callable[[str], str], most: int) -> Callable[[str], None]:
    """A check of the rules for a field of at most so many characters: its refusal stands there."""

    def validate(text: str) -> None:
        if len(text) > most:
            # The field says so itself, and a text of millions of marks would keep the check busy.
            return
        if is_blank(text):
            raise forms.ValidationError(_("This text has nothing that could be seen."))
        try:
            check(text)
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.message)) from None

    return validate


_SUBJECT = [_as(rules.checked_subject, rules.SUBJECT_LENGTH)]
_BODY = [_as(rules.checked_body, rules.BODY_LENGTH)]


class DraftForm(forms.Form):
    """A new draft: to whose followers, about what, and its text in the source language."""

    task_force = TaskForceField()
    topic = forms.ChoiceField(
        label=gettext_lazy("To those who follow"),
        choices=[(topic.value, topic.label) for topic in rules.TOPICS],
        help_text=gettext_lazy("It cannot be changed once the draft is saved."),
    )
    subject = line_field(rules.SUBJECT_LENGTH, label=gettext_lazy("Subject (English)"), validators=_SUBJECT)
    body = body_field(
        rules.BODY_LENGTH,
        label=gettext_lazy("Text (English)"),
        help_text=gettext_lazy("Markdown; raw HTML and pictures are not sent."),
        validators=_BODY,
    )

    def __init__(self, task_forces: QuerySet[TaskForce], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_task_forces(self, task_forces)

    def texts(self) -> Texts:
        """Subjects and bodies per language, for the service."""
        return {SOURCE: self.cleaned_data["subject"]}, {SOURCE: self.cleaned_data["body"]}


class EditForm(SideBySideForm):
    """The source beside one other language; `version` is the text that the editor had before their eyes."""

    head = services.HEAD
    head_length = rules.SUBJECT_LENGTH
    body_length = rules.BODY_LENGTH
    head_validators = _SUBJECT
    body_validators = _BODY
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, bulletin: Bulletin, language: str, data: Any = None) -> None:
        super().__init__(bulletin, language, data)
        self.fields["version"].initial = bulletin.version

    def head_label(self, language: str) -> str:
        """The subject's."""
        return _("Subject (%(language)s)") % {"language": language}


class ActForm(forms.Form):
    """An act on a bulletin as the person saw it."""

    act = forms.ChoiceField(choices=[(act, act) for act in sorted({*rules.ACTIONS} - {"edit"})])
    version = forms.IntegerField(min_value=1)


class TestForm(forms.Form):
    """In which language the test comes."""

    __test__ = False  # for pytest: no class of tests
    language = forms.ChoiceField(label=gettext_lazy("Language of the test"), choices=list(languages.OWN_NAMES.items()))


class ToWhom(forms.Form):
    """How many readers the second person was shown; for a correction also who they are to be.

    `count` are all who follow, `readers` those of them who know what it corrects; without it there is no choice.
    """

    READERS, EVERYBODY = "readers", "everybody"
    count = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    readers = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    to = forms.ChoiceField(
        label=gettext_lazy("To whom"),
        choices=[(READERS, ""), (EVERYBODY, "")],
        widget=forms.RadioSelect,
        required=False,
    )

    def offer(self, count: int, readers: int | None) -> None:
        """Say how many there are of each."""
        self.initial.update({"count": count, "readers": readers, "to": self.READERS})
        if readers is None:
            del self.fields["readers"], self.fields["to"]
            return
        choices = [
            (self.READERS, _("Those who got what it corrects, or may have got it: %(count)d") % {"count": readers}),
            (self.EVERYBODY, _("All who follow now, also those who never got it: %(count)d") % {"count": count}),
        ]
        offer(self, "to", choices)

    @property
    def numbers(self) -> SafeString:
        """The hidden numbers, always as the page says them now: what was sent before has been refused."""
        names = [name for name in ("count", "readers") if name in self.fields]
        return format_html_join("", "{}", ((self.fields[one].widget.render(one, self.initial[one]),) for one in names))

    @property
    def is_damaged(self) -> bool:
        """Whether a hidden number came back as none: nobody could put that right at a field."""
        return bool({"count", "readers"} & self.errors.keys())

    def chosen(self) -> dict[str, Any]:
        """For the service: whether it goes to `everybody`, and the `count` of those to whom it goes."""
        sent = self.cleaned_data
        everybody, readers = sent.get("to") == self.EVERYBODY, sent.get("readers")
        return {"everybody": everybody, "count": sent["count"] if everybody or readers is None else readers}


class SendForm(ToWhom):
    """The second person's yes, which repeats the number of people."""

    confirmed = forms.BooleanField(
        error_messages={"required": gettext_lazy("Nothing was sent. Tick the box if this mail is to go out.")}
    )

    def __init__(self, count: int, data: Any = None, readers: int | None = None) -> None:
        super().__init__(data, initial={})
        self.offer(count, readers)
        if readers is not None:
            self.fields["confirmed"].label = _("I have read this mail. Send it to those who are chosen above.")
            return
        self.fields["confirmed"].label = ngettext(
            "I have read this mail. Send it to %(count)d follower.",
            "I have read this mail. Send it to %(count)d followers.",
            count,
        ) % {"count": count}
