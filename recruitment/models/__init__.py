"""The rows of recruitment."""

from recruitment.models.applications import (
    ApplicantDemographics,
    ApplicantIdentity,
    ApplicantProfile,
    Application,
    ApplicationAnswers,
    Snapshot,
)
from recruitment.models.calls import Call, CallChange, Clarification, Criterion, ScoreMeaning
from recruitment.models.decisions import Decision
from recruitment.models.reminding import NoReminders, RemindedOf
from recruitment.models.reviews import Review, Score

__all__ = [
    "ApplicantDemographics",
    "ApplicantIdentity",
    "ApplicantProfile",
    "Application",
    "ApplicationAnswers",
    "Call",
    "CallChange",
    "Clarification",
    "Criterion",
    "Decision",
    "NoReminders",
    "RemindedOf",
    "Review",
    "Score",
    "ScoreMeaning",
    "Snapshot",
]
