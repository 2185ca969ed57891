"""The only writer of question sets: a new wording is a new version, and no version is ever changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core import labels
from taskforce.core.errors import Conflict, Invalid
from taskforce.questions import faults
from taskforce.questions.enums import QuestionKind
from taskforce.questions.models import Choice, Question, QuestionSet, QuestionSetVersion


@transaction.atomic
def create_set(
    slug: str,
    questions: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
    actor_id: int | None = None,
    task_force_id: int | None = None,
) -> QuestionSetVersion:
    """The next version of the set `slug` (its first where the set is new), with all its questions.

    A new set is the task force's, or for all (None); `Conflict` where there is one of that name of somebody else.

    Each question is a mapping: `kind` (a `QuestionKind`), `labels` {language: text}, and optionally
    `help_texts` {language: text}, `required`, `max_length` (characters; 0: the general limit), `choices`
    [(code, {language: label})], `least` and `most` (how many of several choices may be made, 0: any number; or the
    ends of a scale, with `least_labels` and `most_labels`). Raises `Invalid` for a set that nobody could answer. `at`
    is the portal's moment (UTC).
    """
    _check_all(questions)
    question_set, _made = QuestionSet.objects.get_or_create(slug=slug, defaults={"task_force_id": task_force_id})
    # The row lock makes parallel versions wait, so that each gets its own number.
    question_set = QuestionSet.objects.select_for_update().get(pk=question_set.pk)
    if question_set.task_force_id != task_force_id:
        raise Conflict(_("There is a set of questions “%(slug)s” of another task force.") % {"slug": slug})
    last = question_set.versions.aggregate(last=Max("number"))["last"] or 0
    version = QuestionSetVersion.objects.create(question_set=question_set, number=last + 1, created_at=at)
    for position, spec in enumerate(questions, start=1):
        _create_question(version, position, spec)
    log.record(
        "questions.created",
        version,
        at=at,
        actor_id=actor_id,
        task_force_id=task_force_id,
        slug=slug,
        number=version.number,
    )
    return version


def _create_question(version: QuestionSetVersion, position: int, spec: Mapping[str, Any]) -> None:
    question = Question.objects.create(
        version=version,
        position=position,
        kind=QuestionKind(spec["kind"]),
        required=bool(spec.get("required", False)),
        **{name: int(spec.get(name, 0)) for name in ("max_length", "least", "most")},
        **_columns(spec),
    )
    for place, (code, texts) in enumerate(spec.get("choices", ()), start=1):
        Choice.objects.create(question=question, position=place, code=code, **labels.columns("label", dict(texts)))


def _columns(spec: Mapping[str, Any]) -> dict[str, str]:
    """The columns of all texts of a question."""
    columns: dict[str, str] = {}
    for part, (field, _longest) in faults.PARTS.items():
        columns |= labels.columns(field, dict(spec.get(part, {})))
    return columns


def _check_all(questions: Sequence[Mapping[str, Any]]) -> None:
    if not questions:
        raise Invalid(_("A set of questions needs at least one question."))
    for number, spec in enumerate(questions, start=1):
        problem = faults.problem(spec)
        if problem:
            raise Invalid(_("Question %(number)d: %(problem)s") % {"number": number, "problem": problem})
