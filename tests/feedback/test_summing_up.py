"""What was said in a window, in numbers: they are those of the list, and nobody is made out in them."""

import re
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import counting, listing, services
from feedback.enums import BrokenRule
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from proposals.models import Proposal
from taskforce.questions.services import create_set
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import AT, CLOSES, OPENS, TITLES
from tests.feedback.pages import address
from tests.feedback.test_kinds import PhaseOf
from tests.questions.test_kinds import REGION

_numbers = count(1)


def said(window: FeedbackWindow, many: int = 1, *, day: int = 0, region: str = "", **fields: Any) -> None:
    """So many items, written as rows: in English, public and standing where nothing else is wanted."""
    given = {"visibility": "public", "state": "published", "language": "en", **fields}
    made = FeedbackItem.objects.bulk_create(
        FeedbackItem(
            window=window, reference=f"F-{number:06d}", form_key=f"k{number}", token_hash=f"t{number}",
            received_at=OPENS + timedelta(days=day), **given,
        )
        for number in (next(_numbers) for _one in range(many))
    )  # fmt: skip
    if region:
        question = window.questions.questions.get(kind="region")
        answers = (FeedbackAnswer(item=item, question=question, choices=[region]) for item in made)
        FeedbackAnswer.objects.bulk_create(answers)


def page(language: str = "en") -> str:
    response = Client().get(f"{address(language)}summary/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def regional(text: Proposal, phase: PhaseOf, clock: Clock) -> FeedbackWindow:
    """A window that asks for the region alone."""
    clock.set(OPENS + timedelta(hours=1))
    version = create_set("where", [REGION], at=AT)
    return services.publish_window(
        phase("feedback"), text, version, slug="responsibilities", titles=TITLES, introductions={}, at=AT
    )


def test_all_numbers_add_up_to_those_of_the_list(regional: FeedbackWindow) -> None:
    said(regional, 12, region="sa")
    said(regional, 7, language="ar", channel="chat", day=3, region="lac")
    said(regional, 3, language="fr", channel="event", day=4, visibility="nameless")
    said(regional, 6, language="zh-hant", day=9)
    tally = counting.tally(regional)
    assert tally.total == listing.total(regional) == 28
    for told in tally.groups.values():
        assert sum(size for _code, size in told.groups) + told.rest == 28
    assert sum(span.size for span in tally.days) == 28
    assert list(tally.groups["language"].groups) == [("en", 12), ("ar", 7)]
    assert tally.groups["language"].rest == 9
    assert counting.from_json(tally.as_json()) == tally
    shown = page()
    assert "28 texts that everybody may read" in shown
    assert shown.count('<svg class="pt-chart"') == shown.count("As a table") == 4
    assert "French" not in shown
    assert 'style="' not in shown


def test_nothing_that_one_may_not_read_changes_a_byte(regional: FeedbackWindow) -> None:
    """Whoever compares two pages learns no more than whoever compares two lists."""
    said(regional, 12, region="sa")
    said(regional, 6, language="ar", day=2)
    before = page()
    said(regional, 9, visibility="staff", language="fr", day=5, region="mena")
    for state, rule in (("held", ""), ("hidden", BrokenRule.values[0]), ("withdrawn", "")):
        said(regional, 9, state=state, rule=rule, language="ja", day=6, region="usca", channel="call")
    assert page() == before
    said(regional)
    assert page() != before


@pytest.mark.parametrize("least", [5, 12])
def test_no_printed_group_is_small(regional: FeedbackWindow, settings: LazySettings, least: int) -> None:
    settings.SMALL_GROUP = least
    for number, language in enumerate(["en", "ar", "fr", "ja", "zh-hant", "de", "es"]):
        said(regional, 2 * number + 1, language=language, day=number, region="sa" if number % 2 else "nwe")
    cells = [int(one) for one in re.findall(r'<td class="pt-number">(\d+)</td>', page())]
    assert cells
    assert min(cells) >= least


def test_too_little_is_one_number(regional: FeedbackWindow) -> None:
    assert "Nothing to count yet" in page()
    said(regional, 9, language="ar")
    shown = page()
    assert "9 texts that everybody may read" in shown
    assert "too little to tell groups apart" in shown
    assert '<svg class="pt-chart"' not in shown


def test_languages_and_numbers_are_in_the_readers_words(regional: FeedbackWindow, clock: Clock) -> None:
    said(regional, 1200, language="es")
    said(regional, 30, language="ar", region="sa")
    assert "1.200" in page("es")
    assert "西班牙文" in page("zh-hant")
    assert 'dir="rtl"' in page("ar")
    clock.set(CLOSES + timedelta(days=1))
    assert "Say something yourself" not in page()


def test_the_numbers_cost_the_same_at_two_sizes(regional: FeedbackWindow) -> None:
    found = []
    for many in (12, 60):
        said(regional, many, region="sa")
        said(regional, many, language="ar", day=many % 7)
        with CaptureQueriesContext(connection) as asked:
            page()
        found.append(len(asked))
    assert found[0] == found[1] <= 7
