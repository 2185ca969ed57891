"""Questions of a version, in reading order."""

from collections.abc import Collection, Sequence

from django.db.models import Count, Prefetch, Q, prefetch_related_objects

from taskforce.questions.enums import WITH_CHOICES
from taskforce.questions.models import Question, QuestionSetVersion


def questions(version: QuestionSetVersion | int) -> Sequence[Question]:
    """All questions of a version (or of its id) with their choices, in at most two statements."""
    found = list(Question.objects.filter(version=version).order_by("position"))
    prefetch_related_objects([one for one in found if one.kind in WITH_CHOICES], "choices")
    return found


def versions(task_forces: Collection[int] | None = None) -> Sequence[QuestionSetVersion]:
    """Every version of every set, the newest of a set first, each with its set, its first question and with `asked`,
    how many it has; two statements. With `task_forces` (ids): of their own sets, and of those for all."""
    found = QuestionSetVersion.objects.select_related("question_set").annotate(asked=Count("questions"))
    if task_forces is not None:
        own = Q(question_set__task_force_id__in=task_forces)
        found = found.filter(own | Q(question_set__task_force_id=None))
    first = Prefetch("questions", Question.objects.filter(position=1), to_attr="first")
    return list(found.prefetch_related(first).order_by("question_set__slug", "-number"))


def is_for(version: QuestionSetVersion, task_force_id: int) -> bool:
    """Whether the questions may be asked in this task force: its own, and those for all."""
    return version.question_set.task_force_id in (None, task_force_id)
