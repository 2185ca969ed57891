"""What is about nobody. Part of the room `personal_data`."""

from taskforce.core import personal


def columns() -> None:
    """Of calls, and of what belongs to an application or a review without being anybody's."""
    personal.impersonal(
        "recruitment.Call", "id", "phase", "questions", "title", "purpose", "eligibility", "seats", "term", "hours",
        "allowance", "publication", "criteria_introduction", "panel_size", "languages", "published_at",
    )  # fmt: skip
    personal.impersonal("recruitment.Criterion", "id", "call", "position", "label", "help_text", "weight", "retired_at")
    personal.impersonal("recruitment.ScoreMeaning", "id", "criterion", "score", "text")
    personal.impersonal("recruitment.Clarification", "id", "call", "position", "question", "answer", "added_at")
    personal.impersonal(
        "recruitment.CallChange", "id", "call", "number", "kind", "old_seats", "new_seats", "old_criteria",
        "new_criteria", "words", "at",
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
