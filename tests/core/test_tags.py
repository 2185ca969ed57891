"""What is left until an instant, and dates that do not break in their middle."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from taskforce.core import dates, languages

CLOSES = datetime(2022, 3, 1, 12, tzinfo=UTC)


def draw(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=13, hours=23), (13, "day")),
        (timedelta(days=1), (1, "day")),
        (timedelta(hours=23, minutes=59), (23, "hour")),
        (timedelta(minutes=59, seconds=59), (59, "minute")),
        (timedelta(seconds=59), (0, "minute")),
        (timedelta(days=-1), (0, "minute")),
        (timedelta(days=500), (500, "day")),
    ],
)
def test_what_is_left_is_never_overstated(left: timedelta, expected: tuple[int, str]) -> None:
    found = dates.left(CLOSES, CLOSES - left)
    assert tuple(found) == expected
    assert found.is_short is (left < timedelta(days=1))


@pytest.mark.parametrize("language", languages.CODES)
def test_what_is_left_is_told_in_every_language(language: str) -> None:
    with translation.override(language):
        text = dates.left_text(dates.Left(12, "day"))
    assert "12" in text
    assert "{" not in text


def test_less_than_a_day_is_set_off() -> None:
    long = draw("{% time_left until at %}", until=CLOSES, at=CLOSES - timedelta(days=12))
    short = draw("{% time_left until at %}", until=CLOSES, at=CLOSES - timedelta(hours=5))
    assert "12 days left" in long
    assert "pt-left--soon" not in long
    assert 'data-left="2022-03-01T12:00:00Z" data-shown="5 hour"' in short
    assert "5 hours left" in short
    assert "pt-left--soon" in short


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"until": CLOSES},
        {"at": CLOSES},
        {"until": None, "at": CLOSES},
        {"until": "", "at": CLOSES},
        {"until": CLOSES, "at": CLOSES},
    ],
)
def test_where_nothing_is_left_nothing_is_said(context: dict[str, object]) -> None:
    assert draw("{% time_left until at %}", **context) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Closes: 28 February 2022, anywhere", "Closes: 28\u00a0February\u00a02022, anywhere"),
        ("الإغلاق: 28 فبراير 2022، في", "الإغلاق: 28\u00a0فبراير\u00a02022، في"),
        ("截止：2022年2月28日，地球", '截止：<span class="pt-date">2022年2月28日</span>，地球'),
        ("12 <b>3 x", "12 &lt;b&gt;3\u00a0x"),
        ("no date at all", "no date at all"),
    ],
)
def test_dates_stay_whole(text: str, expected: str) -> None:
    assert draw("{{ text|whole_dates }}", text=text) == expected


def test_markup_is_left_alone() -> None:
    html = draw(
        "{% local_time instant as shown %}{{ shown|whole_dates }}", instant=datetime(2022, 3, 1, 12, tzinfo=UTC)
    )
    assert html == '<time datetime="2022-03-01T12:00:00Z" data-local>1\u00a0March\u00a02022, 12:00\u00a0UTC</time>'
