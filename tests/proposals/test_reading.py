"""Which text stands for a unit, with which mark; percent; lists."""

import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from proposals.blocks import Block, ListNode
from proposals.reading import Mark, Reading, SectionRow, UnitRow, assemble, choices, percents
from taskforce.core import languages


def unit(pk: int, kind: str = "paragraph", source: str = "en", **more: int | bool | None) -> UnitRow:
    values = {"section": 1, "depth": 0, "ordered": False, "number": None} | more
    return UnitRow(pk, values["section"], kind, values["depth"], bool(values["ordered"]), values["number"], source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "source", "marks", "shown", "state"),
    [
        ("en", "en", {"en": Mark(3, None)}, "en", "source"),
        ("de", "en", {"en": Mark(2, None), "de": Mark(1, 2)}, "de", "translated"),
        ("de", "en", {"en": Mark(3, None), "de": Mark(1, 2)}, "de", "outdated"),
        ("de", "zh-hant", {"zh-hant": Mark(1, None), "en": Mark(1, 1)}, "en", "missing"),
        ("de", "zh-hant", {"zh-hant": Mark(1, None), "ar": Mark(1, 1)}, "zh-hant", "missing"),
        ("zh-hans", "en", {"en": Mark(1, None), "zh-hant": Mark(1, 1)}, "zh-hant", "missing"),
        ("zh-hant", "en", {"en": Mark(1, None), "zh-hans": Mark(1, 1)}, "zh-hans", "missing"),
        ("de", "en", {"ru": Mark(1, 1), "ja": Mark(1, 1)}, "ja", "missing"),
    ],
)
def test_choice(language: str, source: str, marks: dict[str, Mark], shown: str, state: str) -> None:
    """The reader's chain, then the source language, then any."""
    chosen = choices([unit(1, source=source)], {1: marks}, language)[1]
    assert (chosen.language, chosen.state.value) == (shown, state)


CODE = st.sampled_from(languages.CODES)


@pytest.mark.long
@given(CODE, CODE, st.dictionaries(CODE, st.builds(Mark, st.integers(1, 3), st.none() | st.integers(1, 3)), min_size=1))
def test_something_is_always_shown(language: str, source: str, marks: dict[str, Mark]) -> None:
    """A unit with any text at all is shown in a language that it has, its own if it has that."""
    chosen = choices([unit(1, source=source)], {1: marks}, language)[1]
    assert chosen.language in marks
    assert (chosen.language == language) == (language in marks)


def test_percents() -> None:
    """Not outdated texts ÷ all units, rounded down, so that 100 means complete."""
    rows = [unit(1), unit(2), unit(3)]
    marks = {
        1: {"en": Mark(1, None), "de": Mark(1, 1)},
        2: {"en": Mark(2, None), "de": Mark(1, 1)},
        3: {"en": Mark(1, None), "de": Mark(1, 1)},
    }
    share = percents(rows, marks)
    assert (share["en"], share["de"], share["fr"]) == (100, 66, 0)
    assert set(percents([], {}).values()) == {0}


def reading(rows: list[UnitRow], kind: str = "text", phases_after: int = 0) -> Reading:
    marks = {row.id: {"en": Mark(1, None)} for row in rows}
    texts = {(row.id, "en"): SafeString(f"t{row.id}") for row in rows}
    chosen = choices(rows, marks, "en")
    return assemble("en", [SectionRow(1, kind, phases_after)], rows, marks, chosen, texts)


def outline(node: ListNode | None) -> list[object]:
    return [[item.unit.id, *map(outline, item.lists)] for item in node.items] if node else []


def test_nested_lists() -> None:
    """Depth makes nested lists; a number that starts again makes a new one."""
    item = "list-item"
    rows = [
        unit(1, "heading"),
        unit(2, item), unit(3, item, depth=1), unit(4, item, depth=2), unit(5, item, depth=1), unit(6, item),
        unit(7),
        unit(8, item, ordered=True, number=3), unit(9, item, ordered=True, number=4),
        unit(10, item, ordered=True, number=1),
    ]  # fmt: skip
    blocks = reading(rows).sections[0].blocks
    assert [block.kind for block in blocks] == ["list", "unit", "list", "list"]
    assert outline(blocks[0].node) == [[2, [[3, [[4]]], [5]]], [6]]
    assert [block.node.start for block in blocks[2:] if block.node] == [3, 1]


def test_every_unit_is_on_the_page_once() -> None:
    """The walk over the blocks finds what was put in, in reading order."""
    rows = [
        unit(1, "title", section=None),
        unit(2, section=None),
        unit(3, "heading"),
        unit(4, "note", number=1),
        unit(5),
    ]
    assert [shown.id for shown in reading(rows).units()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("phases_after", "order"), [(0, "tuu"), (1, "utu"), (2, "uut"), (9, "uut")])
def test_place_of_the_timeline(phases_after: int, order: str) -> None:
    """The phases stand where the page had them."""
    blocks: list[Block] = reading([unit(1, "heading"), unit(2), unit(3)], "timeline", phases_after).sections[0].blocks
    assert "".join(block.kind[0] for block in blocks) == order


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ({2, 3, 4, 6}, {2: 2, 6: 0}),
        ({1, 2, 3, 4, 5, 6}, {1: 0, 2: 4}),
        ({3}, {3: 0}),
        (set(), {}),
    ],
)
def test_runs(missing: set[int], expected: dict[int, int]) -> None:
    """The first of a run is told how many follow; the lead and each section are runs of their own."""
    item = "list-item"
    rows = [unit(1, section=None), unit(2, "heading"), unit(3), unit(4, item), unit(5, item, depth=1), unit(6)]
    marks = {row.id: {"en": Mark(1, None)} | ({} if row.id in missing else {"de": Mark(1, 1)}) for row in rows}
    texts = {(row.id, code): SafeString("t") for row in rows for code in ("en", "de")}
    made = assemble("de", [SectionRow(1, "text", 0)], rows, marks, choices(rows, marks, "de"), texts)
    assert {shown.id: shown.run_ahead for shown in made.units() if shown.begins_run} == expected


def test_an_older_translation_stands_for_another_language() -> None:
    """It is marked by itself, whatever stands beside it, and has its source as that is now; the others of the run
    have the way only."""
    rows = [unit(number, section=None) for number in range(1, 7)]
    older = {3, 4}
    marks = {
        row.id: {"en": Mark(2, None)} | ({"zh-hant": Mark(1, 1 if row.id in older else 2)} if row.id < 6 else {})
        for row in rows
    }
    texts = {(row.id, code): SafeString(code) for row in rows for code in ("en", "zh-hant")}
    made = assemble("zh-hans", [], rows, marks, choices(rows, marks, "zh-hans"), texts)
    shown = list(made.units())
    assert [one.language for one in shown] == ["zh-hant"] * 5 + ["en"]
    assert all(one.is_missing and not one.is_outdated for one in shown)
    assert {one.id for one in shown if one.is_older} == older
    assert {one.id: one.newer.html for one in shown if one.newer} == dict.fromkeys(older, "en")
    assert {one.id: one.run_ahead for one in shown if one.begins_run} == {1: 1, 3: 0, 4: 0, 5: 1}
    assert [one.id for one in shown if one.goes_on] == [2, 6]


def test_a_known_heading_is_no_part_of_a_run() -> None:
    """The references' heading, which the portal can say itself."""
    rows = [unit(1, "heading"), unit(2, "note", number=1), unit(3, "note", number=2)]
    marks = {row.id: {"en": Mark(1, None)} for row in rows}
    texts = {(row.id, code): SafeString("t") for row in rows for code in ("en", "de")}
    for kind, expected in (("references", {2: 1}), ("text", {1: 2})):
        made = assemble("de", [SectionRow(1, kind, 0)], rows, marks, choices(rows, marks, "de"), texts)
        assert made.sections[0].has_common_name is (kind == "references")
        assert {shown.id: shown.run_ahead for shown in made.units() if shown.begins_run} == expected
