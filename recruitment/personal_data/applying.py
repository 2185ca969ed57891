"""What applying keeps: drafts, what was submitted, and how an application stands. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from recruitment.personal_data.purposes import APPLYING, DECIDERS, LOG, OWN_AND_STAFF, PANEL, UNTIL_ASKED
from taskforce.core.personal import NOBODY, ONESELF, Erasure, Place, Row


def draft() -> tuple[Row, ...]:
    """What somebody writes of themselves, and when each part of it was saved."""
    return (
        Row(
            APPLYING, "recruitment.ApplicantIdentity", ("name", "publish_name"),
            _("your name, and whether it may be published"),
            UNTIL_ASKED, DECIDERS | {ONESELF}, OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.ApplicantIdentity",
            ("wiki_name", "publish_wiki_name", "publish_region", "publish_languages", "publish_roles", "publish_text"),
            _("your user name on the wikis, what else may be published of you, and a text for it"),
            UNTIL_ASKED, DECIDERS | {ONESELF}, OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.ApplicantIdentity", ("not_reviewers",), _("who should not review your application"),
            UNTIL_ASKED, DECIDERS | {ONESELF}, OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.ApplicantIdentity", ("typed",),
            _("the draft of your name, and of what may be published"),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.ApplicantDemographics",
            ("typed", "gender", "gender_words", "age", "affiliation", "affiliation_words", "experience"),
            _("what you say about your background, if you do: kept apart, and read of nobody alone"),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.ApplicantProfile", ("typed",),
            _("the draft of where you are, what you speak and when you have time"),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        *(
            Row(
                APPLYING, f"recruitment.{table}", ("saved_at", "submitted_digest"),
                _("when each part of your draft was saved, and a code of what was submitted of it"),
                UNTIL_ASKED, NOBODY, frozenset(), Erasure.EMPTY,
            )
            for table in ("ApplicantIdentity", "ApplicantDemographics", "ApplicantProfile", "ApplicationAnswers")
        ),
    )  # fmt: skip


def submitted() -> tuple[Row, ...]:
    """Whose it is, the answers of the draft, and what was submitted."""
    return (
        Row(
            APPLYING, "recruitment.Application", ("applicant",), _("that the application is yours"),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.RENAME,
        ),
        Row(
            APPLYING, "recruitment.ApplicationAnswers", ("typed",), _("the answers of your draft"),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.Snapshot", ("answers",), _("the answers that you submitted, each version"),
            UNTIL_ASKED, PANEL | {ONESELF}, OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.Snapshot", ("profile",),
            _("where you are, what you speak, when you have time and what you do, as you submitted it"),
            UNTIL_ASKED, PANEL | {ONESELF}, OWN_AND_STAFF, Erasure.EMPTY, is_watched=True,
        ),
    )  # fmt: skip


def standing() -> tuple[Row, ...]:
    """How an application stands, and the codes by which it is found."""
    return (
        Row(
            APPLYING, "recruitment.Application",
            ("number", "state", "created_at", "saved_at", "submitted_at", "withdrawn_at"),
            _("its number and state, and when you saved, submitted or withdrew it, without your name"),
            UNTIL_ASKED, PANEL | LOG | {ONESELF}, OWN_AND_STAFF, Erasure.KEEP, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.Application", ("language",), _("the language in which the application was written"),
            UNTIL_ASKED, PANEL | {ONESELF}, OWN_AND_STAFF, Erasure.KEEP, is_watched=True,
        ),
        Row(
            APPLYING, "recruitment.Application", ("reference",), _("the reference on your receipt"),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN, Place.OWN_MAIL}), Erasure.KEEP,
        ),
        Row(
            APPLYING, "recruitment.Application", ("saved_form_key", "saved_digest"),
            _("codes by which the same form is not taken twice"),
            UNTIL_ASKED, NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.Application", ("mailbox_key",),
            _("a code by which a second application from the same mailbox is found"),
            UNTIL_ASKED, NOBODY, frozenset(), Erasure.EMPTY,
        ),
    )  # fmt: skip


def beside() -> tuple[Row, ...]:
    """What stands beside it: that no reminders are wanted, and what proves each version."""
    return (
        Row(
            APPLYING, "recruitment.NoReminders", ("applicant", "at"),
            _("that you want no reminders of it, and since when"),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
        Row(
            APPLYING, "recruitment.Snapshot", ("bound",),
            _(
                "what binds that fingerprint to the person: a random number, and sums from which nobody reads name or "
                "background"
            ),
            UNTIL_ASKED, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            APPLYING, "recruitment.Snapshot", ("form_key", "fields_digest", "language", "sha256", "submitted_at"),
            _("the fingerprint of each version, by which you can prove what you submitted"),
            UNTIL_ASKED, PANEL | {ONESELF}, OWN_AND_STAFF | {Place.OWN_MAIL}, Erasure.KEEP,
        ),
    )  # fmt: skip
