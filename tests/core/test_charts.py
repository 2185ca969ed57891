"""Charts: well-formed, readable without colour, from either side, and nothing in them that a strict policy forbids."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.utils import translation

from taskforce.core import charts
from taskforce.core.charts import Bar, Column

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert(1)</script> "&'


def drawn(svg: str) -> ElementTree.Element:
    found = ElementTree.fromstring(svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))  # noqa: S314
    assert "style" not in svg
    assert not re.search(r"\son\w+=", svg)
    return found


def texts(svg: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()) for one in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize("language", ["en", "ar", "zh-hant"])
def test_each_bar_has_its_name_and_number_inside_the_drawing(language: str) -> None:
    with translation.override(language):
        svg = drawn(charts.bars("a", "By language", [Bar("One", 1234), Bar(HOSTILE, 3), Bar("None", 0)]))
    assert svg.get("direction") == ("rtl" if language == "ar" else "ltr")
    assert svg.get("aria-labelledby") == "a-title a-desc"
    said = svg.findtext(f"{SVG}desc") or ""
    assert "1,234" in said
    assert HOSTILE in texts(svg)
    lengths = [float(one.get("width", "")) for one in svg.iter(f"{SVG}rect")]
    assert lengths == sorted(lengths, reverse=True)
    for one in svg.iter(f"{SVG}rect"):
        assert 0 <= float(one.get("x", "")) <= 360 - float(one.get("width", ""))


def test_from_the_right_a_bar_begins_at_the_right() -> None:
    with translation.override("ar"):
        svg = drawn(charts.bars("a", "x", [Bar("One", 4), Bar("Two", 1)]))
    assert {float(one.get("x", "")) + float(one.get("width", "")) for one in svg.iter(f"{SVG}rect")} == {360}


def test_a_column_is_as_wide_as_its_days_and_as_high_as_one_of_them() -> None:
    found = [Column(date(2022, 2, 1), date(2022, 2, 4), 8), Column(date(2022, 2, 5), date(2022, 2, 5), 8)]
    svg = drawn(charts.columns("d", "By day", found))
    wide, narrow = ((float(one.get("width", "")), float(one.get("height", ""))) for one in svg.iter(f"{SVG}rect"))
    assert wide[0] > 3.9 * narrow[0]
    assert narrow[1] == 4 * wide[1]
    assert texts(svg) == ["8", "1 February 2022", "5 February 2022"]


def test_a_long_label_is_broken_at_its_blanks() -> None:
    svg = drawn(charts.bars("a", "x", [Bar("Central and Eastern Europe and Central Asia, and much else", 4)]))
    first, second, number = texts(svg)
    assert max(len(first), len(second)) <= 44
    assert number == "4"
