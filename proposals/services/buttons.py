"""What the buttons of the pages do to a working copy: each takes it and says at which piece or section to go on.

They are done under the lock of the text, by `drafts.change` and `drafts.save`.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _

from proposals import working
from proposals.drafting import acts
from proposals.drafting.copies import Copy, Part, Piece
from proposals.enums import SectionKind
from proposals.rendering import shows_nothing
from proposals.services.drafts import SectionChanged, cleaned, offered
from taskforce.core.errors import Invalid
from taskforce.core.text import clean

_EMPTY_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def up(copy: Copy, key: str) -> str:
    """One place up."""
    acts.move(copy, key, -1)
    return key


def down(copy: Copy, key: str) -> str:
    """One place down."""
    acts.move(copy, key, 1)
    return key


def split(copy: Copy, key: str, text: str, place: int | None) -> str:
    """At every empty line of the text as it was typed, else at a place in it; the key of the last part."""
    return acts.split(copy, key, _cut(clean(text), place)).key


def _cut(text: str, place: int | None) -> Sequence[str]:
    found = [part.strip() for part in _EMPTY_LINES.split(text) if part.strip()]
    if len(found) < 2 and place is not None:
        found = [part for part in (text[:place].strip(), text[place:].strip()) if part]
    return found


def merge(copy: Copy, key: str) -> str:
    """Join the next one to it."""
    acts.merge(copy, key, working.gap(copy.piece(key).language))
    cleaned(copy.piece(key).text)
    return key


def remove(copy: Copy, key: str) -> str:
    """Take it out; the key of what stands there now."""
    part, _index = copy.place(key)
    shown = part.shown
    index = next(number for number, piece in enumerate(shown) if piece.key == key)
    acts.remove(copy, key)
    left = part.shown
    return left[min(index, len(left) - 1)].key if left else ""


def take_back(copy: Copy, key: str) -> str:
    """Put back what was removed."""
    return acts.take_back(copy, key).key


def add_after(copy: Copy, key: str) -> str:
    """A new one behind it."""
    return acts.add(copy, "", key).key


def add_last(copy: Copy, part: str) -> str:
    """A new one at the end of a section."""
    return acts.add(copy, part).key


def place(copy: Copy, key: str, after: str) -> str:
    """To the place behind another one."""
    acts.move_behind(copy, key, after)
    return key


def keep_ours(copy: Copy, key: str) -> str:
    """Of two texts the one that stands in the copy."""
    acts.settle(copy.piece(key))
    return key


def take_theirs(copy: Copy, key: str) -> str:
    """Of two texts the one that was published meanwhile, be it none."""
    piece = copy.piece(key)
    if piece.is_gone:
        acts.let_go(copy, key)
        return ""
    if piece.theirs is not None:
        piece.text = piece.theirs
    acts.settle(piece)
    return key


# {name of a button: the act}; each takes the copy and the key of a piece.
ON_PIECES: Mapping[str, Callable[..., str]] = {
    "up": up,
    "down": down,
    "merge": merge,
    "remove": remove,
    "back": take_back,
    "add": add_after,
    "ours": keep_ours,
    "theirs": take_theirs,
}


def part_up(copy: Copy, key: str) -> str:
    """The section one place up."""
    acts.move_part(copy, key, -1)
    return key


def part_down(copy: Copy, key: str) -> str:
    """The section one place down."""
    acts.move_part(copy, key, 1)
    return key


def part_remove(copy: Copy, key: str, seen: str) -> str:
    """Take the section out, as the page showed it (`Part.seen`); `SectionChanged` where it says something else now."""
    part = copy.part(key)
    unseen = _unseen(part, seen)
    if unseen:
        raise SectionChanged(part, unseen)
    acts.remove_part(copy, key)
    return ""


def _unseen(part: Part, seen: str) -> Sequence[Piece]:
    return part.unseen(seen)


def part_back(copy: Copy, key: str) -> str:
    """Put the section back."""
    return acts.take_back_part(copy, key).key


# The same for sections, but for `part_remove`, which wants to know what was seen of it.
ON_PARTS: Mapping[str, Callable[..., str]] = {
    "up": part_up,
    "down": part_down,
    "back": part_back,
}


def add_part(heading: str, kind: str, after: str, language: str = "") -> Callable[[Copy], str]:
    """A new section, behind another one or at the end, and by default in the language of the one before it."""
    text = cleaned(heading)
    if shows_nothing(text):
        raise Invalid(_("A text is missing."))

    def act(copy: Copy) -> str:
        return acts.add_part(copy, text, SectionKind(kind), after, offered(language)).key

    return act
