"""What a window says of time, in three languages: how long there is, until when, and when somebody may come again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils.html import escape

from feedback.models import FeedbackDraft, FeedbackItem, FeedbackWindow
from taskforce.limits import table
from taskforce.timeline.models import Phase
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import address, fresh, limited, parsed, text_question
from tests.timeline.conftest import past_the_triggers

# Ten minutes to wait; the time that is left, twice; the rule; the moment by it; what is promised of the grace.
SAID = {
    "en": (
        "wait 10 minutes",
        "13 days",
        "47 minutes",
        "anywhere on Earth",
        "1 March 2022",
        "2 minutes after it",
    ),
    "zh-hant": ("10 分鐘", "13 天", "47 分鐘", "地球上任何地方", "2022年3月1日", "2 分鐘"),
    "ar": ("10 دقائق", "13 يوم", "47 دقيقة", "AoE", "1 مارس 2022", "المهلة: دقيقتان"),
}


def refused(visitor: Client, path: str, fields: dict[str, Any], language: str) -> None:
    """Too often: when to come back, in words and for programs, and all that was typed."""
    response = visitor.post(path, fields)
    html = response.content.decode()
    assert response.status_code == 429
    assert 540 < int(response.headers["Retry-After"]) <= 601
    summary = html[html.index("pt-error-summary") : html.index("data-main")]
    assert SAID[language][0] in summary
    again = parsed(html).fields
    assert again is not None
    kept = {name: value for name, value in fields.items() if name not in ("csrfmiddlewaretoken", "act")}
    assert {name: again.get(name) for name in kept} == kept


@pytest.mark.parametrize("language", SAID)
def test_who_sends_too_often_reads_when_to_come_back_and_has_all_they_typed(
    window: FeedbackWindow, visitor: Client, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    limited(monkeypatch, 2)
    sent, _ = (visitor.post(address(language), fresh(visitor, address(language))) for _ in range(2))
    own = {"visibility": "public", "name": "Ada", "language": "fr"}
    refused(visitor, address(language), fresh(visitor, address(language), **own), language)
    assert FeedbackItem.objects.count() == 2
    # A change of what was said, and a draft, which are counted apart.
    monkeypatch.setattr(table, "EDITED_FEEDBACK", table.EDITED_FEEDBACK._replace(most=1))
    change = f"{sent.headers['Location']}edit/"
    assert visitor.post(change, fresh(visitor, change, name="")).status_code == 303
    fields = fresh(visitor, change)
    refused(visitor, change, {**fields, text_question(fields): "I think otherwise by now."}, language)
    monkeypatch.setattr(table, "FEEDBACK_DRAFT", table.FEEDBACK_DRAFT._replace(most=1))
    assert visitor.post(address(language), fresh(visitor, address(language), act="keep")).status_code == 303
    refused(visitor, address(language), fresh(visitor, address(language), act="keep", **own), language)
    assert FeedbackDraft.objects.get().version == 1


@pytest.mark.parametrize("language", SAID)
def test_the_time_left_the_rule_and_both_times_stand_there(
    window: FeedbackWindow, visitor: Client, language: str
) -> None:
    html = visitor.get(address(language)).content.decode()
    _wait, left, _short, rule, moment, _grace = SAID[language]
    assert re.search(rf'data-left="2022-03-01T12:00:00Z"[^>]*>.*?{left}', html, re.S)
    assert rule in html
    # In UTC, and marked for the script that adds the reader's own.
    assert re.search(rf'<time datetime="2022-03-01T12:00:00Z" data-local>[^<]*{moment}', html)
    assert "cdx-message--warning" not in html


@pytest.mark.parametrize("language", SAID)
def test_near_the_end_it_warns_and_says_what_the_grace_is_for(
    window: FeedbackWindow, visitor: Client, clock: Clock, language: str
) -> None:
    clock.set(CLOSES - timedelta(minutes=47, seconds=30))
    html = visitor.get(address(language)).content.decode()
    _wait, _left, short, rule, moment, grace = SAID[language]
    warning = html[html.index("cdx-message--warning") : html.index("<dl")]
    for said in (short, rule, moment, grace):
        assert escape(said) in warning
    assert "12:02" not in html
    assert "14:02" not in html


def test_without_a_grace_nothing_is_promised(window: FeedbackWindow, visitor: Client, clock: Clock) -> None:
    clock.set(CLOSES - timedelta(hours=1))
    said = "A form that was opened before a close is still taken"
    assert said in visitor.get(address()).content.decode()
    with past_the_triggers():
        Phase.objects.filter(pk=window.phase_id).update(grace_seconds=0)
    assert said not in visitor.get(address()).content.decode()
