"""The sections of the form as its contents list them: what is there, what is missing, and what may stay folded away."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.forms import BoundField
from django.utils.translation import gettext as _

from recruitment.forms.applying import ApplicationForm
from taskforce.questions.enums import NO_ANSWER
from taskforce.questions.fields import in_words

# Rows of languages are one part of the form, and so are an answer and what is added to it in words; `application.js`
# says it likewise.
_ROW = re.compile(r"^profile-(language|level)-\d+$")
_BESIDE = re.compile(r"-(words|other)$")


class Section(NamedTuple):
    """A section: its place on the page, its title, and in how many of its parts something stands, must, or is wrong."""

    anchor: str
    title: str
    given: int
    parts: int
    missing: int
    wrong: int

    @property
    def is_used(self) -> bool:
        """Whether there is anything in it to be seen."""
        return bool(self.given or self.wrong)

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        if self.wrong:
            return _("To be corrected: {count}").format(count=in_words(self.wrong))
        if self.missing:
            return _("Still to be answered: {count}").format(count=in_words(self.missing))
        if self.given:
            return _("Filled in: {count} of {most}").format(count=in_words(self.given), most=in_words(self.parts))
        return _("Nothing yet")


class Sections(NamedTuple):
    """All of them, in the order of the page."""

    about_you: Section
    languages: Section
    questions: Section
    background: Section
    to_publish: Section
    not_me: Section


def sections(form: ApplicationForm) -> Sections:
    """How the sections of a form stand."""
    rows = [field for row in form.language_rows() for field in row]
    return Sections(
        _section("about-you", _("About you"), form.identity_fields()),
        _section(
            "languages-and-time",
            _("Your languages and time"),
            [*form.before_languages(), *rows, *form.after_languages()],
        ),
        _section("questions", _("Questions"), form.asked_fields()),
        _section("background", _("About your background (voluntary)"), form.background_fields()),
        _section("to-publish", _("What may be published"), form.publish_fields()),
        _section("not-me", _("Who should not review you"), form.not_reviewers_fields()),
    )


def _section(anchor: str, title: str, fields: Iterable[BoundField]) -> Section:
    parts: dict[str, bool] = {}
    required = set()
    wrong = set()
    for field in fields:
        part = _BESIDE.sub("", _ROW.sub("profile-language", field.name))
        parts[part] = parts.get(part, False) or _says_something(field)
        if field.field.required:
            required.add(part)
        if field.errors:
            wrong.add(part)
    missing = sum(not parts[part] for part in required)
    return Section(anchor, title, sum(parts.values()), len(parts), missing, len(wrong))


def _says_something(field: BoundField) -> bool:
    value = field.value()
    if isinstance(value, str):
        return value.strip() not in ("", NO_ANSWER)
    return bool(value)
