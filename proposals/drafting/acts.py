"""What editors do to a working copy: every act changes it in place, or raises and has changed nothing that is kept."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from proposals.drafting.copies import DATES, LEAD, Copy, Part, Piece, Shape
from proposals.enums import SectionKind, UnitKind
from taskforce.core.errors import Conflict, Invalid

# --- acts: the words -------------------------------------------------------------------------------------------------


def write(copy: Copy, key: str, text: str, shape: Shape | None = None, language: str = "") -> None:
    """What a piece says, what it is, and in which language, while that is open; that it is shaped as a note or a
    numbered item gives it a number."""
    piece = copy.piece(key)
    piece.text = text
    if language and piece.has_open_language:
        piece.language = language
    if piece.theirs is not None:
        # Written by somebody who was shown both.
        settle(piece)
    _find_whole(copy, piece)
    if shape is not None and not piece.is_fixed and not piece.is_dates and shape[:3] != piece.shape[:3]:
        is_note = shape.kind == UnitKind.NOTE
        number = piece.shape.number if is_note and piece.kind == UnitKind.NOTE else None
        piece.shape = shape._replace(number=number or (copy.next_note if is_note else None))


def settle(piece: Piece) -> None:
    """What it says now has been chosen over what was published meanwhile."""
    if piece.theirs is not None:
        if piece.is_gone:
            piece.is_taken_back = True
        else:
            piece.base = piece.theirs
        piece.theirs, piece.is_gone = None, False


def _find_whole(copy: Copy, piece: Piece) -> None:
    """Nothing was cut off from what says again what is published, while no part of it stands elsewhere."""
    is_elsewhere = any(piece.unit in other.parts for other in copy.pieces() if other is not piece)
    if piece.is_cut and piece.text == piece.base and not is_elsewhere:
        piece.is_cut = False


def let_go(copy: Copy, key: str) -> None:
    """What was removed from the published text meanwhile goes here too, be it a heading; it can be taken back."""
    part, index = copy.place(key)
    settle(part.pieces[index])
    part.pieces[index].is_taken_back = False
    _drop(part, part.pieces[index])


def renumber(copy: Copy, live: Copy) -> None:
    """Numbers of list items that follow each other, after something came, went or moved.

    One that began its list in the published text (`live`) and does so still keeps its number.
    """
    began = {piece.key for piece, before in _numbered(live) if before is None}
    for piece, before in _numbered(copy):
        number = (before.shape.number or 0) + 1 if before else 1
        if before is None and piece.key in began and piece.shape.number:
            number = piece.shape.number
        piece.shape = piece.shape._replace(number=number)


def _numbered(copy: Copy) -> Iterator[tuple[Piece, Piece | None]]:
    """Every numbered item, with the one before it in the same list; None where it begins one."""
    for part in copy.shown:
        last: dict[int, Piece] = {}
        for piece in part.shown:
            depth = piece.shape.depth
            if piece.kind != UnitKind.LIST_ITEM:
                last = {}
                continue
            last = {level: each for level, each in last.items() if level <= depth}
            if not piece.shape.ordered:
                last.pop(depth, None)
                continue
            yield piece, last.get(depth)
            last[depth] = piece


# --- acts: the pieces ------------------------------------------------------------------------------------------------


def add(copy: Copy, part_key: str, after: str = "") -> Piece:
    """A new empty paragraph after a piece, by default at the section's end; in the language of what stands there."""
    part, index = copy.place(after) if after else (copy.part(part_key), 0)
    place = index + 1 if after else len(part.pieces)
    made = Piece(copy.new_key(), Shape(UnitKind.PARAGRAPH), copy.language_at(part, place), "")
    if after:
        before = part.pieces[index]
        if before.kind == UnitKind.LIST_ITEM:
            made.shape = before.shape._replace(number=None)
        elif before.kind == UnitKind.NOTE:
            made.shape = Shape(UnitKind.NOTE, number=copy.next_note)
    part.pieces.insert(place, made)
    return made


def _movable(copy: Copy, key: str) -> tuple[Part, Piece]:
    part, index = copy.place(key)
    piece = part.pieces[index]
    if piece.is_fixed:
        raise Invalid(_("A heading moves with its section, and the title stays at the top."))
    return part, piece


def move(copy: Copy, key: str, step: int) -> None:
    """One place up (-1) or down (1); past the end of a section into the one beside it, but dates stay in theirs."""
    part, piece = _movable(copy, key)
    shown = part.shown
    other = shown.index(piece) + step
    if 0 <= other < len(shown) and not shown[other].is_fixed:
        neighbour = shown[other]
        part.pieces.remove(piece)
        part.pieces.insert(part.pieces.index(neighbour) + (step > 0), piece)
        return
    beside = copy.shown.index(part) + step
    if piece.is_dates or not 0 <= beside < len(copy.shown):
        return
    target = copy.shown[beside]
    part.pieces.remove(piece)
    if step < 0:
        target.pieces.append(piece)
    else:
        heading = target.heading
        target.pieces.insert(target.pieces.index(heading) + 1 if heading else 0, piece)


def move_behind(copy: Copy, key: str, after: str) -> None:
    """To the place behind another piece, in whichever section that stands."""
    part, piece = _movable(copy, key)
    target, _index = copy.place(after)
    if after == key:
        return
    if piece.is_dates and target is not part:
        raise Invalid(_("The dates stay in their section."))
    part.pieces.remove(piece)
    target.pieces.insert(copy.place(after)[1] + 1, piece)


def split(copy: Copy, key: str, texts: Sequence[str]) -> Piece:
    """The first of the texts stays, each other one becomes a piece of its own behind it; returns the last."""
    part, index = copy.place(key)
    piece = part.pieces[index]
    if piece.is_fixed or piece.is_dates:
        raise Invalid(_("A heading or a title cannot be split."))
    if len(texts) < 2:
        raise Invalid(
            _("Say where to split: put the cursor there, or leave an empty line there, and press “Split” again.")
        )
    piece.text, piece.is_cut = texts[0], True
    came_from = _units_in(piece)
    last = piece
    for offset, text in enumerate(texts[1:], start=1):
        shape = piece.shape._replace(number=copy.next_note if piece.kind == UnitKind.NOTE else None)
        last = Piece(copy.new_key(), shape, piece.language, text, parts=list(came_from))
        part.pieces.insert(index + offset, last)
    return last


def _units_in(piece: Piece) -> list[int]:
    """The units whose words a piece may have."""
    found = [unit for unit in (piece.unit, *piece.parts, *piece.joined) if unit is not None]
    return list(dict.fromkeys(found))


def following(copy: Copy, key: str) -> Piece | None:
    """The piece that stands behind another one in its section."""
    part, index = copy.place(key)
    return next((each for each in part.pieces[index + 1 :] if not each.is_removed), None)


def merge(copy: Copy, key: str, gap: str) -> None:
    """Put the words of the next piece to the end of this one's; the next one is removed."""
    part, index = copy.place(key)
    piece, next_one = part.pieces[index], following(copy, key)
    if next_one is None:
        raise Invalid(_("Nothing follows in this section that could be joined."))
    if piece.is_fixed or piece.is_dates or next_one.kind != piece.kind:
        raise Invalid(_("Only two of the same kind can be joined, such as two paragraphs."))
    if next_one.language != piece.language:
        raise Invalid(_("These two were written in different languages and cannot be joined."))
    _settled(piece, next_one)
    piece.text = gap.join(text for text in (piece.text, next_one.text) if text)
    if next_one.unit is None:
        piece.joined += next_one.joined
    else:
        piece.joined += [next_one.unit, *next_one.joined]
    piece.parts += [unit for unit in next_one.parts if unit not in (piece.unit, *piece.parts)]
    _drop(part, next_one)
    _find_whole(copy, piece)


def remove(copy: Copy, key: str) -> None:
    """Take a piece out; it can be taken back until the copy is published."""
    part, piece = _movable(copy, key)
    if piece.is_dates:
        raise Invalid(_("The dates go with their section."))
    if not piece.is_gone:
        _settled(piece)
    settle(piece)
    _drop(part, piece)


def _settled(*pieces: Piece) -> None:
    """`Conflict` where one would go, or be joined, of which somebody has published another text meanwhile."""
    if any(piece.is_gone for piece in pieces):
        raise Conflict(
            _(
                "This paragraph has been removed from the published text meanwhile. First choose, with “Take it back” "
                "or “Let it go”; then it can be joined."
            )
        )
    if any(piece.theirs is not None for piece in pieces):
        raise Conflict(
            _(
                "Somebody else has published another text of this paragraph meanwhile. First choose one of the two, "
                "with “Take this one” or “Keep this one”; then it can be joined or removed."
            )
        )


def _drop(part: Part, piece: Piece) -> None:
    if piece.unit is None and not piece.text.strip():
        part.pieces.remove(piece)
    piece.is_removed = True


def take_back(copy: Copy, key: str) -> Piece:
    """A removed piece stands where it stood; what was joined to another one is there twice then, to be cut out."""
    for part in copy.shown:
        for piece in part.pieces:
            if piece.key == key and piece.is_removed:
                piece.is_removed, piece.is_taken_back = False, True
                for other in copy.pieces():
                    # Its part stands elsewhere again.
                    other.is_cut = other.is_cut or other.unit in piece.parts
                    other.joined = [unit for unit in other.joined if unit != piece.unit]
                    if not piece.is_cut:
                        # Only what it had been joined to was split.
                        other.parts = [unit for unit in other.parts if unit != piece.unit]
                return piece
    raise Conflict(_("This paragraph is not among those that were removed."))


# --- acts: the sections ----------------------------------------------------------------------------------------------


def add_part(copy: Copy, heading: str, kind: str = SectionKind.TEXT, after: str = "", language: str = "") -> Part:
    """A new section with its heading, behind another one or at the end; by default in that one's language."""
    language = language or copy.language_of_new_part(after)
    key = copy.new_key()
    pieces = [Piece(copy.new_key(), Shape(UnitKind.HEADING), language, heading)]
    if kind == SectionKind.TIMELINE:
        pieces.append(Piece(f"dates-{key}", Shape(DATES), "", ""))
    made = Part(key, kind, None, pieces)
    index = copy.parts.index(copy.part(after)) + 1 if after else len(copy.parts)
    copy.parts.insert(index, made)
    return made


def move_part(copy: Copy, key: str, step: int) -> None:
    """One place up (-1) or down (1) among the sections; what stands before the first one stays there."""
    part, shown = copy.part(key), copy.shown
    other = shown.index(part) + step
    if part.key == LEAD or not 0 <= other < len(shown) or shown[other].key == LEAD:
        return
    neighbour = shown[other]
    copy.parts.remove(part)
    copy.parts.insert(copy.parts.index(neighbour) + (step > 0), part)


def remove_part(copy: Copy, key: str) -> None:
    """Take a section out with all that it has; it can be taken back until the copy is published."""
    part = copy.part(key)
    if part.key == LEAD:
        raise Invalid(_("The beginning of a text cannot be removed, only its paragraphs."))
    if any(piece.theirs is not None and not piece.is_gone for piece in part.shown):
        raise Conflict(
            _(
                "Somebody else has published another text of a paragraph of this section meanwhile. Open the section "
                "and choose one of the two texts; then the section can be removed."
            )
        )
    part.is_removed = True


def take_back_part(copy: Copy, key: str) -> Part:
    """A removed section stands where it stood, with what it had."""
    part = next((each for each in copy.parts if each.key == key and each.is_removed), None)
    if part is None:
        raise Conflict(_("This section is not among those that were removed."))
    part.is_removed = False
    for piece in part.pieces:
        # What somebody else published meanwhile without it comes back too.
        piece.is_taken_back = not piece.is_removed
    return part
