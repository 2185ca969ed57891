"""Dates as text: under the rule that set them, by the locale, in every language."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import translation

from taskforce.core import dates, languages
from taskforce.timeline import describe
from taskforce.timeline.models import Phase
from tests.conftest import utc

# By CLDR; thin and no-break spaces are shown as plain ones here.
MONTHS = {
    "en": "March – April 2022",
    "ar": "مارس – أبريل 2022",
    "de": "März–April 2022",
    "es": "marzo–abril de 2022",
    "fr": "mars – avril 2022",
    "hi": "मार्च – अप्रैल 2022",
    "id": "Maret–April 2022",
    "ja": "2022年3月～4月",
    "pt-br": "março – abril de 2022",
    "ru": "март – апрель 2022 г.",
    "zh-hans": "2022年3月至4月",
    "zh-hant": "2022年3月至4月",
}


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", languages.CODES)
def test_whole_months_are_written_as_months(language: str) -> None:
    assert plain(dates.period_text(date(2022, 3, 1), date(2022, 4, 30), language)) == MONTHS[language]


@pytest.mark.long
@pytest.mark.parametrize(
    ("first", "last", "english", "chinese"),
    [
        (date(2022, 2, 1), date(2022, 2, 28), "February 2022", "2022年2月"),
        (date(2024, 2, 1), date(2024, 2, 28), "1–28 Feb 2024", "2024年2月1日至28日"),  # a leap year's month is longer
        (date(2022, 12, 1), date(2023, 1, 31), "December 2022 – January 2023", "2022年12月至2023年1月"),
        (date(2022, 3, 14), date(2022, 4, 10), "14 Mar – 10 Apr 2022", "2022年3月14日至4月10日"),
        (date(2022, 5, 16), date(2023, 6, 30), "16 May 2022 – 30 Jun 2023", "2022年5月16日至2023年6月30日"),
        (date(2022, 2, 1), date(2022, 2, 1), "1 February 2022", "2022年2月1日"),
    ],
)
def test_other_periods(first: date, last: date, english: str, chinese: str) -> None:
    assert plain(dates.period_text(first, last, "en")) == english
    assert plain(dates.period_text(first, last, "zh-hant")) == chinese


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2022, 3, 1, 12, tzinfo=UTC), "1 March 2022, 12:00 UTC"),
        (datetime(2022, 3, 1, 12, 0, 1, tzinfo=UTC), "1 March 2022, 12:00:01 UTC"),
    ],
)
def test_an_instant_is_written_in_utc(instant: datetime, text: str) -> None:
    assert dates.utc_text(instant, "en") == text


@pytest.mark.parametrize(
    ("clock", "zone", "end", "text"),
    [
        (None, "AoE", True, "28 February 2022, anywhere on Earth (AoE)"),
        (None, "AoE", False, "28 February 2022, anywhere on Earth (AoE)"),
        (time(18), "AoE", True, "28 February 2022, 18:00, anywhere on Earth (AoE)"),
        (None, "Europe/Berlin", True, "end of 28 February 2022 (Berlin)"),
        (None, "Europe/Berlin", False, "start of 28 February 2022 (Berlin)"),
        (time(18, 30), "Europe/Berlin", True, "28 February 2022, 18:30 (Berlin)"),
        (time(18, 30), "UTC", True, "28 February 2022, 18:30 (UTC)"),
        (time(18, 30), "Etc/GMT-3", True, "28 February 2022, 18:30 (Etc/GMT-3)"),
    ],
)
def test_a_date_stands_under_its_rule(clock: time | None, zone: str, text: str, *, end: bool) -> None:
    assert describe.rule(date(2022, 2, 28), clock, zone, end=end) == text


@pytest.mark.parametrize("language", languages.CODES)
def test_every_state_can_be_told_in_every_language(phase: Callable[[str], Phase], language: str) -> None:
    feedback = phase("feedback")
    with translation.override(language):
        for at in (datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 2, 2, tzinfo=UTC), feedback.closes_at):
            row = describe.rows([feedback], at, {})[0]
            assert row["period"]
            assert row["state_text"]
            assert "2022" in row["rule_text"]
            assert "AoE" in describe.closed_reason(feedback, at)


OPENS, CLOSES = utc(2022, 2, 1, 12), utc(2022, 3, 1, 12)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("cancelled_at", "at", "labels"),
    [
        (None, OPENS - SECOND, ("Opens", "Closes")),
        (None, OPENS, ("Opened", "Closes")),
        (None, CLOSES, ("Opened", "Closed")),
        (OPENS - SECOND, OPENS - 2 * SECOND, ("Opens", "Closes")),
        (OPENS - SECOND, CLOSES, ("Would have opened", "Would have closed")),
        (OPENS + SECOND, CLOSES, ("Opened", "Would have closed")),
    ],
)
def test_what_has_not_happened_is_not_said_to_have(
    phase: Callable[[str], Phase], cancelled_at: datetime | None, at: datetime, labels: tuple[str, str]
) -> None:
    found = phase("feedback")
    found.cancelled_at = cancelled_at
    assert (describe.opens_label(found, at), describe.closes_label(found, at)) == labels
