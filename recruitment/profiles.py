"""What somebody says of their place, languages and time, as it stands in a snapshot, in words for those who read it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from babel.numbers import format_decimal
from django.db.models import TextChoices
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from recruitment.enums import Affiliation, AgeGroup, Experience, Gender, Level, TimeOfDay
from recruitment.models import Application
from taskforce.core import languages, zones
from taskforce.questions import spoken
from taskforce.questions.enums import UNCODED, Region


class Line(NamedTuple):
    """What was said of one thing: each of `values` by itself, or one text in the writer's words."""

    label: str
    values: list[SafeString]
    text: str = ""


def lines(profile: Mapping[str, Any]) -> list[Line]:
    """What was said, in the order of the form; nothing of what was not."""
    here = get_language() or "en"
    found = [
        Line(_("Region"), _called(Region, [profile.get("region", "")])),
        Line(_("Languages"), [_spoken(one, here) for one in profile.get("languages", ())]),
        Line(_("Time zone"), _zone(profile.get("zone", ""), here)),
        Line(_("Hours per week"), _hours(profile.get("hours"), here)),
        Line(_("When they mostly have time, by their own clock"), _called(TimeOfDay, profile.get("times", ()))),
        Line(_("Projects"), [], profile.get("projects", "")),
        Line(_("Roles"), [], profile.get("roles", "")),
    ]
    return [line for line in found if line.values or line.text]


def own_lines(application: Application) -> list[Line]:
    """What the applicant has submitted besides the snapshot, for them alone."""
    identity, background = application.identity, application.demographics
    found = [
        Line(_("Your name"), [], identity.name),
        Line(_("Your user name on the wikis"), [], identity.wiki_name),
        Line(
            _("What may be published if you are chosen"),
            allowed({name: getattr(identity, name) for name in _ALLOWED}) or [conditional_escape(_("Nothing"))],
        ),
        Line(_("A short text about you that may be published, too"), [], identity.publish_text),
        Line(_("Who should not review you"), [], identity.not_reviewers),
        Line(_("Gender"), _called(Gender, [background.gender]), background.gender_words),
        Line(_("Age"), _called(AgeGroup, [background.age])),
        Line(
            _("How you mostly take part in the movement"),
            _called(Affiliation, [background.affiliation]),
            background.affiliation_words,
        ),
        Line(_("How long you have taken part"), _called(Experience, [background.experience])),
    ]
    return [line for line in found if line.values or line.text]


def allowed(identity: Mapping[str, Any]) -> list[SafeString]:
    """What of who they are may be published; `identity` has the names of the columns."""
    return [conditional_escape(said) for name, said in _ALLOWED.items() if identity.get(name)]


_ALLOWED = {
    "publish_name": gettext_lazy("your name"),
    "publish_wiki_name": gettext_lazy("your user name"),
    "publish_region": gettext_lazy("your region"),
    "publish_languages": gettext_lazy("the languages that you speak"),
    "publish_roles": gettext_lazy("your projects and roles"),
}


def _called(offered: type[TextChoices], codes: Any) -> list[SafeString]:
    return [conditional_escape(offered(code).label) for code in codes if code in offered.values]


def _spoken(one: Mapping[str, str], here: str) -> SafeString:
    """A language, and how well it is spoken."""
    tag = one.get("tag", UNCODED)
    called = spoken.name(tag, here)
    if tag == UNCODED:
        name = format_html("<bdi>{}</bdi>", one.get("name", ""))
    elif called.language == here:
        name = format_html("<bdi>{}</bdi>", called.text)
    else:
        name = format_html('<bdi lang="{}">{}</bdi>', languages.html_lang(called.language), called.text)
    level = one.get("level", "")
    return format_html("{}: {}", name, Level(level).label) if level in Level.values else name


def _zone(name: str, here: str) -> list[SafeString]:
    if not name:
        return []
    place = zones.place(name, here)
    return [format_html("{} <bdi>({})</bdi>", place, name) if place else conditional_escape(name)]


def _hours(hours: Any, here: str) -> list[SafeString]:
    if hours is None:
        return []
    return [conditional_escape(format_decimal(hours, locale=languages.locale_of(here)))]
