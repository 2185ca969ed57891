"""Questions say nothing about people; the answers are the map of who collects them."""

from taskforce.core import personal


def register() -> None:
    """Say so."""
    personal.impersonal("questions.QuestionSet", "id", "slug", "task_force_id")
    personal.impersonal("questions.QuestionSetVersion", "id", "question_set", "number", "created_at")
    personal.impersonal(
        "questions.Question", "id", "version", "position", "kind", "label", "help_text", "required", "max_length",
        "least", "most", "least_label", "most_label",
    )  # fmt: skip
    personal.impersonal("questions.Choice", "id", "question", "position", "code", "label")
    personal.impersonal("questions.Draft", "id", "question_set", "content", "saved_at")
