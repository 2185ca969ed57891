"""What a read page is made of. Lines and columns count from 1, as an editor shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from proposals.enums import SectionKind, UnitKind
from proposals.wikipage.periods import Period

# So many more lines of one remark are named.
_LONGEST_LISTED = 500


class WikiPageError(ValueError):
    """The file is not a page of this shape; the message is one line and names the line of the file."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True)
class Piece:
    """A title, heading, paragraph, list item or note, hard-wrapped lines joined; `line` is its first.

    `number` is the number that a numbered item or a note bears, `depth` how far a list item is nested.
    """

    kind: UnitKind
    text: str
    line: int
    depth: int = 0
    ordered: bool = False
    number: int | None = None


@dataclass(frozen=True)
class TimelineLine:
    """A line "period: text" of a timeline."""

    period: Period
    text: str
    line: int


@dataclass(frozen=True)
class SectionPart:
    """A section: its heading, its pieces in order, its timeline lines and how many pieces precede those."""

    kind: SectionKind
    heading: Piece
    pieces: tuple[Piece, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()
    timeline_after: int = 0


@dataclass(frozen=True)
class Edit:
    """The archived-version line: who saved this version, at which minute (UTC), with which summary."""

    editor: str
    at: datetime
    summary: str
    line: int


@dataclass(frozen=True)
class Damage:
    """A damaged character and its place; `kept` is False where U+FFFD had to take its place to be stored."""

    line: int
    column: int
    character: str
    kept: bool

    def __str__(self) -> str:
        fate = "kept" if self.kept else "cannot be stored, shown as U+FFFD"
        return f"line {self.line}, column {self.column}: U+{ord(self.character):04X} {fate}"


@dataclass(frozen=True)
class Remark:
    """What the reader of the file had to decide by itself: the operator is told."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"

    @classmethod
    def of(cls, lines: Sequence[int], text: str) -> "Remark":
        """One remark for several lines, all of which it names."""
        others = lines[1:]
        listed = ", ".join(map(str, others[:_LONGEST_LISTED]))
        more = f" and {len(others) - _LONGEST_LISTED:,} more" if len(others) > _LONGEST_LISTED else ""
        also = f"; also in {'line' if len(others) == 1 else 'lines'} {listed}{more}" if others else ""
        return cls(lines[0], f"{text}{also}")


@dataclass(frozen=True)
class WikiPage:
    """A whole page. `unread` are lines of a timeline whose period could not be read: they stay list items."""

    title: Piece
    edit: Edit
    lead: tuple[Piece, ...]
    sections: tuple[SectionPart, ...]
    damage: tuple[Damage, ...]
    unread: tuple[Piece, ...]
    remarks: tuple[Remark, ...]
