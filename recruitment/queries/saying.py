"""What a call says besides its own row: its rubric, its questions, what was answered about it, what was changed."""

from collections.abc import Sequence

from recruitment.models import Call, CallChange, Clarification, Criterion
from taskforce.questions.models import Question
from taskforce.questions.queries import questions as questions_of


def rubric(call: Call) -> Sequence[Criterion]:
    """The criteria in force, in order, each with what its scores mean; two statements."""
    return list(call.criteria.filter(retired_at=None).order_by("position").prefetch_related("meanings"))


def asked(call: Call) -> Sequence[Question]:
    """The questions that its form asks, with their choices; one statement."""
    return questions_of(call.questions_id)


def changes(call: Call) -> Sequence[CallChange]:
    """The public acts on it since it was published, the newest first."""
    return list(call.changes.order_by("-number"))


def clarifications(call: Call) -> Sequence[Clarification]:
    """What was asked about it, with the answers, in order."""
    return list(call.clarifications.order_by("position"))
