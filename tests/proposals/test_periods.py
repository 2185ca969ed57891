"""Periods as people write them."""

from datetime import date

import pytest
from babel import dates
from hypothesis import given
from hypothesis import strategies as st

from proposals.wikipage import Period, months, read_period
from proposals.wikipage.periods import BACKWARD, NO_BEGINNING, NO_END, WHICH_IS_THE_DAY, reading, split_by_dash
from taskforce.core import languages

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
        ("Nov 2022 – Feb 2023", Period(date(2022, 11, 1), date(2023, 2, 28))),
        ("2022年11月至2023年2月", Period(date(2022, 11, 1), date(2023, 2, 28))),
        ("二〇二二年二月", FEBRUARY),
        ("二零二二年二月", FEBRUARY),
        ("二〇二二年十二月", Period(date(2022, 12, 1), date(2022, 12, 31))),
        ("二○二二年三月至四月", MARCH_TO_APRIL),
        ("二〇二二年三至四月", MARCH_TO_APRIL),
        ("二〇二二年三月十四日至四月十日", RECRUITMENT),
        ("2022年三月二十一日至三十一日", Period(date(2022, 3, 21), date(2022, 3, 31))),
        ("２０２２年３－４月", MARCH_TO_APRIL),
        ("2022 年 3 - 4 月", MARCH_TO_APRIL),
        ("2022年3月14至20日", Period(date(2022, 3, 14), date(2022, 3, 20))),
        ("自2022年3月起至4月止", MARCH_TO_APRIL),
        ("2022年3月14日起至4月10日", RECRUITMENT),
        ("2022/03–2022/04", MARCH_TO_APRIL),
        ("2022-03-2022-04", MARCH_TO_APRIL),
        ("2022/3/14–2022/4/10", RECRUITMENT),
        ("between March and April 2022", MARCH_TO_APRIL),
        ("28 February 2022", Period(date(2022, 2, 28), date(2022, 2, 28))),
        ("February 2024", Period(date(2024, 2, 1), date(2024, 2, 29))),
        ("2022", Period(date(2022, 1, 1), date(2022, 12, 31))),
        ("mars – avril 2022", MARCH_TO_APRIL),
        ("du 14 mars au 10 avril 2022", RECRUITMENT),
        ("fevrier 2022", FEBRUARY),
        ("févr. 2022", FEBRUARY),
        ("Entre mars et avril 2022", MARCH_TO_APRIL),
        ("1er mars 2022", Period(date(2022, 3, 1), date(2022, 3, 1))),
        ("März bis April 2022", MARCH_TO_APRIL),
        ("vom 14. März bis zum 10. April 2022", RECRUITMENT),
        ("14.–20. März 2022", Period(date(2022, 3, 14), date(2022, 3, 20))),
        ("14.03.–10.04.2022", RECRUITMENT),
        ("Jänner 2022", Period(date(2022, 1, 1), date(2022, 1, 31))),
        ("marzo–abril de 2022", MARCH_TO_APRIL),
        ("del 14 de marzo al 10 de abril de 2022", RECRUITMENT),
        ("1.º de marzo de 2022", Period(date(2022, 3, 1), date(2022, 3, 1))),
        ("14 de março até 10 de abril de 2022", RECRUITMENT),
        ("março e abril de 2022", MARCH_TO_APRIL),
        ("март – апрель 2022 г.", MARCH_TO_APRIL),
        ("с 14 марта по 10 апреля 2022 года", RECRUITMENT),
        ("в феврале 2022 года", FEBRUARY),
        ("14 मार्च से 10 अप्रैल २०२२ तक", RECRUITMENT),
        ("फरवरी 2022 में", FEBRUARY),
        ("dari Maret sampai dengan April 2022", MARCH_TO_APRIL),
        ("bulan Februari 2022", FEBRUARY),
        ("\u200fفبراير ٢٠٢٢", FEBRUARY),
        ("من 14 مارس\u200f إلى 10 أبريل 2022", RECRUITMENT),
        ("بين مارس وابريل 2022", MARCH_TO_APRIL),
        ("شهر شباط 2022", FEBRUARY),
        ("2022年3月から4月まで", MARCH_TO_APRIL),
        ("14/03/2022", Period(date(2022, 3, 14), date(2022, 3, 14))),
        ("03/14/2022", Period(date(2022, 3, 14), date(2022, 3, 14))),
    ],
)
def test_read(text: str, period: Period) -> None:
    """Chinese, English, ISO and mixed; whole months, days, over New Year."""
    assert read_period(text) == period


@pytest.mark.parametrize(
    "text",
    ["", "soon", "May", "3月", "2022年13月", "31 February 2022", "April to March 2022 2022", "May 2022 – March 2022",
     "the 3 steps", "–", "2022年2月31日", "1 2022", "x" * 200, "2022/03-04", "2022-03 – 04", "2022年3月至4",
     "March 2022 – 4", "2 – March 2022", "2022年3日-4月", "5 2022 – March 2022", "2022 – March 2023", "March – 2022",
     "民國111年2月", "二千零二十二年二月", "二二年二月", "2022年三十月", "2022年二月三十一日", "2022年2月上旬",
     "2022年2月底", "early May 2022", "mid-May 2022", "until May 2022", "至2022年4月", "May 2022 – present",
     "2022年2月至今", "2022年2月-"],
)  # fmt: skip
def test_no_period(text: str) -> None:
    """No year, no such day, an end before its beginning, a number that may be a month or a day, or no date at all."""
    assert read_period(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2022年4月至3月", BACKWARD),
        ("2022年11月至2月", BACKWARD),
        ("2022年12月-1月", BACKWARD),
        ("二〇二二年十一至二月", BACKWARD),
        ("December – January 2023", BACKWARD),
        ("November 2022 to February", BACKWARD),
        ("20 December – 5 January 2023", BACKWARD),
        ("2022年2月起", NO_END),
        ("自2022年2月14日起", NO_END),
        ("2022年2月開始", NO_END),
        ("自2022年2月", NO_END),
        ("from May 2022", NO_END),
        ("Since 2022", NO_END),
        ("2022年4月止", NO_BEGINNING),
        ("until May 2022", NO_BEGINNING),
        ("à partir de mars 2022", NO_END),
        ("jusqu’en avril 2022", NO_BEGINNING),
        ("Dès 2022", NO_END),
        ("ab März 2022", NO_END),
        ("bis zum 10. April 2022", NO_BEGINNING),
        ("desde marzo de 2022", NO_END),
        ("até abril de 2022", NO_BEGINNING),
        ("с марта 2022 года", NO_END),
        ("मार्च 2022 से", NO_END),
        ("अप्रैल 2022 तक", NO_BEGINNING),
        ("mulai Maret 2022", NO_END),
        ("ابتداءً من مارس 2022", NO_END),
        ("حتى أبريل 2022", NO_BEGINNING),
        ("03/04/2022", WHICH_IS_THE_DAY),
    ],
)
def test_what_is_not_sure_is_no_period(text: str, reason: str) -> None:
    """A year, an end or a beginning that does not stand there is not made up; the reason says which."""
    assert reading(text) == (None, reason)


@pytest.mark.parametrize(
    ("text", "divided"),
    [
        ("May 2022 - task force", ("May 2022", "task force")),
        ("May 2022 – task force", ("May 2022", "task force")),
        ("May 2022—task force", ("May 2022", "task force")),
        ("2022年5月——專案組開始工作", ("2022年5月", "專案組開始工作")),
        ("14 March - 10 April 2022 - recruitment", ("14 March - 10 April 2022", "recruitment")),
        ("March–April 2022 – recruitment", ("March–April 2022", "recruitment")),
        ("2022-03-14 -- recruitment", ("2022-03-14", "recruitment")),
        ("May 2022", ("", "")),
        ("May 2022 task-force", ("", "")),
        ("May 2022 - call: opens", ("", "")),
        ("May 2022 – June 2022", ("", "")),
        ("May 2022 – present", ("", "")),
        ("May 2022 – the end of June, feedback", ("", "")),
        ("May 2022 – mid-June feedback", ("", "")),
        ("May 2022 – (tentative) June", ("", "")),
        ("2022年4月 – 三月 反饋", ("", "")),
        ("2022年4月 – 次年三月 反饋", ("", "")),
        ("2022年4月 – 今", ("", "")),
        ("2022 – 2023 plan", ("", "")),
        ("mars – avril 2022 – avis", ("mars – avril 2022", "avis")),
        ("mars 2022 – aujourd’hui", ("", "")),
        ("März 2022 – Ende April", ("", "")),
        ("март 2022 – сейчас", ("", "")),
        ("فبراير 2022 – \u200fالآن", ("", "")),
        ("mayo 2022 – mayoristas", ("mayo 2022", "mayoristas")),
    ],
)
def test_a_dash_divides_where_it_cannot_be_the_period_s(text: str, divided: tuple[str, str]) -> None:
    """What behind a dash may still be the period's end is left to a person."""
    assert split_by_dash(text) == divided


@given(st.text(alphabet="0123456789年月日至起–- MarchApil,tof 一十二〇/", max_size=90))
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


@pytest.mark.parametrize("code", languages.CODES)
def test_each_language_s_own_forms(code: str) -> None:
    """What CLDR writes for every month and for a range: with names also in languages whose short form is unsure."""
    locale = languages.locale_of(code)
    for month in range(1, 13):
        day = date(2022, month, 14)
        later = date(2022, month, 27)
        for written in (
            dates.format_date(day, "long", locale),
            dates.format_skeleton("yMMMd", day, locale=locale),
        ):
            assert read_period(written) == Period(day, day), written
        for skeleton in ("yMMMM", "yMMM"):
            written = dates.format_skeleton(skeleton, day, locale=locale)
            period = read_period(written)
            assert period is not None, written
            assert (period.first, period.last.month) == (day.replace(day=1), month), written
        written = dates.format_interval(day, later, "yMMMd", locale=locale)
        assert read_period(written) == Period(day, later), written


def test_no_name_means_two_months() -> None:
    """In whatever languages; and each month has names."""
    for locale in map(languages.locale_of, languages.CODES):
        for number, name in locale.months["format"]["wide"].items():
            assert name.endswith("月") or months.number(name) == number
    assert [months.number(name) for name in ("Mai", "AOÛT", "Set", "أغسطس", "सितम्बर", "Brumaire", "")] == [
        5, 8, 9, 8, 9, None, None,
    ]  # fmt: skip
