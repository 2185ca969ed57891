"""What others see of an application: said here once, so that an applicant who looks before they submit sees no more and
no less than those who read it later."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from recruitment import profiles, queries
from recruitment.models import Call

# What of a profile may be published, and by which consent.
_OF_PROFILE = {
    "publish_region": ("region",),
    "publish_languages": ("languages",),
    "publish_roles": ("projects", "roles"),
}


class ToReviewers(NamedTuple):
    """What reviewers, and all others who read a candidate, see: answers and profile in the language of the
    application, no name."""

    language: str
    answers: list[queries.Answered]
    profile: list[profiles.Line]


def to_reviewers(call: Call, language: str, answers: queries.Content, profile: Mapping[str, Any]) -> ToReviewers:
    """As the page of a candidate shows it, in the active language."""
    return ToReviewers(language, queries.answered(call, answers), profiles.lines(profile))


class ToPublic(NamedTuple):
    """What anybody sees once somebody is chosen: no more than what they consented to."""

    name: str
    wiki_name: str
    profile: list[profiles.Line]
    text: str

    @property
    def is_empty(self) -> bool:
        """Nothing was consented to: they are counted, and not named."""
        return not (self.name or self.wiki_name or self.profile or self.text)


def to_public(identity: Mapping[str, Any], profile: Mapping[str, Any]) -> ToPublic:
    """Of what was typed the consented fields alone; `identity` has the names of the columns."""
    allowed = {field for consent, fields in _OF_PROFILE.items() if identity.get(consent) for field in fields}
    return ToPublic(
        name=identity.get("name", "") if identity.get("publish_name") else "",
        wiki_name=identity.get("wiki_name", "") if identity.get("publish_wiki_name") else "",
        profile=profiles.lines({name: value for name, value in profile.items() if name in allowed}),
        text=identity.get("publish_text", ""),
    )


class ToStaff(NamedTuple):
    """What those see who decide: who it is, besides all that reviewers see."""

    name: str
    wiki_name: str
    not_reviewers: str


def to_staff(identity: Mapping[str, Any]) -> ToStaff:
    """Of what was typed; the background is not in it, since nobody reads that of one person."""
    return ToStaff(identity.get("name", ""), identity.get("wiki_name", ""), identity.get("not_reviewers", ""))
