"""A pasted table of what was said elsewhere: its lines, and what its columns are, by their names or by their order."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from feedback.search import folded
from taskforce.core import labels, languages, tables
from taskforce.core.errors import Invalid
from taskforce.core.text import clean, may_fit
from taskforce.questions.forms import field_name
from taskforce.questions.models import Question

MOST_LINES = 500
# Characters of the whole table: a page of text for each of its lines would be too long to look through.
MOST_CHARACTERS = 250_000
_MOST_COLUMNS = 40
_MARK = "\ufeff"
# A column that is passed over, and the one in which a report says what was wrong with a line.
NOTHING, FAULT = "", "fault"
# By the names of the form's fields; in the order in which a table without names is taken to have them.
COLUMNS = {
    "channel": _("Where it was said"),
    "said_on": _("Day on which it was said"),
    "spoke": _("Who spoke"),
    "place_url": _("Where it is to be read"),
    "language": _("Language it was said in"),
    "unit": _("Number of the paragraph"),
    "visibility": _("Who may read this?"),
    "spoke_words": _("Who spoke, in other words"),
}
FAULT_NAME = _("What is wrong")


class Line(NamedTuple):
    """A line that is not empty: its number as a spreadsheet counts, with the line of names and empty ones, and its
    cells."""

    number: int
    cells: list[str]


class Table(NamedTuple):
    """Its lines, as many columns as the longest has, and the names in its first line (empty where those are none)."""

    names: list[str]
    lines: list[Line]
    width: int


def read(text: str, questions: Sequence[Question]) -> Table:
    """The lines of a table as a spreadsheet copies it (with tabs) or saves it (commas or semicolons).

    Raises `Invalid` for what is too long, has too many lines or columns, or none.
    """
    if not may_fit(text, MOST_CHARACTERS):
        raise _too_long()
    text = clean(text).removeprefix(_MARK)
    if len(text) > MOST_CHARACTERS:
        raise _too_long()
    cleaned = ([tables.plain(cell.strip()).strip() for cell in row] for row in _rows(text))
    rows = [Line(number, row) for number, row in enumerate(cleaned, start=1) if any(row)]
    known = known_names(questions)
    has_names = bool(rows) and sum(folded(cell) in known for cell in rows[0].cells) > 1
    names = rows.pop(0).cells if has_names else []
    width = max((len(cells) for cells in (names, *(row.cells for row in rows))), default=0)
    if not rows:
        raise Invalid(_("There is no line in this. Copy the lines of a spreadsheet and paste them here."))
    if len(rows) > MOST_LINES:
        said = _("These are %(many)d lines: at most %(most)d can be pasted at once. Paste the others afterwards.")
        raise Invalid(said % {"many": len(rows), "most": MOST_LINES})
    if width > _MOST_COLUMNS:
        raise Invalid(_("These are more than %(most)d columns.") % {"most": _MOST_COLUMNS})
    return Table(names, rows, width)


def _too_long() -> Invalid:
    said = _("This is too long: at most %(most)d characters can be pasted at once. Paste the others afterwards.")
    return Invalid(said % {"most": MOST_CHARACTERS})


def _rows(text: str) -> list[list[str]]:
    """By what parts the cells of the first line; a mark of quotation that nobody closes is a letter like others."""
    first = text.partition("\n")[0]
    between = "\t" if "\t" in first else max(";,", key=first.count)
    try:
        if text.count('"') % 2:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=between, quoting=csv.QUOTE_NONE))
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=between))
    except csv.Error:
        raise Invalid(
            _("This cannot be read as a table. Copy the lines of a spreadsheet and paste them here.")
        ) from None


def known_names(questions: Sequence[Question]) -> dict[str, str]:
    """{a name of a column, as it is compared: what the column is}, in all languages of the portal; the questions by
    what they ask in those in which they ask it."""
    asked = {
        folded(text): field_name(question.pk)
        for question in questions
        for text in labels.stored(question, "label").values()
    }
    return {**asked, **_names()}


@cache
def _names() -> Mapping[str, str]:
    found = {folded(code): code for code in COLUMNS} | {folded("paragraph"): "unit", folded(FAULT): FAULT}
    for language in languages.CODES:
        with override(language):
            found |= {folded(str(name)): code for code, name in COLUMNS.items()}
            found[folded(str(FAULT_NAME))] = FAULT
    return found


def columns(table: Table, questions: Sequence[Question]) -> list[str]:
    """What each column is: by its name, each once; without names by the order, first what every table has, then the
    questions."""
    if not table.names:
        order = [*list(COLUMNS)[:4], *(field_name(question.pk) for question in questions)]
        return [order[place] if place < len(order) else NOTHING for place in range(table.width)]
    known, found = known_names(questions), list[str]()
    for place in range(table.width):
        code = known.get(folded(table.names[place]), NOTHING) if place < len(table.names) else NOTHING
        found.append(NOTHING if code in found else code)
    return found


def fields(cells: Sequence[str], found: Sequence[str]) -> dict[str, str]:
    """{field of the form: what the line has for it}; nothing for an empty cell."""
    pairs = zip(found, cells, strict=False)
    return {code: cell for code, cell in pairs if code not in (NOTHING, FAULT) and cell}
