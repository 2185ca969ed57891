"""What changed within a text: pieces that were kept, removed and added, in reading order.

The pieces are the same whoever asks, and whenever: what bounds the work is counted in steps, not in seconds, because a
public page is the same bytes for everybody.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from diff_match_patch import diff_match_patch

from proposals.differences.tokens import tokens

# As much work as one page may be, and as one pair of texts may take of it: two seconds and half a one on a busy core.
_STEPS_OF_A_PAGE = 3_000_000
_STEPS_OF_A_TEXT = 600_000
# A step of reading a character is dearer than one of comparing.
_STEPS_PER_CHARACTER = 4


class Kind(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"
    # From another unit, and to another one.
    CAME = "came"
    WENT = "went"


_KINDS = {-1: Kind.REMOVED, 0: Kind.KEPT, 1: Kind.ADDED}


class Piece(NamedTuple):
    """A piece of text; never empty."""

    kind: Kind
    text: str


class Budget:
    """How many steps are left for a page; what finds none left is shown as replaced."""

    def __init__(self, steps: int = _STEPS_OF_A_PAGE) -> None:
        self.steps = steps


class _Turn:
    """Stands for the moment at which the library gives up: asked once in each round, it counts the rounds' steps."""

    def __init__(self, budget: Budget, length: int) -> None:
        self.budget, self.length = budget, length
        self.rounds = 0

    def __lt__(self, _now: float) -> bool:
        self.rounds += 1
        # Each round tries so many diagonals, and may follow two new ones through both texts.
        self.budget.steps -= 2 * self.rounds + self.length // 8
        return self.budget.steps < 0


class _Comparison(diff_match_patch):  # type: ignore[misc]  # the library has no types
    """The library, with a bound of its own for each search."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        # Without a time, and without the guess that goes with it.
        self.Diff_Timeout = 0
        self.budget = budget

    def diff_bisect(self, text1: str, text2: str, deadline: object) -> list[tuple[int, str]]:
        del deadline
        found: list[tuple[int, str]] = super().diff_bisect(text1, text2, _Turn(self.budget, len(text1) + len(text2)))
        return found


def pieces(old: str, new: str, budget: Budget | None = None) -> list[Piece]:
    """From one text to the other: kept and removed pieces joined are `old`, kept and added ones are `new`.

    Where something was replaced, what was removed comes first. Costs at most what is left of the `budget`; beyond it
    the whole text is replaced.
    """
    if old == new:
        return [Piece(Kind.KEPT, old)] if old else []
    budget = budget or Budget()
    reading = _STEPS_PER_CHARACTER * (len(old) + len(new))
    if not old or not new or reading > budget.steps:
        return _replaced(old, new)
    budget.steps -= reading
    allowed = Budget(min(budget.steps, _STEPS_OF_A_TEXT))
    budget.steps -= allowed.steps
    found = _compared(tokens(old), tokens(new), allowed)
    budget.steps += max(allowed.steps, 0)
    return _joined(_without_coincidences(found))


class Side(NamedTuple):
    """What a unit says ("" where it is not there), and what others say with which it exchanged words."""

    own: str
    others: Sequence[str] = ()

    def whole(self, gap: str) -> str:
        """The unit's own words, then those of the others."""
        return gap.join(text for text in (self.own, *self.others) if text)


def exchanged(old: Side, new: Side, gap: str, budget: Budget) -> list[Piece]:
    """As `pieces` of the unit itself, with what came from the others and what went to them told as such.

    `gap` stands between two texts. What the others only kept, lost or got is theirs, and not told here.
    """
    found: list[Piece] = []
    was = is_now = 0
    for piece in pieces(old.whole(gap), new.whole(gap), budget):
        rest = piece.text
        while rest:
            # In parts that lie on one side of both borders.
            left = [len(old.own) - was, len(new.own) - is_now]
            moves = [piece.kind is not Kind.ADDED, piece.kind is not Kind.REMOVED]
            step = min([len(rest), *(ahead for ahead, is_on in zip(left, moves, strict=True) if is_on and ahead > 0)])
            kind = _exchanged_as(piece.kind, is_own_before=left[0] > 0, is_own_after=left[1] > 0)
            if kind:
                found.append(Piece(kind, rest[:step]))
            rest = rest[step:]
            was, is_now = was + step * moves[0], is_now + step * moves[1]
    return [Piece(kind, "".join(one.text for one in run)) for kind, run in groupby(found, key=lambda one: one.kind)]


def _exchanged_as(kind: Kind, *, is_own_before: bool, is_own_after: bool) -> Kind | None:
    """What a piece of the whole is to the unit itself; None where it is the others'."""
    if kind is Kind.REMOVED:
        return kind if is_own_before else None
    if kind is Kind.ADDED:
        return kind if is_own_after else None
    names = {(True, True): Kind.KEPT, (True, False): Kind.WENT, (False, True): Kind.CAME}
    return names.get((is_own_before, is_own_after))


def _replaced(old: str, new: str) -> list[Piece]:
    both = (Piece(Kind.REMOVED, old), Piece(Kind.ADDED, new))
    return [piece for piece in both if piece.text]


def _compared(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[Piece]:
    """By tokens: each different one is a letter of an alphabet made for the two texts."""
    alphabet: dict[str, str] = {}
    letters = ["".join(alphabet.setdefault(token, chr(len(alphabet))) for token in text) for text in (old, new)]
    said = {letter: token for token, letter in alphabet.items()}
    found = _Comparison(budget).diff_main(*letters, checklines=False)
    return [Piece(_KINDS[sign], "".join(said[letter] for letter in text)) for sign, text in found if text]


class _Stretch:
    """A kept text and the change that follows it."""

    def __init__(self, kept: str = "", removed: str = "", added: str = "") -> None:
        self.kept, self.removed, self.added = kept, removed, added

    @property
    def weight(self) -> int:
        return max(len(self.removed), len(self.added))


def _stretches(found: Iterable[Piece]) -> Iterator[_Stretch]:
    going_on = _Stretch()
    for piece in found:
        if piece.kind is Kind.REMOVED:
            going_on.removed += piece.text
        elif piece.kind is Kind.ADDED:
            going_on.added += piece.text
        elif going_on.weight:
            yield going_on
            going_on = _Stretch(piece.text)
        else:
            going_on.kept += piece.text
    yield going_on


def _without_coincidences(found: Iterable[Piece]) -> list[_Stretch]:
    """A few signs between two changes that are twice as long, or blanks alone, are a coincidence: nobody kept them."""
    made: list[_Stretch] = []
    for stretch in _stretches(found):
        going_on = stretch
        while made and going_on.weight and made[-1].weight and _is_coincidence(made[-1], going_on):
            last = made.pop()
            going_on = _Stretch(
                last.kept,
                last.removed + going_on.kept + going_on.removed,
                last.added + going_on.kept + going_on.added,
            )
        made.append(going_on)
    return made


def _is_coincidence(before: _Stretch, stretch: _Stretch) -> bool:
    if stretch.kept.isspace() and "\n" not in stretch.kept:
        return True
    return 2 * len(stretch.kept) <= min(before.weight, stretch.weight)


def _joined(stretches: Iterable[_Stretch]) -> list[Piece]:
    made = []
    for stretch in stretches:
        made += [
            Piece(Kind.KEPT, stretch.kept),
            Piece(Kind.REMOVED, stretch.removed),
            Piece(Kind.ADDED, stretch.added),
        ]
    grouped = groupby((piece for piece in made if piece.text), key=lambda piece: piece.kind)
    return [Piece(kind, "".join(piece.text for piece in run)) for kind, run in grouped]
