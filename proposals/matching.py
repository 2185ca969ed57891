"""Which unit of a text a unit of a newer page is: pure functions.

A page may change, translate, add, remove and move units. What is word for word as it was in one language is the same
unit, wherever on the page it stands and whatever kind of unit it is there; so is what was changed a little
(`proposals/likeness.py`). The other units are matched where they stand between those. Titles and headings of sections
become nothing else, and nothing becomes one. Sections themselves are not matched: a page with other sections is another
text, and guessing would move what people have answered to.

That one unit became several, or several became one, is known where their words follow each other as they did before:
all of them, but for white space, punctuation and capitals; or those of one of two word for word, and the other is
similar to the rest. All are of one kind, stand in one section, and say it in the language that the units were written
in: a translation that is divided divides no unit. Where more was changed it cannot be known: units were removed and
added.

Where words alone tell English from the page's language, they may tell it otherwise of the next version: there units are
matched whichever of both it is, and what is in the page's language stays so, whoever edited it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import chain, takewhile
from typing import NamedTuple

from proposals import likeness
from proposals.enums import UnitKind
from proposals.plan import PlannedUnit
from proposals.wikipage.english import could_be_english

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
    ordered: bool = False

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
    """Match section by section; titles and the sections' headings go together whatever they say.

    What says the same is the same unit wherever it stands now and whatever it is: first in its order, then anywhere in
    its section, then in another one. Of what is left first that is matched which was split or joined, then what is
    alike (`proposals/likeness.py`) where it stood, then what is hardly changed anywhere. The rest is matched where
    it lies between.
    """
    units: dict[int, Known] = {}
    sections: list[list[_Gap]] = []
    for place in dict.fromkeys([*(unit.section for unit in planned), *(unit.section for unit in known)]):
        old = [unit for unit in known if unit.section == place]
        new = [index for index, unit in enumerate(planned) if unit.section == place]
        fixed = next((unit for unit in old if _is_fixed(unit)), None)
        if fixed and new and _is_fixed(planned[new[0]]):
            units[new[0]] = fixed
            old, new = [unit for unit in old if unit is not fixed], new[1:]
        own = _in_order(old, new, planned, units)
        _take_moved(own, planned, units)
        sections.append(own)
    _take_moved(list(chain.from_iterable(sections)), planned, units)
    passages: list[Passage] = []
    for gaps in sections:
        gaps[:] = chain.from_iterable(_take_exchanged(gap, planned, units, passages) for gap in gaps)
    for gap in chain.from_iterable(sections):
        _take_alike([gap], planned, units)
    _take_moved_alike(list(chain.from_iterable(sections)), known, planned, units)
    for gap in chain.from_iterable(sections):
        found = _between(gap.old, [planned[index] for index in gap.new])
        units.update((gap.new[step], unit) for step, unit in found.items())
    kept = {unit.id for unit in units.values()}
    split = {passage.target: passage.source for passage in passages if passage.is_split}
    return Match(
        [
            (_in(unit, split[index].language) if index in split else _settled(unit, units.get(index)), units.get(index))
            for index, unit in enumerate(planned)
        ],
        [unit for unit in known if unit.id not in kept],
        passages,
    )


def _is_fixed(unit: Known | PlannedUnit) -> bool:
    return unit.kind == UnitKind.TITLE or (unit.kind == UnitKind.HEADING and unit.depth == 0)


class _Gap(NamedTuple):
    """A stretch of a section in which no text is as it was: the old units, and the places of the new ones."""

    old: list[Known]
    new: list[int]

    def without(self, units: dict[int, Known], taken: Collection[int]) -> None:
        """Take out what has been matched."""
        self.old[:] = [unit for unit in self.old if unit.id not in taken]
        self.new[:] = [index for index in self.new if index not in units]


def _settled(unit: PlannedUnit, old: Known | None) -> PlannedUnit:
    """In which of both languages its words are, if only words tell them apart: in the one that it was written in."""
    if old is None or not unit.instead:
        return unit
    told, other = old.texts.get(unit.language, ""), old.texts.get(unit.instead, "")
    alike = _likeness(unit.text, other)
    is_nearer = alike > _likeness(unit.text, told)
    if unit.language == _ENGLISH:
        stays = bool(other) and (old.language != _ENGLISH or is_nearer)
    else:
        stays = old.language == _ENGLISH and is_nearer and alike >= likeness.ALIKE
        stays = stays and could_be_english(unit.text, unit.language)
    return _in(unit, unit.instead) if stays else unit


def _likeness(one: str, other: str) -> float:
    return likeness.likeness(likeness.strings(one), likeness.strings(other))


def _in(unit: PlannedUnit, language: str) -> PlannedUnit:
    """The same in the other one of both languages, if it is this one."""
    return replace(unit, language=language, instead=unit.language) if unit.instead == language else unit


# What a unit says: its kind, a language (none: it may be either of two), and the words in it.
_Words = tuple[str, str, str]
_ENGLISH = "en"


def _either(planned: Iterable[PlannedUnit]) -> frozenset[str]:
    """The two languages of the page that words alone tell apart."""
    return next((frozenset({unit.language, unit.instead}) for unit in planned if unit.instead), frozenset())


def _words(unit: Known, either: frozenset[str]) -> list[_Words]:
    return [(str(unit.kind), "" if code in either else code, text) for code, text in unit.texts.items() if text]


def _words_of_page(unit: PlannedUnit) -> _Words:
    return (str(unit.kind), "" if unit.instead else unit.language, unit.text)


def _in_order(
    old: Sequence[Known], new: Sequence[int], planned: Sequence[PlannedUnit], units: dict[int, Known]
) -> list[_Gap]:
    """Match what has the same text in the same order, into `units`; the stretches that are left."""
    said = [_words_of_page(planned[index]) for index in new]
    wanted = set(said)
    either = _either(planned)
    names = [next((words for words in _words(unit, either) if words in wanted), unit.id) for unit in old]
    gaps = []
    matcher = SequenceMatcher(None, names, said, autojunk=False)
    for operation, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if operation == "equal":
            units.update(zip(new[new_start:new_end], old[old_start:old_end], strict=True))
        else:
            gaps.append(_Gap(list(old[old_start:old_end]), list(new[new_start:new_end])))
    return gaps


def _take_moved(gaps: Sequence[_Gap], planned: Sequence[PlannedUnit], units: dict[int, Known]) -> None:
    """Match what has the same text in another place, into `units`, and take it out of the gaps: what is of the same
    kind first."""
    taken: set[int] = set()
    either = _either(planned)
    for is_of_one_kind in (True, False):
        left: dict[_Words, list[Known]] = defaultdict(list)
        for unit in chain.from_iterable(gap.old for gap in gaps):
            for kind, code, text in _words(unit, either):
                left[kind if is_of_one_kind else _kinds_of(unit), code, text].append(unit)
        for index in chain.from_iterable(gap.new for gap in gaps):
            kind, code, text = _words_of_page(planned[index])
            same = left[kind if is_of_one_kind else _kinds_of(planned[index]), code, text]
            found = next((unit for unit in same if unit.id not in taken), None)
            if found is not None:
                units[index] = found
                taken.add(found.id)
        for gap in gaps:
            gap.without(units, taken)


def _kinds_of(unit: Known | PlannedUnit) -> str:
    """What it may become: anything but what stands first wherever it belongs, which is nothing else."""
    return str(unit.kind) if _is_fixed(unit) else ""


def _take_exchanged(
    gap: _Gap, planned: Sequence[PlannedUnit], units: dict[int, Known], passages: list[Passage]
) -> Iterator[_Gap]:
    """Match what was split or joined in a stretch without equal texts; what lies between that is left."""
    old_start = new_start = 0
    for at, among, places, sources in _splits_and_joins(gap.old, [planned[index] for index in gap.new]):
        yield _Gap(gap.old[old_start:at], gap.new[new_start:among])
        target = gap.new[among]
        units[target] = gap.old[at]
        passages.extend(Passage(gap.old[at], gap.new[among + step], is_split=True) for step in range(1, places))
        passages.extend(Passage(gap.old[at + step], target, is_split=False) for step in range(1, sources))
        old_start, new_start = at + sources, among + places
    yield _Gap(gap.old[old_start:], gap.new[new_start:])


def _take_alike(gaps: Sequence[_Gap], planned: Sequence[PlannedUnit], units: dict[int, Known]) -> None:
    """Match what was changed a little, into `units`, and take it out of the gaps."""
    old = [unit for gap in gaps for unit in gap.old if not _is_fixed(unit)]
    new = [index for gap in gaps for index in gap.new if not _is_fixed(planned[index])]
    if old and new:
        found = likeness.best_pairs(list(map(_had, old)), [_said(planned[index]) for index in new])
        _take(gaps, units, {new[there]: old[here] for there, here in found.items()})


def _take_moved_alike(
    gaps: Sequence[_Gap], known: Sequence[Known], planned: Sequence[PlannedUnit], units: dict[int, Known]
) -> None:
    """The same of what was hardly changed and stands elsewhere, beside all texts, that nothing else is as alike."""
    left = {unit.id for gap in gaps for unit in gap.old if not _is_fixed(unit)}
    old = {at for at, unit in enumerate(known) if unit.id in left}
    new = {index for gap in gaps for index in gap.new if not _is_fixed(planned[index])}
    if old and new:
        found = likeness.moved_pairs(list(map(_had, known)), list(map(_said, planned)), old, new)
        _take(gaps, units, {there: known[here] for there, here in found.items()})


def _take(gaps: Sequence[_Gap], units: dict[int, Known], found: dict[int, Known]) -> None:
    units.update(found)
    taken = {unit.id for unit in found.values()}
    for gap in gaps:
        gap.without(units, taken)


def _had(unit: Known) -> likeness.Texts:
    return likeness.Texts(str(unit.kind), unit.texts)


def _said(unit: PlannedUnit) -> likeness.Text:
    return likeness.Text(str(unit.kind), (unit.language, unit.instead), unit.text)


class _Seam(NamedTuple):
    """Where `sources` old units became `places` new ones; one of both is 1."""

    old: int
    new: int
    places: int
    sources: int


class _Said(NamedTuple):
    """Of what kind a unit is, in which language it was written (none: either of two), and its letters."""

    kind: str
    language: str
    letters: str


def _splits_and_joins(old: Sequence[Known], new: Sequence[PlannedUnit]) -> Iterator[_Seam]:
    """In order, none across another."""
    if len(old) * len(new) > _LARGEST_GAP:
        return
    either = _either(new)
    before = [
        _Said(unit.kind, "" if unit.language in either else unit.language, likeness.letters(unit.source))
        for unit in old
    ]
    after = [_Said(*_words_of_page(unit)[:2], likeness.letters(unit.text)) for unit in new]
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
                unit.kind == planned.kind
                and any(_is_similar(pairs.get(code), said[index]) for code in (planned.language, planned.instead))
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
