"""What applying, reviewing and deciding keeps about people."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from recruitment.enums import DecisionState, Group
from recruitment.models import Application, Decision, NoReminders, Review, Snapshot
from taskforce.accounts.enums import Role
from taskforce.core import personal
from taskforce.core.personal import ANYBODY, NOBODY, ONESELF, Erasure, Mailboxes, Place, Purpose, Row

APPLYING = Purpose(
    "application",
    _("Your application"),
    _("So that a panel can choose the members. Whoever reviews reads your answers under a number, not your name."),
)
REVIEWING = Purpose(
    "review",
    _("Reviews and decisions"),
    _("So that applications are judged by the published criteria, and it is known who judged."),
)
CALLING = Purpose(
    "calls",
    _("Changed calls for members"),
    _("So that everybody knows who changed what a call had promised, and why."),
)
_DECIDERS = frozenset({Role.COORDINATOR, Role.DEPUTY})
_PANEL = _DECIDERS | {Role.REVIEWER}
# They read in the log that a candidate has submitted, by its number; who it is, it tells data officers alone, and these
# not which number.
_LOG = frozenset({Role.OBSERVER, Role.ADMINISTRATOR})
_OWN_AND_STAFF = frozenset({Place.OWN, Place.STAFF})
_UNTIL_ASKED = _("until you ask us to delete it")


def register() -> None:
    """Fill the map."""
    personal.register(*_applying(), *_reviewing(), *_calling())
    personal.impersonal(
        "recruitment.Call", "id", "phase", "questions", "title", "purpose", "eligibility", "seats", "term", "hours",
        "allowance", "publication", "criteria_introduction", "panel_size", "languages", "published_at",
    )  # fmt: skip
    personal.impersonal("recruitment.Criterion", "id", "call", "position", "label", "help_text", "weight", "retired_at")
    personal.impersonal("recruitment.ScoreMeaning", "id", "criterion", "score", "text")
    personal.impersonal("recruitment.Clarification", "id", "call", "position", "question", "answer", "added_at")
    personal.impersonal(
        "recruitment.CallChange", "id", "call", "number", "kind", "old_seats", "new_seats", "old_criteria",
        "new_criteria", "at",
    )  # fmt: skip
    personal.impersonal("recruitment.RemindedOf", "id", "call", "kind", "ends_version", "at", "count")
    personal.impersonal("recruitment.NoReminders", "id", "call")
    personal.impersonal("recruitment.Application", "id", "call", "version")
    for table in ("ApplicantIdentity", "ApplicantDemographics", "ApplicantProfile", "ApplicationAnswers"):
        personal.impersonal(f"recruitment.{table}", "id", "application", "version")
    personal.impersonal("recruitment.Snapshot", "id", "application", "number", "in_grace", "terms")
    personal.impersonal("recruitment.Review", "id", "application", "snapshot")
    personal.impersonal("recruitment.Score", "id", "review", "criterion")
    personal.impersonal("recruitment.Decision", "id", "application")
    personal.give(personal.Collection("applications", _("Your applications"), own_applications))
    personal.give(personal.Collection("application-versions", _("What you submitted"), own_snapshots))
    personal.give(personal.Collection("no-reminders", _("Calls of which you want no reminders"), own_no_reminders))
    personal.give(personal.Collection("outcomes", _("What was decided, once it was told"), own_outcomes))
    personal.give(personal.Collection("reviews", _("Reviews that you wrote"), own_reviews))


def _applying() -> tuple[Row, ...]:
    return (
        Row(
            APPLYING, "recruitment.ApplicantIdentity", ("name", "publish_name"),
            _("your name, and whether it may be published"),
            _UNTIL_ASKED, _DECIDERS | {ONESELF}, _OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.ApplicantIdentity",
            ("wiki_name", "publish_wiki_name", "publish_region", "publish_languages", "publish_roles", "publish_text"),
            _("your user name on the wikis, what else may be published of you, and a text for it"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.ApplicantIdentity", ("not_reviewers",), _("who should not review your application"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.ApplicantIdentity", ("typed",),
            _("the draft of your name, and of what may be published"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.ApplicantDemographics",
            ("typed", "gender", "gender_words", "age", "affiliation", "affiliation_words", "experience"),
            _("what you say about your background, if you do: kept apart, and read of nobody alone"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.ApplicantProfile", ("typed",),
            _("the draft of where you are, what you speak and when you have time"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        *(
            Row(
                APPLYING, f"recruitment.{table}", ("saved_at", "submitted_digest"),
                _("when each part of your draft was saved, and a code of what was submitted of it"),
                _UNTIL_ASKED, NOBODY, frozenset(), Erasure.EMPTY,
            )
            for table in ("ApplicantIdentity", "ApplicantDemographics", "ApplicantProfile", "ApplicationAnswers")
        ),
        Row(
            APPLYING, "recruitment.Application", ("applicant",), _("that the application is yours"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.RENAME,
        ),
        Row(
            APPLYING, "recruitment.ApplicationAnswers", ("typed",), _("the answers of your draft"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.Snapshot", ("answers",), _("the answers that you submitted, each version"),
            _UNTIL_ASKED, _PANEL | {ONESELF}, _OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.Snapshot", ("profile",),
            _("where you are, what you speak, when you have time and what you do, as you submitted it"),
            _UNTIL_ASKED, _PANEL | {ONESELF}, _OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.Application",
            ("number", "state", "created_at", "saved_at", "submitted_at", "withdrawn_at"),
            _("its number and state, and when you saved, submitted or withdrew it, without your name"),
            _UNTIL_ASKED, _PANEL | _LOG | {ONESELF}, _OWN_AND_STAFF, Erasure.KEEP, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.Application", ("language",), _("the language in which the application was written"),
            _UNTIL_ASKED, _PANEL | {ONESELF}, _OWN_AND_STAFF, Erasure.KEEP, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.Application", ("reference",), _("the reference on your receipt"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN, Place.OWN_MAIL}), Erasure.KEEP,
        ),
        Row(
            APPLYING, "recruitment.Application", ("saved_form_key", "saved_digest"),
            _("codes by which the same form is not taken twice"),
            _UNTIL_ASKED, NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.Application", ("mailbox_key",),
            _("a code by which a second application from the same mailbox is found"),
            _UNTIL_ASKED, NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.NoReminders", ("applicant", "at"),
            _("that you want no reminders of it, and since when"),
            _UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
        Row(
            APPLYING, "recruitment.Snapshot", ("form_key", "fields_digest", "language", "sha256", "submitted_at"),
            _("the fingerprint of each version, by which you can prove what you submitted"),
            _UNTIL_ASKED, _PANEL | {ONESELF}, _OWN_AND_STAFF | {Place.OWN_MAIL}, Erasure.KEEP,
        ),
    )  # fmt: skip


def _reviewing() -> tuple[Row, ...]:
    for_good = _("for good, as a part of how the process was run")
    return (
        Row(
            REVIEWING, "recruitment.Review", ("note",), _("a reviewer’s own notes"),
            for_good, frozenset({ONESELF}), frozenset({Place.STAFF, Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            REVIEWING, "recruitment.Review", ("reviewer", "state", "saved_at", "submitted_at"),
            _("who reviewed an application, and when"),
            for_good, _PANEL, frozenset({Place.STAFF}), Erasure.RENAME,
        ),
        Row(
            REVIEWING, "recruitment.Score", ("value",), _("how an application was scored"),
            for_good, _PANEL, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
        Row(
            REVIEWING, "recruitment.Decision", ("outcome", "state", "decided_at", "released_at"),
            _("what was decided about an application; you are told when all are"),
            for_good, _DECIDERS | {ONESELF}, _OWN_AND_STAFF | {Place.OWN_MAIL}, Erasure.KEEP,
        ),
        Row(
            REVIEWING, "recruitment.Decision", ("reason", "decided_by"), _("who decided, and with which reason"),
            for_good, _DECIDERS, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
    )  # fmt: skip


def _calling() -> tuple[Row, ...]:
    public = frozenset({Place.PUBLIC, Place.STAFF, Place.OWN, Place.OWN_MAIL, Place.OTHER_MAIL})
    return (
        Row(
            CALLING, "recruitment.CallChange", ("actor_id", "actor_name", "reason"),
            _("who of the staff changed the seats or the criteria of a call, and why"),
            _("for good, as a part of how the process was run"), frozenset({ANYBODY}), public, Erasure.KEEP,
        ),
    )  # fmt: skip


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
            "application__reference", "number", "language", "answers", "profile", "sha256", "submitted_at", "in_grace"
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
