"""The top of an archived page: its title and the archived-version line."""

import re
from datetime import UTC, datetime

from proposals.enums import UnitKind
from proposals.wikipage import months
from proposals.wikipage.pieces import Edit, Piece, WikiPageError
from proposals.wikipage.source import joined, trimmed, without_widths

# What the rows of the database hold; a longer one is refused here, where its line is known.
LONGEST_TITLE = 200
LONGEST_EDITOR = 255
LONGEST_SUMMARY = 2000

_EXPECTED = (
    "This is an archived version of this page, as edited by NAME (talk | contribs) at HH:MM, D Month YYYY "
    "(SUMMARY). It may differ significantly from the current version."
)
_START = re.compile(r"This is an archived version\b")
_EDITED = re.compile(r"This is an archived version of this page,?\s+as edited by\s")
_END = re.compile(r"It may differ significantly from the current version\.?$")
# After a full-width mark, which brings its own room, no space need follow.
_MINUTE = re.compile(
    r"\(talk(?: ?\| ?contribs)?\) *at +(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}), *"
    r"(?:(?P<day>[0-9]{1,2}) +(?P<month>[A-Za-z]{3,9})|(?P<month2>[A-Za-z]{3,9}) +(?P<day2>[0-9]{1,2}),)"
    r" *(?P<year>[0-9]{4})"
)


def header(lines: list[str]) -> tuple[Piece, Edit, int]:
    """Title, archived-version line, and the index of the first line behind them."""
    start = next((index for index, line in enumerate(lines) if _starts(line)), None)
    if start is None:
        raise WikiPageError(f"the archived-version line is missing ({_EXPECTED})", _second_block(lines))
    title = _title(lines, start)
    end = _end(lines, start)
    _refuse_second(lines, end)
    return title, _edit(joined(lines[start:end]), start + 1), end


def _starts(line: str) -> bool:
    return bool(_START.match(without_widths(trimmed(line))))


def _refuse_second(lines: list[str], end: int) -> None:
    """One file holds one page: two archived-version lines are two pages, or one page pasted twice."""
    for index in range(end, len(lines)):
        # The words may be wrapped over a few lines, as in the first one.
        if _starts(lines[index]) and _EDITED.match(_matched(joined(lines[index : index + 4]))):
            raise WikiPageError("a second archived-version line: a file holds one page", index + 1)


def _matched(text: str) -> str:
    """The text in the form that the expressions match; every character keeps its place."""
    return re.sub(r"\s", " ", without_widths(text))


def _second_block(lines: list[str]) -> int:
    """The number of the line where the archived-version line would stand: the first after the title."""
    filled = [index for index, line in enumerate(lines, start=1) if trimmed(line)]
    after = [index for index in filled if index > filled[0] and not trimmed(lines[index - 2])]
    return after[0] if after else len(lines)


def _title(lines: list[str], end: int) -> Piece:
    filled = [index for index in range(end) if trimmed(lines[index])]
    if not filled:
        raise WikiPageError("the title is missing: it stands above the archived-version line", end + 1)
    first, last = filled[0], filled[-1]
    if last - first + 1 != len(filled):
        raise WikiPageError("the title must be followed by the archived-version line", filled[-1] + 1)
    text = joined(lines[first : last + 1])
    if len(text) > LONGEST_TITLE:
        raise WikiPageError(f"the title has {len(text):,} characters; {LONGEST_TITLE} fit", first + 1)
    return Piece(UnitKind.TITLE, text, first + 1)


def _end(lines: list[str], start: int) -> int:
    """The index behind the archived-version line, which may be hard-wrapped."""
    end, index = None, start
    while index < len(lines) and trimmed(lines[index]):
        index += 1
        # The last sentence itself may be wrapped, over a few lines at most.
        if _END.search(_matched(joined(lines[max(start, index - 4) : index]))[-80:]):
            end = index
    if end is None:
        raise WikiPageError(f"the archived-version line cannot be read (expected: {_EXPECTED})", start + 1)
    return end


def _edit(text: str, line: int) -> Edit:
    text = re.sub(r"\s", " ", text)
    plain = _matched(text)
    begin, minute, end = _EDITED.match(plain), _MINUTE.search(plain), _END.search(plain)
    if not (begin and minute and end) or minute.start() <= begin.end():
        raise WikiPageError(f"the archived-version line cannot be read (expected: {_EXPECTED})", line)
    editor = trimmed(text[begin.end() : minute.start()])
    summary = _summary(trimmed(text[minute.end() : end.start()]), line)
    if not editor:
        raise WikiPageError("the archived-version line names no editor", line)
    for name, value, longest in (
        ("editor", editor, LONGEST_EDITOR),
        ("edit summary", summary, LONGEST_SUMMARY),
    ):
        if len(value) > longest:
            raise WikiPageError(f"the {name} has {len(value):,} characters; {longest:,} fit", line)
    return Edit(editor, _instant(minute, line), summary, line)


def _summary(rest: str, line: int) -> str:
    """What stands in parentheses behind the minute; anything may stand in it."""
    if without_widths(rest).endswith((".", "。")):
        rest = trimmed(rest[:-1])
    if not rest:
        return ""
    plain = without_widths(rest)
    if not (plain.startswith("(") and plain.endswith(")")):
        raise WikiPageError("behind the minute only an edit summary in parentheses may stand", line)
    return trimmed(rest[1:-1])


def _instant(found: re.Match[str], line: int) -> datetime:
    month = months.number(found["month"] or found["month2"])
    day = int(found["day"] or found["day2"])
    try:
        if month is None:
            raise ValueError
        return datetime(int(found["year"]), month, day, int(found["hour"]), int(found["minute"]), tzinfo=UTC)
    except ValueError:
        said = found[0].partition(" at ")[2]
        raise WikiPageError(f"“{said}” is no date and minute", line) from None
