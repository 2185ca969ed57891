"""Which texts of a row are those of another row, changed a little: pure functions.

Two texts are compared by the short strings of letters that they share, whatever their order, case and punctuation. Only
what few texts have leads from one to another: so rows of hundreds are compared soon, and of texts that hardly differ
from many others none is guessed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple

# Two texts are one that was changed if they share this part of their strings of letters. Texts that have nothing to do
# with each other share a tenth to a fifth.
ALIKE = 0.5
# What stands elsewhere must share more, and be longer: "One seat is for a member of …" is said of many. So much
# more than any other text.
_ELSEWHERE = 0.85
_MARGIN = 0.1
_LEAST_WORDS = 8
_LEAST_WIDE = 20
# Fewer strings could be shared by chance: "Plan A", "Plan B".
_LEAST = 6
_LENGTH, _WIDE_LENGTH = 4, 2
# The signs of East Asia, of which two say as much as four letters.
_FIRST_WIDE = "\u2e80"
# What more of the old texts have leads to none of them; so many of those to which most leads are compared.
_FEW = 20
_COMPARED = 8
# So many letters of one text are compared, and of all of a row.
_LONGEST = 1_000
_LONGEST_OF_ALL = 1_000_000

_WORD = re.compile(r"[^\W_]+")

_Strings = frozenset[str]


class Text(NamedTuple):
    """What a text is, as paragraph or list item, the languages that it may be in, and its words."""

    kind: str
    languages: tuple[str, ...]
    words: str


class Texts(NamedTuple):
    """What a text is, and its words by language."""

    kind: str
    words: Mapping[str, str]


class _Likeness(NamedTuple):
    """In the order in which pairs are taken: the most alike first, then those of one kind, then the nearest."""

    unlike: float
    is_other_kind: bool
    distance: int
    old: int
    new: int


def letters(text: str) -> str:
    """The letters and digits alone, whatever their case."""
    return "".join(character for character in text.casefold() if character.isalnum())


def strings(text: str, longest: int = _LONGEST) -> _Strings:
    """The short strings of letters in it."""
    plain = letters(text[: 2 * longest])[:longest]
    if not plain or max(plain) < _FIRST_WIDE:
        return frozenset(plain[start : start + _LENGTH] for start in range(max(1, len(plain) - _LENGTH + 1)))
    lengths = (_WIDE_LENGTH if first >= _FIRST_WIDE else _LENGTH for first in plain)
    return frozenset(plain[start : start + length] for start, length in enumerate(lengths))


def likeness(one: _Strings, other: _Strings) -> float:
    """From 0, nothing shared, to 1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def best_pairs(old: Sequence[Texts], new: Sequence[Text]) -> dict[int, int]:
    """{place in the new row: place in the old one} of those that are alike, each once: the most alike first.

    Of the same rows always the same comes out.
    """
    return _each_once(_likenesses(old, new, ALIKE))


def moved_pairs(
    old: Sequence[Texts], new: Sequence[Text], free_old: Collection[int], free_new: Collection[int]
) -> dict[int, int]:
    """The same of those places that are free, wherever they stand: what is long, hardly changed, and not nearly as much
    like any other text of the rows, free or not."""
    found = _likenesses(old, new, _ELSEWHERE - _MARGIN)
    of_old, of_new = defaultdict(list), defaultdict(list)
    for one in found:
        of_old[one.old].append(one)
        of_new[one.new].append(one)
    sure = []
    for one in found:
        is_free = one.old in free_old and one.new in free_new and -one.unlike >= _ELSEWHERE
        if is_free and _is_long(new[one.new].words) and any(map(_is_long, old[one.old].words.values())):
            others = [other for other in (*of_old[one.old], *of_new[one.new]) if other[3:] != one[3:]]
            if all(other.unlike > one.unlike + _MARGIN for other in others):
                sure.append(one)
    return _each_once(sure)


def _is_long(text: str) -> bool:
    return len(_WORD.findall(text)) >= _LEAST_WORDS or sum(sign >= _FIRST_WIDE for sign in text) >= _LEAST_WIDE


def _likenesses(old: Sequence[Texts], new: Sequence[Text], least: float) -> list[_Likeness]:
    longest = min(_LONGEST, _LONGEST_OF_ALL // max(len(old), len(new), 1))
    found: list[_Likeness] = []
    for language in sorted({code for text in new for code in text.languages if code}):
        said = {at: strings(text.words, longest) for at, text in enumerate(new) if language in text.languages}
        had = {at: strings(each.words.get(language, ""), longest) for at, each in enumerate(old)}
        for at, here, alike in _alike(had, said, least):
            found.append(_Likeness(-alike, old[here].kind != new[at].kind, abs(here - at), here, at))
    return found


def _alike(old: Mapping[int, _Strings], new: Mapping[int, _Strings], least: float) -> Iterator[tuple[int, int, float]]:
    """The places in the new row and in the old one of what is alike, and how much it is."""
    places: dict[str, list[int]] = {string: [] for said in new.values() for string in said}
    for here, had in old.items():
        for string in had & places.keys():
            places[string].append(here)
    for at, said in new.items():
        if len(said) < _LEAST:
            continue
        votes: Counter[int] = Counter()
        for string in said:
            if len(places[string]) <= _FEW:
                votes.update(places[string])
        for here in nsmallest(_COMPARED, votes, key=lambda one: (-votes[one], abs(one - at), one)):
            alike = likeness(old[here], said)
            if alike >= least and len(old[here]) >= _LEAST:
                yield at, here, alike


def _each_once(found: list[_Likeness]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for one in sorted(found):
        if one.new not in pairs and one.old not in taken:
            pairs[one.new] = one.old
            taken.add(one.old)
    return pairs
