"""The working copy of a text: what its editors have changed and not published yet. Pure; knows no database.

A copy is made of the text as it is published, and follows it: what nobody has changed here is what is published. A
piece is a unit, or one that will become a unit; in a section of dates one more piece stands where the dates stand.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from proposals.enums import SectionKind, UnitKind
from taskforce.core.errors import Conflict

# The key of what stands before the first section, and the kind of the piece at whose place the dates stand.
LEAD = "lead"
DATES = "dates"
_TOKEN_LENGTH = 16


class Shape(NamedTuple):
    """What a piece is besides its words; the fields are those of a unit."""

    kind: str
    depth: int = 0
    ordered: bool = False
    number: int | None = None


@dataclass
class Piece:
    """A unit in the copy; `unit` is None where it is new. `base` is what was published when it was last changed here.

    `joined` are the units whose words were put to the end of this one's, `parts` those of which a part came here when
    they were split, `is_cut` that some of its words went to a new piece.
    `theirs` is what was published meanwhile by somebody else, where it was changed here too; `is_gone` that nothing is
    there any more, and `theirs` empty. Neither is stored.
    """

    key: str
    shape: Shape
    language: str
    text: str
    unit: int | None = None
    base: str = ""
    base_shape: Shape | None = None
    is_removed: bool = False
    is_taken_back: bool = False
    is_cut: bool = False
    joined: list[int] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    theirs: str | None = None
    is_gone: bool = False

    @property
    def kind(self) -> str:
        """What it is, in one word."""
        return self.shape.kind

    @property
    def is_dates(self) -> bool:
        """Whether it is the place of the dates."""
        return self.kind == DATES

    @property
    def is_fixed(self) -> bool:
        """Whether it stands first wherever it belongs: the title, or the heading of a section."""
        return self.kind == UnitKind.TITLE or (self.kind == UnitKind.HEADING and self.shape.depth == 0)

    @property
    def has_open_language(self) -> bool:
        """Whether it can still be said in which language it is written: it is new, and has nobody's translations."""
        return self.unit is None and not self.is_dates and not self.joined

    @property
    def token(self) -> str:
        """What it says now, in short: whoever saves over another token has not seen that."""
        language = [self.language] if self.unit is None else []
        return _digest([self.text, *self.shape[:3], self.theirs, *language])


@dataclass
class Part:
    """A section, or what stands before the first one; `section` is None where it is new, and there."""

    key: str
    kind: str
    section: int | None
    pieces: list[Piece]
    is_removed: bool = False

    @property
    def shown(self) -> list[Piece]:
        """What it has, without what was removed."""
        return [piece for piece in self.pieces if not piece.is_removed]

    @property
    def seen(self) -> str:
        """What each of its pieces says now, in short: whoever takes the section out has seen that."""
        return " ".join(f"{piece.key}:{piece.token}" for piece in self.shown if not piece.is_dates)

    def unseen(self, seen: str) -> list[Piece]:
        """The pieces that have come, or say something else, since it was seen so."""
        known = set(seen.split())
        return [piece for piece in self.shown if not piece.is_dates and f"{piece.key}:{piece.token}" not in known]

    @property
    def heading(self) -> Piece | None:
        """The title, or the section's heading."""
        return next((piece for piece in self.shown if piece.is_fixed), None)

    @property
    def is_bare(self) -> bool:
        """Whether it is a section that says nothing below its heading, and does not hold the dates."""
        return self.key != LEAD and not any(
            piece.is_dates or (not piece.is_fixed and piece.text.strip()) for piece in self.shown
        )


@dataclass
class Copy:
    """The whole working copy; `following` is the number that the next new piece or section gets.

    `restores` is the number of the revision that it began with, if that was an earlier one.
    """

    parts: list[Part]
    following: int = 1
    restores: int | None = None

    @property
    def shown(self) -> list[Part]:
        """The sections that it has, with what stands before the first one."""
        return [part for part in self.parts if not part.is_removed]

    @property
    def token(self) -> str:
        """All that it says, in short."""
        return _digest(to_json(self))

    def pieces(self) -> Iterator[Piece]:
        """What it has, in reading order."""
        for part in self.shown:
            yield from part.shown

    def part(self, key: str) -> Part:
        """A section by its key; `Conflict` where it has gone."""
        found = next((part for part in self.shown if part.key == key), None)
        if found is None:
            raise Conflict(_("This section has been removed meanwhile. It can be taken back on the page of the text."))
        return found

    def place(self, key: str) -> tuple[Part, int]:
        """Where a piece stands; `Conflict` where it has gone."""
        for part in self.shown:
            for index, piece in enumerate(part.pieces):
                if piece.key == key and not piece.is_removed:
                    return part, index
        raise Conflict(_("This paragraph has been removed meanwhile. It can be taken back where it stood."))

    def piece(self, key: str) -> Piece:
        """A piece by its key; `Conflict` where it has gone."""
        part, index = self.place(key)
        return part.pieces[index]

    def language_at(self, part: Part, index: int) -> str:
        """The language of what is put into a section at this place: that of what stands nearest, first before it."""
        around = [*reversed(part.pieces[:index]), *part.pieces[index:]]
        return next((piece.language for piece in around if piece.language and not piece.is_removed), self.language)

    def language_of_new_part(self, after: str = "") -> str:
        """The language of a new section: that of the one before it, by default the last."""
        before = self.part(after) if after else next(reversed(self.shown), None)
        return self.language_at(before, 0) if before else self.language

    @property
    def next_note(self) -> int:
        """The number that the next new note gets: none has it, and none that was removed."""
        notes = [piece for part in self.parts for piece in part.pieces if piece.kind == UnitKind.NOTE]
        return max((piece.shape.number or 0 for piece in notes), default=0) + 1

    def new_key(self) -> str:
        """A key that nothing in the copy has or had."""
        self.following += 1
        return f"n{self.following - 1}"

    @property
    def language(self) -> str:
        """The language that the title was written in."""
        title = next((piece for piece in self.pieces() if piece.kind == UnitKind.TITLE), None)
        return title.language if title else "en"


def _digest(value: Any) -> str:
    raw = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(raw.encode()).hexdigest()[:_TOKEN_LENGTH]


def begun(title: str, language: str) -> Copy:
    """The copy of a text that has nothing but a title, and is not published."""
    made = Copy([Part(LEAD, SectionKind.TEXT, None, [])])
    made.parts[0].pieces.append(Piece(made.new_key(), Shape(UnitKind.TITLE), language, title))
    return made


# --- stored ----------------------------------------------------------------------------------------------------------


def to_json(copy: Copy) -> dict[str, Any]:
    """The copy as it is stored."""
    return {
        "following": copy.following,
        "restores": copy.restores,
        "parts": [
            {
                "key": part.key,
                "kind": part.kind,
                "section": part.section,
                "is_removed": part.is_removed,
                "pieces": [_piece_to_json(piece) for piece in part.pieces],
            }
            for part in copy.parts
        ],
    }


def _piece_to_json(piece: Piece) -> dict[str, Any]:
    return {
        "key": piece.key,
        "shape": list(piece.shape),
        "language": piece.language,
        "text": piece.text,
        "unit": piece.unit,
        "base": piece.base,
        "base_shape": list(piece.base_shape) if piece.base_shape else None,
        "is_removed": piece.is_removed,
        "is_taken_back": piece.is_taken_back,
        "is_cut": piece.is_cut,
        "joined": piece.joined,
        "parts": piece.parts,
    }


def from_json(stored: dict[str, Any]) -> Copy:
    """The copy from what is stored."""
    parts = [
        Part(
            part["key"],
            part["kind"],
            part["section"],
            [_piece_from_json(piece) for piece in part["pieces"]],
            part["is_removed"],
        )
        for part in stored["parts"]
    ]
    return Copy(parts, stored["following"], stored.get("restores"))


def _piece_from_json(stored: dict[str, Any]) -> Piece:
    base_shape = stored["base_shape"]
    return Piece(
        **(stored | {"shape": Shape(*stored["shape"]), "base_shape": Shape(*base_shape) if base_shape else None})
    )


# --- following what is published -------------------------------------------------------------------------------------


def followed(copy: Copy, live: Copy) -> Copy:
    """The copy after what was published meanwhile; `live` is a copy of the text as it is published now.

    What was changed there only is taken over, what was changed here only stays. Where both changed the words, those
    from here stay in their place and `theirs` says the others, so that nothing is published over them unseen; so it is
    where a piece was changed here and removed there.
    """
    published = {piece.key: piece for part in live.parts for piece in part.pieces}
    known = {piece.key for part in copy.parts for piece in part.pieces}
    for part in copy.parts:
        for piece in part.pieces:
            if piece.unit is not None:
                _follow(piece, published.get(piece.key))
    for part in live.parts:
        _take_in(copy, part, known)
    _number_apart(copy, published)
    return copy


def _follow(piece: Piece, now: Piece | None) -> None:
    if now is None:
        # It was removed by an import or a restored revision; whoever takes it back has seen that.
        if piece.is_removed or piece.is_taken_back:
            return
        if piece.text != piece.base and piece.text.strip():
            piece.theirs, piece.is_gone = "", True
        else:
            piece.is_removed = True
        return
    piece.is_taken_back = False
    if piece.shape == piece.base_shape:
        piece.shape = now.shape
    piece.base_shape = now.shape
    if piece.text in (piece.base, now.text):
        piece.text = piece.base = now.text
    elif now.text != piece.base:
        piece.theirs = now.text


def _take_in(copy: Copy, part: Part, known: set[str]) -> None:
    """What is published and not in the copy yet, at the place that it has there."""
    own = next((each for each in copy.parts if each.key == part.key), None)
    if own is None:
        own = Part(part.key, part.kind, part.section, [])
        copy.parts.append(own)
    before: str | None = None
    for piece in part.pieces:
        if piece.key not in known:
            index = next((i + 1 for i, each in enumerate(own.pieces) if each.key == before), len(own.pieces))
            own.pieces.insert(index, piece)
        before = piece.key


def _number_apart(copy: Copy, published: Mapping[str, Piece]) -> None:
    """A note that was made here gets another number where one was published with its number meanwhile; what was written
    here and leads to it follows."""
    was = {piece.key: piece.shape.number for piece in published.values() if piece.kind == UnitKind.NOTE}
    notes = [piece for piece in copy.pieces() if piece.kind == UnitKind.NOTE and piece.shape.number]
    taken = {piece.shape.number for piece in notes if was.get(piece.key) == piece.shape.number}
    for note in notes:
        number = note.shape.number
        if number not in taken or was.get(note.key) == number:
            continue
        cites, other = re.compile(rf"\[{number}\](?!\()"), copy.next_note
        note.shape = note.shape._replace(number=other)
        for piece in copy.pieces():
            if piece.text != piece.base and not cites.search(piece.base):
                piece.text = cites.sub(f"[{other}]", piece.text)
