"""Codes of recruitment; labels are translated at display."""

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


class Part(models.TextChoices):
    """Where what a call lacks is mended."""

    DETAILS = "details", _("what the call says")
    RUBRIC = "rubric", _("criteria and weights")
    CLARIFICATIONS = "clarifications", _("questions and answers about the call")
    QUESTIONS = "questions", _("questions of the form")
    PHASES = "phases", _("phases and their dates")
    PEOPLE = "people", _("people and their roles")
    MAILS = "mails", _("texts of the mails")
