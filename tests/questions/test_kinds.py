"""Every kind of question: its field, what it takes and refuses, and how an answer is shown again."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from taskforce.core.errors import Invalid
from taskforce.questions import describe, spoken
from taskforce.questions.enums import Region
from taskforce.questions.forms import Answer, QuestionsForm
from taskforce.questions.models import Question
from taskforce.questions.services import create_set

AT = datetime(2022, 1, 25, 9, tzinfo=UTC)
THREE = [("a", {"en": "Apples"}), ("b", {"en": "Bread", "ar": "خبز"}), ("c", {"en": "Cheese"})]
LINE: dict[str, Any] = {"kind": "short-text", "labels": {"en": "In one line?"}, "max_length": 10}
SEVERAL: dict[str, Any] = {"kind": "several", "labels": {"en": "Which?"}, "choices": THREE}
SCALE: dict[str, Any] = {
    "kind": "scale",
    "labels": {"en": "How much?"},
    "least": 1,
    "most": 5,
    "least_labels": {"en": "not at all"},
    "most_labels": {"en": "very much", "ar": "كثيرا"},
}
LANGUAGE: dict[str, Any] = {"kind": "language", "labels": {"en": "What do you speak?"}}
REGION: dict[str, Any] = {"kind": "region", "labels": {"en": "Where are you?"}}

pytestmark = pytest.mark.django_db


def asked(spec: dict[str, Any], **changes: Any) -> Question:
    return create_set("set", [{**spec, **changes}], at=AT).questions.get()


def sent(question: Question, *values: str, **other: str) -> QuestionsForm:
    data = QueryDict(mutable=True)
    data.setlist(f"q-{question.pk}", list(values))
    for name, value in other.items():
        data[f"q-{question.pk}-{name}"] = value
    return QuestionsForm(question.version_id, data)


def answer(form: QuestionsForm) -> Answer:
    assert form.is_valid(), form.errors
    return form.answers()[0]


def drawn(form: QuestionsForm) -> str:
    return "".join(str(form[name]) for name in form.fields)


def test_one_line_stays_one_line() -> None:
    question = asked(LINE)
    assert 'type="text"' in drawn(QuestionsForm(question.version_id))
    assert answer(sent(question, "a\r\nb")) == Answer(question.pk, "a b")
    assert "too long" in str(sent(question, "x" * 11).errors)
    assert answer(sent(question, "\u200b \u2060")) == Answer(question.pk)


def test_several_choices_are_the_same_answer_in_any_order_and_number() -> None:
    question = asked(SEVERAL)
    assert drawn(QuestionsForm(question.version_id)).count('type="checkbox"') == 3
    for values in (("c", "a"), ("a", "c"), ("a", "c", "a")):
        assert answer(sent(question, *values)) == Answer(question.pk, choices=("a", "c"))
    assert answer(sent(question)) == Answer(question.pk)
    assert not sent(question, "a", "z").is_valid()
    again = sent(question, "c", "z", "a")
    assert drawn(again).count("checked") == 2
    assert str(again.typed()[0].value) == "Cheese · Apples"


@pytest.mark.parametrize(
    ("least", "most", "fits", "says"),
    [
        (2, 2, "ab", "Choose 2."),
        (0, 2, "a", "Choose 2 at most."),
        (2, 0, "abc", "Choose 2 or more."),
        (2, 3, "ab", "Choose 2 to 3."),
        (0, 0, "abc", "Choose as many as you like."),
    ],
)
def test_how_many_may_be_chosen(least: int, most: int, fits: str, says: str) -> None:
    question = asked(SEVERAL, least=least, most=most)
    field = QuestionsForm(question.version_id).fields[f"q-{question.pk}"]
    assert says in str(field.help_text)
    assert answer(sent(question, *fits)).choices == tuple(fits)
    assert sent(question).is_valid(), "no answer at all is possible where none is required"
    if least:
        assert "at least" in str(sent(question, "a").errors)
    if 0 < most < 3:
        assert "at most" in str(sent(question, *"abc").errors)


def test_a_scale_names_its_ends_and_may_stay_open() -> None:
    question = asked(SCALE)
    page = drawn(QuestionsForm(question.version_id))
    assert re.findall(r'value="([^"]*)"', page) == ["1", "2", "3", "4", "5", "-"]
    assert "not at all" in page
    assert "very much" in page
    assert "checked" not in page
    assert answer(sent(question, "4")) == Answer(question.pk, choices=("4",))
    assert answer(sent(question, "-")) == Answer(question.pk)
    for wrong in ("0", "6", "4.0", "٤"):
        assert not sent(question, wrong).is_valid()
    with translation.override("ar"):
        said = str(describe.listed(question, ["5"]))
    assert "كثيرا" in said
    assert '<span lang="en" dir="ltr">not at all</span>' in said
    assert describe.chosen(question, ["9", "x"]) == []


def test_a_required_scale_has_no_way_round() -> None:
    question = asked(SCALE, required=True)
    assert 'value="-"' not in drawn(QuestionsForm(question.version_id))
    assert not sent(question).is_valid()


def test_languages_are_named_in_the_readers_language() -> None:
    question = asked(LANGUAGE)
    with translation.override("ar"):
        page = drawn(QuestionsForm(question.version_id))
        assert ">الألمانية</option>" in page
        assert str(describe.listed(question, ["de"])) == "<bdi>الألمانية</bdi>"
        assert '<option lang="en" value="blt">' in page, "what CLDR has no Arabic name for says that it is English"
    # The reader's own portal languages first, each tag once.
    values = re.findall(r'<option value="([^"]*)"', page)
    assert {"zh-Hant", "id", "pt-BR"} <= set(values[2:14])
    assert len(values) == len(set(values)) > 500
    assert 'value="de" selected' in drawn(sent(question, "de"))
    assert "<script>" not in drawn(sent(question, '"><script>'))


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("German", Answer(0, "", ("de",))),
        ("deutsch", Answer(0, "", ("de",))),
        ("nan-hant-TW", Answer(0, "", ("nan-Hant-TW",))),
        ("NAN_Hant", Answer(0, "", ("nan-Hant",))),
        ("Squliq Atayal", Answer(0, "Squliq Atayal", ("mis",))),
        ("mul", Answer(0, "mul", ("mis",))),
        ("qqq", Answer(0, "qqq", ("mis",))),
        ("x" * 100, Answer(0, "x" * 100, ("mis",))),
        ("<b>", Answer(0, "<b>", ("mis",))),
    ],
)
def test_another_language_is_never_refused(named: str, expected: Answer) -> None:
    question = asked(LANGUAGE, required=True)
    found = answer(sent(question, "+", other=named))
    assert found == replace(expected, question_id=question.pk)
    (shown,) = describe.chosen(question, found.choices, found.text)
    assert shown
    assert "<b>" not in shown
    # A stored one stands in its fields again, and says the same when it is sent as it stands.
    form = QuestionsForm(question.version_id)
    form.show({question.pk: (found.text, list(found.choices))})
    name = f"q-{question.pk}"
    again = sent(question, str(form[name].value()), other=str(form[f"{name}-other"].value() or ""))
    assert answer(again) == found


def test_a_language_is_one() -> None:
    question = asked(LANGUAGE, required=True)
    for form in (sent(question, "+", other=""), sent(question, "de", other="Klingon"), sent(question, "", other="")):
        assert not form.is_valid()
    assert not sent(question, "xx-nothing", other="").is_valid()
    assert answer(sent(question, "", other="German")).choices == ("de",)
    assert "Klingon" in str(sent(question, "de", other="Klingon").typed()[0].value)
    open_one = asked(LANGUAGE)
    assert answer(sent(open_one, "-", other="")) == Answer(open_one.pk)


def test_regions_are_a_fixed_list_in_the_readers_language() -> None:
    question = asked(REGION)
    page = drawn(QuestionsForm(question.version_id))
    assert page.count('type="radio"') == len(Region) + 1 == 9
    assert answer(sent(question, "eseap")) == Answer(question.pk, choices=("eseap",))
    assert not sent(question, "mars").is_valid()
    with translation.override("zh-hant"):
        assert str(describe.listed(question, ["sa"])) == "南亞"


def test_a_large_value_costs_nothing() -> None:
    for spec in (LINE, SEVERAL, SCALE, LANGUAGE, REGION):
        question = asked(spec)
        form = sent(question, "[" * 200_000, other="[" * 200_000)
        assert not form.is_valid()
        assert drawn(form)


@pytest.mark.parametrize(
    "spec",
    [
        {**SEVERAL, "choices": THREE[:1]},
        {**SEVERAL, "least": 3, "most": 2},
        {**SEVERAL, "least": 4},
        {**SEVERAL, "most": 4},
        {**SCALE, "least": 5},
        {**SCALE, "least": 7, "most": 3},
        {**SCALE, "most": 11},
        {**LINE, "max_length": 301},
        {**REGION, "choices": THREE},
        {**LANGUAGE, "labels": {"en": "\u200b\u2060"}},
        {**LANGUAGE, "labels": {"en": "x" * 301}},
        {**SEVERAL, "choices": [("a", {"en": "\u00ad"}), ("b", {"en": "B"})]},
    ],
)
def test_a_broken_question_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        create_set("set", [spec], at=AT)


def test_the_list_knows_no_language_twice() -> None:
    assert len(set(spoken.offered())) == len(spoken.offered())
    assert not {"und", "mul", "zxx", "mis"} & set(spoken.offered())
