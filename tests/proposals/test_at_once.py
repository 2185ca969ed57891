"""Two editors at the same moment, each in a real transaction of their own: one wins, the other is told, nothing of
either is lost; and what would happen without the lock, and without the version that each form bears.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection

from proposals import working
from proposals.drafting.copies import Piece
from proposals.models import Proposal
from proposals.services import drafts, lives, publish_draft, publishing
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict
from tests.conftest import STANDING
from tests.meeting import Both
from tests.proposals.editing import AT, Desk, coordinator, copy_of, piece_with, said

LISTENS = "這個小組提出建議，也聽取意見。"
MINE, THEIRS = "甲的話。", "乙的話。"


@pytest.fixture
def editors(transactional_db: None, text: Proposal) -> Iterator[tuple[User, User]]:
    yield coordinator(text), coordinator(text, "Dede", Role.DEPUTY)
    with connection.cursor() as cursor:
        cursor.execute(STANDING.format(body="clock_timestamp()"))


def at_once(*acts: Callable[[], Any]) -> list[Future[Any]]:
    """Each in a thread with a connection of its own."""

    def alone(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [pool.submit(alone, act) for act in acts]


def read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the copy before either writes, unless something keeps the second one waiting."""
    both, read = Both(), working.working

    def met(proposal: Proposal) -> working.Working:
        found = read(proposal)
        both.meet()
        return found

    monkeypatch.setattr(working, "working", met)


def unlocked(proposal_id: int) -> Proposal:
    """What takes no lock: what these tests must be able to catch."""
    return Proposal.objects.select_related("task_force").get(pk=proposal_id)


@pytest.mark.parametrize("kept", ["both", "no lock", "no version"])
def test_one_paragraph_saved_by_two(
    text: Proposal, editors: tuple[User, User], monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    if kept == "no lock":
        monkeypatch.setattr(drafts, "held", unlocked)
    if kept == "no version":
        monkeypatch.setattr(Piece, "token", "same")
    other, piece = piece_with(text, "Draft a plan"), piece_with(text, LISTENS)
    begun = {other.key: drafts.Typed("Plan", None, other.token)}
    drafts.save(text.pk, begun, None, editor=editors[0], at=AT)
    read_together(monkeypatch)

    def save(words: str, editor: User) -> Callable[[], str]:
        typed = {piece.key: drafts.Typed(words, None, piece.token)}
        return lambda: drafts.save(text.pk, typed, None, editor=editor, at=AT)

    done = at_once(*(save(words, editor) for words, editor in zip((MINE, THEIRS), editors, strict=True)))
    refused = [error for one in done if (error := one.exception())]
    monkeypatch.undo()
    stored = next(words for words in said(text) if words in (MINE, THEIRS))
    if kept == "both":
        (error,) = refused
        assert isinstance(error, drafts.ChangedMeanwhile)
        assert error.stored == {piece.key: stored}
    else:
        # Each believes that it is saved, and one of the two is nowhere any more.
        assert refused == []


@pytest.mark.parametrize("kept", ["both", "no lock", "no version"])
def test_one_draft_published_by_two(
    text: Proposal, editors: tuple[User, User], monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    piece = piece_with(text, LISTENS)
    drafts.save(text.pk, {piece.key: drafts.Typed(MINE, None, piece.token)}, None, editor=editors[0], at=AT)
    if kept == "no lock":
        monkeypatch.setattr(publishing, "held", unlocked)
    if kept == "no version":
        monkeypatch.setattr(publishing, "_refuse", lambda now, expected: None)
    token = copy_of(text).token
    read_together(monkeypatch)

    def publish(editor: User) -> Callable[[], Any]:
        return lambda: publish_draft(text.pk, summary="s", is_minor=False, expected=token, editor=editor, at=AT)

    refused = [type(error) for one in at_once(*map(publish, editors)) if (error := one.exception())]
    if kept == "no lock":
        # Both write over each other; at best the table of revisions stops one, which nobody can explain to them.
        assert refused in ([], [IntegrityError])
    else:
        assert refused == ([Conflict] if kept == "both" else [])
    assert text.revisions.count() == 3 - len(refused)


@pytest.mark.long
def test_on_the_pages(text: Proposal, editors: tuple[User, User]) -> None:
    """One is led on; the other reads both texts, or what would be published now."""
    desks = [Desk(editor) for editor in editors]
    piece = piece_with(text, LISTENS)
    tail = f"s/{copy_of(text).place(piece.key)[0].key}/"
    forms = [
        {**desk.fields(tail), f"text-{piece.key}": words, "act": "save"}
        for desk, words in zip(desks, (MINE, THEIRS), strict=True)
    ]
    answers = answers_of(desks, tail, forms)
    assert [one.status_code for one in answers] == [303, 409]
    for words in (MINE, THEIRS):
        assert words in answers[1].content.decode()
    forms = [{**desk.fields("publish/"), "summary": f"summary {number}"} for number, desk in enumerate(desks)]
    answers = answers_of(desks, "publish/", forms)
    assert [one.status_code for one in answers] == [303, 409]
    assert text.revisions.count() == 2


def answers_of(desks: list[Desk], tail: str, forms: list[dict[str, Any]]) -> list[Any]:
    """What they get, the one who was first at the beginning."""
    posts = [lambda desk=desk, form=form: desk.post(tail, form) for desk, form in zip(desks, forms, strict=True)]
    return sorted((one.result() for one in at_once(*posts)), key=lambda answer: answer.status_code)


@pytest.mark.long
def test_two_texts_do_not_replace_each_other(text: Proposal, editors: tuple[User, User]) -> None:
    """Whoever comes second finds that the text which was to take the place has ended itself."""
    plan = lives.begin(text.task_force, slug="plan", kind="plan", title="Plan", language="en", editor=editors[0], at=AT)
    publish_draft(plan.pk, summary="s", is_minor=False, expected=copy_of(plan).token, editor=editors[0], at=AT)

    def replace(one: Proposal, other: Proposal) -> Callable[[], Any]:
        return lambda: lives.supersede(one.pk, successor_id=other.pk, reasons={}, editor=editors[0], at=AT)

    done = at_once(replace(text, plan), replace(plan, text))
    assert sum(one.exception() is None for one in done) == 1
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["published", "superseded"]
