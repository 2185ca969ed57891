"""A paragraph that stands in another place of a later page is the one that it was."""

from dataclasses import replace

import pytest

from proposals import queries
from proposals.matching import match
from proposals.models import Proposal, Unit
from proposals.services import save_translation
from tests.proposals.editing import AT, coordinator
from tests.proposals.pages import BODY
from tests.proposals.test_import_passages import DEFINITION, ITEMS, PLAN, WORK, A, B, C, again, known, planned
from tests.proposals.test_passages import get, unit_of

SWAPPED = f"    1. {PLAN}\n    2. {DEFINITION}\n"


def who(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> tuple[list[int | None], list[int]]:
    """The number of the unit that each of the page is, and those that are gone; each is (section, text)."""
    had = [replace(known(number, text), section=section) for number, (section, text) in enumerate(old, start=1)]
    found = match(had, [replace(planned(text), section=section) for section, text in new])
    return [unit.id if unit else None for _planned, unit in found.pairs], [unit.id for unit in found.removed]


@pytest.mark.parametrize(
    ("old", "new", "pairs", "removed"),
    [
        # Within a section, in front of others and behind them, with one that was changed beside it.
        ([(1, A), (1, B)], [(1, B), (1, A)], [2, 1], []),
        ([(1, A), (1, B), (1, C)], [(1, C), (1, A), (1, B)], [3, 1, 2], []),
        ([(1, A), (1, B), (1, C)], [(1, B), (1, C), (1, A)], [2, 3, 1], []),
        ([(1, A), (1, B), (1, C)], [(1, C), (1, "One stays here now."), (1, B)], [3, 1, 2], []),
        # Into another section: what stood there stays itself, changed or not.
        ([(1, A), (1, B), (2, C)], [(1, A), (2, C), (2, B)], [1, 3, 2], []),
        ([(1, A), (2, C)], [(1, B), (2, A), (2, "Three will follow them.")], [None, 1, 2], []),
        # Words that stand there twice: each its own, the one of its section first, and one only.
        ([(1, A), (1, A)], [(1, A), (1, A)], [1, 2], []),
        ([(1, A), (2, A), (2, B)], [(1, B), (2, B), (2, A)], [1, 3, 2], []),
        ([(1, A), (2, B)], [(1, B), (2, A), (2, A)], [2, 1, None], []),
        # Other words are no move; hardly changed ones are (test_import_alike.py).
        ([(1, A), (2, B)], [(2, B), (2, C)], [2, None], [1]),
        ([(1, A), (2, B)], [(2, B), (2, f"{A} Yes.")], [2, None], [1]),
    ],
)  # fmt: skip
def test_what_moved(
    old: list[tuple[int, str]], new: list[tuple[int, str]], pairs: list[int | None], removed: list[int]
) -> None:
    assert who(old, new) == (pairs, removed)


def test_items_change_places(text: Proposal) -> None:
    """Their translations stay theirs, nobody has to translate again, and the difference says who moved."""
    editor = coordinator(text)
    definition, plan = unit_of(DEFINITION), unit_of(PLAN)
    for unit, said in ((definition, "تعريف"), (plan, "خطة")):
        save_translation(unit, "ar", said, editor=editor, at=AT)
    before = queries.percent(text)["ar"]
    done = again(BODY.replace(ITEMS, SWAPPED))
    assert (done.units.added, done.units.changed, done.units.removed) == (0, 0, 0)
    assert (unit_of("تعريف"), unit_of("خطة")) == (definition, plan)
    assert queries.percent(text)["ar"] == before > 0
    items = Unit.objects.filter(pk__in=[definition, plan]).order_by("position")
    assert list(items.values_list("pk", "number")) == [(plan, 1), (definition, 2)]
    number = done.revision.number
    assert "1 paragraph moved" in get(f"diff/{number - 1}..{number}/")


def test_a_paragraph_moves_to_another_section(text: Proposal) -> None:
    """It is read there, with its translation."""
    editor, work = coordinator(text), unit_of(WORK)
    save_translation(work, "zh-hant", "有些工作已經完成。[1]", editor=editor, at=AT)
    done = again(BODY.replace(f"{WORK}\n\n", "").replace("\n2. Details", f"\n{WORK}\n\n2. Details"))
    assert (done.units.added, done.units.changed, done.units.removed) == (0, 0, 0)
    assert unit_of("有些工作已經完成。[1]") == work
    moved = Unit.objects.get(pk=work)
    assert moved.section is not None
    assert (moved.section.position, moved.removed_in) == (1, None)
    page = get("")
    assert page.index("More would help.") < page.rindex("Details")
