"""What each post of a visitor asks of the database, where little was said and where much was."""

from typing import Any

import pytest
from django.db import connection

from feedback.enums import Participation
from feedback.models import FeedbackAgreement, FeedbackItem, FeedbackReply, FeedbackUnconfirmed, FeedbackWindow
from proposals.models import Proposal, Unit
from taskforce.accounts.models import User
from tests.clients import Client
from tests.costs import Cost, cost
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, filled, main_form, text_question
from tests.feedback.test_items import of, say
from tests.feedback.test_participation import signed_in

MANY = 300
WORDS = "Leaders grow where they are trusted, and where they may err."


def fill(window: FeedbackWindow) -> None:
    """Very much that was said already, each a text of its own; the planner knows of it."""
    begun = FeedbackItem.objects.count()
    FeedbackItem.objects.bulk_create(
        FeedbackItem(
            window=window, reference=f"F-many-{number}", form_key=f"k{number}", token_hash=f"t{number}", language="en",
            visibility="public", state="published", received_at=OPENS,
            fingerprint=[number * 16 + one for one in range(16)],
        )
        for number in range(begun, begun + MANY)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE feedback_feedbackitem")


def posted(client: Client, path: str, fields: dict[str, Any], status: int = 303) -> Cost:
    """What the post costs, which is answered as expected."""

    def post() -> None:
        answer = client.post(path, fields)
        assert answer.status_code == status, answer.content.decode()[:3000]

    return cost(post)


@pytest.fixture(params=["little", "much"])
def said(request: pytest.FixtureRequest, window: FeedbackWindow) -> FeedbackWindow:
    """The window, at two sizes."""
    if request.param == "much":
        fill(window)
    return window


def test_about_a_paragraph(said: FeedbackWindow, text: Proposal, visitor: Client) -> None:
    unit = Unit.objects.create(proposal=text, position=90, kind="paragraph", source_language="en")
    path = f"{address()}?unit={unit.pk}"
    # What a process reads once is read.
    fields = filled(visitor, path)
    Client().post(
        path, {**fields, text_question(fields): "Something else altogether, of which nobody has thought yet."}
    )
    found = posted(visitor, path, filled(visitor, path))
    assert FeedbackItem.objects.filter(unit=unit).count() == 2
    assert found.inside <= 4, found.asked
    # One of them asks how many have said the same few words, before the gate.
    assert found.together <= 7, found.asked


def test_changing_it(said: FeedbackWindow, visitor: Client) -> None:
    own = visitor.post(address(), filled(visitor)).headers["Location"]
    for number in (1, 2):
        fields = main_form(visitor, f"{own}edit/")
        found = posted(visitor, f"{own}edit/", {**fields, text_question(fields): f"{WORDS} Number {number}."})
        assert FeedbackItem.objects.filter(edits=number).exists()
        # More than six: the item and its answers, who is blocked and how much was changed are asked one by one, since
        # what each says decides whether the next is asked; then the item, the answers, and the wording with the log.
        assert found.inside <= 9, found.asked
        assert found.together <= 17, found.asked


def test_where_a_mail_confirms_it(said: FeedbackWindow, visitor: Client) -> None:
    FeedbackWindow.objects.filter(pk=said.pk).update(participation=Participation.MAIL)
    for number in (1, 2):
        fields = filled(visitor, mailbox="ann@example.org")
        found = posted(visitor, address(), {**fields, text_question(fields): f"{WORDS} Number {number}."})
        assert FeedbackUnconfirmed.objects.count() == number
        # Lock, phase, count, what waits (with the log), and of the same browser which waits already. Nine are the
        # mail's: five counts that keep a mailbox from being flooded, each of which may end it, two locks, and the row,
        # which is looked at again.
        # The second says nearly the same as the first, which waits: that is found, and counted in two.
        assert found.inside <= 11 + 3 * number, found.asked
        assert found.together <= 16 + 4 * number, found.asked


def test_agreeing(said: FeedbackWindow, people: dict[str, User]) -> None:
    item = say(said, WORDS)
    client = signed_in(people["member"])
    found = posted(client, f"{of(item)}agree/", {"act": "agree"})
    assert FeedbackAgreement.objects.count() == 1
    assert found.inside <= 5, found.asked
    assert found.together <= 10, found.asked


def test_replying(said: FeedbackWindow, people: dict[str, User]) -> None:
    item = say(said, WORDS)
    client = signed_in(people["member"])
    path = f"{of(item)}reply/"
    fields = {**main_form(client, path), "text": "I see it the same way, and more."}
    found = posted(client, path, fields)
    assert FeedbackReply.objects.count() == 1
    assert found.inside <= 7, found.asked
    # Three are of who is signed in and whether they answer for staff; the page of the item two, its form two.
    assert found.together <= 16, found.asked
