"""What others see of an application, each audience: said here once, so that an applicant who looks before they submit
sees no more and no less than those who read it later, and what is published is what they looked at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from recruitment import profiles, queries
from recruitment.models import ApplicantIdentity, Call, Snapshot
from taskforce.core import languages

# What of a profile may be published, and by which consent.
_OF_PROFILE = {
    "publish_region": ("region",),
    "publish_languages": ("languages",),
    "publish_roles": ("projects", "roles"),
}
# What somebody says of who they are, as the columns are called.
_IDENTITY = (
    "name", "wiki_name", "not_reviewers", "publish_name", "publish_wiki_name", "publish_region", "publish_languages",
    "publish_roles", "publish_text",
)  # fmt: skip


def identity_of(identity: ApplicantIdentity) -> dict[str, Any]:
    """Who somebody is, as they have submitted it, by the names of the columns."""
    return {name: getattr(identity, name) for name in _IDENTITY}


class ToReviewers(NamedTuple):
    """What reviewers, and all others who read a candidate, see: which version it is, answers and profile in the
    language of the application, no name. `submitted_at` and `sha256` are not there before it is submitted."""

    language: str
    language_name: str
    number: int
    submitted_at: datetime | None
    sha256: str
    answers: list[queries.Answered]
    profile: list[profiles.Line]


def to_reviewers(call: Call, version: Snapshot) -> ToReviewers:
    """As the page of a candidate shows it, in the active language; `version` may be one that is not stored (yet)."""
    return ToReviewers(
        language=version.language,
        language_name=languages.OWN_NAMES.get(version.language, version.language),
        number=version.number,
        submitted_at=version.submitted_at,
        sha256=version.sha256,
        answers=queries.answered(call, version.answers),
        profile=profiles.lines(version.profile),
    )


class ToPublic(NamedTuple):
    """What anybody sees once somebody is chosen: no more than what they consented to.

    `name` is all that pages show of a member by now (`taskforce.announcements`); `allowed` says whether more may be,
    which is the rest.
    """

    name: str
    wiki_name: str
    profile: list[profiles.Line]
    text: str

    @property
    def is_more_allowed(self) -> bool:
        """Something may be published that no page shows."""
        return bool(self.wiki_name or self.profile or self.text)


def published_name(identity: Mapping[str, Any]) -> str:
    """By which name somebody who is chosen is published; "" where they are counted and not named."""
    return str(identity.get("name", "")) if identity.get("publish_name") else ""


def to_public(identity: Mapping[str, Any], profile: Mapping[str, Any]) -> ToPublic:
    """Of what was said the consented fields alone; `identity` has the names of the columns."""
    allowed = {field for consent, fields in _OF_PROFILE.items() if identity.get(consent) for field in fields}
    return ToPublic(
        name=published_name(identity),
        wiki_name=identity.get("wiki_name", "") if identity.get("publish_wiki_name") else "",
        profile=profiles.lines({name: value for name, value in profile.items() if name in allowed}),
        text=identity.get("publish_text", ""),
    )


class ToStaff(NamedTuple):
    """What those see who decide: who it is, besides all that reviewers see."""

    name: str
    wiki_name: str
    allowed: list[SafeString]
    publish_text: str
    not_reviewers: str


def staff_name(identity: Mapping[str, Any]) -> str:
    """What those who tell the outcome read beside the number: the name that was given, else the user name, else
    nothing. Never what the account is called or its address: whoever leaves the name empty is a number."""
    return str(identity.get("name", "") or identity.get("wiki_name", ""))


def to_staff(identity: Mapping[str, Any]) -> ToStaff:
    """Of what was said; the background is not in it, since nobody reads that of one person."""
    return ToStaff(
        name=identity.get("name", ""),
        wiki_name=identity.get("wiki_name", ""),
        allowed=profiles.allowed(identity),
        publish_text=identity.get("publish_text", ""),
        not_reviewers=identity.get("not_reviewers", ""),
    )
