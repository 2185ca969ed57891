"""A section is one form: it never grows beyond what a form can carry, whatever its language and its browser."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from proposals.drafting import acts, bounds
from proposals.drafting.copies import Copy
from proposals.edit_forms import SectionForm
from proposals.models import Draft, Proposal, UnitText
from proposals.services import Imported, buttons, drafts, import_page
from proposals.services.texts import LONGEST_TEXT
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Invalid
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, text_of
from tests.proposals.pages import BODY, page

PAGE = f"/en/tf/{T}/proposals/proposal/edit/s"
# No character takes more room in a form.
WIDE = "\U0001f33b"


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


def fill(copy: Copy, *, pieces: int, characters: int) -> str:
    """A new section of so many pieces and characters; its key."""
    part = acts.add_part(copy, WIDE)
    each = characters // (pieces - 1)
    for number in range(1, pieces):
        acts.add(copy, part.key).text = WIDE * (each if number > 1 else characters - 1 - each * (pieces - 2))
    return part.key


def filled(text: Proposal, editor: User, *, pieces: int, characters: int) -> str:
    return drafts.change(text.pk, partial(fill, pieces=pieces, characters=characters), editor=editor, at=AT)


def sent_of(text: Proposal, key: str) -> dict[str, Any]:
    """All that a browser sends of the page of a section."""
    form = SectionForm(copy_of(text).part(key))
    fields = {name: form[name].value() for name in form.fields}
    places = {f"place-{piece.key}": str(len(piece.text)) for piece in form.pieces}
    return {**fields, **places, "owner": "1:" + "x" * 40, "csrfmiddlewaretoken": "x" * 64, "act": "save"}


def in_parts(desk: Desk, address: str, data: Mapping[str, Any]) -> Any:
    """As the form says that it is sent."""
    return desk.client.post(address, data)


def in_one_line(desk: Desk, address: str, data: Mapping[str, Any]) -> Any:
    """As a page sends it that was opened before the form said so."""
    return desk.client.post(address, urlencode(data), content_type="application/x-www-form-urlencoded")


@pytest.mark.long
@pytest.mark.parametrize("send", [in_parts, in_one_line])
def test_the_largest_section_can_be_saved(text: Proposal, editor: User, send: Callable[..., Any]) -> None:
    key = filled(text, editor, pieces=bounds.MOST_IN_SECTION, characters=bounds.LONGEST_SECTION)
    sent = sent_of(text, key)
    assert len(sent) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    last = copy_of(text).part(key).shown[-1]
    words = "z" * len(last.text)
    assert send(Desk(editor), f"{PAGE}/{key}/", {**sent, f"text-{last.key}": words}).status_code == 303
    assert copy_of(text).piece(last.key).text == words


@pytest.mark.long
def test_a_larger_one_could_not(text: Proposal, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """What these bounds are for."""
    monkeypatch.setattr(bounds, "MOST_IN_SECTION", 600)
    monkeypatch.setattr(bounds, "LONGEST_SECTION", 300_000)
    for pieces, characters in ((600, 2_000), (60, 300_000)):
        key = filled(text, editor, pieces=pieces, characters=characters)
        assert in_one_line(Desk(editor), f"{PAGE}/{key}/", sent_of(text, key)).status_code == 400


@pytest.mark.long
@pytest.mark.parametrize(("count", "characters"), [(390, 2_000), (30, 200_000)])
def test_no_act_makes_it_larger(text: Proposal, editor: User, count: int, characters: int) -> None:
    """Typing, adding, splitting, moving, taking back: refused in words, and what was typed is in its field."""
    key = filled(text, editor, pieces=count, characters=characters)
    first, *_others, last = copy_of(text).part(key).shown[1:]
    outside = filled(text, editor, pieces=2, characters=20)
    (_heading, foreign) = copy_of(text).part(outside).shown
    desk, sent = Desk(editor), sent_of(text, key)
    is_full = count == bounds.MOST_IN_SECTION
    typed = "one\n\ntwo" if is_full else first.text + "and more"
    refused = desk.post(
        f"s/{key}/", {**sent, f"text-{first.key}": typed, "act": f"split:{first.key}" if is_full else "save"}
    )
    assert refused.status_code == 400
    said = "at most 390 paragraphs" if is_full else "at most 200000 characters"
    assert said in text_of(refused)
    assert refused.context["form"][f"text-{first.key}"].value() == typed
    moved = desk.post(f"place/{foreign.key}/", {"after": last.key})
    assert moved.status_code == 400
    assert said in text_of(moved)
    assert copy_of(text).place(foreign.key)[0].key == outside
    if is_full:
        assert desk.post(f"s/{key}/", {**sent, "act": "new"}).status_code == 400
    assert desk.post(f"s/{key}/", {**sent, "act": f"remove:{last.key}"}).status_code == 303
    assert desk.post(f"place/{foreign.key}/", {"after": first.key}).status_code == 303


def test_one_that_is_larger_already_may_shrink(text: Proposal, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was brought in before there were bounds."""
    monkeypatch.setattr(bounds, "LONGEST_SECTION", 10)
    monkeypatch.setattr(bounds, "MOST_IN_SECTION", 2)
    part = copy_of(text).shown[1]
    piece = part.shown[-1]
    shorter = drafts.Typed(piece.text[:-1], None, piece.token)
    drafts.save(text.pk, {piece.key: shorter}, None, editor=editor, at=AT)
    with pytest.raises(Invalid, match="characters"):
        drafts.save(
            text.pk,
            {piece.key: drafts.Typed(piece.text * 2, None, copy_of(text).piece(piece.key).token)},
            None,
            editor=editor,
            at=AT,
        )
    with pytest.raises(Invalid, match="paragraphs"):
        drafts.change(text.pk, partial(buttons.add_last, part=part.key), editor=editor, at=AT)


# --- imports and restored revisions ----------------------------------------------------------------------------------


def imported(body: str, at: str) -> Imported:
    return import_page(page(body, at=at, summary="(next)"), task_force=T, at=AT)


def test_an_import_keeps_to_the_bounds(text: Proposal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every section that is too large is named, with what to do; nothing is written, and the next one is taken."""
    monkeypatch.setattr(bounds, "MOST_IN_SECTION", 5)
    monkeypatch.setattr(bounds, "LONGEST_SECTION", 100)
    more = BODY.replace("More would help.", "More would help.\n\nAnd one.\n\nAnd two.\n\nAnd three.")
    more = more.replace("也聽取意見。", "也聽取意見。" * 20)
    before = Entry.objects.count()
    with pytest.raises(Invalid) as refused:
        imported(more, "09:00, 7 February 2022")
    said = refused.value.message
    assert "the section on line 6 (“摘要”) would have 131 characters, and a section has at most 100" in said
    assert "(“Details”) would have 7 units, and a section has at most 5: divide it by another heading" in said
    assert (text.revisions.count(), Entry.objects.count()) == (1, before)
    assert imported(BODY.replace("More", "Much"), "09:00, 7 February 2022").revision.number == 2


@pytest.mark.parametrize("bound", ["MOST_IN_SECTION", "LONGEST_SECTION", "MOST_PIECES"])
def test_one_that_was_larger_may_be_imported_smaller(
    text: Proposal, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    """And as large as it is; never larger."""
    monkeypatch.setattr(bounds, bound, 2)
    with pytest.raises(Invalid, match="at most 2"):
        imported(BODY.replace("More would help.", "More would help.\n\nAnd one."), "09:00, 7 February 2022")
    assert imported(BODY.replace("More", "Some"), "09:00, 7 February 2022").revision.number == 2
    smaller = BODY.replace("    2. Draft a plan\n", "").replace("More", "Some")
    assert imported(smaller, "10:00, 7 February 2022").revision.number == 3


def test_translations_do_not_count(text: Proposal, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of a section sends what its paragraphs say in their own language."""
    monkeypatch.setattr(bounds, "LONGEST_SECTION", 100)
    done = imported(BODY.replace("Write a definition", "寫下定義" * 30), "09:00, 7 February 2022")
    assert done.units.changed == 1


LONG = "長" * (LONGEST_TEXT + 1)


@pytest.mark.parametrize(
    ("was", "said"),
    [("More would help.", "the paragraph on line 12"), ("Write a definition", "the list item on line 14")],
    ids=["source", "translation"],
)
def test_a_unit_that_no_field_takes_is_not_imported(text: Proposal, editor: User, was: str, said: str) -> None:
    """It is named, with what to do; the longest that is taken can be saved where the text is changed."""
    with pytest.raises(Invalid) as refused:
        imported(BODY.replace(was, LONG), "09:00, 7 February 2022")
    assert said in refused.value.message
    assert "20,000: divide it by an empty line on the page" in refused.value.message
    assert text.revisions.count() == 1
    fitting = BODY.replace(f"Some work is done already.[1] {was}", was).replace(was, LONG[1:])
    assert imported(fitting, "09:00, 7 February 2022").revision.number == 2
    key = copy_of(text).shown[2].key
    assert Desk(editor).post(f"s/{key}/", sent_of(text, key)).status_code == 303


def test_what_was_brought_in_longer_can_be_saved(text: Proposal, editor: User) -> None:
    """It may stay as it is, and shrink; on its page, and in the next import."""
    long = "l" + "o" * LONGEST_TEXT + "ng"
    piece = piece_with(text, "Some work is done already.[1] More would help.")
    UnitText.objects.filter(unit=piece.unit, language="en").update(text=long, html=long)
    part = copy_of(text).place(piece.key)[0].key
    desk = Desk(editor)
    longer = desk.post(f"s/{part}/", {**sent_of(text, part), f"text-{piece.key}": f"{long}!"})
    assert longer.context["form"].errors
    other = piece_with(text, "Draft a plan").key
    for change in ({f"text-{other}": "Plan"}, {f"text-{piece.key}": long[1:]}):
        assert desk.post(f"s/{part}/", {**sent_of(text, part), **change}).status_code == 303
    assert [piece_with(text, words).key for words in ("Plan", long[1:])] == [other, piece.key]
    body = BODY.replace("Some work is done already.[1] More would help.", long).replace("Draft", "Write")
    assert imported(body, "09:00, 7 February 2022").units.changed == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("bound", "said"),
    [("MOST_IN_SECTION", "paragraphs"), ("LONGEST_SECTION", "characters"), ("MOST_PIECES", "paragraphs")],
)
def test_what_was_too_large_is_not_restored(
    text: Proposal, editor: User, monkeypatch: pytest.MonkeyPatch, bound: str, said: str
) -> None:
    """It says what to do instead, and no draft is begun; within the bounds it is restored."""
    imported(BODY.replace("    2. Draft a plan\n", "").replace("More would", "It will"), "09:00, 7 February 2022")
    desk = Desk(editor)
    with monkeypatch.context() as small:
        small.setattr(bounds, bound, 3)
        refused = desk.post("", {"act": "restore", "revision": "1"})
        assert refused.status_code == 400
        assert f"more than 3 {said}" in text_of(refused)
        assert "copy what you need into the draft" in text_of(refused)
        assert not Draft.objects.exists()
    assert desk.post("", {"act": "restore", "revision": "1"}).status_code == 303
