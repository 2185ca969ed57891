"""Questions of a version, in reading order."""

from collections.abc import Sequence

from taskforce.questions.models import Question, QuestionSetVersion


def questions(version: QuestionSetVersion | int) -> Sequence[Question]:
    """All questions of a version (or of its id) with their choices, in two statements."""
    return list(Question.objects.filter(version=version).order_by("position").prefetch_related("choices"))
