"""What people send about following: to begin with, and what a mailbox gets. And the list that staff paste."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.accounts.forms import OwnNames, zone_field
from taskforce.accounts.models import User
from taskforce.core import labels, languages, zones
from taskforce.core.text import clean_text
from taskforce.notifications import mailboxes
from taskforce.timeline import pasting
from taskforce.timeline.asking import Ask
from taskforce.timeline.enums import NOT_YET, Frequency, Topic
from taskforce.timeline.models import Subscription, TaskForce

_WRONG_CHOICE = {
    "required": gettext_lazy("Please choose one."),
    "invalid_choice": gettext_lazy("Please choose one of the answers given here."),
}
# A field that people never see. Its name means nothing to a browser that fills in forms for them.
HONEYPOT = "second_remark"
LONGEST_WHERE = 500
# Long enough for the longest list of the longest addresses that one request may bring.
_LONGEST_LIST = 2_500_000
_FIRST_TOPICS = [Topic.DEADLINES, Topic.ANNOUNCEMENTS]


def _labelled(choices: Iterable[tuple[Any, Any]]) -> list[tuple[str, str]]:
    return [(str(code), capfirst(str(label))) for code, label in choices]


def _topics() -> list[tuple[str, str]]:
    """What can be followed; of what nothing comes yet, that says so."""
    later = _("%(topic)s (none yet: mails begin with the first one)")
    named = _labelled(Topic.choices)
    return [(code, later % {"topic": label} if code in NOT_YET else label) for code, label in named]


class _MailForm(forms.Form):
    """In which language and in whose time a mailbox gets its mails.

    Where one answer is always chosen nothing has to be called required; what a script leaves out is what the form had.
    Whoever is signed in has chosen both for their account, and is not asked here: `account` is theirs.
    """

    def __init__(self, *args: Any, account: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        if account is not None:
            return
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the mails"),
            choices=list(languages.OWN_NAMES.items()),
            widget=OwnNames,
            required=False,
            error_messages=_WRONG_CHOICE,
        )
        self.fields["zone"] = zone_field(self.data.get(self.add_prefix("zone")) or self.initial.get("zone"))

    @property
    def speaks(self) -> tuple[str, str]:
        """(language, zone) of the mails: the account's, or those that were chosen; only of a valid form."""
        if self.account is not None:
            return self.account.language, self.account.zone
        return self.cleaned_data["language"], self.cleaned_data["zone"]

    @property
    def spoken(self) -> tuple[str, str, str]:
        """(code, own name of the language, place of the zone) that the account has, for the page."""
        language, zone = (self.account.language, self.account.zone) if self.account else ("en", zones.UTC)
        shown = zones.place(zone, get_language() or "en") or zone
        return languages.html_lang(language), languages.OWN_NAMES.get(language, language), shown

    def clean(self) -> dict[str, Any]:
        """With the first choice where none was sent."""
        data: dict[str, Any] = super().clean() or {}
        for name in ("frequency", "language", "zone"):
            if data.get(name) == "":
                data[name] = self.initial[name]
        return data


class FollowForm(_MailForm):
    """Topics of a task force for a mailbox; `own` is that of whoever is signed in, who is not asked for it."""

    def __init__(self, *args: Any, own: str = "", **kwargs: Any) -> None:
        initial = {"topics": _FIRST_TOPICS, "frequency": Frequency.IMMEDIATE, "language": "en", "zone": zones.UTC}
        kwargs["initial"] = {**initial, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.own = own
        mail_fields = dict(self.fields)
        self.fields.clear()
        if not own:
            self.fields["email"] = forms.CharField(
                label=_("E-mail address"),
                widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
                error_messages={"required": _("Write the address to which the mails are to go.")},
            )
        self.fields["topics"] = forms.MultipleChoiceField(
            label=_("What do you want to hear about?"),
            choices=_topics(),
            widget=forms.CheckboxSelectMultiple,
            error_messages={**_WRONG_CHOICE, "required": _("Choose at least one.")},
        )
        self.fields["frequency"] = forms.ChoiceField(
            label=_("How soon?"),
            choices=_labelled(Frequency.choices),
            widget=forms.RadioSelect,
            required=False,
            error_messages=_WRONG_CHOICE,
        )
        self.fields.update(mail_fields)
        self.fields[HONEYPOT] = forms.CharField(
            label=_("Leave this field empty"),
            required=False,
            widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
        )

    def clean_email(self) -> str:
        """The mailbox as it is stored."""
        try:
            return mailboxes.checked(self.cleaned_data["email"])
        except mailboxes.UnusableMailbox as error:
            raise forms.ValidationError(str(error)) from None

    @property
    def is_suspected(self) -> bool:
        """Whether the field was filled in that no person sees."""
        return bool(self.cleaned_data.get(HONEYPOT))

    def ask(self, task_force: TaskForce) -> Ask:
        """What is asked for; only of a valid form."""
        data = self.cleaned_data
        return Ask(
            self.own or data["email"],
            task_force.pk,
            # In the order in which they are offered: the same choices are the same ask.
            tuple(topic for topic in Topic.values if topic in data["topics"]),
            data["frequency"],
            *self.speaks,
        )


class PreferencesForm(_MailForm):
    """What one mailbox gets: for each task force that it follows every topic, then language and zone."""

    def __init__(self, mailbox: str, rows: Iterable[Subscription], *args: Any, **kwargs: Any) -> None:
        self.mailbox = mailbox
        self.rows = {(row.task_force_id, row.topic): row for row in rows}
        newest = max(self.rows.values(), key=lambda row: (row.confirmed_at, row.pk))
        super().__init__(*args, initial={"language": newest.language, "zone": newest.zone}, **kwargs)
        mail_fields = dict(self.fields)
        self.fields.clear()
        self.task_forces = {row.task_force_id: row.task_force for row in self.rows.values()}
        for task_force_id in self.task_forces:
            for topic, label in _topics():
                self.fields[self._name(task_force_id, topic)] = self._topic(task_force_id, topic, label)
        self.fields.update(mail_fields)

    @staticmethod
    def _name(task_force_id: int, topic: str) -> str:
        return f"t{task_force_id}-{topic}"

    def _topic(self, task_force_id: int, topic: str, label: str) -> forms.ChoiceField:
        row = self.rows.get((task_force_id, topic))
        return forms.ChoiceField(
            label=label,
            choices=[("", _("No mails")), *_labelled(Frequency.choices)],
            required=False,
            initial=row.frequency if row else "",
            error_messages=_WRONG_CHOICE,
        )

    @property
    def sections(self) -> list[tuple[TaskForce, list[forms.BoundField]]]:
        """The task forces with their fields, for the page."""
        return [
            (task_force, [self[self._name(task_force_id, topic)] for topic in Topic.values])
            for task_force_id, task_force in self.task_forces.items()
        ]

    def wanted(self) -> dict[tuple[int, str], str]:
        """{(task force, topic): how soon, or ""}; only of a valid form."""
        pairs = [(task_force_id, topic) for task_force_id in self.task_forces for topic in Topic.values]
        # A field that was not sent at all changes nothing.
        return {pair: self.cleaned_data[self._name(*pair)] for pair in pairs if self._name(*pair) in self.data}


class _NamedTaskForces(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Task forces by name."""

    def label_from_instance(self, obj: Any) -> str:
        """In the reader's language, or the next of the chain."""
        return labels.label(obj, "name").text


class PasteForm(forms.Form):
    """A list of addresses that staff paste, what they are to follow, and whether they have agreed to it."""

    ASK, AGREED = "ask", "agreed"

    def __init__(self, task_forces: "QuerySet[TaskForce]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task_force"] = _NamedTaskForces(task_forces, label=_("Task force"))
        self.fields["topics"] = forms.MultipleChoiceField(
            label=_("Topics"), choices=_topics(), widget=forms.CheckboxSelectMultiple
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language, where a line names none"), choices=list(languages.OWN_NAMES.items()), widget=OwnNames
        )
        self.fields["how"] = forms.ChoiceField(
            label=_("Have they agreed?"),
            choices=[
                (self.ASK, _("No: a mail asks each of them to confirm")),
                (self.AGREED, _("Yes, they have agreed elsewhere: they follow at once")),
            ],
            widget=forms.RadioSelect,
            initial=self.ASK,
        )
        self.fields["where"] = forms.CharField(
            label=_("Where and when did they agree?"),
            help_text=_("Only where they have agreed elsewhere. It is kept in the audit log."),
            required=False,
            max_length=LONGEST_WHERE,
            widget=forms.Textarea({"rows": 2, "class": "vLargeTextField"}),
        )
        self.fields["addresses"] = forms.CharField(
            label=_("Addresses"),
            help_text=_("One in a line, with its language after a comma if you know it: name@example.org, zh-hant"),
            max_length=_LONGEST_LIST,
            widget=forms.Textarea({"rows": 16, "class": "vLargeTextField", "dir": "ltr", "spellcheck": "false"}),
            strip=False,
        )

    def clean_where(self) -> str:
        """Without what cannot be seen."""
        return clean_text(self.cleaned_data["where"])

    def clean_addresses(self) -> str:
        """At most so many lines; nothing is cut off without a word."""
        text: str = self.cleaned_data["addresses"]
        lines = sum(bool(line.strip()) for line in text.splitlines())
        if lines > pasting.MOST_LINES:
            raise forms.ValidationError(
                _("These are %(lines)d lines; at most %(most)d can be taken at once.")
                % {"lines": lines, "most": pasting.MOST_LINES}
            )
        if not lines:
            raise forms.ValidationError(_("There is no address here."))
        return text

    def clean(self) -> dict[str, Any]:
        """Who says that people have agreed says where."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("how") == self.AGREED and "where" in data and not data["where"]:
            self.add_error("where", _("Say where and when they agreed."))
        return data

    @property
    def agreed_where(self) -> str:
        """Where they agreed, "" if each is asked; only of a valid form."""
        return self.cleaned_data["where"] if self.cleaned_data["how"] == self.AGREED else ""
