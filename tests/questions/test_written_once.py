"""A version of questions is written once, and a set belongs to a task force or to all."""

from collections.abc import Callable
from typing import Any

import pgtrigger
import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.utils import DatabaseError

from taskforce.accounts.models import User
from taskforce.questions.models import Choice, Question, QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline.models import TaskForce
from taskforce.timeline.services import correct_label
from tests.questions.test_kinds import AT, SCALE, SEVERAL

pytestmark = pytest.mark.django_db


def settled() -> QuestionSetVersion:
    """A version whose transaction is over."""
    version = create_set("settled", [SEVERAL, SCALE], at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('questions.made', '', true)")
    return version


DOORS: dict[str, Callable[[QuestionSetVersion], Any]] = {
    "a number": lambda version: version.questions.update(most=7),
    "a word": lambda version: version.questions.update(label_en="Other?"),
    "a choice's word": lambda version: Choice.objects.filter(question__version=version).update(label_en="Other"),
    "a choice's code": lambda version: Choice.objects.filter(question__version=version, code="a").update(code="z"),
    "a question goes": lambda version: version.questions.filter(kind="scale")._raw_delete("default"),
    "a choice goes": lambda version: Choice.objects.filter(question__version=version)._raw_delete("default"),
    "a question more": lambda version: Question.objects.create(
        version=version, position=9, kind="region", label_en="?"
    ),
    "a choice more": lambda version: Choice.objects.create(
        question=version.questions.get(kind="several"), position=9, code="z", label_en="Z"
    ),
    "another number": lambda version: QuestionSetVersion.objects.filter(pk=version.pk).update(number=9),
    "a version goes": lambda version: QuestionSetVersion.objects.filter(pk=version.pk)._raw_delete("default"),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_database_refuses_every_other_door(door: str) -> None:
    version = settled()
    with pytest.raises((IntegrityError, InternalError, DatabaseError)) as refused, transaction.atomic():
        DOORS[door](version)
    assert re_said(str(refused.value)), refused.value


def re_said(said: str) -> bool:
    """Whether a trigger of ours said so, not a key of another table."""
    return "never changes" in said or "is written" in said or "Cannot" in said


def test_the_doors_are_doors() -> None:
    """Without the triggers each of them changes something."""
    version = settled()
    names = [f"questions.{name}" for name in ("Question:words_only", "Choice:words_only", "Choice:nothing_is_deleted")]
    with pgtrigger.ignore(*names):
        assert DOORS["a number"](version) == 2
        assert DOORS["a choice's word"](version) == 3
        assert DOORS["a choice goes"](version) == 3


def test_a_word_is_corrected_by_its_act_and_nothing_else_with_it(tf: TaskForce, people: dict[str, User]) -> None:
    question = settled().questions.get(kind="scale")
    correct_label(tf.pk, row=question, field="most_label", language="en", text="a lot", actor=people["coordinator"])
    question.refresh_from_db()
    assert question.most_label_en == "a lot"  # type: ignore[attr-defined] # a column of the translation
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(most=9)
