"""The rows of recruitment."""

from recruitment.models.applications import ApplicantIdentity, Application, ApplicationAnswer, Snapshot
from recruitment.models.calls import Call, Criterion
from recruitment.models.decisions import Decision
from recruitment.models.reviews import Review, Score

__all__ = [
    "ApplicantIdentity",
    "Application",
    "ApplicationAnswer",
    "Call",
    "Criterion",
    "Decision",
    "Review",
    "Score",
    "Snapshot",
]
