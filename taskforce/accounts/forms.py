"""What a person sets about their own account."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from taskforce.accounts.models import User
from taskforce.core import languages, zones
from taskforce.core.clock import real_now
from taskforce.core.text import clean_name

_WRONG_CHOICE = {"invalid_choice": _("Please choose one of the answers given here.")}


class OwnNames(forms.Select):
    """A choice of languages, each by its own name and marked as written in itself."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """An option with its `lang`."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["lang"] = languages.html_lang(str(value))
        return option


class LongSelect(forms.Select):
    """A choice of hundreds: written in one go, where Django fills a template for each option."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The element as Django would write it."""
        chosen = set(self.format_value(value))
        selected = flatatt({"selected": True})
        rows = ((key, selected if str(key) in chosen else "", label) for key, label in self.choices)
        options = format_html_join("\n", '<option value="{}"{}>{}</option>', rows)
        return format_html(
            '<select name="{}"{}>\n{}\n</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


class ZoneField(forms.ChoiceField):
    """A time zone by the name of its place; any IANA name is taken, since browsers know more of them than CLDR."""

    widget = LongSelect

    def valid_value(self, value: Any) -> bool:
        """Whether it is a zone in which times can be told."""
        return str(value) in zones.known()


def zone_choices(given: Any) -> list[tuple[str, str]]:
    """The zones by place in the reader's language, and the one that is set even if it is none of them."""
    at = real_now()
    offered = [(name, zones.told(name, label, at)) for name, label in zones.choices(get_language() or "en")]
    given = str(given or zones.UTC)
    known = {name for name, _label in offered}
    return offered if given in known or len(given) > User.LONGEST_ZONE else [*offered, (given, given)]


def zone_field(given: Any) -> ZoneField:
    """In whose time somebody is told times; what a script leaves out is for the form to say."""
    return ZoneField(
        label=_("Your time zone"),
        help_text=_("For the times in your mails. They stand there in UTC too."),
        choices=zone_choices(given),
        required=False,
        error_messages=_WRONG_CHOICE,
    )


class ProfileForm(forms.Form):
    """How somebody is shown, and in which language and whose time the portal speaks to them.

    Of language and zone one is always chosen, so nothing has to be called required; what a script leaves out stays.
    """

    name = forms.CharField(
        label=_("Name shown"),
        help_text=_(
            "The name that stands beside what you write and do here. If you leave it empty, your own pages call you by "
            "your e-mail address."
        ),
        max_length=User.LONGEST_NAME,
        required=False,
        widget=forms.TextInput({"autocomplete": "nickname", "dir": "auto"}),
    )
    language = forms.ChoiceField(
        label=_("Language of your mails"),
        choices=list(languages.OWN_NAMES.items()),
        widget=OwnNames,
        required=False,
        error_messages=_WRONG_CHOICE,
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, initial={"name": user.name, "language": user.language, "zone": user.zone})
        self.fields["zone"] = zone_field(self.data.get("zone") or user.zone)

    def clean_name(self) -> str:
        """Without what cannot be seen; one that was not sent stays."""
        return clean_name(self.cleaned_data["name"]) if "name" in self.data else str(self.initial["name"])

    def clean(self) -> dict[str, Any]:
        """With what held before where nothing was sent."""
        data: dict[str, Any] = super().clean() or {}
        for name in ("language", "zone"):
            if data.get(name) == "":
                data[name] = self.initial[name]
        return data
