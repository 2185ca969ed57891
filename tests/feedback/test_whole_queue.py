"""Hiding all that is held with one sign, in steps with how far it is; what was left is told row by row."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from feedback import services, undecided
from feedback.admin import whole
from feedback.models import FeedbackItem, FeedbackReply, FeedbackWindow
from feedback.services import deciding
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict
from tests.clients import Client
from tests.conftest import MOMENT, Clock
from tests.feedback.pages import main_form
from tests.feedback.test_items import say
from tests.feedback.test_queue import QUEUE, as_person, held
from tests.feedback.test_replies import reply

Cast = dict[str, User]
DECISION = {"action": "hide", "rule": "advertising", "reason": "Spam.", "whole": "on"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of two, and steps of three."""
    monkeypatch.setattr(undecided, "PER_PAGE", 2)
    monkeypatch.setattr(whole, "MOST_AT_ONCE", 3)


TRAPPED = "?sign=trap"


def begun(client: Client, query: str = TRAPPED, **more: Any) -> str:
    fields = {**main_form(client, f"{QUEUE}{query}"), **DECISION, **more}
    response = client.post(f"{QUEUE}{query}", fields)
    assert response.status_code == 200
    return str(response.content.decode())


def told(page: str) -> tuple[int, int]:
    """How far it is: so many of so many."""
    found = re.search(r'<progress id="progress" max="(\d+)" value="(\d+)"', page)
    assert found
    return int(found[2]), int(found[1])


def carried(page: str) -> dict[str, str]:
    """What the way on sends, as a browser does."""
    form = page.partition("data-main>")[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.usefixtures("small")
def test_all_pages_are_decided_in_steps(window: FeedbackWindow, people: Cast, clock: Clock) -> None:
    """Items, then replies; appeals and what stands are not touched."""
    stands = say(window, "It stands.")
    for turn in range(4):
        held(window, f"Text {turn}.")
    for turn in range(3):
        reply(stands, people["member"], f"Reply {turn}.", suspected=True)
    client = as_person(people["moderator"])
    assert "on all pages" in client.get(f"{QUEUE}{TRAPPED}").content.decode()
    page = begun(client)
    assert told(page) == (3, 7)
    for expected in ((6, 7), (7, 7)):
        page = client.post(f"{QUEUE}{TRAPPED}", {**DECISION, **carried(page)}).content.decode()
        assert told(page) == expected
    assert "All are decided that waited when you began." in page
    assert set(FeedbackItem.objects.exclude(pk=stands.pk).values_list("state", "rule")) == {("hidden", "advertising")}
    assert set(FeedbackReply.objects.values_list("state", "rule")) == {("hidden", "advertising")}
    assert FeedbackItem.objects.get(pk=stands.pk).state == "published"


@pytest.mark.usefixtures("small")
def test_what_was_left_stands_row_by_row_and_is_not_tried_again(
    window: FeedbackWindow, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [held(window, f"Text {turn}.") for turn in range(5)]
    act = services.moderate

    def once_in_a_while(item_id: int, action: str, **more: Any) -> FeedbackItem:
        if item_id in (items[1].pk, items[4].pk):
            raise Conflict("Somebody else was <b>faster</b>.")
        return act(item_id, action, **more)

    monkeypatch.setattr(deciding, "moderate", once_in_a_while)
    client = as_person(people["moderator"])
    page = begun(client)
    assert items[1].reference in page
    page = client.post(f"{QUEUE}{TRAPPED}", {**DECISION, **carried(page)}).content.decode()
    assert told(page) == (5, 5)
    for item in (items[1], items[4]):
        assert page.count(f'<bdi dir="ltr">{item.reference}</bdi></td><td>Somebody else was &lt;b&gt;faster') == 1
    assert FeedbackItem.objects.filter(state="hidden").count() == 3


@pytest.mark.usefixtures("small")
def test_only_what_the_filters_show_and_what_was_there_when_it_began(
    window: FeedbackWindow, people: Cast, clock: Clock
) -> None:
    for turn in range(4):
        held(window, f"Texte {turn}.", language="fr")
    other = held(window, "A text.")
    client = as_person(people["moderator"])
    page = begun(client, "?language=fr&sign=trap")
    clock.set(MOMENT + timedelta(hours=2))
    late = held(window, "Encore.", language="fr")
    page = client.post(f"{QUEUE}?language=fr&sign=trap", {**DECISION, **carried(page)}).content.decode()
    assert told(page) == (4, 4)
    waits = set(FeedbackItem.objects.filter(state="held").values_list("pk", flat=True))
    assert waits == {other.pk, late.pk}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "wrong", [{"rule": ""}, {"reason": ""}, {"total": "x"}, {"item_after": "-1"}, {"began": "never"}, {"action": "x"}]
)
def test_a_decision_with_a_fault_is_asked_again(window: FeedbackWindow, people: Cast, wrong: dict[str, str]) -> None:
    for turn in range(3):
        held(window, f"Text {turn}.")
    client = as_person(people["moderator"])
    assert "<progress" not in begun(client, **wrong)
    assert not FeedbackItem.objects.filter(state="hidden").exists()


@pytest.mark.usefixtures("small")
def test_nothing_is_published_unread_nor_hidden_without_a_sign(window: FeedbackWindow, people: Cast) -> None:
    for turn in range(3):
        held(window, f"Text {turn}.")
    client = as_person(people["moderator"])
    assert "Nothing is published unread" in begun(client, action="publish", rule="", reason="")
    assert "on all pages" not in client.get(QUEUE).content.decode()
    assert "Choose a sign first" in begun(client, "")
    assert set(FeedbackItem.objects.values_list("state", flat=True)) == {"held"}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("left", ["[", "[[1]]", "{}", "[" * 20_000, '[["a", "<script>"]]', "x" * 99_999])
def test_what_is_made_up_of_what_was_left_is_harmless(window: FeedbackWindow, people: Cast, left: str) -> None:
    for turn in range(3):
        held(window, f"Text {turn}.")
    assert "<script>" not in begun(as_person(people["moderator"]), left=left).partition("<table>")[2]


@pytest.mark.usefixtures("small")
def test_nobody_else_decides(window: FeedbackWindow, people: Cast) -> None:
    held(window, "Text.")
    assert as_person(people["observer"]).post(QUEUE, DECISION).status_code == 403
    assert FeedbackItem.objects.get().state == "held"
