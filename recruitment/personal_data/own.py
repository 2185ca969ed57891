"""What of it people take along. Part of the room `personal_data`."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from recruitment.enums import DecisionState, Group
from recruitment.models import Application, Decision, NoReminders, Review, Snapshot
from taskforce.core import personal
from taskforce.core.personal import Mailboxes


def given() -> None:
    """Each kind of it under its name."""
    personal.give(personal.Collection("applications", _("Your applications"), own_applications))
    personal.give(personal.Collection("application-versions", _("What you submitted"), own_snapshots))
    personal.give(personal.Collection("no-reminders", _("Calls of which you want no reminders"), own_no_reminders))
    personal.give(personal.Collection("outcomes", _("What was decided, once it was told"), own_outcomes))
    personal.give(personal.Collection("reviews", _("Reviews that you wrote"), own_reviews))


def own_applications(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """One's applications with the draft as it stands; nothing of reviews and of what is decided but not told."""
    who = (
        "name", "wiki_name", "publish_name", "publish_wiki_name", "publish_region", "publish_languages",
        "publish_roles", "publish_text", "not_reviewers",
    )  # fmt: skip
    background = ("gender", "gender_words", "age", "affiliation", "affiliation_words", "experience")
    found = Application.objects.filter(applicant=user).select_related(*(str(group) for group in Group))
    return [
        {
            "reference": one.reference,
            "language": one.language,
            "state": one.state,
            "created_at": one.created_at,
            "saved_at": one.saved_at,
            "submitted_at": one.submitted_at,
            "withdrawn_at": one.withdrawn_at,
            "identity": {name: getattr(one.identity, name) for name in who},
            "background": {name: getattr(one.demographics, name) for name in background},
            "typed": {str(group): getattr(one, group).typed for group in Group},
        }
        for one in found.order_by("pk")
    ]


def own_snapshots(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """Every version that one has submitted."""
    found = Snapshot.objects.filter(application__applicant=user).order_by("pk")
    return personal.plain(
        found.values(
            "application__reference",
            "number",
            "language",
            "answers",
            "profile",
            "bound",
            "sha256",
            "submitted_at",
            "in_grace",
        )
    )


def own_no_reminders(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The calls of which one wants no reminders."""
    found = NoReminders.objects.filter(applicant=user).order_by("pk")
    return personal.plain(found.values("call", "at"))


def own_outcomes(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What was decided about one's applications, only once it was released."""
    found = Decision.objects.filter(application__applicant=user, state=DecisionState.RELEASED).order_by("pk")
    return personal.plain(found.values("application__reference", "outcome", "decided_at", "released_at"))


def own_reviews(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The reviews that one wrote, about candidates by number."""
    found = Review.objects.filter(reviewer=user).prefetch_related("scores").select_related("application")
    return [
        {
            "candidate": one.application.number,
            "state": one.state,
            "note": one.note,
            "saved_at": one.saved_at,
            "submitted_at": one.submitted_at,
            "scores": [{"criterion": score.criterion_id, "value": score.value} for score in one.scores.all()],
        }
        for one in found.order_by("pk")
    ]
