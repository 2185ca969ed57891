"""Charts of what was said where there is much of it: as many as fit, within their drawing, in both directions."""

import re
from datetime import date, timedelta

import pytest
from django.utils import translation

from feedback import tables
from feedback.counting import Tally
from taskforce.core.small_groups import Span, Told

START = date(2022, 2, 1)
MANY = Tally(
    20_000,
    {
        "language": Told([(code, 900 - place) for place, code in enumerate(
            ("en", "es", "ar", "zh-Hant", "zh-Hans", "fr", "de", "ru", "ja", "hi", "id", "pt-BR")
        )], 41),
        "region": Told([(f"r{place:03}", 400 - place) for place in range(200)], 17),
        "channel": Told([("web", 19_000), ("talk-page", 1_000)], 0),
    },
    [Span(START + timedelta(days=place), START + timedelta(days=place), 5 + place % 9) for place in range(60)],
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_they_say_the_same_as_their_tables_and_stay_in_their_drawing(language: str) -> None:
    with translation.override(language):
        found = {table.name: table for table in tables.of(MANY)}
    assert len(found["language"].rows) == 13
    assert len(found["region"].rows) == 201
    assert len(found["day"].rows) == 60
    for name, most in (("language", 13), ("region", 24), ("channel", 2), ("day", 60)):
        chart = str(found[name].chart)
        assert chart.count("<rect") == most
        assert 'role="img"' in chart
        assert re.search(r"<title [^>]*>\S", chart)
        assert re.search(r"<desc [^>]*>\S", chart)
        assert f'direction="{"rtl" if language == "ar" else "ltr"}"' in chart
        assert "style=" not in chart
        _x, _y, width, height = map(float, re.search(r'viewBox="([^"]*)"', chart)[1].split())  # type: ignore[index]
        assert height < 2_000
        for bar in re.findall(r'x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"', chart):
            left, top, wide, high = map(float, bar)
            assert left >= -0.01
            assert left + wide <= width + 0.01
            assert top + high <= height


def test_the_bars_of_many_groups_are_all_of_them() -> None:
    (region,) = (table for table in tables.of(MANY) if table.name == "region")
    spoken = re.search(r"<desc[^>]*>([^<]*)</desc>", str(region.chart))
    assert spoken
    numbers = [int(one.replace(",", "")) for one in re.findall(r": ([\d,]+)(?:;|$)", spoken[1])]
    assert sum(numbers) == sum(row.size for row in region.rows)
