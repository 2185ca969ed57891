"""The fields of an application that every call has: who somebody is, what they speak, when they have time.

They are made once for each language of the page, since to make them would be most of what a posted form costs; whoever
changes one puts a copy in its place. Nothing here may be required of a program that sends a form.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.db.models import Choices
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recruitment.enums import Affiliation, AgeGroup, Experience, Gender, Level, TimeOfDay
from taskforce.core import languages, zones
from taskforce.core.text import clean_name
from taskforce.questions import spoken
from taskforce.questions.enums import Region
from taskforce.questions.fields import LongText, SeveralChoices, ShortText, at_most

NAME_LENGTH = 120
WIKI_NAME_LENGTH = 85
WORDS_LENGTH = 100
TEXT_LENGTH = 600
NAMES_LENGTH = 2_000
LINES_LENGTH = 500
# Nobody has more hours in a week.
MOST_HOURS = 168
# As many languages as anybody gives, and as many rows as a fresh form has.
MOST_LANGUAGES, FIRST_LANGUAGES = 30, 3
# So many rows are added at once.
MORE_LANGUAGES = 3
CONSENTS = ("publish_name", "publish_wiki_name", "publish_region", "publish_languages", "publish_roles")
# The list of names that the rows of languages share.
NAMES_LIST = "language-names"


class WholeHours(forms.IntegerField):
    """Hours per week, in the digits of any script; a line of text, since a field for numbers loses what is none."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=MOST_HOURS, required=False, **options)

    def to_python(self, value: Any) -> int | None:
        """The number, in whatever digits it was written; what is anything else is refused as a whole, never read in
        part, nor what nobody sees as if nothing stood there."""
        typed = str(value or "")
        line = clean_name(typed, most=WORDS_LENGTH)
        if not line and not typed.strip():
            return None
        if len(line) > WORDS_LENGTH or not line.isdecimal():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(line)


class ZoneSelect(forms.Select):
    """The zones by place, drawn from one text for each language of the page: a template for each of them would be most
    of the page's work."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """As Django's, but for the options."""
        own = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        chosen = str(value or "")
        known = chosen if chosen in zones.known() else ""
        return format_html("<select{}>{}</select>", flatatt(own), _zone_options(get_language() or "en", known))


class ZoneField(forms.CharField):
    """A zone in which times can be told."""

    widget = ZoneSelect

    def validate(self, value: str) -> None:
        """Only what clocks know."""
        if value and value not in zones.known():
            raise forms.ValidationError(_("Please choose one of the zones given here."), "invalid_choice")


@lru_cache(maxsize=256)
def _zone_options(language: str, chosen: str) -> SafeString:
    offered = [("", _("Not said")), *zones.choices(language)]
    if chosen and chosen not in dict(offered):
        offered.append((chosen, chosen))
    rows = ((flatatt({"value": name, "selected": name == chosen}), label) for name, label in offered)
    return format_html_join("", "<option{}>{}</option>", rows)


@lru_cache(maxsize=16)
def language_names(language: str) -> SafeString:
    """The names of all languages, as a browser offers them while one types."""
    names = ((called.text,) for called in spoken.names(language).values())
    return format_html(
        '<datalist id="{}">{}</datalist>', NAMES_LIST, format_html_join("", '<option value="{}"></option>', names)
    )


def read_language(named: str) -> tuple[str, str]:
    """(tag, "") of a language that somebody named in any language of the portal, or (`UNCODED`, what they named)."""
    here = get_language() or "en"
    first = spoken.read(named, here)
    if not first[1]:
        return first
    others = (spoken.read(named, code) for code in languages.CODES if code != here)
    return next((found for found in others if not found[1]), first)


def language_name(row: int) -> str:
    """The name of the field for the language in this row (from 1)."""
    return f"profile-language-{row}"


def level_name(row: int) -> str:
    """The name of the field that says how well."""
    return f"profile-level-{row}"


@lru_cache(maxsize=16)
def of_every_call(language: str) -> Mapping[str, forms.Field]:
    """{name: field} for a page in this language, in the order of the form."""
    return {**_identity(), **_profile(), **_rows(), **_background(), **_to_publish(), **_not_reviewers()}


def _identity() -> dict[str, forms.Field]:
    return {
        "name": ShortText(
            label=_("Your name"),
            help_text=_(
                "Reviewers do not see it. You may leave it empty: then you are a number to everybody who reads the "
                "application."
            ),
            most=NAME_LENGTH,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        ),
        "wiki_name": ShortText(
            label=_("Your user name on the wikis"),
            help_text=_("If you have one. Reviewers do not see it."),
            most=WIKI_NAME_LENGTH,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "username"}),
        ),
    }


def _profile() -> dict[str, forms.Field]:
    return {
        "profile-region": _chosen(Region, _("The region where you live, or that you know best")),
        "profile-zone": ZoneField(
            label=_("Your time zone"), help_text=_("So that meetings can be at a good time for you."), required=False
        ),
        "profile-hours": WholeHours(
            label=_("Hours per week that you have for the task force"),
            help_text=_("About, as a whole number."),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages=dict.fromkeys(
                ("invalid", "min_value", "max_value"),
                _("Please give a whole number of hours, from 0 to 168, such as 5."),
            ),
        ),
        "profile-times": SeveralChoices(
            least=0,
            most=0,
            label=_("When you mostly have time, by your own clock"),
            choices=[(str(code), label) for code, label in TimeOfDay.choices],
            required=False,
            error_messages={"invalid_choice": _("Please choose among the answers given here.")},
        ),
        "profile-projects": _words(_("Projects that you work on"), LINES_LENGTH, lines=2),
        "profile-roles": _words(_("What you do there: your roles"), LINES_LENGTH, lines=2),
    }


def _rows() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for row in range(1, MOST_LANGUAGES + 1):
        fields[language_name(row)] = ShortText(
            label=_("Language %(row)s") % {"row": row},
            most=spoken.LONGEST_NAME,
            required=False,
            widget=forms.TextInput(attrs={"list": NAMES_LIST, "autocomplete": "off"}),
        )
        fields[level_name(row)] = _chosen(Level, _("How well you speak language %(row)s") % {"row": row})
    return fields


def _background() -> dict[str, forms.Field]:
    words = _("In your own words")
    return {
        "about-gender": _chosen(Gender, _("Gender")),
        "about-gender-words": _line(_("Gender"), words),
        "about-age": _chosen(AgeGroup, _("Age")),
        "about-affiliation": _chosen(Affiliation, _("How you mostly take part in the movement")),
        "about-affiliation-words": _line(_("How you mostly take part in the movement"), words),
        "about-experience": _chosen(Experience, _("How long you have taken part")),
    }


def _to_publish() -> dict[str, forms.Field]:
    return {
        "publish_name": _consent(
            _("If I am chosen, my name may be published on the list of members"),
            _("Without this you are counted as a member, but not named."),
        ),
        "publish_wiki_name": _consent(_("My user name may be published, too")),
        "publish_region": _consent(_("My region may be published, too")),
        "publish_languages": _consent(_("The languages that I speak may be published, too")),
        "publish_roles": _consent(_("My projects and roles may be published, too")),
        "publish_text": _words(_("A short text about you that may be published, too"), TEXT_LENGTH, lines=4),
    }


def _not_reviewers() -> dict[str, forms.Field]:
    field = _words(_("People who should not review your application"), NAMES_LENGTH, lines=3)
    field.help_text = format_html(
        "{} <bdi>{}</bdi>",
        _(
            "Names or user names, one per line. Only those who coordinate read it, once the call has closed; you need "
            "not say why."
        ),
        field.help_text,
    )
    return {"not-reviewers": field}


def _chosen(offered: type[Choices], label: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", _("Not said")), *offered.choices],
        required=False,
        error_messages={"invalid_choice": _("Please choose one of the answers given here.")},
    )


def _consent(label: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def _words(label: str, most: int, *, lines: int) -> LongText:
    field = LongText(most=most, by_script=True, label=label, required=False, help_text=at_most(most, by_script=True))
    field.widget.attrs["rows"] = lines
    return field


def _line(about: str, label: str) -> ShortText:
    return ShortText(
        most=WORDS_LENGTH,
        by_script=True,
        label=format_html("{} – {}", about, label),
        required=False,
        help_text=_("Only if you chose that above."),
    )
