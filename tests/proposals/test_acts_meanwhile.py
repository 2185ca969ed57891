"""An act on a paragraph that somebody else has changed since the form was shown: nothing is done, both texts are shown;
and what would happen if nobody compared the versions.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from proposals import queries, working
from proposals.models import Proposal, Unit
from proposals.services import buttons, drafts, import_page, save_translation
from proposals.services.drafts import Typed
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid
from tests.proposals.conftest import T
from tests.proposals.editing import (
    AT,
    Desk,
    coordinator,
    copy_of,
    piece_with,
    published,
    removal_of,
    said,
    section_of,
    text_of,
)
from tests.proposals.pages import BODY, page

FIRST, SECOND = "Write a definition", "Draft a plan"
LISTENS = "這個小組提出建議，也聽取意見。"
THEIRS = "Their own sentence, saved meanwhile."


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


@pytest.fixture
def other(text: Proposal) -> Desk:
    """A colleague at the same pages."""
    return Desk(coordinator(text, "Dede", Role.DEPUTY))


def rewritten(key: str) -> Callable[[Proposal, Desk, str], object]:
    """A colleague saves other words of a paragraph."""
    return lambda text, desk, tail: desk.press(tail, "save", **{f"text__{key}": THEIRS})


def put_between(key: str) -> Callable[[Proposal, Desk, str], object]:
    """A colleague adds a paragraph behind another one."""

    def act(text: Proposal, desk: Desk, tail: str) -> None:
        desk.press(tail, f"add:{key}")
        (made,) = [piece.key for piece in copy_of(text).pieces() if piece.unit is None and not piece.is_dates]
        desk.press(tail, "save", **{f"text__{made}": THEIRS})

    return act


@pytest.fixture
def keys(text: Proposal) -> tuple[str, str]:
    return piece_with(text, FIRST).key, piece_with(text, SECOND).key


CASES = [
    ("split", lambda first, second: rewritten(first)),
    ("remove", lambda first, second: rewritten(first)),
    ("merge", lambda first, second: rewritten(first)),
    ("merge", lambda first, second: rewritten(second)),
    ("merge", lambda first, second: put_between(first)),
]
NAMES = ["split", "remove", "join", "join, the next one changed", "join, another one between"]


@pytest.mark.long
@pytest.mark.parametrize("compares", [True, False], ids=["compared", "not compared"])
@pytest.mark.parametrize(("act", "meanwhile"), CASES, ids=NAMES)
def test_an_act_on_what_was_not_read(
    text: Proposal,
    editor: User,
    other: Desk,
    keys: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    act: str,
    meanwhile: Any,
    compares: bool,
) -> None:
    """409, their words stand as they saved them and are on the page; pressed again, it is done with what is there."""
    if not compares:
        monkeypatch.setattr(drafts, "_unread", lambda *given: {})
    desk, tail = Desk(editor), section_of(text, FIRST)
    sent = {**desk.fields(tail), f"place-{keys[0]}": "5", "act": f"{act}:{keys[0]}"}
    pieces = len(said(text))
    meanwhile(*keys)(text, other, tail)
    before = said(text)
    refused = desk.post(tail, sent)
    if not compares:
        assert refused.status_code == 303
        assert THEIRS not in said(text)
        return
    assert refused.status_code == 409
    assert said(text) == before
    shown = text_of(refused)
    assert "Read below what stands there now" in shown
    assert f"Stored now, by somebody else {THEIRS}" in shown
    assert "Typed by you" not in shown
    assert ("As this page showed it before" in shown) == (len(before) == pieces)
    form = refused.context["form"]
    again = {name: form[name].value() for name in form.fields}
    assert THEIRS in again.values()
    assert desk.post(tail, {**again, "act": "save"}).status_code == 303
    assert said(text) == before
    assert desk.post(tail, {**again, f"place-{keys[0]}": "5", "act": f"{act}:{keys[0]}"}).status_code == 303
    assert said(text) != before


@pytest.mark.long
def test_what_was_typed_stays_where_an_act_is_refused(
    text: Proposal, editor: User, other: Desk, keys: tuple[str, str]
) -> None:
    """In the field of another paragraph, and beside their words where it was the same one."""
    desk, tail = Desk(editor), section_of(text, FIRST)
    sent = {**desk.fields(tail), "act": f"remove:{keys[0]}"}
    other.press(tail, "save", **{f"text__{keys[0]}": THEIRS})
    refused = desk.post(tail, {**sent, f"text-{keys[1]}": "My words elsewhere"})
    assert refused.status_code == 409
    assert refused.context["form"][f"text-{keys[1]}"].value() == "My words elsewhere"
    assert "My words elsewhere" not in said(text)
    refused = desk.post(tail, {**sent, f"text-{keys[0]}": "My words here"})
    assert "Typed by you My words here" in text_of(refused)
    assert refused.context["form"][f"text-{keys[0]}"].value() == "My words here"


@pytest.mark.long
def test_a_new_paragraph_is_not_shown_empty(text: Proposal, editor: User, other: Desk, keys: tuple[str, str]) -> None:
    """A form that was opened before it was there, and is refused for another reason, must not empty it later."""
    desk, tail = Desk(editor), section_of(text, FIRST)
    sent = {**desk.fields(tail), f"text-{keys[1]}": "Mine", "act": "save"}
    put_between(keys[0])(text, other, tail)
    other.press(tail, "save", **{f"text__{keys[1]}": "Theirs"})
    refused = desk.post(tail, sent)
    assert refused.status_code == 409
    form = refused.context["form"]
    assert desk.post(tail, {**{name: form[name].value() for name in form.fields}, "act": "save"}).status_code == 303
    assert {THEIRS, "Mine"} <= set(said(text))


# --- a whole section -------------------------------------------------------------------------------------------------


def typed_into(text: Proposal, other: Desk, tail: str) -> None:
    other.press(tail, "save", **{f"text__{piece_with(text, FIRST).key}": THEIRS})


def put_into(text: Proposal, other: Desk, tail: str) -> None:
    put_between(piece_with(text, FIRST).key)(text, other, tail)


def moved_into(text: Proposal, other: Desk, tail: str) -> None:
    """From another section, where nobody had read it either."""
    typed_into(text, other, tail)
    moved = piece_with(text, THEIRS).key
    other.post(f"place/{moved}/", {"after": piece_with(text, LISTENS).key})


@pytest.mark.long
@pytest.mark.parametrize("compares", [True, False], ids=["compared", "not compared"])
@pytest.mark.parametrize("meanwhile", [typed_into, put_into, moved_into])
def test_a_section_that_was_not_read(
    text: Proposal,
    editor: User,
    other: Desk,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[Proposal, Desk, str], None],
    compares: bool,
) -> None:
    """409 with their words; nothing is gone. Pressed again on the page that showed them, it goes."""
    if not compares:
        monkeypatch.setattr(buttons, "_unseen", lambda *given: [])
    desk, tail = Desk(editor), section_of(text, FIRST)
    part = section_of(text, LISTENS if meanwhile is moved_into else FIRST).split("/")[1]
    assert f'name="version-{part}"' in desk.get().content.decode()
    sent = removal_of(text, part)
    meanwhile(text, other, tail)
    before = said(text)
    answer = desk.post("", sent)
    if not compares:
        assert answer.status_code == 303
        assert THEIRS not in said(text)
        return
    assert answer.status_code == 409
    assert said(text) == before
    shown = text_of(answer)
    assert "Somebody else has changed this section" in shown
    assert f"Stored now, by somebody else {THEIRS}" in shown
    assert shown.count("Stored now, by somebody else") == 1
    again = re.findall(rf'name="version-{part}" value="([^"]*)"', answer.content.decode())
    assert desk.post("", {**sent, f"version-{part}": again[0]}).status_code == 303
    assert THEIRS not in said(text)
    assert desk.post("", {"act": f"back:{part}"}).status_code == 303
    assert said(text) == before


def test_a_section_without_a_word_of_what_was_seen(text: Proposal, editor: User) -> None:
    """A form that does not say it, or says something else there, has shown nothing. What went is no reason."""
    desk, part = Desk(editor), section_of(text, FIRST).split("/")[1]
    seen = removal_of(text, part)
    for version in ({}, {f"version-{part}": "\u0000 : [" * 20_000}):
        assert desk.post("", {"act": f"remove:{part}", **version}).status_code in (400, 409)
    desk.press(f"s/{part}/", f"remove:{piece_with(text, FIRST).key}")
    assert desk.post("", seen).status_code == 303


# --- two published texts ---------------------------------------------------------------------------------------------


def unsettled(text: Proposal, editor: User, was: str, *, ours: str, theirs: str) -> str:
    """A paragraph that was changed here, and published with other words meanwhile; its key."""
    piece = piece_with(text, was)
    drafts.save(text.pk, {piece.key: Typed(ours, None, piece.token)}, None, editor=editor, at=AT)
    import_page(page(BODY.replace(was, theirs), at="09:00, 7 February 2022", summary="(next)"), task_force=T, at=AT)
    assert piece_with(text, ours).theirs == theirs
    return piece.key


@pytest.mark.long
def test_an_open_choice_is_not_lost(text: Proposal, editor: User, keys: tuple[str, str]) -> None:
    """Neither by joining, from either side, nor by removing it or its section; once it is made, all of it goes."""
    key = unsettled(text, editor, SECOND, ours="Draft a good plan", theirs="Draft two plans by May")
    tail = section_of(text, "Draft a good plan")
    section = tail.split("/")[1]
    gone = partial(buttons.part_remove, seen=copy_of(text).part(section).seen)
    acts: list[tuple[Callable[..., str], str]] = [(buttons.merge, keys[0]), (buttons.remove, key), (gone, section)]
    for act, about in acts:
        with pytest.raises(Conflict, match="choose one of the two"):
            drafts.change(text.pk, partial(act, key=about), editor=editor, at=AT)
    desk = Desk(editor)
    refused = desk.press(tail, f"merge:{keys[0]}")
    assert refused.status_code == 409
    assert "Draft two plans by May" in text_of(refused)
    assert desk.press(tail, f"theirs:{key}").status_code == 303
    assert desk.press(tail, f"merge:{keys[0]}").status_code == 303
    assert f"{FIRST} Draft two plans by May" in said(text)


@pytest.mark.long
@pytest.mark.parametrize("act", ["ours", "theirs"])
def test_a_choice_among_others_than_those_shown(text: Proposal, editor: User, act: str) -> None:
    """Published once more since the page was opened: nothing is chosen unread."""
    key = unsettled(text, editor, SECOND, ours="Draft a good plan", theirs="Draft two plans by May")
    desk, tail = Desk(editor), section_of(text, "Draft a good plan")
    sent = {**desk.fields(tail), "act": f"{act}:{key}"}
    newest = BODY.replace(SECOND, "Draft three plans by June")
    import_page(page(newest, at="10:00, 7 February 2022", summary="(last)"), task_force=T, at=AT)
    refused = desk.post(tail, sent)
    assert refused.status_code == 409
    assert "Draft three plans by June" in text_of(refused)
    assert piece_with(text, "Draft a good plan").theirs == "Draft three plans by June"


# --- what was removed meanwhile --------------------------------------------------------------------------------------


def removed_meanwhile(text: Proposal, editor: User) -> str:
    """A paragraph that was changed here, and that the page which was imported since has no more; its key."""
    piece = piece_with(text, SECOND)
    save_translation(piece.unit or 0, "ar", "ضع خطة", editor=editor, at=AT)
    drafts.save(text.pk, {piece.key: Typed("Draft a good plan", None, piece.token)}, None, editor=editor, at=AT)
    import_page(
        page(BODY.replace(f"    2. {SECOND}\n", ""), at="09:00, 7 February 2022", summary="(next)"),
        task_force=T,
        at=AT,
    )
    assert Unit.objects.get(pk=piece.unit or 0).removed_in is not None
    return piece.key


def test_words_of_the_draft_do_not_go_with_a_paragraph_that_was_removed(text: Proposal, editor: User) -> None:
    """They are a problem to be settled: taken back, they are published, in all languages; the rest goes unasked."""
    key = removed_meanwhile(text, editor)
    desk, tail = Desk(editor), section_of(text, "Draft a good plan")
    for address, words in (
        ("", "1 paragraph must be put right"),
        ("publish/", "It was changed here, and removed from the published text meanwhile."),
        (tail, "Removed from the published text meanwhile"),
    ):
        assert words in text_of(desk.get(address))
    with pytest.raises(Invalid):
        published(text, editor)
    assert desk.press(tail, f"ours:{key}").status_code == 303
    assert not working.problems(copy_of(text))
    revision = published(text, editor)
    unit = Unit.objects.get(pk=int(key[1:]))
    assert unit.removed_in is None
    assert unit.texts.get(language="en").text == "Draft a good plan"
    for language in ("ar", "en"):
        pages = queries.page(text, language), queries.page_at(text, language, revision.number)
        now, then = ([(one.id, one.language, one.state, one.html) for one in each.units()] for each in pages)
        assert now == then
    assert "ضع خطة" in str(queries.contents_at(text, revision.number)["ar"].units)


@pytest.mark.parametrize("act", ["theirs", "remove"])
def test_words_of_the_draft_can_be_let_go(text: Proposal, editor: User, act: str) -> None:
    """And be taken back still, until the draft is published."""
    key = removed_meanwhile(text, editor)
    desk, tail = Desk(editor), section_of(text, "Draft a good plan")
    assert desk.press(tail, f"{act}:{key}").status_code == 303
    assert "Draft a good plan" not in said(text)
    assert not working.problems(copy_of(text))
    assert desk.press(tail, f"back:{key}").status_code == 303
    assert "Draft a good plan" in said(text)
    assert not working.problems(copy_of(text))


def test_what_nobody_changed_goes_with_what_was_published(text: Proposal, editor: User, keys: tuple[str, str]) -> None:
    """Without a question; what was removed there cannot be joined unsettled."""
    removed_meanwhile(text, editor)
    assert SECOND not in said(text)
    with pytest.raises(Conflict, match="removed from the published text"):
        drafts.change(text.pk, partial(buttons.merge, key=keys[0]), editor=editor, at=AT)
    import_page(page(BODY.replace(FIRST, ""), at="10:00, 7 February 2022", summary="(last)"), task_force=T, at=AT)
    assert FIRST not in said(text)


def test_two_notes_never_have_one_number(text: Proposal, editor: User) -> None:
    """One that was made here goes on to the next free number, and what was written here leads to it as before."""
    key = drafts.change(
        text.pk, partial(buttons.add_after, key=piece_with(text, "A short note.").key), editor=editor, at=AT
    )
    made = copy_of(text).piece(key)
    second = piece_with(text, SECOND)
    typed = {
        key: Typed("My own note.", None, made.token),
        second.key: Typed("Draft it,[2] and [2](https://example.org)", None, second.token),
    }
    drafts.save(text.pk, typed, None, editor=editor, at=AT)
    body = BODY.replace("[1] A short note.", "[1] A short note.\n[2] The page's second.").replace(FIRST, f"{FIRST}[2]")
    import_page(page(body, at="09:00, 7 February 2022", summary="(next)"), task_force=T, at=AT)
    notes = {piece.text: piece.shape.number for piece in copy_of(text).pieces() if piece.kind == "note"}
    assert notes == {"A short note.": 1, "The page's second.": 2, "My own note.": 3}
    assert {f"{FIRST}[2]", "Draft it,[3] and [2](https://example.org)"} <= set(said(text))
    published(text, editor)
    assert copy_of(text).piece(f"u{Unit.objects.get(texts__text='My own note.').pk}").shape.number == 3
