"""How a window is moderated, in numbers for everybody: they add up, and no small group is printed or follows."""

import random
import re
from typing import Any

from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import queries, services
from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.accounts.models import User
from taskforce.core import small_groups
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


def table(page: str) -> dict[str, int]:
    """The first table by its heads."""
    found = page.split("<table")[1].split("</table>")[0]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="pt-number">(\d+)', found)
    return {name: int(count) for name, count in rows}


def test_it_adds_up_with_what_stands_elsewhere(window: FeedbackWindow, people: People) -> None:
    many(window, 7)
    many(window, 5, visibility="staff")
    hide(many(window, 6), "attack", people)
    many(window, 8, suspected=True)
    services.withdraw(many(window, 1)[0].pk, at=OPENS)
    made = table(read())
    total = made.pop("Received, and not withdrawn")
    assert sum(made.values()) == total == queries.counts(window)["total"] - 1
    assert made["Everybody may read it"] == 7
    assert "7 texts that everybody may read" in Client().get(f"{address()}items/").content.decode()
    assert made["Held until somebody has read it"] == 8


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
    assert "It stays hidden" not in page, "six are too few for two groups"
    assert "All of these together" in page


def test_few_of_anything_are_not_told(window: FeedbackWindow, people: People) -> None:
    many(window, 3)
    hide(many(window, 2), "attack", people)
    page = read()
    assert "Hidden, by the rule" not in page
    assert page.count("Fewer than") == 2


def test_nothing_is_said_of_a_window_without_texts(window: FeedbackWindow) -> None:
    assert "Nothing to count yet" in read()


def test_no_row_is_a_small_group_and_no_small_group_follows(settings: LazySettings) -> None:
    """By lot: each row with a name has enough, and what is together is never a single small group beside others."""
    dice, least = random.Random(5), settings.SMALL_GROUP
    for _turn in range(500):
        sizes = [0, 0, 1, 2, least - 1, least, least + 3, 40]
        groups = {kind: dice.choice(sizes) for kind in ("staff", "held", "hidden")}
        told = small_groups.told(groups, least)
        named = {kind for kind, _count in told.groups}
        together = [count for kind, count in groups.items() if kind not in named and count]
        assert sum(count for _kind, count in told.groups) + told.rest == sum(groups.values())
        assert all(count >= least for _kind, count in told.groups)
        assert not (told.groups and len(together) == 1 and together[0] < least)


def test_it_costs_the_same_however_much_there_is(window: FeedbackWindow) -> None:
    def cost() -> int:
        read()
        with CaptureQueriesContext(connection) as found:
            read()
        return len(found)

    many(window, 1)
    few = cost()
    many(window, 12)
    assert cost() == few <= 4


def test_other_pages_lead_there(window: FeedbackWindow) -> None:
    many(window, 1)
    for path in (f"{address()}items/", "/en/tf/leadership-development/process/"):
        assert f'href="{PAGE}"' in Client().get(path).content.decode()
