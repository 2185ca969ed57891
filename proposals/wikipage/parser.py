"""From the lines of an archived page to its parts."""

import re
from dataclasses import dataclass, field, replace

from proposals.enums import SectionKind, UnitKind
from proposals.wikipage import markup, words
from proposals.wikipage.header import header
from proposals.wikipage.lines import LONGEST_HEADING, Marker, heading, marker, note, too_long
from proposals.wikipage.periods import COLON, read_period, reading, split_by_dash
from proposals.wikipage.pieces import Piece, Remark, SectionPart, TimelineLine, WikiPage, WikiPageError
from proposals.wikipage.source import joined, lines_of, trimmed

# What a phase's title holds in the database.
LONGEST_TIMELINE_TEXT = 300
DEEPEST = 5

_MARKED = (UnitKind.LIST_ITEM, UnitKind.NOTE)


def read(data: bytes) -> WikiPage:
    """The page in a file's bytes.

    Raises `WikiPageError`, and nothing else, for a file that is empty, not UTF-8, or of another shape.
    """
    lines, damage = lines_of(data)
    title, edit, start = header(lines)
    title = replace(title, text=trimmed(markup.without_translation(title.text)) or title.text)
    lines[start:] = map(markup.without_translation, lines[start:])
    body = _Body()
    for number, line in enumerate(lines[start:], start=start + 1):
        body.take(line, number, lines[number] if number < len(lines) else "")
    body.close()
    if not body.sections:
        if body.remarks:
            raise WikiPageError(body.remarks[0].text, body.remarks[0].line)
        expected = "a line such as “1. Title” or “== Title ==”"
        raise WikiPageError(f"no numbered section is here (expected {expected})", len(lines))
    parts = [_part(section) for section in body.sections]
    unread = tuple(piece for part in parts for piece in _unread(part))
    lists = filter(None, map(_half_dated, body.sections))
    left = markup.remarks([(title.line, title.text), *body.text_lines])
    remarks = (*body.remarks, *lists, *filter(None, map(_doubt, unread)), *left)
    return WikiPage(title, edit, tuple(body.lead), tuple(parts), damage, unread, remarks)


@dataclass
class _Open:
    """A piece whose lines are still coming."""

    kind: UnitKind
    line: int
    texts: list[str]
    depth: int = 0
    number: int | None = None
    ordered: bool = False


@dataclass
class _Section:
    heading: Piece
    references: bool = False
    pieces: list[Piece] = field(default_factory=list)


class _Body:
    """Takes the lines behind the header one by one; `sections` and `lead` are whole after `close()`.

    `remarks` are the lines that bear a heading's number and are too long for one, `text_lines` all that are text.
    """

    def __init__(self) -> None:
        self.lead: list[Piece] = []
        self.sections: list[_Section] = []
        self.remarks: list[Remark] = []
        self.text_lines: list[tuple[int, str]] = []
        self._numbered = 0
        self._open: _Open | None = None
        self._block_begins = True
        self._indents: list[int] = []
        self._last_number: int | None = None

    def take(self, line: str, number: int, following: str) -> None:
        """The next line, its number and the line behind it; a blank one ends the block."""
        text = trimmed(line)
        if not text:
            self._finish()
            self._block_begins = True
            return
        if self._wiki_heading(text, number):
            self._block_begins = True
            return
        self.text_lines.append((number, text))
        begins, self._block_begins = self._block_begins, False
        if begins and self._heading(line, number, following):
            # What follows without a blank line is the section's text, not the heading's.
            self._block_begins = True
            return
        found = note(line) if self._in_references() else marker(line)
        if found and self._is_item(found, begins):
            self._start_item(found, number)
        elif self._open and not begins:
            self._open.texts.append(text)
        else:
            self._start(_Open(UnitKind.PARAGRAPH, number, [text]))

    def close(self) -> None:
        """The file ends."""
        self._finish()

    def _in_references(self) -> bool:
        return bool(self.sections) and self.sections[-1].references

    def _heading(self, line: str, number: int, following: str) -> bool:
        """Start the section or subsection that this line is the heading of, if it is one."""
        found, then = heading(line), heading(following)
        if found and then and found.depth == then.depth == 0 and then.number == found.number + 1:
            return False  # "1. …" with "2. …" right below is a list
        if found and found.depth == 0 and found.number == self._numbered + 1:
            self._numbered += 1
            self._start_section(found.text, number)
        elif found and found.depth and found.number == self._numbered and self.sections:
            self._start(_Open(UnitKind.HEADING, number, [found.text], depth=1))
            self._finish()
        elif not found and words.is_references(trimmed(line)):
            self._start_section(trimmed(line), number)
        else:
            self._remark_length(line, number)
            return False
        return True

    def _wiki_heading(self, text: str, number: int) -> bool:
        """The same for "== Title ==", which needs no blank line around it and may bear a number besides."""
        found = markup.heading(text)
        if not found or len(found[1]) > LONGEST_HEADING or (found[0] and not self.sections):
            return False
        depth, title = found
        if depth:
            self._start(_Open(UnitKind.HEADING, number, [title], depth=1))
            self._finish()
            return True
        numbered = heading(title)
        if numbered and numbered.depth == 0 and numbered.number == self._numbered + 1:
            self._numbered, title = numbered.number, numbered.text
        self._start_section(title, number)
        return True

    def _remark_length(self, line: str, number: int) -> None:
        found = too_long(line)
        if found and found.number == self._numbered + (found.depth == 0):
            said = f"a heading of {len(line):,} characters; {LONGEST_HEADING} fit, a longer line is the section's text"
            self.remarks.append(Remark(number, said))

    def _start_section(self, text: str, number: int) -> None:
        self._finish()
        self._forget_list()
        title = Piece(UnitKind.HEADING, text, number)
        self.sections.append(_Section(title, references=words.is_references(text)))

    def _is_item(self, found: Marker, begins: bool) -> bool:
        """Whether a marker starts an item, or is a number that a hard-wrapped line happens to start with."""
        if begins or found.number is None or found.indent or self._in_references():
            return True
        in_list = self._open is not None and self._open.kind in _MARKED
        return found.number == 1 or (in_list and found.number == (self._last_number or 0) + 1)

    def _start_item(self, found: Marker, number: int) -> None:
        self._finish()
        kind = UnitKind.NOTE if self._in_references() else UnitKind.LIST_ITEM
        depth = 0 if kind is UnitKind.NOTE else self._depth(found.indent)
        self._last_number = found.number
        texts = [found.text] if found.text else []
        self._open = _Open(kind, number, texts, depth, found.number, found.number is not None)

    def _depth(self, indent: int) -> int:
        """How deep an item of this indentation is nested in the list that is going on."""
        while self._indents and self._indents[-1] > indent:
            self._indents.pop()
        if not self._indents or self._indents[-1] < indent:
            self._indents.append(indent)
        return min(len(self._indents) - 1, DEEPEST)

    def _start(self, piece: _Open) -> None:
        self._finish()
        self._forget_list()
        self._open = piece

    def _forget_list(self) -> None:
        self._indents, self._last_number = [], None

    def _finish(self) -> None:
        """Put away the piece whose lines were coming; one without text is none."""
        piece, self._open = self._open, None
        text = joined(piece.texts) if piece else ""
        if piece and text:
            done = Piece(piece.kind, text, piece.line, piece.depth, piece.ordered, piece.number)
            (self.sections[-1].pieces if self.sections else self.lead).append(done)


def _part(section: _Section) -> SectionPart:
    if section.references:
        return SectionPart(SectionKind.REFERENCES, section.heading, tuple(_numbered_notes(section.pieces)))
    items = [piece for piece in section.pieces if piece.kind is UnitKind.LIST_ITEM]
    is_timeline = words.is_timeline(section.heading.text)
    dated = {piece.line: line for piece in items if (line := _timeline_line(piece, dashes=is_timeline))}
    if not is_timeline and (not items or len(dated) < len(items)):
        return SectionPart(SectionKind.TEXT, section.heading, tuple(section.pieces))
    rest = tuple(piece for piece in section.pieces if piece.line not in dated)
    first = min(dated, default=0)
    before = sum(piece.line < first for piece in rest)
    return SectionPart(SectionKind.TIMELINE, section.heading, rest, tuple(dated.values()), before)


def _half_dated(section: _Section) -> Remark | None:
    """That a list, some of whose lines are periods, was not taken for a timeline, where no heading calls it one."""
    if section.references or words.is_timeline(section.heading.text):
        return None
    items = [piece for piece in section.pieces if piece.kind is UnitKind.LIST_ITEM]
    dated = sum(_timeline_line(piece, dashes=False) is not None for piece in items)
    if not 0 < dated < len(items):
        return None
    said = f"{dated} of {len(items)} lines of this list are periods: not taken for a timeline, since not all are"
    return Remark(section.heading.line, said)


def _timeline_line(item: Piece, *, dashes: bool) -> TimelineLine | None:
    """The item as "period: text"; `WikiPageError` if its text is longer than a phase's title can be.

    With `dashes` also as "period - text". Under another heading than a timeline's a dash is too little of a sign: a
    list "2019 – founded" tells a history.
    """
    before, text = _divided(item.text, dashes=dashes)
    period, text = read_period(before), trimmed(text)
    if not (period and text):
        return None
    if len(text) > LONGEST_TIMELINE_TEXT:
        raise WikiPageError(f"the timeline's text has {len(text):,} characters; {LONGEST_TIMELINE_TEXT} fit", item.line)
    return TimelineLine(period, text, item.line)


def _divided(text: str, *, dashes: bool) -> tuple[str, str]:
    before, *rest = re.split(COLON, text, maxsplit=1)
    return (before, "".join(rest)) if rest or not dashes else split_by_dash(text)


def _doubt(item: Piece) -> Remark | None:
    """Why a line of a timeline that speaks of dates is not made a phase."""
    said = trimmed(_divided(item.text, dashes=True)[0])
    reason = reading(said).reason
    return Remark(item.line, f"“{said}” is no period that is sure: {reason}") if reason else None


def _unread(part: SectionPart) -> list[Piece]:
    """The list items of a timeline that stayed list items."""
    if part.kind is not SectionKind.TIMELINE:
        return []
    return [piece for piece in part.pieces if piece.kind is UnitKind.LIST_ITEM]


def _numbered_notes(pieces: list[Piece]) -> list[Piece]:
    """Notes with the number they bear, else the next one; a number that is taken is not given twice."""
    done: list[Piece] = []
    taken: set[int] = set()
    for piece in pieces:
        if piece.kind is not UnitKind.NOTE:
            done.append(piece)
            continue
        wanted = piece.number or max(taken, default=0) + 1
        done.append(replace(piece, ordered=True, number=None if wanted in taken else wanted))
        taken.add(wanted)
    return done
