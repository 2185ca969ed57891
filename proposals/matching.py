"""Which unit of a text a unit of a newer page is: pure functions.

A page may change, translate, add and remove units inside its sections. Sections themselves are not matched: a page
with other sections is another text, and guessing would move what people have answered to.

That one unit became several, or several became one, is known where their words follow each other as they did before:
all of them, but for white space, punctuation and capitals; or those of one of two word for word, and the other is
similar to the rest. All are of one kind, stand in one section, and say it in the language that the units were written
in: a translation that is divided divides no unit. Where more was changed it cannot be known: units were removed and
added.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

from proposals.enums import UnitKind
from proposals.plan import PlannedUnit

# Two texts of one language are one unit's if they share this part of their pairs of characters.
_SIMILAR = 0.4
# So many letters of one half must be there word for word: fewer could be found anywhere.
_LEAST_OF_A_HALF = 8
# Beyond this many comparisons between two places that surely match, units count as new.
_LARGEST_GAP = 10_000


@dataclass(frozen=True)
class Known:
    """A unit that the text has, with its texts by language, and the one that it was written in."""

    id: int
    section: int | None
    kind: str
    depth: int
    texts: dict[str, str]
    language: str

    @property
    def source(self) -> str:
        """What it says in that language."""
        return self.texts.get(self.language, "")


class Passage(NamedTuple):
    """That words of a unit stand in one of the page (its place in `Match.pairs`): it was split off, or else joined."""

    source: Known
    target: int
    is_split: bool


@dataclass
class Match:
    """Each unit of the page with the unit that it is (None: new), the units that the page no longer has, and what was
    split and joined."""

    pairs: list[tuple[PlannedUnit, Known | None]]
    removed: list[Known]
    passages: list[Passage]


def match(known: Sequence[Known], planned: Sequence[PlannedUnit]) -> Match:
    """Match section by section; titles and the sections' headings go together whatever they say."""
    pairs: list[tuple[PlannedUnit, Known | None]] = []
    removed: list[Known] = []
    passages: list[Passage] = []
    places = dict.fromkeys([unit.section for unit in planned])
    for place in places:
        old = [unit for unit in known if unit.section == place]
        new = [unit for unit in planned if unit.section == place]
        fixed = next((unit for unit in old if _is_fixed(unit)), None)
        if fixed and new and _is_fixed(new[0]):
            pairs.append((new[0], fixed))
            old, new = [unit for unit in old if unit is not fixed], new[1:]
        aligned = _aligned(old, new)
        passages += [one._replace(target=len(pairs) + one.target) for one in aligned.passages]
        pairs += [(unit, aligned.units.get(index)) for index, unit in enumerate(new)]
        kept = {unit.id for unit in aligned.units.values()}
        removed += [unit for unit in old if unit.id not in kept]
    return Match(pairs, removed, passages)


def _is_fixed(unit: Known | PlannedUnit) -> bool:
    return unit.kind == UnitKind.TITLE or (unit.kind == UnitKind.HEADING and unit.depth == 0)


class _Aligned(NamedTuple):
    """{index in the new row: the old unit}, and whose words went to which index."""

    units: dict[int, Known]
    passages: list[Passage]

    def take(self, other: "_Aligned", start: int) -> None:
        """What was found in a stretch that begins at `start`."""
        self.units.update((start + index, unit) for index, unit in other.units.items())
        self.passages.extend(one._replace(target=start + one.target) for one in other.passages)


def _aligned(old: Sequence[Known], new: Sequence[PlannedUnit]) -> _Aligned:
    """First what has the same text, then what lies between."""
    by_text = {(unit.kind, code, text): index for index, unit in enumerate(old) for code, text in unit.texts.items()}
    names = [by_text.get((unit.kind, unit.language, unit.text), -1 - index) for index, unit in enumerate(new)]
    found = _Aligned({}, [])
    matcher = SequenceMatcher(None, list(range(len(old))), names, autojunk=False)
    for operation, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if operation == "equal":
            found.units.update((new_start + step, old[old_start + step]) for step in range(new_end - new_start))
        elif operation == "replace":
            found.take(_exchanged(old[old_start:old_end], new[new_start:new_end]), new_start)
    return found


def _exchanged(old: Sequence[Known], new: Sequence[PlannedUnit]) -> _Aligned:
    """A stretch without equal texts: what was split or joined, and unit by unit what lies between."""
    found = _Aligned({}, [])
    old_start = new_start = 0
    for at, among, places, sources in _splits_and_joins(old, new):
        found.take(_Aligned(_between(old[old_start:at], new[new_start:among]), []), new_start)
        found.units[among] = old[at]
        found.passages.extend(Passage(old[at], among + step, is_split=True) for step in range(1, places))
        found.passages.extend(Passage(old[at + step], among, is_split=False) for step in range(1, sources))
        old_start, new_start = at + sources, among + places
    found.take(_Aligned(_between(old[old_start:], new[new_start:]), []), new_start)
    return found


class _Seam(NamedTuple):
    """Where `sources` old units became `places` new ones; one of both is 1."""

    old: int
    new: int
    places: int
    sources: int


class _Said(NamedTuple):
    """Of what kind a unit is, in which language it was written, and its letters."""

    kind: str
    language: str
    letters: str


def _splits_and_joins(old: Sequence[Known], new: Sequence[PlannedUnit]) -> Iterator[_Seam]:
    """In order, none across another."""
    if len(old) * len(new) > _LARGEST_GAP:
        return
    before = [_Said(unit.kind, unit.language, _letters(unit.source)) for unit in old]
    after = [_Said(str(unit.kind), unit.language, _letters(unit.text)) for unit in new]
    at = least = 0
    while at < len(before):
        among = least
        while among < len(after):
            places = _parts(before[at], after[among:])
            sources = 1 if places else _parts(after[among], before[at:])
            if places or sources:
                yield _Seam(at, among, places or 1, sources or 1)
                at, least = at + (sources or 1) - 1, among + (places or 1)
                break
            among += 1
        at += 1


def _parts(whole: _Said, rest: Sequence[_Said]) -> int:
    """Into how many of the first of these the words of the whole went; 0 where it was not so."""
    row = list(takewhile(lambda one: one.letters and one[:2] == whole[:2], rest))
    begun = 0
    for count, part in enumerate(row, start=1):
        if not whole.letters.startswith(part.letters, begun):
            break
        begun += len(part.letters)
        if begun == len(whole.letters):
            return count if count > 1 else 0
    return 2 if len(row) > 1 and _are_halves(whole.letters, row[0].letters, row[1].letters) else 0


def _are_halves(said: str, first: str, second: str) -> bool:
    """Whether one of two stands at its end of what was said, and the other is similar to the rest."""
    if len(second) >= _LEAST_OF_A_HALF and said.endswith(second):
        return _is_similar(_character_pairs(said[: -len(second)]), _character_pairs(first))
    if len(first) >= _LEAST_OF_A_HALF and said.startswith(first):
        return _is_similar(_character_pairs(said[len(first) :]), _character_pairs(second))
    return False


def _letters(text: str) -> str:
    """The letters and digits alone, whatever their case."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _between(old: Sequence[Known], new: Sequence[PlannedUnit]) -> dict[int, Known]:
    """What was neither split nor joined: unit by unit where the kinds agree, else the longest row of similar ones."""
    if [unit.kind for unit in old] == [unit.kind for unit in new]:
        return dict(enumerate(old))
    if len(old) * len(new) > _LARGEST_GAP:
        return {}
    return _similar_row(old, new)


def _similar_row(old: Sequence[Known], new: Sequence[PlannedUnit]) -> dict[int, Known]:
    """The longest common row (by dynamic programming) of units of one kind with similar texts."""
    said = [_character_pairs(unit.text) for unit in new]
    alike = []
    for unit in old:
        pairs = {code: _character_pairs(text) for code, text in unit.texts.items()}
        alike.append(
            [
                unit.kind == planned.kind and _is_similar(pairs.get(planned.language), said[index])
                for index, planned in enumerate(new)
            ]
        )
    length = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            with_both = length[i + 1][j + 1] + 1 if alike[i][j] else 0
            length[i][j] = max(with_both, length[i + 1][j], length[i][j + 1])
    found: dict[int, Known] = {}
    i = j = 0
    while i < len(old) and j < len(new):
        if alike[i][j] and length[i][j] == length[i + 1][j + 1] + 1:
            found[j] = old[i]
            i, j = i + 1, j + 1
        elif length[i + 1][j] >= length[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _is_similar(first: set[str] | None, second: set[str]) -> bool:
    return first is not None and 2 * len(first & second) >= _SIMILAR * (len(first) + len(second))


def _character_pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(max(1, len(text) - 1))}
