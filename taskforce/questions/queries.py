"""Questions of a version, in reading order."""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from taskforce.questions.enums import QuestionKind
from taskforce.questions.models import Question, QuestionSetVersion


def questions(version: QuestionSetVersion | int) -> Sequence[Question]:
    """All questions of a version (or of its id) with their choices, in at most two statements."""
    found = list(Question.objects.filter(version=version).order_by("position"))
    prefetch_related_objects([one for one in found if one.kind == QuestionKind.ONE_CHOICE], "choices")
    return found
