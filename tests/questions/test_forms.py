"""Questions as a form: fields, labels with their language, limits in code points, drafts, answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.forms import CharField
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from taskforce.questions.forms import Answer, QuestionsForm, StorableForm
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set

AT = datetime(2022, 1, 25, 9, tzinfo=UTC)
CHOICES = [("yes", {"en": "Yes", "zh-hant": "是"}), ("no", {"en": "No"})]


def version_of(**changes: Any) -> QuestionSetVersion:
    text = {"kind": "long-text", "labels": {"en": "Why?"}, "max_length": 10, **changes}
    choice = {"kind": "one-choice", "labels": {"en": "Agreed?", "zh-hant": "同意嗎？"}, "choices": CHOICES, **changes}
    choice.pop("max_length", None)
    return create_set("opinions", [text, choice], at=AT)


@pytest.fixture
def version(db: None) -> QuestionSetVersion:
    return version_of()


@pytest.fixture
def names(version: QuestionSetVersion) -> tuple[str, str]:
    first, second = version.questions.order_by("position")
    return f"q-{first.pk}", f"q-{second.pk}"


def test_fields_are_named_after_the_questions(version: QuestionSetVersion, names: tuple[str, str]) -> None:
    form = QuestionsForm(version)
    assert tuple(form.fields) == names
    assert not any(field.required for field in form.fields.values())
    assert "maxlength" not in str(form[names[0]])
    assert "At most 10 characters." in str(form[names[0]].help_text)


def test_nothing_is_chosen_until_someone_chooses(version: QuestionSetVersion, names: tuple[str, str]) -> None:
    assert "checked" not in str(QuestionsForm(version)[names[1]])
    assert "checked" not in str(QuestionsForm(version, initial={names[1]: ""})[names[1]])
    assert str(QuestionsForm(version, initial={names[1]: "no"})[names[1]]).count("checked") == 1


def test_labels_by_the_readers_chain(version: QuestionSetVersion, names: tuple[str, str]) -> None:
    with translation.override("zh-hant"):
        form = QuestionsForm(version)
        assert str(form[names[1]].label) == "同意嗎？"
        assert str(form[names[0]].label) == '<span lang="en" dir="ltr">Why?</span>'
    with translation.override("ar"):
        assert str(QuestionsForm(version)[names[1]].label) == '<span lang="en" dir="ltr">Agreed?</span>'
        chinese = QuestionsForm(version, language="zh-hant")
        assert str(chinese[names[1]].label) == '<span lang="zh-Hant" dir="ltr">同意嗎？</span>'


@pytest.mark.parametrize(
    ("text", "valid"), [("🙂" * 10, True), ("🙂" * 11, False), ("a\r\n" * 5, True), ("e\u0301" * 10, True), ("", True)]
)
def test_the_limit_counts_characters(
    version: QuestionSetVersion, names: tuple[str, str], text: str, valid: bool
) -> None:
    assert QuestionsForm(version, {names[0]: text}).is_valid() is valid


def test_answers_in_order_with_empty_ones(version: QuestionSetVersion, names: tuple[str, str]) -> None:
    form = QuestionsForm(version, {names[0]: " Because \r\n"})
    assert form.is_valid()
    first, second = version.questions.order_by("position")
    assert form.answers() == [Answer(first.pk, "Because"), Answer(second.pk)]
    form = QuestionsForm(version, {names[1]: "yes"})
    assert form.is_valid()
    assert form.answers()[1] == Answer(second.pk, choices=("yes",))
    form = QuestionsForm(version, {names[1]: "-"})
    assert form.is_valid()
    assert form.answers()[1] == Answer(second.pk)


@pytest.mark.django_db
def test_required_questions_may_wait_in_a_draft() -> None:
    version = version_of(required=True)
    names = [f"q-{question.pk}" for question in version.questions.order_by("position")]
    form = QuestionsForm(version, {})
    assert not form.is_valid()
    assert set(form.errors) == set(names)
    assert "-" not in dict(form.fields[names[1]].choices)  # type: ignore[attr-defined]  # it is a choice field
    assert QuestionsForm(version, {}, draft=True).is_valid()
    too_long = QuestionsForm(version, {names[0]: "x" * 11}, draft=True)
    assert not too_long.is_valid()


def test_a_field_sent_twice_is_an_error(version: QuestionSetVersion, names: tuple[str, str]) -> None:
    form = QuestionsForm(version, QueryDict(f"{names[0]}=a&{names[0]}=b"))
    assert list(form.errors) == [names[0]]


def test_what_was_typed_comes_back_even_if_it_is_wrong(version: QuestionSetVersion, names: tuple[str, str]) -> None:
    form = QuestionsForm(version, {names[0]: "x" * 11 + "\ud800", names[1]: "no"})
    assert not form.is_valid()
    assert [(typed.value, typed.is_text) for typed in form.typed()] == [("x" * 11 + "?", True), ("No", False)]
    assert QuestionsForm(version, {names[0]: " ", names[1]: "maybe"}).typed() == []


@pytest.mark.parametrize("raw", ["a\x00b", "a\x1bb", "a\x7fb", "a\ud800b"])
@pytest.mark.parametrize("is_post", [True, False])
def test_what_cannot_be_stored_is_an_error_at_its_field(
    version: QuestionSetVersion, names: tuple[str, str], raw: str, is_post: bool
) -> None:
    data: dict[str, Any] | QueryDict = {names[0]: raw}
    if is_post:
        data = QueryDict(mutable=True)
        data[names[0]] = raw
    form = QuestionsForm(version, data)
    assert form.errors == {names[0]: ["This holds characters that cannot be stored."]}
    assert [typed.value for typed in form.typed()] == ["a?b" if "\ud800" in raw else "ab"]
    str(form[names[0]]).encode()


def test_a_form_costs_one_statement_at_any_size(version: QuestionSetVersion) -> None:
    text = {"kind": "long-text", "labels": {"en": "Why?"}}
    choice = {"kind": "one-choice", "labels": {"en": "Agreed?"}, "choices": CHOICES}
    large = create_set("large", [text, choice] * 10, at=AT)
    for one in (version, large):
        with CaptureQueriesContext(connection) as captured:
            str(QuestionsForm(one.pk))
        assert len(captured) == 1


def test_a_form_with_a_prefix_says_at_its_field_what_cannot_be_stored() -> None:
    class Named(StorableForm):
        reason = CharField(required=False)

    form = Named({"a-reason": "x\x00y", "reason": "fine"}, prefix="a")
    assert form.errors == {"reason": ["This holds characters that cannot be stored."]}
    assert Named({"a-reason": "fine", "reason": "x\x00y"}, prefix="a").is_valid()
