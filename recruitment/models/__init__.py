"""The rows of recruitment."""

from recruitment.models.applications import ApplicantIdentity, Application, ApplicationAnswer, Snapshot
from recruitment.models.calls import Call, CallChange, Clarification, Criterion, ScoreMeaning
from recruitment.models.decisions import Decision
from recruitment.models.reviews import Review, Score

__all__ = [
    "ApplicantIdentity",
    "Application",
    "ApplicationAnswer",
    "Call",
    "CallChange",
    "Clarification",
    "Criterion",
    "Decision",
    "Review",
    "Score",
    "ScoreMeaning",
    "Snapshot",
]
