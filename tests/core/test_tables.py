"""Tables that a spreadsheet opens: nothing in them is computed, and nothing is changed."""

import csv
import io

import pytest

from taskforce.core.tables import csv_bytes


def read(raw: bytes) -> list[list[str]]:
    assert raw.startswith(b"\xef\xbb\xbf"), "without the mark a spreadsheet takes the text for another encoding"
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\uff1d1",
        '=HYPERLINK("http://e.example")',
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_formula_is_text(text: str) -> None:
    assert read(csv_bytes(["a"], [[text]])) == [["a"], [f"'{text}"]]


@pytest.mark.parametrize(
    "text", ["", "plain", "a=b", 'with "quotes", commas\nand lines', "對提案的反饋", "'=1", "2022-03-01"]
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert read(csv_bytes(["a", "b"], [[text, 7]])) == [["a", "b"], [text, "7"]]


def test_what_is_not_there_is_empty() -> None:
    assert read(csv_bytes(["a"], [[None]]))[1] in ([""], [])
