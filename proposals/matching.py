"""Which unit of a text a unit of a newer page is: pure functions.

A page may change, translate, add and remove units inside its sections. Sections themselves are not matched: a page
with other sections is another text, and guessing would move what people have answered to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from proposals.enums import UnitKind
from proposals.plan import PlannedUnit

# Two texts of one language are one unit's if they share this part of their pairs of characters.
_SIMILAR = 0.4
# Beyond this many comparisons between two places that surely match, units count as new.
_LARGEST_GAP = 10_000


@dataclass(frozen=True)
class Known:
    """A unit that the text has, with its texts by language."""

    id: int
    section: int | None
    kind: str
    depth: int
    texts: dict[str, str]


@dataclass
class Match:
    """Each unit of the page with the unit that it is (None: new), and the units that the page no longer has."""

    pairs: list[tuple[PlannedUnit, Known | None]]
    removed: list[Known]


def match(known: Sequence[Known], planned: Sequence[PlannedUnit]) -> Match:
    """Match section by section; titles and the sections' headings go together whatever they say."""
    pairs: list[tuple[PlannedUnit, Known | None]] = []
    removed: list[Known] = []
    places = dict.fromkeys([unit.section for unit in planned])
    for place in places:
        old = [unit for unit in known if unit.section == place]
        new = [unit for unit in planned if unit.section == place]
        fixed = next((unit for unit in old if _is_fixed(unit)), None)
        if fixed and new and _is_fixed(new[0]):
            pairs.append((new[0], fixed))
            old, new = [unit for unit in old if unit is not fixed], new[1:]
        found = _aligned(old, new)
        pairs += [(unit, found.get(index)) for index, unit in enumerate(new)]
        kept = {unit.id for unit in found.values()}
        removed += [unit for unit in old if unit.id not in kept]
    return Match(pairs, removed)


def _is_fixed(unit: Known | PlannedUnit) -> bool:
    return unit.kind == UnitKind.TITLE or (unit.kind == UnitKind.HEADING and unit.depth == 0)


def _aligned(old: Sequence[Known], new: Sequence[PlannedUnit]) -> dict[int, Known]:
    """{index in `new`: the old unit}: first what has the same text, then what lies between."""
    by_text = {(unit.kind, code, text): index for index, unit in enumerate(old) for code, text in unit.texts.items()}
    names = [by_text.get((unit.kind, unit.language, unit.text), -1 - index) for index, unit in enumerate(new)]
    found: dict[int, Known] = {}
    matcher = SequenceMatcher(None, list(range(len(old))), names, autojunk=False)
    for operation, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if operation == "equal":
            found |= {new_start + step: old[old_start + step] for step in range(new_end - new_start)}
        elif operation == "replace":
            for index, unit in _between(old[old_start:old_end], new[new_start:new_end]).items():
                found[new_start + index] = unit
    return found


def _between(old: Sequence[Known], new: Sequence[PlannedUnit]) -> dict[int, Known]:
    """A stretch without equal texts: unit by unit where the kinds agree, else the longest row of similar ones."""
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
