"""The form with which staff give a role or invite to it."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from taskforce.accounts import rules
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.forms import OwnNames
from taskforce.accounts.rights import Grant
from taskforce.core import labels, languages
from taskforce.core.errors import Invalid
from taskforce.core.text import digest
from taskforce.notifications import mailboxes
from taskforce.timeline.models import TaskForce

EVERYWHERE = "all"
# Stands for a task force of which nobody has a role that is not for all.
_ANY_ONE = 0


class GiveForm(forms.Form):
    """An address, a role, where, in which language, and in which the mail is written.

    Offers what whoever holds `held` may give somewhere; whether they may give this there, the service decides.
    """

    def __init__(self, held: Collection[Grant], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        giving = [grant for grant in held if grant.role in rules.WHO["role.grant"].roles]
        wrong = {
            "required": _("Please choose one."),
            "invalid_choice": _("Please choose one of the answers given here."),
        }
        self.fields["address"] = forms.CharField(
            label=_("E-mail address"),
            help_text=_("If no account has this address, an invitation goes there. It works for 14 days."),
            widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr", "class": "vTextField"}),
            error_messages={"required": _("Write the address of the person.")},
        )
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=[("", _("– choose –")), *_roles(held, giving)], error_messages=wrong
        )
        places = _places(giving)
        self.fields["place"] = forms.ChoiceField(
            label=_("Task force"),
            choices=places,
            initial=places[0][0] if len(places) == 1 else None,
            error_messages=wrong,
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the role"),
            help_text=_("For translators and facilitators only."),
            choices=[("", _("– none –")), *languages.OWN_NAMES.items()],
            widget=OwnNames,
            required=False,
            error_messages=wrong,
        )
        self.fields["mail_language"] = forms.ChoiceField(
            label=_("Language of the mail"),
            choices=list(languages.OWN_NAMES.items()),
            initial=get_language(),
            widget=OwnNames,
            error_messages=wrong,
        )

    def clean_address(self) -> str:
        """One plain address."""
        try:
            return mailboxes.checked(self.cleaned_data["address"])
        except mailboxes.UnusableMailbox as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """A language exactly where the role is for one."""
        data: dict[str, Any] = super().clean() or {}
        if "role" in data and "language" in data:
            try:
                rules.checked_language(Role(data["role"]), data["language"])
            except Invalid as error:
                self.add_error("language", str(error.message))
        return data

    @property
    def wanted(self) -> Grant:
        """What is to be given; only of a valid form."""
        data = self.cleaned_data
        return Grant(data["role"], None if data["place"] == EVERYWHERE else int(data["place"]), data["language"])

    @property
    def typed(self) -> str:
        """The address letter by letter as it was sent, so that a slip is seen."""
        return str(self["address"].value()).strip()

    @property
    def role_name(self) -> str:
        """The role in words; only of a valid form."""
        return capfirst(str(Role(self.cleaned_data["role"]).label))

    @property
    def seen(self) -> str:
        """A mark of all that is given, so that only what was looked at is done; only of a valid form."""
        return digest([self.typed, *(self.cleaned_data[name] for name in self.fields)])


def _roles(held: Collection[Grant], giving: Collection[Grant]) -> list[tuple[str, str]]:
    """The roles that they may give at one of these places, in some language."""
    places = {grant.task_force_id for grant in giving}
    if None in places:
        # Some roles mean less for one task force than for all: who may not give the one may give the other.
        places.add(_ANY_ONE)
    return [
        (role.value, capfirst(str(role.label)))
        for role in Role
        if any(
            rules.may_give(held, Grant(role, place, language))[0]
            for place in places
            for language in (languages.CODES if role in SPOKEN_ROLES else ("",))
        )
    ]


def _places(giving: Collection[Grant]) -> list[tuple[str, str]]:
    """The task forces where they may give roles; for all of them, only whoever may everywhere."""
    everywhere = any(grant.task_force_id is None for grant in giving)
    found = TaskForce.objects.order_by("-pk")
    if not everywhere:
        found = found.filter(pk__in={grant.task_force_id for grant in giving if grant.task_force_id is not None})
    named = [(str(one.pk), labels.label(one, "name").text) for one in found]
    return [*named, (EVERYWHERE, capfirst(_("all task forces, later ones too")))] if everywhere else named
