"""Tables for people who open them in a spreadsheet."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# What a spreadsheet takes for a formula, and what it skips before looking for one.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file (RFC 4180) in UTF-8 with a byte order mark, without which spreadsheets take it for another encoding.

    None is an empty cell. A text that a spreadsheet would compute gets an apostrophe in front and stays as it is.
    """
    return b"".join(csv_parts(header, [rows]))


def csv_parts(header: Sequence[str], parts: Iterable[Iterable[Sequence[object]]]) -> Iterator[bytes]:
    """The same, part by part, for tables that are too long to be held at once."""
    yield codecs.BOM_UTF8 + _lines([map(_cell, header)])
    for rows in parts:
        yield _lines([_cell(value) for value in row] for row in rows)


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def plain(cell: str) -> str:
    """A cell of such a file as it was before the apostrophe, for who takes it back."""
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip(" ").startswith(_FORMULA_SIGNS) else cell


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value
