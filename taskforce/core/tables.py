"""Tables for people who open them in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

# What a spreadsheet takes for a formula, and what it skips before looking for one.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file (RFC 4180) in UTF-8 with a byte order mark, without which spreadsheets take it for another encoding.

    None is an empty cell. A text that a spreadsheet would compute gets an apostrophe in front and stays as it is.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value
