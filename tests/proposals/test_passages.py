"""Paragraphs that were split or joined are told as such: in differences, on their own pages, and to translators."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proposals import comparing, passing, queries, translating
from proposals.differences.passages import Passed, inverse, net
from proposals.differences.pieces import Budget, Kind, Piece, Side, exchanged
from proposals.enums import PassageKind
from proposals.models import Passage, Proposal, UnitText, Wording
from proposals.services import buttons, drafts, save_translation
from proposals.services.drafts import Typed
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from tests.clients import Client
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, published, text_of
from tests.proposals.test_diff_pages import heard

LISTENS, FIRST, SECOND = "這個小組提出建議，也聽取意見。", "這個小組提出建議，", "也聽取意見。"
WORK = "Some work is done already.[1] More would help."
DEFINITION, PLAN = "Write a definition", "Draft a plan"
BASE = f"/en/tf/{T}/proposals/proposal/"
SPLIT, JOIN, PART = PassageKind.SPLIT, PassageKind.JOIN, PassageKind.PART


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def do(text: Proposal, editor: User, act: Callable[..., str], /, **given: object) -> str:
    return drafts.change(text.pk, partial(act, **given), editor=editor, at=AT)


def split(text: Proposal, editor: User, said: str, *parts: str) -> str:
    """Into these parts; the key of the last."""
    return do(text, editor, buttons.split, key=piece_with(text, said).key, text="\n\n".join(parts), place=None)


def join(text: Proposal, editor: User, said: str) -> None:
    do(text, editor, buttons.merge, key=piece_with(text, said).key)


def write(text: Proposal, editor: User, key: str, said: str) -> None:
    piece = copy_of(text).piece(key)
    drafts.save(text.pk, {key: Typed(said, None, piece.token)}, None, editor=editor, at=AT)


def unit_of(said: str) -> int:
    """The unit that says this, or said it last."""
    return UnitText.objects.get(text=said).unit_id


def told() -> list[tuple[str, int, int]]:
    """The passages of the last revision."""
    found = Passage.objects.order_by("revision__number", "pk")
    last = [one for one in found if one.revision.number == found.latest("revision__number").revision.number]
    return [(one.kind, one.source_id, one.target_id) for one in last]


def get(tail: str, client: Client | None = None) -> str:
    response = (client or Client()).get(BASE + tail)
    assert response.status_code == 200
    return str(response.content.decode())


# --- pure ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "old", "new", "found"),
    [
        ([(SPLIT, 1, 2)], {1}, {1, 2}, [(SPLIT, 1, 2)]),
        ([(JOIN, 2, 1)], {1, 2}, {1}, [(JOIN, 2, 1)]),
        # Split of a split; of what came in between, and went on into another.
        ([(SPLIT, 1, 2), (SPLIT, 2, 3)], {1}, {1, 2, 3}, [(SPLIT, 1, 2), (SPLIT, 1, 3)]),
        ([(SPLIT, 1, 2), (JOIN, 2, 4)], {1, 4}, {1, 4}, [(PART, 1, 4)]),
        # There and back.
        ([(SPLIT, 1, 2), (JOIN, 2, 1)], {1}, {1}, []),
        ([(JOIN, 2, 1), (SPLIT, 1, 2)], {1, 2}, {1, 2}, []),
        # Taken back by another way, or made from something that was new itself.
        ([(JOIN, 2, 1)], {1, 2}, {1, 2}, []),
        ([(SPLIT, 1, 2)], {1}, {1}, []),
        ([(SPLIT, 9, 2)], {1}, {1, 2}, []),
        # One after the other.
        ([(JOIN, 3, 2), (JOIN, 2, 1)], {1, 2, 3}, {1}, [(JOIN, 2, 1)]),
    ],
)
def test_what_acts_come_to(
    acts: list[tuple[PassageKind, int, int]], old: set[int], new: set[int], found: list[tuple[PassageKind, int, int]]
) -> None:
    made = net([Passed(*act) for act in acts], old, new)
    assert [tuple(one) for one in made] == found
    assert [inverse(inverse(one)) for one in made] == made


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = st.lists(st.sampled_from(["one ", "two. ", "提", "案", "x"]), max_size=8).map("".join)


@QUICK
@given(WORDS, st.lists(WORDS, max_size=2), WORDS, st.lists(WORDS, max_size=2), st.sampled_from(["", " "]))
def test_both_texts_can_be_read_from_the_pieces(
    old: str, others: list[str], new: str, later: list[str], gap: str
) -> None:
    """Whatever came and went: its own words before and after, in order, and nothing of the others'."""
    found = exchanged(Side(old, others), Side(new, later), gap, Budget())
    assert "".join(piece.text for piece in found if piece.kind not in (Kind.ADDED, Kind.CAME)) == old
    assert "".join(piece.text for piece in found if piece.kind not in (Kind.REMOVED, Kind.WENT)) == new
    assert all(piece.text for piece in found)


def test_words_that_went_are_neither_removed_nor_added() -> None:
    """Each side of a split and of a join, and what was changed besides."""
    one, two = "One stays here.", "Two goes there."
    budget = Budget()
    assert exchanged(Side(f"{one} {two}"), Side(one, [two]), " ", budget) == [
        Piece(Kind.KEPT, one), Piece(Kind.WENT, f" {two}"),
    ]  # fmt: skip
    assert exchanged(Side("", [f"{one} {two}"]), Side("Two goes elsewhere."), " ", budget) == [
        Piece(Kind.CAME, "Two goes "), Piece(Kind.ADDED, "elsewhere"), Piece(Kind.CAME, "."),
    ]  # fmt: skip
    assert exchanged(Side(one, [two]), Side(f"{one} {two}"), " ", budget) == [
        Piece(Kind.KEPT, one), Piece(Kind.CAME, f" {two}"),
    ]  # fmt: skip
    assert exchanged(Side(two), Side("", [f"{one} {two}"]), " ", budget) == [Piece(Kind.WENT, two)]


# --- published -------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_split_is_told(text: Proposal, editor: User, client: Client) -> None:
    """Kept for good, in the log, on the page of the difference in words, and on both paragraphs' pages."""
    split(text, editor, LISTENS, FIRST, SECOND)
    desk = Desk(editor)
    assert "1 paragraph split off from another" in text_of(desk.get("publish/"))
    published(text, editor)
    old, new = unit_of(FIRST), unit_of(SECOND)
    assert told() == [("split", old, new)]
    assert Entry.objects.get(action="proposal.revised").details["split"] == 1
    made = client.get(f"/zh-hant/tf/{T}/proposals/proposal/diff/1..2/").content.decode()
    first, second = made.split('<section class="pt-diff"')[1:]
    assert f'<a href="#u-{new}"><span lang="zh-Hant" dir="ltr">{SECOND}</span></a>' in first
    assert f'<a href="#u-{old}"><span lang="zh-Hant" dir="ltr">{LISTENS}</span></a>' in second
    assert f"{SECOND}<" in re.sub(r"<span.*?</span>", "", first.split('<del class="pt-diff__went">')[1])
    assert "pt-diff__added" not in made.split("</h2>")[-1]
    assert f'href="{BASE}u/{old}/"' in get(f"u/{new}/").split('id="kin"')[1]
    assert f'href="{BASE}u/{new}/"' in get(f"u/{old}/").split('id="kin"')[1]
    assert "Split from the paragraph:" in get(f"u/{new}/")


def test_a_join_is_told(text: Proposal, editor: User, client: Client) -> None:
    """The paragraph that went says into which one, and leads there."""
    definition, plan = unit_of(DEFINITION), unit_of(PLAN)
    join(text, editor, DEFINITION)
    published(text, editor)
    assert told() == [("join", plan, definition)]
    made = get("diff/1..2/")
    joined, gone = heard(made)
    assert joined.startswith("1. Joined with another · List item")
    assert f"Joined into it, the paragraph: {PLAN}" in joined
    assert joined.endswith(f"{DEFINITION} [from another paragraph: {PLAN}]")
    assert gone.startswith("2. Joined into another · List item")
    assert f"Joined into the paragraph: {DEFINITION}" in gone
    assert gone.endswith(f"[to another paragraph: {PLAN}]")
    assert "1 paragraph joined into another" in made
    assert "1 paragraph removed" not in made
    page = get(f"u/{plan}/")
    assert "revision 2 joined it into another paragraph" in page
    assert "removed" not in page
    assert f'Joined into the paragraph: <a href="{BASE}u/{definition}/">' in page
    assert "<h1>List item: " in page


def test_split_then_moved_and_split_again(text: Proposal, editor: User) -> None:
    """In one draft: both come from the one that was published."""
    last = split(text, editor, WORK, "Some work is done.", "More would help. And more.")
    do(text, editor, buttons.place, key=last, after=piece_with(text, LISTENS).key)
    split(text, editor, "More would help. And more.", "More would help.", "And more.")
    published(text, editor)
    work = unit_of("Some work is done.")
    assert told() == [("split", work, unit_of("More would help.")), ("split", work, unit_of("And more."))]
    assert "Split off" in " ".join(heard(get("diff/1..2/")))


def test_joined_into_one_that_is_new(text: Proposal, editor: User) -> None:
    """And a new one joined into an old one, which tells nothing: its words are new."""
    definition = piece_with(text, DEFINITION)
    save_translation(definition.unit or 0, "ar", "تعريف", editor=editor, at=AT)
    added = do(text, editor, buttons.add_after, key=piece_with(text, LISTENS).key)
    write(text, editor, added, "新的。")
    do(text, editor, buttons.up, key=added)
    join(text, editor, "新的。")
    do(text, editor, buttons.add_after, key=definition.key)
    published(text, editor)
    new = unit_of(f"新的。{LISTENS}")
    assert told() == [("join", unit_of(LISTENS), new)]
    key = do(text, editor, buttons.add_after, key=definition.key)
    write(text, editor, key, "again")
    join(text, editor, DEFINITION)
    published(text, editor)
    assert Passage.objects.count() == 1


def test_translations_come_along_into_a_new_one(text: Proposal, editor: User) -> None:
    """As the preview of the draft shows them: out of date, to take words from."""
    unit = piece_with(text, LISTENS).unit or 0
    save_translation(unit, "ar", "جملة", editor=editor, at=AT)
    added = do(text, editor, buttons.add_after, key=piece_with(text, LISTENS).key)
    write(text, editor, added, "新的。")
    do(text, editor, buttons.up, key=added)
    join(text, editor, "新的。")
    published(text, editor)
    new = unit_of(f"新的。{LISTENS}")
    assert UnitText.objects.get(unit=new, language="ar").text == "جملة"
    assert [shown.id for shown in queries.page(text, "ar").units() if shown.is_outdated] == [new]


def test_a_part_that_went_on_into_another(text: Proposal, editor: User) -> None:
    """What was split off and joined to somebody else: a part of it; minor or not, translations say too little then."""
    definition, plan = unit_of(DEFINITION), unit_of(PLAN)
    save_translation(plan, "ar", "خطة", editor=editor, at=AT)
    last = split(text, editor, DEFINITION, "Write", "a definition")
    do(text, editor, buttons.place, key=last, after=piece_with(text, PLAN).key)
    join(text, editor, PLAN)
    published(text, editor, is_minor=True)
    assert told() == [("part", definition, plan)]
    assert [shown.id for shown in queries.page(text, "ar").units() if shown.is_outdated] == [plan]
    assert "Joined into it, a part of the paragraph:" in get("diff/2..3/")


def test_what_was_taken_back_in_the_draft_is_not_told(text: Proposal, editor: User) -> None:
    """A join that was undone, a split that was joined again, and a paragraph that says what it said."""
    plan = piece_with(text, PLAN)
    join(text, editor, DEFINITION)
    do(text, editor, buttons.take_back, key=plan.key)
    split(text, editor, LISTENS, FIRST, SECOND)
    join(text, editor, FIRST)
    write(text, editor, piece_with(text, WORK).key, "Work.")
    published(text, editor)
    assert not Passage.objects.exists()
    assert "joined" not in Entry.objects.get(action="proposal.revised").details


@pytest.mark.long
def test_a_restored_revision_undoes_it(text: Proposal, editor: User) -> None:
    """The split is joined, the joined is split off again; restored once more, the other way round."""
    definition, plan = unit_of(DEFINITION), unit_of(PLAN)
    split(text, editor, LISTENS, FIRST, SECOND)
    join(text, editor, DEFINITION)
    published(text, editor)
    listens, second = unit_of(FIRST), unit_of(SECOND)
    drafts.restore(text.pk, 1, editor=editor, at=AT)
    assert "1 paragraph joined into another" in text_of(Desk(editor).get("publish/"))
    published(text, editor)
    assert sorted(told()) == sorted([("join", second, listens), ("split", definition, plan)])
    assert "Split off · List item" in " ".join(heard(get("diff/2..3/")))
    assert "pt-diff__told" not in get("diff/1..3/")
    drafts.restore(text.pk, 2, editor=editor, at=AT)
    published(text, editor)
    assert sorted(told()) == sorted([("split", listens, second), ("join", plan, definition)])
    page = get(f"u/{plan}/")
    assert "revision 4 joined it into another paragraph" in page
    assert [int(number) for number in re.findall(r"\(<a[^>]*>Revision (\d)", page)] == [4, 3, 2]


def test_over_several_revisions(text: Proposal, editor: User) -> None:
    """Split, translated, joined elsewhere: from the first to the last, what it comes to."""
    split(text, editor, DEFINITION, "Write", "a definition")
    published(text, editor)
    middle = unit_of("a definition")
    join(text, editor, "a definition")
    published(text, editor)
    assert told() == [("join", unit_of(PLAN), middle)]
    made = heard(get("diff/1..3/"))
    assert any(f"Joined into the paragraph: a definition {PLAN}" in one for one in made)
    assert any("Split from the paragraph: Write a definition" in one for one in made)


def test_nobody_changes_what_was_written_down(text: Proposal, editor: User) -> None:
    join(text, editor, DEFINITION)
    published(text, editor)
    for row in (Passage.objects.get(), Wording.objects.order_by("-pk")[0]):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            row.delete()


# --- translators -----------------------------------------------------------------------------------------------------


def work_unit(text: Proposal, editor: User, unit: int) -> translating.WorkUnit:
    found, _standing = translating.one(text, "ar", editor, unit)
    assert found
    return found


@pytest.mark.long
def test_translators_see_where_words_come_from(text: Proposal, editor: User) -> None:
    """What was split: both halves lead to each other, the new one with the text and the translation of before. Who has
    translated anew sees it no more."""
    unit = piece_with(text, LISTENS).unit or 0
    save_translation(unit, "ar", "يقترح ويستمع", editor=editor, at=AT)
    split(text, editor, LISTENS, FIRST, SECOND)
    published(text, editor)
    new = unit_of(SECOND)
    (origin,) = work_unit(text, editor, new).origins
    assert (origin.unit, origin.text, origin.translation) == (unit, LISTENS, "يقترح ويستمع")
    (to,) = work_unit(text, editor, unit).origins
    assert (to.unit, to.is_target, to.kin.words.text) == (new, True, SECOND)
    save_translation(unit, "ar", "يقترح", editor=editor, at=AT)
    assert work_unit(text, editor, unit).origins == []
    assert work_unit(text, editor, new).origins[0].translation == "يقترح ويستمع"
    shown = Desk(editor).client.get(f"/ar/tf/{T}/proposals/proposal/translate/{new}/").content.decode()
    assert LISTENS in shown
    assert '<div class="pt-diff__text" lang="ar" dir="rtl">يقترح ويستمع</div>' in shown
    save_translation(new, "ar", "ويستمع", editor=editor, at=AT)
    assert work_unit(text, editor, new).origins == []


def test_translators_see_what_was_joined(text: Proposal, editor: User) -> None:
    definition, plan = unit_of(DEFINITION), unit_of(PLAN)
    save_translation(plan, "ar", "خطة", editor=editor, at=AT)
    join(text, editor, DEFINITION)
    published(text, editor)
    (origin,) = work_unit(text, editor, definition).origins
    assert (origin.unit, origin.text, origin.translation) == (plan, PLAN, "خطة")


# --- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("tail", ["diff/1..2/", "u/{unit}/", "translate/"])
def test_pages_ask_the_same_however_many_were_split(text: Proposal, editor: User, tail: str) -> None:
    client = Client()
    client.force_login(editor)
    translated = unit_of(LISTENS)
    address = f"/ar/tf/{T}/proposals/proposal/{tail.format(unit=translated)}"
    save_translation(translated, "ar", "جملة", editor=editor, at=AT)
    split(text, editor, LISTENS, FIRST, SECOND)
    published(text, editor)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    few = cost()
    for number in range(6):
        split(text, editor, FIRST if not number else f"{FIRST}{number}", f"{FIRST}{number + 1}", f"又{number}。")
        published(text, editor)
    assert cost() == few


def test_only_this_text_s(text: Proposal, editor: User) -> None:
    """Between which revisions; in a draft nothing is asked without need."""
    join(text, editor, DEFINITION)
    published(text, editor)
    assert len(passing.between(text, 0)) == len(passing.between(text, 1, 2)) == 1
    assert passing.between(text, 2) == passing.between(text, 0, 1) == []
    assert comparing.difference(text, "en", 2, 2).rows == []
