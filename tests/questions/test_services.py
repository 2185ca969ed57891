"""Question sets: versions in a row, translated rows, nothing that nobody could answer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from taskforce.audit.models import Entry
from taskforce.core.errors import Invalid
from taskforce.core.labels import label
from taskforce.questions.models import Question
from taskforce.questions.services import create_set

AT = datetime(2022, 1, 25, 9, tzinfo=UTC)
TEXT: dict[str, Any] = {"kind": "long-text", "labels": {"en": "Why?", "id": "Mengapa?"}}
CHOICE: dict[str, Any] = {
    "kind": "one-choice",
    "labels": {"zh-hant": "你同意嗎？"},
    "choices": [("yes", {"zh-hant": "同意"}), ("no", {"zh-hant": "不同意"})],
}


@pytest.mark.django_db
def test_a_set_is_rows_in_its_languages() -> None:
    version = create_set("opinions", [TEXT, CHOICE], at=AT, actor_id=7)
    first, second = Question.objects.filter(version=version).order_by("position")
    assert (version.number, first.kind, second.kind) == (1, "long-text", "one-choice")
    assert label(first, "label", "id") == ("Mengapa?", "id")
    assert label(first, "label", "zh-hant") == ("Why?", "en")
    assert label(second, "label", "en") == ("你同意嗎？", "zh-hant")
    assert [choice.code for choice in second.choices.all()] == ["yes", "no"]
    assert Entry.objects.get(action="questions.created").actor_id == 7


@pytest.mark.django_db
def test_a_changed_wording_is_the_next_version_and_leaves_the_first_alone() -> None:
    first = create_set("opinions", [TEXT], at=AT)
    second = create_set("opinions", [CHOICE, TEXT], at=AT)
    assert (first.number, second.number) == (1, 2)
    assert first.question_set == second.question_set
    assert first.questions.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "questions",
    [
        [],
        [{**TEXT, "kind": "essay"}],
        [{**TEXT, "labels": {}}],
        [{**TEXT, "labels": {"en": ""}}],
        [{**TEXT, "labels": {"xx": "?"}}],
        [{**TEXT, "max_length": -1}],
        [{**TEXT, "max_length": 10_001}],
        [{**TEXT, "choices": CHOICE["choices"]}],
        [{**CHOICE, "choices": []}],
        [{**CHOICE, "choices": CHOICE["choices"][:1]}],
        [{**CHOICE, "choices": [*CHOICE["choices"], CHOICE["choices"][0]]}],
        [{**CHOICE, "choices": [*CHOICE["choices"], ("-", {"en": "None"})]}],
        [{**CHOICE, "choices": [*CHOICE["choices"], ("maybe", {})]}],
        [TEXT, {**TEXT, "labels": {}}],
    ],
)
def test_what_nobody_could_answer_is_refused(questions: list[dict[str, Any]]) -> None:
    with pytest.raises(Invalid):
        create_set("opinions", questions, at=AT)
    assert not Question.objects.exists()
