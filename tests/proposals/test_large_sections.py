"""A section is one form: it never grows beyond what a form can carry, whatever its language and its browser."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from proposals.drafting import acts
from proposals.drafting.copies import Copy
from proposals.edit_forms import SectionForm
from proposals.models import Proposal
from proposals.services import drafts
from taskforce.accounts.models import User
from taskforce.core.errors import Invalid
from tests.proposals.conftest import T
from tests.proposals.editing import AT, Desk, coordinator, copy_of, text_of

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


@pytest.mark.parametrize("send", [in_parts, in_one_line])
def test_the_largest_section_can_be_saved(text: Proposal, editor: User, send: Callable[..., Any]) -> None:
    key = filled(text, editor, pieces=drafts.MOST_IN_SECTION, characters=drafts.LONGEST_SECTION)
    sent = sent_of(text, key)
    assert len(sent) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    last = copy_of(text).part(key).shown[-1]
    words = "z" * len(last.text)
    assert send(Desk(editor), f"{PAGE}/{key}/", {**sent, f"text-{last.key}": words}).status_code == 303
    assert copy_of(text).piece(last.key).text == words


def test_a_larger_one_could_not(text: Proposal, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """What these bounds are for."""
    monkeypatch.setattr(drafts, "MOST_IN_SECTION", 600)
    monkeypatch.setattr(drafts, "LONGEST_SECTION", 300_000)
    for pieces, characters in ((600, 2_000), (60, 300_000)):
        key = filled(text, editor, pieces=pieces, characters=characters)
        assert in_one_line(Desk(editor), f"{PAGE}/{key}/", sent_of(text, key)).status_code == 400


@pytest.mark.parametrize(("count", "characters"), [(400, 2_000), (30, 200_000)])
def test_no_act_makes_it_larger(text: Proposal, editor: User, count: int, characters: int) -> None:
    """Typing, adding, splitting, moving, taking back: refused in words, and what was typed is in its field."""
    key = filled(text, editor, pieces=count, characters=characters)
    first, *_others, last = copy_of(text).part(key).shown[1:]
    outside = filled(text, editor, pieces=2, characters=20)
    (_heading, foreign) = copy_of(text).part(outside).shown
    desk, sent = Desk(editor), sent_of(text, key)
    is_full = count == drafts.MOST_IN_SECTION
    typed = "one\n\ntwo" if is_full else first.text + "and more"
    refused = desk.post(
        f"s/{key}/", {**sent, f"text-{first.key}": typed, "act": f"split:{first.key}" if is_full else "save"}
    )
    assert refused.status_code == 400
    said = "at most 400 paragraphs" if is_full else "at most 200000 characters"
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
    """An import brings in what there is."""
    monkeypatch.setattr(drafts, "LONGEST_SECTION", 10)
    monkeypatch.setattr(drafts, "MOST_IN_SECTION", 2)
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
        drafts.change(text.pk, partial(drafts.add_last, part=part.key), editor=editor, at=AT)
