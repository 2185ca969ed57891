"""Codes of recruitment; labels are translated at display."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApplicationState(models.TextChoices):
    """What the applicant did; never what was decided."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ReviewState(models.TextChoices):
    """A half-finished review counts nothing."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")


class Reminding(models.TextChoices):
    """How long before its call closes an unfinished application is reminded of."""

    WEEK = "week", _("seven days before the close")
    DAY = "day", _("24 hours before the close")


class Outcome(models.TextChoices):
    """What was decided about an application; held until its release."""

    ACCEPT = "accept", _("accept")
    DECLINE = "decline", _("decline")


class DecisionState(models.TextChoices):
    """Held is invisible; released is told to the applicant."""

    HELD = "held", _("held")
    RELEASED = "released", _("released")


class ChangeKind(models.TextChoices):
    """What a public act on a published call changes."""

    SEATS = "seats", _("number of seats")
    CRITERIA = "criteria", _("criteria or weights")
    WORDS = "words", _("what it says")


class Part(models.TextChoices):
    """Where what a call lacks is mended."""

    DETAILS = "details", _("what the call says")
    RUBRIC = "rubric", _("criteria and weights")
    CLARIFICATIONS = "clarifications", _("questions and answers about the call")
    QUESTIONS = "questions", _("questions of the form")
    PHASES = "phases", _("phases and their dates")
    PEOPLE = "people", _("people and their roles")
    MAILS = "mails", _("texts of the mails")


class Group(models.TextChoices):
    """What of an application is saved, versioned and merged by itself."""

    IDENTITY = "identity", _("About you")
    PROFILE = "profile", _("Your languages and time")
    ANSWERS = "answers", _("Questions")
    DEMOGRAPHICS = "demographics", _("About your background (voluntary)")


class Level(models.TextChoices):
    """How well somebody speaks a language, by the levels of Babel on user pages."""

    BASIC = "1", _("1 – basic")
    INTERMEDIATE = "2", _("2 – intermediate")
    ADVANCED = "3", _("3 – advanced")
    NEARLY_NATIVE = "4", _("4 – nearly native")
    PROFESSIONAL = "5", _("5 – professional")
    NATIVE = "N", _("native speaker")


class TimeOfDay(models.TextChoices):
    """When somebody has time, by their own clock."""

    MORNING = "morning", _("morning (6 to 12)")
    AFTERNOON = "afternoon", _("afternoon (12 to 18)")
    EVENING = "evening", _("evening (18 to 24)")
    NIGHT = "night", _("night (0 to 6)")
    WEEKEND = "weekend", _("on weekends")


# An answer of its own, to each question about somebody's background.
NOT_SAID = "not-said"
# Where somebody uses their own words.
OWN_WORDS = "own"


class Gender(models.TextChoices):
    """Asked of whoever wants to say it."""

    WOMAN = "woman", _("woman")
    MAN = "man", _("man")
    NON_BINARY = "non-binary", _("non-binary")
    OWN = OWN_WORDS, _("in my own words (below)")
    NOT_SAID = NOT_SAID, _("I prefer not to say")


class AgeGroup(models.TextChoices):
    """In years."""

    UNDER_18 = "0-17", _("under 18")
    FROM_18 = "18-24", _("18 to 24")
    FROM_25 = "25-34", _("25 to 34")
    FROM_35 = "35-44", _("35 to 44")
    FROM_45 = "45-54", _("45 to 54")
    FROM_55 = "55-64", _("55 to 64")
    FROM_65 = "65-", _("65 or older")
    NOT_SAID = NOT_SAID, _("I prefer not to say")


class Affiliation(models.TextChoices):
    """In which part somebody is here most of the time."""

    VOLUNTEER = "volunteer", _("as a volunteer")
    STAFF = "staff", _("as staff of an affiliate")
    BOARD = "board", _("on the board of an affiliate")
    FOUNDATION = "foundation", _("as staff of the Wikimedia Foundation")
    OWN = OWN_WORDS, _("in my own words (below)")
    NOT_SAID = NOT_SAID, _("I prefer not to say")


class Experience(models.TextChoices):
    """How long somebody has been here, in years."""

    UNDER_2 = "0-1", _("less than 2 years")
    FROM_2 = "2-4", _("2 to 4 years")
    FROM_5 = "5-9", _("5 to 9 years")
    FROM_10 = "10-14", _("10 to 14 years")
    FROM_15 = "15-", _("15 years or more")
    NOT_SAID = NOT_SAID, _("I prefer not to say")


class Fate(StrEnum):
    """What became of a mail, for whoever it is to: `COMING` in the first hour, from then on `WAITING`."""

    SENT = "sent"
    COMING = "coming"
    WAITING = "waiting"
    UNSURE = "unsure"
    FAILED = "failed"
    LATE = "late"
    DROPPED = "dropped"
