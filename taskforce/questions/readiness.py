"""What questions lack before they are asked: those that nobody could answer, and texts missing in a language."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from taskforce.core import labels
from taskforce.questions import faults
from taskforce.questions.enums import WITH_CHOICES
from taskforce.questions.models import Question


class Broken(NamedTuple):
    """A question that nobody could answer: its number, and the end of a sentence that says why."""

    number: int
    problem: str


def broken(questions: Sequence[Question]) -> list[Broken]:
    """The questions that nobody could answer: none that this version of the portal has made, but of earlier ones. Where
    nothing is asked, that is the first one's."""
    if not questions:
        return [Broken(1, _("there is none: the set asks nothing."))]
    problems = ((at, faults.problem(faults.spec(one))) for at, one in enumerate(questions, start=1))
    return [Broken(at, problem) for at, problem in problems if problem]


def missing(questions: Sequence[Question], code: str) -> int:
    """How many labels, hints, ends and choices of the questions there are in other languages and not in this one."""
    of_questions = [labels.stored(one, field) for one in questions for field, _longest in faults.PARTS.values()]
    choosing = [one for one in questions if one.kind in WITH_CHOICES]
    of_choices = [labels.stored(choice, "label") for one in choosing for choice in one.choices.all()]
    return sum(bool(found) and code not in found for found in (*of_questions, *of_choices))
