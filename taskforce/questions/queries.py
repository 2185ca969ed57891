"""Sets of questions, their drafts and versions; the questions of a version in reading order."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Count, JSONField, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from taskforce.accounts.queries import task_force_ids
from taskforce.questions.enums import WITH_CHOICES
from taskforce.questions.models import Choice, Draft, Question, QuestionSet, QuestionSetVersion
from taskforce.questions.rules import WHO

# What can be chosen, as rows of its table, in the statement that reads the questions: every posted form asks it.
_CHOICES = RawSQL(
    "(SELECT jsonb_agg(to_jsonb(choice) ORDER BY choice.position) FROM questions_choice AS choice"
    " WHERE choice.question_id = questions_question.id)",
    [],
    JSONField(),
)


# All that the questions of a version say, for a statement that is asked anyway; `{version}` is a column with its id.
DIGEST = """(
    SELECT md5(string_agg(concat(question::text, choices.said), '' ORDER BY question.id))
    FROM questions_question AS question LEFT JOIN LATERAL (
        SELECT string_agg(choice::text, '' ORDER BY choice.id) AS said FROM questions_choice AS choice
        WHERE choice.question_id = question.id
    ) AS choices ON true WHERE question.version_id = {version}
)"""


@lru_cache(maxsize=128)
def known(version: int, digest: str | None) -> Sequence[Question]:
    """As `questions`, once for each process as long as they say the same (`DIGEST`). Nobody changes them."""
    return questions(version)


def questions(version: QuestionSetVersion | int) -> Sequence[Question]:
    """All questions of a version (or of its id) with their choices, in one statement."""
    return _with_choices(Question.objects.filter(version=version).order_by("position"))


def questions_by_version(versions: Collection[int]) -> dict[int, list[Question]]:
    """The same of several versions, by their ids, in one statement; those without questions are left out."""
    found: dict[int, list[Question]] = {}
    for one in _with_choices(Question.objects.filter(version__in=versions).order_by("version", "position")):
        found.setdefault(one.version_id, []).append(one)
    return found


def _with_choices(questions: QuerySet[Question]) -> list[Question]:
    found: list[Any] = list(questions.annotate(choice_rows=_CHOICES))
    names = [field.attname for field in Choice._meta.concrete_fields]
    for one in found:
        if one.kind in WITH_CHOICES:
            rows, choices = one.choice_rows or [], one.choices.all()
            choices._result_cache = [Choice.from_db(questions.db, names, [row[name] for name in names]) for row in rows]
            one._prefetched_objects_cache = {"choices": choices}
    return found


def visible_sets(user: Any) -> QuerySet[QuestionSet]:
    """The sets that a staff member sees: of the task forces for which they write questions, and those for all."""
    everywhere, ids = task_force_ids(user, WHO["questions.edit"])
    found = QuestionSet.objects.order_by("slug")
    if everywhere:
        return found
    return found.filter(Q(task_force_id__in=ids) | Q(task_force_id=None)) if ids else found.none()


def visible_versions(user: Any) -> Sequence[QuestionSetVersion]:
    """The versions of these sets, as `versions`."""
    everywhere, ids = task_force_ids(user, WHO["questions.edit"])
    return versions(None if everywhere else ids)


def newest_versions(sets: Collection[int]) -> dict[int, QuestionSetVersion]:
    """The newest version of each of these sets (ids) that has one, in one statement."""
    found = QuestionSetVersion.objects.filter(question_set__in=sets).order_by("question_set", "-number")
    return {one.question_set_id: one for one in found.distinct("question_set")}


def versions_of(question_set: QuestionSet) -> list[QuestionSetVersion]:
    """All versions of a set, the newest first."""
    return list(question_set.versions.order_by("-number"))


def drafts_of(sets: Collection[int]) -> dict[int, Draft]:
    """The draft of each of these sets (ids) that has one, in one statement."""
    return {one.question_set_id: one for one in Draft.objects.filter(question_set__in=sets)}


def draft_of(set_id: int) -> Draft | None:
    """The draft of a set (its id), if it has one."""
    return drafts_of([set_id]).get(set_id)


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
