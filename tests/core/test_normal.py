"""Marks that pile up cost no more than their number; all other texts come out as Unicode says."""

import time
import unicodedata
from collections.abc import Callable
from itertools import product

import pytest

from taskforce.core import markdown
from taskforce.core.normal import is_mark, normalized
from taskforce.core.text import clean, clean_name
from tests.core.test_text import NAMES

JOINER = "\u034f"
# Each alternates between classes of marks, or turns into what does.
PILES = {
    "of Latin": "\u0301\u0316",
    "doubled": "\u0344\u0316",
    "doubled alone": "\u0344",
    "of Tibetan": "\u0f73",
    "of kana": "\uff9e\u0301",
    "above the first plane": "\U0001d165\U0001d16e\U0001e94a",
    "of three classes": "\u0345\u0301\u0316",
}


def seconds(call: Callable[[], object]) -> float:
    """Of computing, at best of three: the machine does other things beside."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return min(taken)


def plain(text: str) -> str:
    """What cleaning was without a look at the marks."""
    return unicodedata.normalize("NFC", text)


@pytest.mark.long
@pytest.mark.parametrize(("cleaned", "grows_evenly"), [(clean, True), (clean_name, True), (plain, False)])
def test_marks_cost_as_much_as_their_number(cleaned: Callable[[str], str], grows_evenly: bool) -> None:
    """Four times as many, about four times the time; without the mending sixteen times."""
    few, many = ("a" + "\u0301\u0316" * pairs for pairs in (2_000, 8_000))
    assert (seconds(lambda: cleaned(many)) < 9 * seconds(lambda: cleaned(few))) is grows_evenly


@pytest.mark.dear
@pytest.mark.parametrize("pile", PILES.values(), ids=PILES)
def test_a_whole_body_of_marks_is_cleaned_at_once(pile: str) -> None:
    """As much as can be sent; it once took minutes."""
    text = f"a{pile * (2_500_000 // len(pile.encode()))}"
    began = time.process_time()
    clean(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(("form", "pile"), list(product(("NFC", "NFKC", "NFKD"), PILES.values())))
def test_no_more_than_thirty_marks_stand_together(form: str, pile: str) -> None:
    done = normalized(form, f"x{pile * 200}")  # type: ignore[arg-type]
    assert max(len(run) for run in unicodedata.normalize("NFKD", done).split(JOINER)) <= 31
    assert normalized(form, done) == done  # type: ignore[arg-type]


def test_marks_are_counted_from_the_first_of_a_run() -> None:
    """One more than thirty begins anew, and one that turns into two counts as two."""
    done = normalized("NFD", "x" + "\u0301" * 61 + "y" + "\u0344" * 16)  # type: ignore[arg-type]
    first, second = done.split("y")
    assert [len(run) for run in first.removeprefix("x").split(JOINER)] == [30, 30, 1]
    assert [len(run) for run in second.split(JOINER)] == [30, 2]


@pytest.mark.parametrize(
    "text", [*NAMES, "", "plain", "Z\u0351\u036b\u0343\u036a\u0302" * 400, "x" + "\u0301\u0316" * 15]
)
def test_what_people_write_is_as_unicode_says(text: str) -> None:
    """Every name that the portal's tests know, and a letter with thirty marks."""
    for form in ("NFC", "NFKC", "NFKD"):
        assert normalized(form, text) == unicodedata.normalize(form, text)


@pytest.mark.long
def test_every_character_that_becomes_a_mark_is_known() -> None:
    """Of this version of Unicode; and none lies where nobody looks."""
    marks = [
        character
        for character in map(chr, range(0x300, 0x110000))
        if not "\ud800" <= character <= "\udfff" and unicodedata.combining(unicodedata.normalize("NFKD", character)[0])
    ]
    assert [character for character in marks if not is_mark(character)] == []
    assert len(marks) > 900
    assert max(marks) <= "\U0001ffff"


def test_the_words_of_a_link_are_no_way_round() -> None:
    """Thin spaces part the marks of a text, and are taken out where its links are read."""
    marks = (PILES["of Latin"] * 14 + "\u2009") * 2_000
    text = f"[a{marks}.test](http://b.test)"
    assert seconds(lambda: markdown.render(text)) < 2
