"""Units of two states: added, removed, changed, and moved, no more of them than need be."""

from itertools import combinations
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proposals.differences.marked import marked
from proposals.differences.pieces import Kind, Piece
from proposals.differences.units import Change, Detail, Item, MovedFrom, Row, State, Unchanged, compared, state
from proposals.snapshots import Entry


def unit(pk: int, text: str = "", **more: Any) -> Entry:
    base = {"section": None, "section_kind": None, "kind": "paragraph", "depth": 0, "ordered": False, "number": None}
    return {"id": pk, "source_language": "en", "text": text or f"text {pk}", "version": 1} | base | more


def phase(slug: str, opens_on: str = "2022-02-01", closes_on: str = "2022-02-28", **titles: str) -> Entry:
    days = {"opens_on": opens_on, "closes_on": closes_on}
    return {"kind": "phase", "section": 1, "slug": slug, "titles": titles or {"en": slug}} | days


def of(*entries: Entry, language: str = "en") -> State:
    return state(list(entries), {language: list(entries)}, language)


def changes(old: State, new: State) -> list[Change]:
    return [row for row in compared(old, new) if isinstance(row, Change)]


def before(rows: list[Row]) -> list[Item]:
    """The old state's items in their order, as the rows tell it."""
    found: list[Item] = []
    for row in rows:
        match row:
            case Unchanged(items):
                found += items
            case MovedFrom(item):
                found.append(item)
            case Change(was) if was and not row.is_moved:
                found.append(was)
    return found


def after(rows: list[Row]) -> list[Item]:
    """The new state's items in their order, as the rows tell it."""
    found: list[Item] = []
    for row in rows:
        match row:
            case Unchanged(items):
                found += items
            case Change(after=item) if item:
                found.append(item)
    return found


# How long the machine takes says nothing here.
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDS = st.lists(st.integers(1, 7), unique=True, max_size=7)
CONTENT = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(["one", "two words", "提案"])), unique_by=lambda u: u[0], max_size=6
)


@QUICK
@given(CONTENT, CONTENT)
def test_both_states_can_be_read_from_the_rows(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> None:
    """In their order, each item with its text: nothing is lost and nothing invented."""
    first, second = (of(*(unit(pk, text) for pk, text in one)) for one in (old, new))
    rows = compared(first, second)
    assert [(item.key, item.text) for item in before(rows)] == [(item.key, item.text) for item in first.items]
    assert after(rows) == second.items
    for row in rows:
        if isinstance(row, Change):
            kept = "".join(piece.text for piece in row.pieces if piece.kind is not Kind.ADDED)
            assert kept == (row.before.text if row.before else "")


@QUICK
@given(CONTENT)
def test_nothing_differs_from_itself(content: list[tuple[int, str]]) -> None:
    same = of(*(unit(pk, text) for pk, text in content))
    assert changes(same, same) == []
    assert [len(row.items) for row in compared(same, same) if isinstance(row, Unchanged)] == [len(content)] * bool(
        content
    )


@QUICK
@given(IDS, IDS)
def test_no_more_moved_than_need_be(old: list[int], new: list[int]) -> None:
    """As many as must go so that the others stand in one order; found by trying all."""
    found = sum(change.is_moved for change in changes(of(*map(unit, old)), of(*map(unit, new))))
    there = [pk for pk in old if pk in new]
    places = {pk: place for place, pk in enumerate(new)}
    fewest = next(
        gone
        for gone in range(len(there) + 1)
        if any(list(kept) == sorted(kept, key=places.__getitem__) for kept in combinations(there, len(there) - gone))
    )
    assert found == fewest


def kinds(old: State, new: State) -> list[str]:
    """Each row in a word, changes with their unit."""
    made = []
    for row in compared(old, new):
        match row:
            case Unchanged(items):
                made.append(f"same {len(items)}")
            case MovedFrom(item):
                made.append(f"from {item.key[1]}")
            case Change():
                names = ("added", "removed", "changed", "moved")
                said = [name for name in names if getattr(row, f"is_{name}")]
                made.append(f"{' '.join(said)} {row.item.key[1]}")
    return made


def test_moved_and_changed() -> None:
    """A unit that moved stands where it is now and leaves a trace; one that says something else besides shows both."""
    old = of(unit(1), unit(2), unit(3), unit(4))
    assert kinds(old, of(unit(1), unit(4), unit(2), unit(3))) == ["same 1", "moved 4", "same 2", "from 4"]
    new = of(unit(4, "other"), unit(1), unit(2, "else"), unit(5))
    assert kinds(old, new) == ["changed moved 4", "same 1", "changed 2", "removed 3", "from 4", "added 5"]


def test_headings_stay_where_they_can() -> None:
    """A paragraph that changed places with a heading is what moved, up or down."""
    heading = unit(1, "One", kind="heading", section=1)
    assert kinds(of(heading, unit(2)), of(unit(2), heading)) == ["moved 2", "same 1", "from 2"]
    assert kinds(of(unit(2), heading), of(heading, unit(2))) == ["from 2", "same 1", "moved 2"]


def test_kind_depth_and_number() -> None:
    """What a unit is counts as a change, its words or not."""
    old = of(unit(1, kind="list-item", depth=0, ordered=True, number=2), unit(2, kind="heading", depth=0, section=1))
    new = of(unit(1, kind="list-item", depth=1, ordered=False), unit(2, kind="paragraph", section=1))
    found = [change.details for change in changes(old, new)]
    assert found == [
        [Detail("depth", 0, 1), Detail("ordered", before=True, after=False), Detail("number", 2, None)],
        [Detail("kind", "heading", "paragraph")],
    ]
    assert all(change.is_changed for change in changes(old, new))


def test_items_that_count_on() -> None:
    """Where an item goes, the numbers of those behind it are no change of theirs; the number of a note is."""

    def items(kind: str, *numbers: int | None) -> State:
        numbered = [unit(pk, kind=kind, ordered=True, number=number) for pk, number in enumerate(numbers) if number]
        return of(*numbered)

    assert kinds(items("list-item", 1, 2, 3), items("list-item", None, 1, 2)) == ["removed 0", "same 2"]
    assert kinds(items("note", 1, 2, 3), items("note", None, 1, 2)) == ["removed 0", "changed 1", "changed 2"]


def test_from_one_section_to_another() -> None:
    """A moved unit tells which section it left; one that stayed is not moved by a heading that was put before it."""
    one, two = unit(1, "One", kind="heading", section=1), unit(5, "Two", kind="heading", section=2)
    old = of(one, unit(2, section=1), unit(3, section=1), two, unit(6, section=2))
    new = of(one, unit(3, section=1), two, unit(6, section=2), unit(2, section=2))
    (moved,) = changes(old, new)
    assert moved.left_section
    assert [item.section.text for item in (moved.before, moved.after) if item and item.section] == ["One", "Two"]
    parted = of(
        one, unit(2, section=1), unit(9, "New", kind="heading", section=2), unit(3, section=2), two | {"section": 3}
    )
    assert kinds(of(*[item.entry for item in old.items[:4]]), parted) == ["same 2", "added 9", "same 2"]


def test_phases() -> None:
    """By their address: days and the title in the reader's language, or the next of the chain."""
    old = of(phase("call", en="Call", de="Aufruf"), phase("talk"))
    new = of(phase("call", "2022-02-01", "2022-03-14", en="A call", de="Aufruf"))
    found = changes(old, new)
    assert [(change.is_removed, change.details) for change in found] == [
        (False, [Detail("closes_on", "2022-02-28", "2022-03-14")]),
        (True, []),
    ]
    german = [of(*(item.entry for item in one.items), language="de") for one in (old, new)]
    assert [piece.kind for piece in changes(*german)[0].pieces] == [Kind.KEPT]


def test_a_language_that_lags_behind() -> None:
    """The latest content has the order, the language's own the words; a first translation is told as such."""
    structure = [unit(1, "甲"), unit(3, "丙"), unit(2, "乙")]
    old = state(structure, {"zh-hant": structure, "en": [unit(1), unit(2) | {"text": ""}, unit(4)]}, "en")
    assert [item.key[1] for item in old.items] == [1]
    new = state(structure, {"zh-hant": structure, "en": [unit(1), unit(2)]}, "en")
    (change,) = changes(old, new)
    assert (change.is_added, change.is_translation, change.item.key[1]) == (True, True, 2)
    heading = unit(9, "甲", kind="heading", section=1, source_language="zh-hant")
    (named,) = state([heading, unit(1, section=1)], {"zh-hant": [heading], "en": [unit(1)]}, "en").items
    assert named.section == (9, "甲", "zh-hant")
    assert changes(state([], {}, "en"), new)[0].is_translation is False


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("<b>", "&lt;b&gt;"),
        ("a\u202eb", 'a<span class="pt-diff__sign">U+202E</span>b'),
        ("\u200f", '<span class="pt-diff__sign">U+200F</span>'),
        ("  ", '<span class="pt-diff__sign" lang="en" dir="ltr">blank</span>' * 2),
        ("\n", '<span class="pt-diff__sign" lang="en" dir="ltr">line break</span>\n'),
        ("{0} %s", "{0} %s"),
    ],
)
def test_marked(text: str, made: str) -> None:
    """Escaped; what turns the direction and what nobody sees has a sign of its own; words say what happened, in the
    language of the page, whatever that of the text is."""
    said = '<span class="pt-visually-hidden" lang="en" dir="ltr"> [{}: </span>'
    end = '<span class="pt-visually-hidden">] </span>'
    added = f'<ins class="pt-diff__added">{said.format("added")}{made}{end}</ins>'
    assert marked([Piece(Kind.ADDED, text)]) == added
    removed = marked([Piece(Kind.REMOVED, "x")])
    assert removed.startswith(f'<del class="pt-diff__removed">{said.format("removed")}x')
    with override("ar"):
        assert '<span class="pt-visually-hidden" lang="ar" dir="rtl"> [' in marked([Piece(Kind.REMOVED, "x")])


def test_many_units_take_a_moment() -> None:
    """Two thousand, in the other order: all but one moved."""
    ids = list(range(2_000))
    found = changes(of(*map(unit, ids)), of(*map(unit, ids[::-1])))
    assert sum(change.is_moved for change in found) == len(ids) - 1
