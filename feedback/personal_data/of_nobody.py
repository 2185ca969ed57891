"""What is written by those who answer for the task force, for everybody to read. Part of the room `personal_data`."""

from taskforce.core import personal


def windows() -> None:
    """What is asked."""
    personal.impersonal(
        "feedback.FeedbackWindow", "id", "phase", "proposal", "questions", "slug", "title", "introduction",
        "terms", "published_at", "participation", "is_read_first",
    )  # fmt: skip


def answers() -> None:
    """What becomes of what was said."""
    personal.impersonal("feedback.Theme", "id", "window", "title", "description", "position", "version")
    personal.impersonal("feedback.ThemedItem", "id", "item", "theme", "waits")
    personal.impersonal(
        "feedback.FinalCall", "id", "proposal", "number", "revision", "at", "left", "readable", "statements",
    )  # fmt: skip
    personal.impersonal("feedback.Release", "id", "window", "number", "at")
    personal.impersonal(
        "feedback.Disposition", "id", "item", "theme", "outcome", "revision", "answers", "release", "stands",
        "seen", "joins",
    )  # fmt: skip


def summaries() -> None:
    """How it is summed up."""
    personal.impersonal(
        "feedback.SummaryDraft", "id", "window", "source", "texts", "made_from", "days", "version", "kept_at"
    )
    personal.impersonal(
        "feedback.Summary", "id", "window", "number", "source", "texts", "outdated", "reviewed", "changes", "tally",
        "counted_at", "at",
    )  # fmt: skip
    personal.impersonal("feedback.SummaryReminder", "id", "window", "ends_version", "at")
