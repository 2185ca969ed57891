"""How a window is moderated, in numbers for everybody (`test_counts_everywhere`: no small group follows)."""

import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import services
from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.accounts.models import User
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address
from tests.feedback.test_items import say

PAGE = f"{address()}moderation/"
People = dict[str, User]


def many(window: FeedbackWindow, number: int, **fields: Any) -> list[FeedbackItem]:
    return [say(window, f"Words {which}.", **fields) for which in range(number)]


def hide(items: list[FeedbackItem], rule: str, people: People) -> None:
    for item in items:
        services.moderate(item.pk, "hide", reason="Why.", rule=rule, actor=people["moderator"], at=OPENS)


def read() -> str:
    response = Client().get(PAGE)
    assert response.status_code == 200
    assert not response.cookies
    return str(response.content.decode())


def table(page: str) -> dict[str, str]:
    """The first table by its heads."""
    found = page.split("<table")[1].split("</table>")[0]
    return dict(re.findall(r'<th scope="row">([^<]+)</th><td class="pt-number">([^<]+)', found))


def test_it_adds_up_with_what_stands_elsewhere(window: FeedbackWindow, people: People) -> None:
    many(window, 7)
    many(window, 5, visibility="staff")
    hide(many(window, 6), "attack", people)
    many(window, 8, suspected=True)
    services.withdraw(many(window, 1)[0].pk, at=OPENS)
    assert table(read()) == {
        "Everybody may read it": "7",
        "Only for the people who run the process": "at least 5",
        "Held until somebody has read it": "at least 5",
        "Hidden": "at least 5",
        "Received, and not withdrawn": "at least 22",
    }
    assert "7 texts that everybody may read" in Client().get(f"{address()}items/").content.decode()


def test_rules_are_counted_and_appeals(window: FeedbackWindow, people: People) -> None:
    items = many(window, 12)
    hide(items[:6], "attack", people)
    hide(items[6:], "advertising", people)
    for item in items[:6]:
        services.appeal(item.pk, words="Why?", at=OPENS)
        services.decide_appeal(item.pk, "upheld", reason="So.", actor=people["deputy"], at=OPENS)
    page = read()
    assert "Hidden, by the rule that was broken" in page
    assert page.count("It attacks a person or a group") == 2
    assert table(page)["Hidden"] == "at least 10"
    assert "It stays hidden</th>" in page
    assert page.count("at least 5") == 3


def test_few_of_anything_are_not_told(window: FeedbackWindow, people: People) -> None:
    many(window, 3)
    hide(many(window, 2), "attack", people)
    page = read()
    assert "Hidden, by the rule" not in page
    assert page.count("Fewer than") == 4


def test_nothing_is_said_of_a_window_without_texts(window: FeedbackWindow) -> None:
    assert "Nothing to count yet" in read()


def test_it_costs_the_same_however_much_there_is(window: FeedbackWindow) -> None:
    def cost() -> int:
        read()
        with CaptureQueriesContext(connection) as found:
            read()
        return len(found)

    many(window, 1)
    few = cost()
    many(window, 12)
    assert cost() == few <= 6


def test_other_pages_lead_there(window: FeedbackWindow) -> None:
    many(window, 1)
    for path in (f"{address()}items/", "/en/tf/leadership-development/process/"):
        assert f'href="{PAGE}"' in Client().get(path).content.decode()
