"""Periods as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proposals.wikipage import Period, read_period

MARCH_TO_APRIL = Period(date(2022, 3, 1), date(2022, 4, 30))
RECRUITMENT = Period(date(2022, 3, 14), date(2022, 4, 10))
FEBRUARY = Period(date(2022, 2, 1), date(2022, 2, 28))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2022年2月", FEBRUARY),
        ("2022 年 2 月", FEBRUARY),
        ("２０２２年２月", FEBRUARY),
        ("2022年二月份", FEBRUARY),
        ("February 2022", FEBRUARY),
        ("Feb. 2022", FEBRUARY),
        ("in February, 2022", FEBRUARY),
        ("2022-02", FEBRUARY),
        ("2022年3月至4月", MARCH_TO_APRIL),
        ("2022年3月到2022年4月", MARCH_TO_APRIL),
        ("2022年3-4月", MARCH_TO_APRIL),
        ("2022年3月～4月", MARCH_TO_APRIL),
        ("March to April 2022", MARCH_TO_APRIL),
        ("March–April 2022", MARCH_TO_APRIL),
        ("from March 2022 until April 2022", MARCH_TO_APRIL),
        ("2022年3月 to April 2022", MARCH_TO_APRIL),
        ("2022年3月14日至4月10日", RECRUITMENT),
        ("自2022年3月14日至2022年4月10日止", RECRUITMENT),
        ("14 March – 10 April 2022", RECRUITMENT),
        ("March 14 to April 10, 2022", RECRUITMENT),
        ("14th March 2022 to 10th of April 2022", RECRUITMENT),
        ("2022-03-14 – 2022-04-10", RECRUITMENT),
        ("14–20 March 2022", Period(date(2022, 3, 14), date(2022, 3, 20))),
        ("March 14–20, 2022", Period(date(2022, 3, 14), date(2022, 3, 20))),
        ("2022年3月14日至20日", Period(date(2022, 3, 14), date(2022, 3, 20))),
        ("16 May 2022 to 30 June 2023", Period(date(2022, 5, 16), date(2023, 6, 30))),
        ("December – January 2023", Period(date(2022, 12, 1), date(2023, 1, 31))),
        ("2022年12月至1月", Period(date(2022, 12, 1), date(2023, 1, 31))),
        ("28 February 2022", Period(date(2022, 2, 28), date(2022, 2, 28))),
        ("February 2024", Period(date(2024, 2, 1), date(2024, 2, 29))),
        ("2022", Period(date(2022, 1, 1), date(2022, 12, 31))),
    ],
)
def test_read(text: str, period: Period) -> None:
    """Chinese, English, ISO and mixed; whole months, days, over New Year."""
    assert read_period(text) == period


@pytest.mark.parametrize(
    "text",
    ["", "soon", "May", "3月", "2022年13月", "31 February 2022", "April to March 2022 2022", "May 2022 – March 2022",
     "the 3 steps", "–", "2022年2月31日", "1 2022", "x" * 200],
)  # fmt: skip
def test_no_period(text: str) -> None:
    """No year, no such day, an end before its beginning, or no date at all."""
    assert read_period(text) is None


@given(st.text(alphabet="0123456789年月日至–- MarchApil,tof 一十二", max_size=90))
def test_anything_is_a_period_or_none(text: str) -> None:
    """No text raises, and a period never ends before it begins."""
    period = read_period(text)
    assert period is None or period.first <= period.last


@given(st.dates(date(1990, 1, 1), date(2150, 1, 1)), st.dates(date(1990, 1, 1), date(2150, 1, 1)))
def test_written_days_come_back(one: date, other: date) -> None:
    """Every pair of days, written in three ways, is read as those days."""
    first, last = sorted([one, other])
    ways = (
        f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日",
        f"{first.day} {first:%B} {first.year:04} – {last.day} {last:%B} {last.year:04}",
        f"{first.isoformat()} to {last.isoformat()}",
    )
    assert {read_period(way) for way in ways} == {Period(first, last)}
