"""A paragraph that was moved and changed, or became something else, is the one that it was."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proposals import likeness, queries
from proposals.differences.tokens import beginning
from proposals.matching import Known, Match, match
from proposals.models import Proposal, Unit, UnitText
from proposals.plan import PlannedUnit
from proposals.services import save_translation
from tests.proposals.editing import AT, coordinator
from tests.proposals.pages import BODY
from tests.proposals.test_import_passages import DEFINITION, ITEMS, PLAN, WORK, again, known, planned
from tests.proposals.test_passages import get, unit_of

A, A2 = "The members are chosen by the communities in May.", "The members are chosen in May by all the communities."
B, B2 = "A report is written after each of the meetings.", "A short report is written after each meeting."
LONG = "The members of the group are chosen by all of the communities in the month of May."
LONG2, LONG3 = LONG.replace("May", "June"), LONG.replace("May", "July")
SEAT, SEAT2 = (f"One seat is kept for a member of Wikimedia {place}." for place in ("Deutschland", "Polska"))
LIVE, LIVE_NOT = (
    "Applications of people who live in Africa are welcome.",
    "Applications of people who do not live in Africa are not welcome.",
)
C, C2 = "這個小組提出建議，也聽取各個社群的意見。", "這個小組提出許多建議，也聽取各個社群的意見。"

Row = list[tuple[int, str, str]]


def matched(old: Row, new: Row) -> tuple[list[int | None], list[int]]:
    """The number of the unit that each of the page is, and those that are gone; each is (section, kind, text)."""
    had = [replace(known(at, text, kind), section=section) for at, (section, kind, text) in enumerate(old, start=1)]
    found = match(had, [replace(planned(text, kind), section=section) for section, kind, text in new])
    return [unit.id if unit else None for _planned, unit in found.pairs], [unit.id for unit in found.removed]


P, ITEM, HEADING, NOTE = "paragraph", "list-item", "heading", "note"


@pytest.mark.parametrize(
    ("old", "new", "pairs", "removed"),
    [
        # The one that is most like it, though another one stands nearer.
        ([(1, P, A), (1, P, B), (1, P, A[:-1] + " or June.")], [(1, P, A2), (1, P, B2), (1, P, A[:-1] + " or Junes.")],
         [1, 2, 3], []),
        # Behind others, before others that were changed too, and both at once.
        ([(1, P, LONG), (1, P, B), (1, P, C)], [(1, P, B), (1, P, C), (1, P, LONG2)], [2, 3, 1], []),
        ([(1, P, A), (1, P, B)], [(1, P, B2), (1, P, A2)], [2, 1], []),
        ([(1, P, A), (1, P, B), (1, P, C)], [(1, P, C2), (1, P, A2), (1, P, B2)], [3, 1, 2], []),
        # Into another section, if it is long, hardly changed, and nothing else is as alike.
        ([(1, P, LONG), (2, P, B)], [(2, P, B), (2, P, LONG2)], [2, 1], []),
        ([(1, P, A), (2, P, B)], [(2, P, B), (2, P, A2)], [2, None], [1]),
        ([(1, P, A), (2, P, B)], [(2, P, B), (2, P, A[:-1] + "?!")], [2, 1], []),
        ([(1, P, "It is so now."), (2, P, B)], [(2, P, B), (2, P, "It is so now!")], [2, None], [1]),
        ([(1, ITEM, SEAT), (2, P, B)], [(2, P, B), (2, ITEM, SEAT2)], [2, None], [1]),
        ([(1, P, LIVE), (2, P, B)], [(2, P, B), (2, P, LIVE_NOT)], [2, None], [1]),
        ([(1, P, LONG), (1, P, LONG3), (2, P, B)], [(1, P, LONG3), (2, P, B), (2, P, LONG2)], [2, 3, None], [1]),
        ([(1, P, LONG), (2, P, B)], [(2, P, B), (2, P, LONG2), (3, P, LONG3)], [2, None, None], [1]),
        # As something else, with its words and with others; what is of its kind comes first.
        ([(1, P, A), (1, P, B)], [(1, ITEM, A), (1, P, B)], [1, 2], []),
        ([(1, P, A), (1, P, B)], [(1, ITEM, A2), (1, P, B)], [1, 2], []),
        ([(1, P, LONG), (1, P, B)], [(1, P, B), (1, ITEM, LONG2)], [2, 1], []),
        ([(1, ITEM, LONG), (1, P, B)], [(1, P, B), (2, NOTE, LONG2)], [2, 1], []),
        ([(1, ITEM, A), (1, P, A)], [(1, P, A2)], [2], [1]),
        # Other words are another paragraph; so are a few letters that are the same.
        ([(1, P, A), (2, P, B)], [(2, P, B), (2, P, C)], [2, None], [1]),
        ([(1, P, "Plan A"), (2, P, B)], [(2, P, B), (2, P, "Plan B")], [2, None], [1]),
        # Each once, and the one that is most like it.
        ([(1, P, A), (2, P, B)], [(2, P, B), (2, P, A2), (2, P, A[:-1] + " or June.")], [2, None, 1], []),
    ],
)  # fmt: skip
def test_what_moved_and_changed(old: Row, new: Row, pairs: list[int | None], removed: list[int]) -> None:
    assert matched(old, new) == (pairs, removed)


def test_the_heading_of_a_section_becomes_nothing_else() -> None:
    """Nor does anything become one: sections are no matter of an import."""
    title = Known(1, 1, HEADING, 0, {"en": A}, "en")
    heading = planned(B, HEADING)
    found = match([title, known(2, B)], [heading, planned(A)])
    assert [unit.id if unit else None for _planned, unit in found.pairs] == [1, 2]
    found = match([title, known(2, B)], [heading, planned(C), planned(A)])
    assert [unit.id if unit else None for _planned, unit in found.pairs] == [1, None, None]


# --- whatever the page ----------------------------------------------------------------------------------------------

WORDS = st.sampled_from([A, A2, B, B2, C, C2, A + B, "Yes.", "Yes", "Plan A", "Plan B", f"{A} {B}"])
KINDS = st.sampled_from([P, P, ITEM, HEADING, NOTE])
CODES = st.sampled_from(["en", "en", "zh-hant"])
KNOWN = st.tuples(st.integers(1, 3), KINDS, st.dictionaries(CODES, WORDS, min_size=1, max_size=2))
PLANNED = st.tuples(st.integers(1, 3), KINDS, CODES, WORDS)


def built(old: list[tuple[int, str, dict[str, str]]], new: list[tuple[int, str, str, str]]) -> Match:
    had = [
        Known(at, section, kind, int(kind == HEADING), texts, min(texts))
        for at, (section, kind, texts) in enumerate(old, start=1)
    ]
    of_page = [
        replace(planned(text, kind, code), section=section, depth=int(kind == HEADING), line=line)
        for line, (section, kind, code, text) in enumerate(sorted(new, key=lambda unit: unit[0]), start=1)
    ]
    found = match(had, of_page)
    assert [unit for unit, _old in found.pairs] == of_page
    used = [unit.id for _planned, unit in found.pairs if unit]
    assert sorted([*used, *(unit.id for unit in found.removed)]) == [unit.id for unit in had]
    return found


def is_equal(unit: PlannedUnit, old: Known | None) -> bool:
    return old is not None and old.texts.get(unit.language) == unit.text


@pytest.mark.long
@settings(deadline=None, max_examples=200)
@given(st.lists(KNOWN, max_size=8), st.lists(PLANNED, max_size=8))
@example([(1, P, {"en": A}), (2, ITEM, {"en": A2})], [(1, P, "en", A2), (2, P, "en", A)])
def test_each_once_and_equal_words_first(
    old: list[tuple[int, str, dict[str, str]]], new: list[tuple[int, str, str, str]]
) -> None:
    """No unit is two of the page's, none is lost; and where words are equal, nobody else has either of both."""
    found = built(old, new)
    equal = {unit.id for planned_unit, unit in found.pairs if unit and is_equal(planned_unit, unit)}
    free = [unit for unit in (*found.removed, *(unit for _, unit in found.pairs if unit)) if unit.id not in equal]
    for planned_unit, unit in found.pairs:
        if not is_equal(planned_unit, unit):
            assert not [other for other in free if is_equal(planned_unit, other)]
    assert built(old, new) == found


@pytest.mark.long
def test_hundreds_of_paragraphs() -> None:
    """A section as large as there can be, in another order and each changed: known again, and soon."""
    rows = random.Random(7)
    words = ["".join(rows.choices("etaoinshrdlu", k=rows.randint(2, 8))) for _ in range(900)]
    old = [" ".join(rows.choices(words, k=80)) for _ in range(390)]
    order = rows.sample(range(390), 390)
    new = [" ".join(["Quite", "new", *old[at].split()[3:]]) for at in order]
    start = time.process_time()
    found = match([known(at, text) for at, text in enumerate(old)], [planned(text) for text in new])
    assert time.process_time() - start < 8
    assert [unit.id if unit else None for _planned, unit in found.pairs] == order


@pytest.mark.long
@pytest.mark.parametrize("text", ["[" * 20_000, "a" * 20_000, "same words again " * 1_000, "領" * 20_000, ""])
def test_rows_that_say_all_the_same(text: str) -> None:
    """Nothing is guessed, and nothing takes long."""
    start = time.process_time()
    had = [likeness.Texts(P, {"en": text})] * 390
    assert likeness.best_pairs(had, [likeness.Text(P, ("en",), f"{text}{at}") for at in range(390)]) == {}
    assert time.process_time() - start < 8


# --- imported --------------------------------------------------------------------------------------------------------


def test_a_paragraph_moves_and_changes(text: Proposal) -> None:
    """It is the one that it was: translations of it become outdated and are not lost; the history knows it."""
    editor = coordinator(text)
    before = f"{WORK} The members write down what is left to do."
    again(BODY.replace(WORK, before), at="10:00, 6 February 2022")
    work = unit_of(before)
    save_translation(work, "ar", "تم بعض العمل.[1]", editor=editor, at=AT)
    changed = before.replace("done already", "done now")
    done = again(BODY.replace(f"{WORK}\n\n", "").replace("\n2. Details", f"\n{changed}\n\n2. Details"))
    assert (done.units.added, done.units.changed, done.units.removed, done.units.put_back) == (0, 1, 0, [])
    (one,) = done.units.alike
    assert one.done == f"line 10: taken as the paragraph that said “{beginning(before, 60)}”"
    assert one.foretold == f"line 10: would be taken as the paragraph that said “{beginning(before, 60)}”"
    assert unit_of(changed) == unit_of("تم بعض العمل.[1]") == work
    moved = Unit.objects.get(pk=work)
    assert moved.section is not None
    assert (moved.section.position, moved.removed_in) == (1, None)
    marks = queries.marks(text)[work]
    assert queries.outdated(text)[0].unit == work
    assert (marks["ar"].source_version, marks["en"].version) == (2, 3)
    assert get(f"u/{work}/").count("done now") >= 1


def test_a_paragraph_becomes_an_item(text: Proposal) -> None:
    """And an item a paragraph: with its words, its translations stay up to date, and the difference says what it is."""
    editor = coordinator(text)
    definition, work = unit_of(DEFINITION), unit_of(WORK)
    save_translation(definition, "ar", "تعريف", editor=editor, at=AT)
    done = again(BODY.replace(f"{WORK}\n\n{ITEMS}", f"{DEFINITION}\n\n    1. {WORK}\n    2. {PLAN}\n"))
    assert (done.units.added, done.units.changed, done.units.removed, done.units.put_back) == (0, 0, 0, [])
    assert done.units.alike == []
    kinds = dict(Unit.objects.filter(pk__in=[definition, work]).values_list("pk", "kind"))
    assert kinds == {definition: "paragraph", work: "list-item"}
    assert queries.outdated(text) == []
    number = done.revision.number
    page = get(f"diff/{number - 1}..{number}/")
    assert "List item" in page
    assert UnitText.objects.get(unit=definition, language="ar").text == "تعريف"


def test_what_was_moved_in_one_stretch_is_named_too(text: Proposal) -> None:
    """Where all of a section was changed and nothing stands as it did between; what was changed in its place is not."""
    items = "    1. Draft a good plan\n    2. Write one definition\n"
    done = again(BODY.replace(ITEMS, items).replace("也聽取意見", "也聽取各種意見"))
    assert (done.units.added, done.units.changed, done.units.removed) == (0, 3, 0)
    assert [one.done.split(" taken as the ")[1] for one in done.units.alike] in (
        [f"list item that said “{PLAN}”"], [f"list item that said “{DEFINITION}”"],
    )  # fmt: skip


def test_a_note_has_no_links(text: Proposal) -> None:
    """A paragraph that becomes a note links to none any more, with no word changed."""
    work = unit_of(WORK)
    assert "<a" in UnitText.objects.get(unit=work).html
    done = again(BODY.replace(f"{WORK}\n\n", "").replace("[1] A short note.", f"[1] A short note.\n[2] {WORK}"))
    assert (done.units.added, done.units.removed) == (0, 0)
    row = UnitText.objects.select_related("unit").get(unit=work)
    assert (row.unit.kind, row.unit.number, "<a" in row.html) == ("note", 2, False)
