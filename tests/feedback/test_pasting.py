"""A pasted table as lines and columns: as spreadsheets copy and save it, named in any language or not at all."""

from typing import Any

import pytest
from django.utils.translation import override

from feedback import pasting
from taskforce.core import tables
from taskforce.core.errors import Invalid
from taskforce.questions.models import Question, QuestionSetVersion
from taskforce.questions.queries import questions


@pytest.fixture
def asked(version: QuestionSetVersion) -> list[Question]:
    """A long text and one choice."""
    return list(questions(version))


def rows(text: str, asked: list[Question]) -> list[list[str]]:
    return [line.cells for line in pasting.read(text, asked).lines]


@pytest.mark.parametrize(
    ("typed", "cells"),
    [
        ("call\t2022-02-10\r\nchat\t2022-02-11\r\n", [["call", "2022-02-10"], ["chat", "2022-02-11"]]),
        ("call,2022-02-10\n\n , \nchat,x", [["call", "2022-02-10"], ["chat", "x"]]),
        ("call;a, b\nchat;x", [["call", "a, b"], ["chat", "x"]]),
        ('call\t"two\nlines"\nchat\tx', [["call", "two\nlines"], ["chat", "x"]]),
        # A mark that nobody closes takes nothing of the lines behind it along.
        ('call\t"so they said\nchat\tx', [["call", '"so they said'], ["chat", "x"]]),
        ("\ufeffcall\t'=1+1\t'tis\n", [["call", "=1+1", "'tis"]]),
        ("call\tnul\x00l", [["call", "null"]]),
    ],
)
def test_lines_as_spreadsheets_have_them(asked: list[Question], typed: str, cells: list[list[str]]) -> None:
    assert rows(typed, asked) == cells


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " \n\t\n",
        "x\n" * (pasting.MOST_LINES + 1),
        "x" * (pasting.MOST_CHARACTERS + 1),
        "x" * 2_000_000,
        "\t" * 50 + "x",
    ],
    ids=["empty", "blank", "lines", "long", "very long", "columns"],
)
def test_what_is_too_much_or_nothing_is_refused(asked: list[Question], typed: str) -> None:
    with pytest.raises(Invalid):
        pasting.read(typed, asked)
    assert pasting.read("x\n" * pasting.MOST_LINES, asked).width == 1


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar", "ru"])
def test_names_are_known_in_every_language_and_in_any_order(asked: list[Question], language: str) -> None:
    with override(language):
        names = [str(pasting.COLUMNS[code]) for code in ("spoke", "channel", "said_on")]
    names += ["專案組應該做什麼？", "Anything else", names[0], str(pasting.FAULT_NAME)]
    table = pasting.read("\t".join(names) + "\na\tb\tc\td", asked)
    found = pasting.columns(table, asked)
    assert found == ["spoke", "channel", "said_on", f"q-{asked[0].pk}", "", "", "fault"]
    assert pasting.fields(table.lines[0].cells, found) == {
        "spoke": "a", "channel": "b", "said_on": "c", f"q-{asked[0].pk}": "d",
    }  # fmt: skip
    assert [line.number for line in table.lines] == [2], "as the spreadsheet counts, with the line of names"


def test_without_names_the_order_counts(asked: list[Question]) -> None:
    table = pasting.read("call\t2022-02-10\ta local board\t\tWords.\tyes\tmore", asked)
    first, second = (f"q-{question.pk}" for question in asked)
    assert pasting.columns(table, asked) == ["channel", "said_on", "spoke", "place_url", first, second, ""]


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-", "@x", " =1", "'", "''=1", "\uff1d1", "words"])
def test_what_a_file_makes_harmless_is_the_same_again_when_it_is_pasted(asked: list[Question], cell: str) -> None:
    file: Any = tables.csv_bytes(["a", "b"], [[cell, "x"]]).decode("utf-8-sig").partition("\r\n")[2]
    assert rows(file, asked) == [[cell.strip(), "x"]]
