"""What an import finds split or joined is recorded as if it had been done on the pages; what it cannot know is not."""

import pytest

from proposals.enums import UnitKind
from proposals.matching import Known, match
from proposals.models import Passage, Proposal, UnitText
from proposals.plan import PlannedUnit
from proposals.services import Imported, drafts, import_page, save_translation
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from tests.clients import Client
from tests.proposals.conftest import T
from tests.proposals.editing import AT, coordinator, published
from tests.proposals.pages import BODY, page
from tests.proposals.test_diff_pages import heard
from tests.proposals.test_passages import get, told, unit_of, work_unit

WORK = "Some work is done already.[1] More would help."
LISTENS, FIRST, SECOND = "這個小組提出建議，也聽取意見。", "這個小組提出建議，", "也聽取意見。"
DEFINITION, PLAN = "Write a definition", "Draft a plan"
ITEMS = f"    1. {DEFINITION}\n    2. {PLAN}\n"
ONE_ITEM = f"    1. {DEFINITION} {PLAN}\n"


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def again(body: str, at: str = "10:00, 7 February 2022") -> Imported:
    return import_page(page(body, at=at, summary="(more)"), task_force=T, at=AT)


# --- pure ------------------------------------------------------------------------------------------------------------


def known(number: int, text: str, kind: str = "paragraph", language: str = "en") -> Known:
    return Known(number, 1, kind, 0, {language: text}, language)


def planned(text: str, kind: str = "paragraph", language: str = "en") -> PlannedUnit:
    return PlannedUnit(1, UnitKind(kind), 0, ordered=False, number=None, language=language, text=text, line=1)


A, B, C = "One stays here.", "Two goes there, and far.", "Three follows them."


@pytest.mark.parametrize(
    ("old", "new", "pairs", "passages"),
    [
        ([f"{A} {B}"], [A, B], [1, None], [(1, 1, True)]),
        ([f"{A} {B} {C}"], [A, B, C], [1, None, None], [(1, 1, True), (1, 2, True)]),
        ([A, B], [f"{A} {B}"], [1], [(2, 0, False)]),
        ([A, B, C], [f"{A}{B}\n{C}"], [1], [(2, 0, False), (3, 0, False)]),
        # One half was changed; marks and capitals.
        ([f"{A} {B}"], ["One will stay here.", B], [1, None], [(1, 1, True)]),
        ([f"{A} {B}"], [A, "Two went there, and so far."], [1, None], [(1, 1, True)]),
        ([A, B], [f"{A[:-1]}; {B.lower()}"], [1], [(2, 0, False)]),
        ([A, B], [f"One will stay here. {B}"], [1], [(2, 0, False)]),
        # Among others: what was changed before and behind.
        ([C, f"{A} {B}", "Last."], ["Three follow.", A, B, "Latest."], [1, 2, None, 3], [(2, 2, True)]),
        ([f"{A} {B}", C], [A, B], [1, None], [(1, 1, True)]),
        # Both ways at once.
        ([f"{A} {B}", C, "Four."], [A, B, f"{C} Four."], [1, None, 2], [(1, 1, True), (3, 2, False)]),
        # Nothing of it: new words, the same words in front of new ones, a repetition, too little to be known by.
        ([A], [A, B], [1, None], []),
        ([f"{A} {B}"], [f"{A} {B}", B], [1, None], []),
        ([f"{A} {B}"], ["Something else is said here.", "And there."], [None, None], []),
        ([f"{A} Yes."], ["Nobody knows.", "Yes."], [None, None], []),
        # In another order it was no cut.
        ([f"{A} {B}"], [B, A], None, []),
    ],
)  # fmt: skip
def test_what_became_of_them(
    old: list[str], new: list[str], pairs: list[int | None] | None, passages: list[tuple[int, int, bool]]
) -> None:
    found = match([known(number, said) for number, said in enumerate(old, start=1)], [planned(said) for said in new])
    assert [(one.source.id, one.target, one.is_split) for one in found.passages] == passages
    if pairs is not None:
        assert [unit.id if unit else None for _planned, unit in found.pairs] == pairs
        assert len(found.removed) == len(old) - sum(pair is not None for pair in pairs)


@pytest.mark.parametrize("other", [planned(B, kind="quote"), planned(B, language="de")])
def test_only_of_one_kind_and_in_its_own_language(other: PlannedUnit) -> None:
    assert match([known(1, f"{A} {B}")], [planned(A, other.kind, other.language), other]).passages == []
    assert match([known(1, f"{A} {B}")], [planned(A), other]).passages == []
    translated = Known(1, 1, "paragraph", 0, {"zh-hant": LISTENS, "de": f"{A} {B}"}, "zh-hant")
    assert match([translated], [planned(A, language="de"), planned(B, language="de")]).passages == []


@pytest.mark.parametrize(("count", "found"), [(100, True), (101, False)])
def test_long_rows_are_not_searched(count: int, found: bool) -> None:
    """Where everything fits everywhere it would take too long; hostile ones within the bound end soon."""
    old = [known(number, "a" * 2_000 + str(number)) for number in range(count)]
    made = match(old, [planned("a" * (number + 1)) for number in range(100)])
    assert bool(made.passages) is found


# --- imported --------------------------------------------------------------------------------------------------------


def test_a_split_is_told(text: Proposal, editor: User, client: Client) -> None:
    """In the difference, on both pages, in the log, and to translators."""
    save_translation(unit_of(LISTENS), "ar", "يقترح ويستمع", editor=editor, at=AT)
    done = again(BODY.replace(LISTENS, f"{FIRST}\n\n{SECOND}"))
    assert (done.units.added, done.units.changed, done.units.removed, done.units.split) == (1, 1, 0, 1)
    old, new = unit_of(FIRST), unit_of(SECOND)
    assert old == unit_of("يقترح ويستمع")
    assert told() == [("split", old, new)]
    assert Entry.objects.filter(action="proposal.imported").latest("pk").details["split"] == 1
    made = heard(client.get(f"/zh-hant/tf/{T}/proposals/proposal/diff/2..3/").content.decode())
    assert len(made) == 2
    assert "Split from the paragraph:" in get(f"u/{new}/")
    (origin,) = work_unit(text, editor, new).origins
    assert (origin.unit, origin.text, origin.translation) == (old, LISTENS, "يقترح ويستمع")


def test_a_join_is_told(text: Proposal, editor: User) -> None:
    """Whoever translated the one that went finds their words beside the one that has its own now."""
    definition, plan = unit_of(DEFINITION), unit_of(PLAN)
    save_translation(plan, "ar", "خطة", editor=editor, at=AT)
    done = again(BODY.replace(ITEMS, ONE_ITEM))
    assert (done.units.added, done.units.changed, done.units.removed, done.units.joined) == (0, 1, 1, 1)
    assert told() == [("join", plan, definition)]
    assert "Joined into the paragraph:" in get(f"u/{plan}/")
    assert "1 paragraph joined into another" in get("diff/2..3/")
    (origin,) = work_unit(text, editor, definition).origins
    assert (origin.unit, origin.text, origin.translation) == (plan, PLAN, "خطة")


def test_what_is_restored_undoes_it(text: Proposal, editor: User) -> None:
    """As it undoes what was done on the pages; and another import does it again."""
    again(BODY.replace(ITEMS, ONE_ITEM).replace(WORK, "Some work is done already.[1]\n\nMore would help."))
    definition, plan, work = unit_of(f"{DEFINITION} {PLAN}"), unit_of(PLAN), unit_of("Some work is done already.[1]")
    more = unit_of("More would help.")
    drafts.restore(text.pk, 1, editor=editor, at=AT)
    published(text, editor)
    assert sorted(told()) == sorted([("split", definition, plan), ("join", more, work)])
    again(BODY.replace(ITEMS, ONE_ITEM), at="10:00, 8 February 2022")
    assert told() == [("join", plan, definition)]


def test_what_cannot_be_known_is_removed_and_added(text: Proposal) -> None:
    """Other words in both halves: no guess."""
    again(BODY.replace(LISTENS, "小組也許說話。\n\n完全不同的一段文字。"))
    assert not Passage.objects.exists()
    assert UnitText.objects.filter(text="完全不同的一段文字。", unit__removed_in=None).exists()
