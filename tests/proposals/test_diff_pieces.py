"""Pieces of a text: nothing is lost, no character is cut, and no pair of texts takes long."""

import random
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proposals.differences.pieces import Budget, Kind, Piece, pieces
from proposals.differences.tokens import clusters, tokens

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
# What is more than one code point and one character to its readers.
CHARACTERS = [
    FAMILY,
    "\U0001f44b\U0001f3fd",
    "\u2764\ufe0f",
    "\U0001f1e9\U0001f1ea",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a\u0301\u0323",
    "\u0915\u094d\u0937\u093f",
    "\u0939\u093f",
    "\u0e19\u0e49\u0e33",
    "\u1112\u1161\u11ab",
    "\ud55c",
    "\u304b\u3099",
    "1\ufe0f\u20e3",
    "\u0628\u0651\u064e",
    "\r\n",
]
# How long the machine takes says nothing here.
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = [
    "task ",
    "force ",
    "می\u200cخواهم ",
    "हिन्दी ",
    "الفريق ",
    "小組",
    "提案を",
    "\n",
    "[",
    "](",
    "\u202e",
    "\ufffd",
]
TEXT = st.one_of(
    st.lists(st.sampled_from([*CHARACTERS, *WORDS]), max_size=30).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


def joined(found: list[Piece], without: Kind) -> str:
    return "".join(piece.text for piece in found if piece.kind is not without)


def shown(old: str, new: str) -> str:
    """With what was removed in -[…] and what was added in +[…]."""
    signs = {Kind.KEPT: "{}", Kind.REMOVED: "-[{}]", Kind.ADDED: "+[{}]"}
    return "".join(signs[piece.kind].format(piece.text) for piece in pieces(old, new))


@pytest.mark.long
@QUICK
@given(TEXT, TEXT)
def test_nothing_is_lost(old: str, new: str) -> None:
    """Kept and removed pieces are the old text, kept and added ones the new; none is empty, no two alike meet."""
    found = pieces(old, new)
    assert (joined(found, Kind.ADDED), joined(found, Kind.REMOVED)) == (old, new)
    assert all(piece.text for piece in found)
    assert all(first.kind is not second.kind for first, second in pairwise(found))
    assert any(piece.kind is not Kind.KEPT for piece in found) == (old != new)


@QUICK
@given(TEXT)
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == "".join(clusters(text)) == text


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_character_is_one(character: str) -> None:
    """By itself, and between others; a token that it ends in ends with it."""
    assert list(clusters(character)) == [character]
    assert list(clusters(f"小{character}。")) == ["小", character, "。"]


@QUICK
@given(st.lists(st.sampled_from(CHARACTERS), max_size=8), st.lists(st.sampled_from(CHARACTERS), max_size=8))
def test_no_character_is_cut(old: list[str], new: list[str]) -> None:
    """Each piece is whole characters: parted by a sign that nothing joins, each stays one."""
    found = pieces("。".join(old), "。".join(new))
    assert {part for piece in found for part in piece.text.split("。")} <= {*old, *new, ""}


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        ("We meet every month.", "We meet each month.", "We meet -[every]+[each] month."),
        ("We meet.", "We met.", "We -[meet]+[met]."),
        (
            "這個小組提出建議，也聽取意見。",
            "這個工作小組提出建議，並聽取意見。",
            "這個+[工作]小組提出建議，-[也]+[並]聽取意見。",
        ),
        ("提案を作ります。", "計画と提案を作りました。", "+[計画と]提案を作りま-[す]+[した]。"),
        ("الفريق يقدم التوصيات", "الفريق يقدم التوصيات الجديدة", "الفريق يقدم التوصيات+[ الجديدة]"),
        ("می\u200cخواهم بروم", "می خواهم بروم", "-[می\u200cخواهم]+[می خواهم] بروم"),
        (f"Hi {FAMILY}!", "Hi \U0001f468!", f"Hi -[{FAMILY}]+[\U0001f468]!"),
        ("See [it](https://a.test/x).", "See [it](https://a.test/y).", "See [it](https://a.test/-[x]+[y])."),
        ("One two three", "Four five six", "-[One two three]+[Four five six]"),
        ("same", "same", "same"),
        ("", "new", "+[new]"),
        ("old", "", "-[old]"),
        ("", "", ""),
    ],
)
def test_what_readers_see(old: str, new: str, made: str) -> None:
    """Words of scripts with blanks, characters of Chinese and Japanese; blanks alone between changes are none."""
    assert shown(old, new) == made


LENGTH = 20_000
DRAWN = random.Random(1)
HAN = [chr(DRAWN.randrange(0x4E00, 0x5000)) for _ in range(LENGTH)]
HARD: dict[str, Callable[[], tuple[str, str]]] = {
    "shuffled": lambda: ("".join(HAN), "".join(DRAWN.sample(HAN, LENGTH))),
    "brackets": lambda: ("x" + "[" * (LENGTH - 2) + "x", "y" + "[" * 15_000 + "y"),
    "by turns": lambda: ("[a" * (LENGTH // 2), "b[" * (LENGTH // 2)),
    "two signs": lambda: ("".join(DRAWN.choices("甲乙", k=LENGTH)), "".join(DRAWN.choices("甲乙", k=LENGTH))),
    "marks": lambda: ("a" + "\u0301" * (LENGTH - 1), "b" + "\u0301" * (LENGTH - 1)),
    "words": lambda: (("one two " * 2_500), " ".join(DRAWN.choices(["one", "two", "six"], k=5_000))),
    "one in ten": lambda: (
        "".join(HAN),
        "".join(DRAWN.choice("新舊") if n % 10 == 0 else c for n, c in enumerate(HAN)),
    ),
}


@pytest.mark.parametrize(
    "name", [name if name == "two signs" else pytest.param(name, marks=pytest.mark.long) for name in HARD]
)
def test_the_longest_texts_take_a_moment(name: str) -> None:
    """Two units of the greatest length, one against the other, whatever they say; and nothing is lost."""
    old, new = HARD[name]()
    began = time.process_time()
    found = pieces(old, new)
    assert time.process_time() - began < 1
    assert (joined(found, Kind.ADDED), joined(found, Kind.REMOVED)) == (old, new)


@pytest.mark.long
def test_a_page_has_one_budget() -> None:
    """A hundred such pairs cost a page no more than a few: the rest is replaced as a whole, and always the same."""
    old, new = HARD["two signs"]()
    made = []
    for _ in range(2):
        budget = Budget()
        began = time.process_time()
        made.append([pieces(old, new, budget) for _ in range(100)])
        assert time.process_time() - began < 4
    assert made[0] == made[1]
    assert made[0][-1] == [Piece(Kind.REMOVED, old), Piece(Kind.ADDED, new)]
    small = pieces("We meet every month.", "We meet each month.", Budget(0))
    assert small == [Piece(Kind.REMOVED, "We meet every month."), Piece(Kind.ADDED, "We meet each month.")]


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("ㄅㄆㄇ學習", "ㄅㄆㄈ學習", "ㄅㄆ-[ㄇ]+[ㄈ]學習"),
        ("\u31a0\u31a1", "\u31a0\u31a2", "\u31a0-[\u31a1]+[\u31a2]"),
        ("รักไทย", "รักลาว", "รัก-[ไทย]+[ลาว]"),
        ("ຮັກລາວ", "ຮັກໄທ", "ຮັກ-[ລາວ]+[ໄທ]"),
        ("ခေါ်သည်", "ခေါ်မည်", "ခေါ်-[သ]+[မ]ည်"),
        ("ខ្ញុំស្រលាញ់", "ខ្ញុំរក", "ខ្ញុំ-[ស្រលាញ់]+[រក]"),
        ("བོད་ཡིག་ག", "བོད་སྐད་ག", "བོད་-[ཡིག]+[སྐད]་ག"),
        ("ꆈꌠꁱ", "ꆈꌠꉙ", "ꆈꌠ-[ꁱ]+[ꉙ]"),
        ("ㄱㄴㄷ ㄹ", "ㄱㄴㅁ ㄹ", "-[ㄱㄴㄷ]+[ㄱㄴㅁ] ㄹ"),
    ],
)
def test_scripts_without_blanks_differ_by_characters(old: str, new: str, difference: str) -> None:
    """Bopomofo too; Tibetan by syllables; the letters of Hangul, which has blanks, by words."""
    assert shown(old, new) == difference
