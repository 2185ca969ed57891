"""Whether a text says a word: exactly where a reader would say so."""

import time

import pytest

from taskforce.core import markdown
from taskforce.core.occurrences import found, may_say, of_html, read

ONTO = ["و", "ف", "ب", "ل", "ك", "س", "ول", "وب", "فك", "أ", "أوب", "وَ", "بِ"]
SAYS = [
    ("The Task Force meets.", "Task Force"),
    ("the TASK force", "Task Force"),
    ("**Task** Force", "Task Force"),
    ("_Task Force_ and more", "Task Force"),
    ("[Task](https://example.org/) *Force*", "Task Force"),
    ("Task\nForce", "Task Force"),
    ("Task&nbsp;Force", "Task Force"),
    ("Task\u00a0\u2009Force", "Task Force"),
    ("T\u00adask Fo\u200brce", "Task Force"),
    ("Task-Force", "Task Force"),
    ("Task\u2011Force-Mitglied", "Task Force"),
    ("The Task Force’s plan", "Task Force"),
    ("ＴＡＳＫ　Ｆｏｒｃｅ", "Task Force"),
    ("Fuerza cafe\u0301", "CAFÉ"),
    ("cafe\u200b\u0301", "café"),
    ("GROSSE", "große"),
    ("由領導力發展專案組提出", "專案組"),
    ("領導力\n發展專案組", "領導力發展專案組"),
    ("この**タスク**フォースは", "タスクフォース"),
    ("この ﾀｽｸﾌｫｰｽ は", "タスクフォース"),
    ("このTask Forceは", "Task Force"),
    ("(Task Force)", "task force"),
    ("فرقـــة العمل", "فرقة العمل"),
    ("कार्य बल।", "कार्य बल"),
    ("कार्य बल के सदस्य", "कार्य बल"),
    ("gugus tugas-nya", "Gugus tugas"),
    *((f"{said}فرقة العمل", "فرقة العمل") for said in ONTO),
    ("**و**فرقة العمل", "فرقة العمل"),
    ("الفرقة، والفرقة", "فرقة"),
    ("بالفرقة", "الفرقة"),
    ("للفرقة", "الفرقة"),
    ("وللفرقة الجديدة", "الفرقة الجديدة"),
    ("وللفرقة", "فرقة"),
    ("للجنة", "اللجنة"),
    ("لللجنة", "اللجنة"),
    ("فِرْقَةُ العَمَلِ", "فرقة العمل"),
    ("فرقة العمل", "فِرقة العمل"),
]
SAYS_NOT = [
    ("Task Forces", "Task Force"),
    ("Multitask Force", "Task Force"),
    ("TaskForce", "Task Force"),
    ("Task and Force", "Task Force"),
    ("Task\n\nForce", "Task. Force"),
    ("[a link](https://example.org/task-force)", "Task Force"),
    ("Task Force2", "Task Force"),
    ("Working Group", "Task Force"),
    ("ولدفرقة العمل", "فرقة العمل"),
    ("وقفرقة العمل", "فرقة العمل"),
    ("بوفرقة العمل", "فرقة العمل"),
    ("وبكفرقة العمل", "فرقة العمل"),
    ("فرقة والعمل", "فرقة العمل"),
    ("فرقة العملية", "فرقة العمل"),
    ("فرقتنا", "فرقة"),
    ("لجنة", "اللجنة"),
    ("وTask Force", "Task Force"),
    ("Gugus tugasnya", "Gugus tugas"),
    ("कार्य बलों", "कार्य बल"),
    ("Task Force", "\u200b"),
    ("專案小組", "專案組"),
]


@pytest.mark.parametrize(("text", "word"), SAYS)
def test_what_a_reader_sees_counts(text: str, word: str) -> None:
    words = of_html(markdown.render(text))
    assert found(read(words), [word])
    assert may_say(words, ["other", word])


@pytest.mark.parametrize(("text", "word"), SAYS_NOT)
def test_nothing_else_counts(text: str, word: str) -> None:
    assert not found(read(of_html(markdown.render(text))), [word])


def test_each_place_is_told_as_it_is_read() -> None:
    text = read("A Task\u00ad-Force, the TASK FORCE, no Task Forces.")
    assert [text.shown[one.start : one.end] for one in found(text, ["task force"])] == ["Task-Force", "TASK FORCE"]


def test_what_is_written_onto_a_word_is_not_the_word() -> None:
    """Only the word itself is told, also where its article is written in another way."""
    text = read("وفِرْقَة العمل، وللجنة.")
    assert [text.shown[one.start : one.end] for one in found(text, ["فرقة العمل", "اللجنة"])] == ["فِرْقَة العمل", "لجنة"]
    assert not found(read("وفرقة العمل الجديدة"), ["فرقة العمل"], but=["فرقة العمل الجديدة"])


def test_many_small_words_take_no_long_time() -> None:
    start = time.process_time()
    assert not found(read("و" * 100_000 + " " + "ل" * 100_000), ["ول"])
    assert time.process_time() - start < 5  # less than a second on a machine with nothing else to do


def test_the_new_name_may_hold_the_old_one() -> None:
    text = read("The Task Force Circle was a Task Force.")
    assert [one.start for one in found(text, ["Task Force"], but=["Task Force Circle"])] == [28]


def test_long_texts_without_the_word_are_passed_over_quickly() -> None:
    start = time.process_time()
    assert not may_say("Task and Force, " * 120_000, ["Task Force"])
    assert time.process_time() - start < 5  # less than half a second on a machine with nothing else to do
    assert not may_say("Task Force", ["", "\u200b"])
