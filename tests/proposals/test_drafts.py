"""The working copy of a text: its acts, what publishing makes of it, and what it does where others were faster."""

from collections.abc import Callable
from functools import partial

import pytest

from proposals import queries
from proposals.drafting import acts, bounds
from proposals.drafting.copies import Copy, Shape, from_json, to_json
from proposals.enums import SectionKind
from proposals.models import Draft, Proposal, Unit, UnitText
from proposals.services import buttons, drafts, import_page, publish_draft, save_translation, save_translations
from proposals.services.drafts import ChangedMeanwhile, Typed
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import digest
from tests.proposals.conftest import T
from tests.proposals.editing import AT, coordinator, copy_of, piece_with, published, said
from tests.proposals.pages import BODY, page

LISTENS, WORK = "這個小組提出建議，也聽取意見。", "Some work is done already.[1] More would help."
DEFINITION, PLAN = "Write a definition", "Draft a plan"


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def do(text: Proposal, editor: User, act: Callable[..., str], /, **given: object) -> str:
    """One act on the working copy."""
    return drafts.change(text.pk, partial(act, **given), editor=editor, at=AT)


def type_into(text: Proposal, editor: User, was: str, now: str) -> None:
    """Save a piece with another text."""
    piece = piece_with(text, was)
    drafts.save(text.pk, {piece.key: Typed(now, None, piece.token)}, None, editor=editor, at=AT)


def outdated(text: Proposal, language: str) -> list[int]:
    return [unit.id for unit in queries.page(text, language).units() if unit.is_outdated]


def translate(text: Proposal, editor: User, language: str) -> None:
    """Everything into one language."""
    for unit in queries.live_units(text):
        if unit.source_language != language:
            save_translation(unit.pk, language, f"{language} {unit.pk}", editor=editor, at=AT)


def test_nothing_is_published_before_it_is_published(text: Proposal, editor: User) -> None:
    """A draft is one row, which readers do not see; the log says that it was begun, not each word."""
    before = queries.page(text, "zh-hant")
    type_into(text, editor, LISTENS, "這個小組聽取意見。")
    type_into(text, editor, "這個小組聽取意見。", "聽取意見。")
    assert [unit.html for unit in queries.page(text, "zh-hant").units()] == [unit.html for unit in before.units()]
    assert Draft.objects.get().editor_id == editor.pk
    assert Entry.objects.filter(action="proposal.draft-begun", actor_id=editor.pk).count() == 1
    assert text.revisions.count() == 1


@pytest.mark.long
def test_one_changed_paragraph_outdates_exactly_that_one(text: Proposal, editor: User) -> None:
    """In each language; the same as minor: none."""
    for language in ("ar", "de"):
        translate(text, editor, language)
    unit = piece_with(text, LISTENS).unit
    type_into(text, editor, LISTENS, "這個小組只聽取意見。")
    revision = published(text, editor)
    assert {language: outdated(text, language) for language in ("ar", "de")} == {"ar": [unit], "de": [unit]}
    assert [content.language for content in revision.contents.all()] == ["zh-hant"]
    assert not Draft.objects.exists()
    type_into(text, editor, DEFINITION, "Write a Definition")
    minor = published(text, editor, is_minor=True)
    assert {language: outdated(text, language) for language in ("ar", "de")} == {"ar": [unit], "de": [unit]}
    # What stood in these languages is current for the new source, and their revisions say so.
    assert {content.language for content in minor.contents.all()} == {"en", "ar", "de"}
    shown = [unit.is_outdated for unit in queries.page_at(text, "ar", minor.number).units()]
    assert shown == [unit.is_outdated for unit in queries.page(text, "ar").units()]


@pytest.mark.parametrize(
    ("changes", "seen", "is_outdated"), [("m", 1, False), ("mM", 1, True), ("Mm", 1, True), ("Mmm", 2, False)]
)
def test_what_was_minor_meanwhile(text: Proposal, editor: User, changes: str, seen: int, is_outdated: bool) -> None:
    """A page that was opened before is up to date after minor changes (m), not after another one (M)."""
    unit = piece_with(text, LISTENS).unit or 0
    for number, one in enumerate(changes):
        piece = next(piece for piece in copy_of(text).pieces() if piece.unit == unit)
        typed = Typed(f"{LISTENS}{number}", None, piece.token)
        drafts.save(text.pk, {piece.key: typed}, None, editor=editor, at=AT)
        published(text, editor, is_minor=one == "m")
    save_translations(text.pk, "ar", {unit: "قبل"}, editor=editor, at=AT, seen={unit: seen})
    assert outdated(text, "ar") == [unit] * is_outdated


def test_a_revision_says_who_and_why(text: Proposal, editor: User) -> None:
    type_into(text, editor, LISTENS, "另一句話。")
    revision = published(text, editor, summary="  shorter  ")
    assert (revision.number, revision.editor_id, revision.editor_name) == (2, editor.pk, "Cora Demo")
    assert (revision.summary, revision.language) == ("shorter", "zh-hant")
    entry = Entry.objects.get(action="proposal.revised")
    assert entry.details == {"slug": "proposal", "revision": 2, "new": 0, "changed": 1, "removed": 0, "minor": False}
    for content in revision.contents.all():
        assert content.sha256 == digest(content.units)


def test_add_move_remove_and_take_back(text: Proposal, editor: User) -> None:
    """Each act alone, then published at once: places and numbers follow."""
    listens, plan = piece_with(text, LISTENS), piece_with(text, PLAN)
    added = do(text, editor, buttons.add_after, key=listens.key)
    drafts.save(text.pk, {added: Typed("新的段落", None, copy_of(text).piece(added).token)}, None, editor=editor, at=AT)
    do(text, editor, buttons.up, key=plan.key)
    do(text, editor, buttons.remove, key=listens.key)
    assert LISTENS not in said(text)
    do(text, editor, buttons.take_back, key=listens.key)
    do(text, editor, buttons.remove, key=listens.key)
    removed = Unit.objects.get(pk=listens.unit or 0)
    published(text, editor)
    removed.refresh_from_db()
    assert removed.removed_in == 2
    units = queries.live_units(text)
    assert [unit.position for unit in units] == list(range(1, len(units) + 1))
    items = [unit for unit in units if unit.kind == "list-item"]
    assert [UnitText.objects.get(unit=unit).text for unit in items] == [PLAN, DEFINITION]
    assert [unit.number for unit in items] == [1, 2]
    new = Unit.objects.get(texts__text="新的段落")
    assert (new.source_language, new.kind, new.section_id) == ("zh-hant", "paragraph", removed.section_id)
    assert LISTENS in str(queries.contents_at(text, 1)["zh-hant"].units)


@pytest.mark.long
def test_a_moved_paragraph_keeps_its_translations(text: Proposal, editor: User) -> None:
    """To the section before it, and behind any other."""
    translate(text, editor, "ar")
    work = piece_with(text, WORK)
    do(text, editor, buttons.up, key=work.key)
    assert said(text).index(WORK) == said(text).index(LISTENS) + 1
    do(text, editor, buttons.place, key=work.key, after=piece_with(text, PLAN).key)
    published(text, editor)
    assert outdated(text, "ar") == []
    assert queries.percent(text)["ar"] == 100
    assert [unit.id for unit in queries.page_at(text, "ar", 12).units()] == [
        unit.id for unit in queries.page(text, "ar").units()
    ]


@pytest.mark.long
def test_split_and_join(text: Proposal, editor: User) -> None:
    """The translation stays with the first half; those of what is joined are joined; both are out of date."""
    translate(text, editor, "ar")
    listens = piece_with(text, LISTENS)
    second = do(text, editor, buttons.split, key=listens.key, text=LISTENS, place=len("這個小組提出建議，"))
    assert [copy_of(text).piece(key).text for key in (listens.key, second)] == ["這個小組提出建議，", "也聽取意見。"]
    definition, plan = piece_with(text, DEFINITION), piece_with(text, PLAN)
    do(text, editor, buttons.merge, key=definition.key)
    assert piece_with(text, f"{DEFINITION} {PLAN}").joined == [plan.unit]
    published(text, editor, is_minor=True)
    assert outdated(text, "ar") == [listens.unit, definition.unit]
    assert UnitText.objects.get(unit=definition.unit, language="ar").text == f"ar {definition.unit} ar {plan.unit}"
    assert UnitText.objects.get(unit=listens.unit, language="ar").text == f"ar {listens.unit}"
    assert not UnitText.objects.filter(unit__texts__text="也聽取意見。", language="ar").exists()


@pytest.mark.long
def test_what_was_split_and_joined_again_is_whole(text: Proposal, editor: User) -> None:
    """A comma that is minor leaves its translations up to date; not where a part stands elsewhere (again)."""
    translate(text, editor, "ar")
    work = piece_with(text, WORK)
    parts = WORK.replace(" More", "\n\nMore")

    second = do(text, editor, buttons.split, key=work.key, text=parts, place=None)
    assert copy_of(text).piece(work.key).is_cut
    do(text, editor, buttons.merge, key=work.key)
    assert not copy_of(text).piece(work.key).is_cut
    do(text, editor, buttons.take_back, key=second)
    assert copy_of(text).piece(work.key).is_cut
    do(text, editor, buttons.merge, key=work.key)
    assert copy_of(text).piece(work.key).is_cut
    type_into(text, editor, copy_of(text).piece(work.key).text, WORK)
    assert not copy_of(text).piece(work.key).is_cut
    type_into(text, editor, WORK, f"{WORK}!")
    published(text, editor, is_minor=True)
    assert outdated(text, "ar") == []
    do(text, editor, buttons.split, key=work.key, text=f"{parts}!", place=None)
    type_into(text, editor, "Some work is done already.[1]", f"{WORK}!")
    assert copy_of(text).piece(work.key).is_cut


def test_a_text_with_empty_lines_becomes_as_many(text: Proposal, editor: User) -> None:
    listens = piece_with(text, LISTENS)
    do(text, editor, buttons.split, key=listens.key, text="one\r\n\r\ntwo\n \t\n\nthree", place=1)
    found = said(text)
    assert found[found.index("one") :][:3] == ["one", "two", "three"]


def test_what_cannot_be_done_says_why_and_changes_nothing(text: Proposal, editor: User) -> None:
    heading, title, listens = (piece_with(text, said) for said in ("摘要", "示範小組", LISTENS))
    work = piece_with(text, WORK)
    for act, given in (
        (buttons.remove, {"key": heading.key}),
        (buttons.up, {"key": title.key}),
        (buttons.merge, {"key": listens.key}),
        (buttons.merge, {"key": work.key}),
        (buttons.split, {"key": listens.key, "text": LISTENS, "place": 0}),
        (buttons.split, {"key": heading.key, "text": "a\n\nb", "place": None}),
        (buttons.part_remove, {"key": "lead", "seen": copy_of(text).part("lead").seen}),
    ):
        with pytest.raises(Invalid):
            do(text, editor, act, **given)
    for act, key in ((buttons.up, "u0"), (buttons.take_back, listens.key), (buttons.part_back, "n7")):
        with pytest.raises(Conflict):
            do(text, editor, act, key=key)
    assert not Draft.objects.exists()


def test_sections_come_move_and_go(text: Proposal, editor: User) -> None:
    """Also where the dates stand; a section that was removed and published is in no import's way."""
    parts = copy_of(text).shown
    names = [part.key for part in parts]
    made = drafts.change(text.pk, buttons.add_part("問題", SectionKind.TEXT, names[1]), editor=editor, at=AT)
    assert [part.key for part in copy_of(text).shown] == [*names[:2], made, *names[2:]]
    do(text, editor, buttons.part_up, key=made)
    do(text, editor, buttons.part_remove, key=names[2], seen=copy_of(text).part(names[2]).seen)
    published(text, editor)
    sections = queries.page(text, "zh-hant").sections
    assert [section.heading.plain for section in sections if section.heading] == [
        "問題",
        "摘要",
        "時間線",
        "References",
    ]
    assert [section.position for section in text.sections.all()[:4]] == [1, 2, 3, 4]
    assert queries.page(text, "zh-hant").has_timeline
    assert Unit.objects.filter(removed_in=2, texts__text=DEFINITION).count() == 1
    before = [unit.id for unit in queries.page_at(text, "zh-hant", 2).units()]
    assert before == [unit.id for unit in queries.page(text, "zh-hant").units()]


def test_a_removed_section_can_be_taken_back(text: Proposal, editor: User) -> None:
    key = copy_of(text).shown[1].key
    do(text, editor, buttons.part_remove, key=key, seen=copy_of(text).part(key).seen)
    assert LISTENS not in said(text)
    do(text, editor, buttons.part_back, key=key)
    assert LISTENS in said(text)
    with pytest.raises(Conflict, match="nothing to publish"):
        published(text, editor)


def test_a_second_save_over_somebodys_change_is_refused(text: Proposal, editor: User) -> None:
    """With what is stored now; nothing of either is lost, and saving again over that is a choice."""
    piece, other = piece_with(text, LISTENS), piece_with(text, WORK)
    type_into(text, editor, LISTENS, "甲")
    mine = {piece.key: Typed("乙", None, piece.token), other.key: Typed("Other work.", None, other.token)}
    with pytest.raises(ChangedMeanwhile) as refused:
        drafts.save(text.pk, mine, None, editor=editor, at=AT)
    assert refused.value.stored == {piece.key: "甲"}
    assert "甲" in said(text)
    assert WORK in said(text)
    again = {**mine, piece.key: Typed("乙", None, piece_with(text, "甲").token)}
    drafts.save(text.pk, again, None, editor=editor, at=AT)
    assert {"乙", "Other work."} <= set(said(text))


def test_whoever_changed_something_else_is_in_nobodys_way(text: Proposal, editor: User) -> None:
    """An older form may send what it was shown with: that is no change. What is said by both alike is none either."""
    shown = {piece.key: Typed(piece.text, None, piece.token) for piece in copy_of(text).pieces() if not piece.is_dates}
    work = piece_with(text, WORK)
    type_into(text, editor, LISTENS, "甲")
    drafts.save(text.pk, {**shown, work.key: Typed("Work.", None, work.token)}, None, editor=editor, at=AT)
    drafts.save(text.pk, {work.key: Typed("Work.", None, work.token)}, None, editor=editor, at=AT)
    assert {"甲", "Work."} <= set(said(text))


def test_what_was_typed_into_a_removed_paragraph_is_not_lost(text: Proposal, editor: User) -> None:
    piece = piece_with(text, LISTENS)
    do(text, editor, buttons.remove, key=piece.key)
    with pytest.raises(ChangedMeanwhile) as refused:
        drafts.save(text.pk, {piece.key: Typed("乙", None, piece.token)}, None, editor=editor, at=AT)
    assert refused.value.stored == {piece.key: None}
    drafts.save(text.pk, {piece.key: Typed(LISTENS, None, piece.token)}, None, editor=editor, at=AT)


@pytest.mark.long
def test_the_copy_follows_what_is_published_meanwhile(text: Proposal, editor: User) -> None:
    """Where only one of both changed, that counts; where both did, somebody has to choose before publishing."""
    unit = piece_with(text, LISTENS).unit
    type_into(text, editor, WORK, "Much work.[1]")
    changed = BODY.replace(LISTENS, "小組聽取意見。").replace("Draft a plan", "Draft a plan\n    3. Publish it")
    import_page(page(changed, at="09:00, 5 February 2022", summary="(next)"), task_force=T, at=AT)
    assert {"小組聽取意見。", "Much work.[1]", "Publish it"} <= set(said(text))
    newer = changed.replace(WORK, "Some work is done.[1]")
    import_page(page(newer, at="09:30, 5 February 2022", summary="(last)"), task_force=T, at=AT)
    mine = piece_with(text, "Much work.[1]")
    assert mine.theirs == "Some work is done.[1]"
    with pytest.raises(Invalid):
        published(text, editor)
    do(text, editor, buttons.keep_ours, key=mine.key)
    published(text, editor)
    assert UnitText.objects.get(unit=mine.unit, language="en").text == "Much work.[1]"
    assert UnitText.objects.get(unit=unit, language="zh-hant").text == "小組聽取意見。"


def test_theirs_can_be_taken(text: Proposal, editor: User) -> None:
    type_into(text, editor, LISTENS, "甲")
    save_translation(piece_with(text, "甲").unit or 0, "zh-hant", "乙", editor=editor, at=AT)
    do(text, editor, buttons.take_theirs, key=piece_with(text, "甲").key)
    assert piece_with(text, "乙").theirs is None


def test_publishing_what_one_has_not_seen_is_refused(text: Proposal, editor: User) -> None:
    type_into(text, editor, LISTENS, "甲")
    token = copy_of(text).token
    type_into(text, editor, "甲", "乙")
    publish = partial(publish_as, text, editor)
    with pytest.raises(Conflict, match="changed since you opened"):
        publish(token)
    assert text.revisions.count() == 1
    publish(copy_of(text).token)
    with pytest.raises(Conflict, match="nothing to publish"):
        publish(copy_of(text).token)


def publish_as(text: Proposal, editor: User, token: str, summary: str = "s") -> None:
    publish_draft(text.pk, summary=summary, is_minor=False, expected=token, editor=editor, at=AT)


@pytest.mark.parametrize("summary", ["", " \u200b", "x" * 2_001])
def test_a_summary_is_needed(text: Proposal, editor: User, summary: str) -> None:
    type_into(text, editor, LISTENS, "甲")
    with pytest.raises(Invalid):
        publish_as(text, editor, copy_of(text).token, summary)


def test_what_says_nothing_is_not_published(text: Proposal, editor: User) -> None:
    """A new paragraph without a word is left out; one that was emptied must be removed, so that it is no slip."""
    do(text, editor, buttons.add_after, key=piece_with(text, LISTENS).key)
    with pytest.raises(Conflict, match="nothing to publish"):
        published(text, editor)
    type_into(text, editor, WORK, " ")
    with pytest.raises(Invalid, match="put right"):
        published(text, editor)


@pytest.mark.parametrize(
    "words",
    [
        "[](https://x.test)",
        "![](https://x.test/a.png)",
        "&nbsp;",
        "` `",
        "&#8203;",
        "[**&#8203;**](x) &nbsp;",
        "\u3164[](x)",
    ],
)
def test_what_shows_nothing_says_nothing(text: Proposal, editor: User, words: str) -> None:
    """Neither as a paragraph nor as a translation of one, in which it would count."""
    piece = piece_with(text, WORK)
    with pytest.raises(Invalid, match="see nothing"):
        save_translation(piece.unit or 0, "ar", words, editor=editor, at=AT)
    assert not UnitText.objects.filter(unit=piece.unit, language="ar").exists()
    type_into(text, editor, WORK, words)
    with pytest.raises(Invalid, match="put right"):
        published(text, editor)
    with pytest.raises(Invalid, match="missing"):
        drafts.change(text.pk, buttons.add_part(words, "text", ""), editor=editor, at=AT)
    for seen in (f"{words} !", "!", "…", "![a](https://x.test/a.png)", "🌻"):
        save_translation(piece.unit or 0, "ar", seen, editor=editor, at=AT)


def test_only_editors(text: Proposal, editor: User) -> None:
    """Asked by the services themselves."""
    observer = coordinator(text, "Otto", Role.OBSERVER)
    piece = piece_with(text, LISTENS)
    type_into(text, editor, LISTENS, "甲")
    for act in (
        lambda: drafts.save(text.pk, {piece.key: Typed("乙", None, piece.token)}, None, editor=observer, at=AT),
        lambda: drafts.discard(text.pk, expected=copy_of(text).token, editor=observer, at=AT),
        lambda: drafts.restore(text.pk, 1, editor=observer, at=AT),
        lambda: publish_as(text, observer, copy_of(text).token),
    ):
        with pytest.raises(Refused):
            act()
    assert "甲" in said(text)


def test_discard(text: Proposal, editor: User) -> None:
    """Only the copy that was shown."""
    type_into(text, editor, LISTENS, "甲")
    token = copy_of(text).token
    type_into(text, editor, "甲", "乙")
    with pytest.raises(Conflict):
        drafts.discard(text.pk, expected=token, editor=editor, at=AT)
    drafts.discard(text.pk, expected=copy_of(text).token, editor=editor, at=AT)
    assert LISTENS in said(text)
    assert Entry.objects.filter(action="proposal.draft-discarded").count() == 1


def test_another_kind(text: Proposal, editor: User) -> None:
    """A paragraph becomes a note with a number of its own, and "[2]" leads to it; an item gets its number."""
    listens, plan = piece_with(text, LISTENS), piece_with(text, PLAN)
    drafts.save(
        text.pk,
        {
            listens.key: Typed("注釋", Shape("note"), listens.token),
            plan.key: Typed("Draft a plan[2]", Shape("list-item", depth=1, ordered=True), plan.token),
        },
        None,
        editor=editor,
        at=AT,
    )
    published(text, editor)
    assert Unit.objects.get(pk=listens.unit or 0).number == 2
    unit = Unit.objects.get(pk=plan.unit or 0)
    assert (unit.depth, unit.ordered, unit.number) == (1, True, 1)
    assert '<a href="#note-2"' in UnitText.objects.get(unit=unit, language="en").html


@pytest.mark.long
def test_a_long_text_is_refused(text: Proposal, editor: User) -> None:
    piece = piece_with(text, LISTENS)
    with pytest.raises(Invalid, match="too long"):
        drafts.save(text.pk, {piece.key: Typed("x" * 20_001, None, piece.token)}, None, editor=editor, at=AT)
    copy = Copy([])
    for number in range(bounds.MOST_PIECES + 1):
        if number % 100 == 0:
            part = acts.add_part(copy, "h")
        acts.add(copy, part.key)

    def much(now: Copy) -> str:
        now.parts += copy.parts
        return ""

    with pytest.raises(Invalid, match="at most 1000"):
        drafts.change(text.pk, much, editor=editor, at=AT)


def test_stored_and_read_it_is_the_same(text: Proposal, editor: User) -> None:
    do(text, editor, buttons.split, key=piece_with(text, LISTENS).key, text="a\n\nb", place=None)
    copy = copy_of(text)
    assert to_json(from_json(to_json(copy))) == to_json(copy)
