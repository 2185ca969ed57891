"""What the import of a page would make: units with their languages, phases with their capabilities. Writes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from proposals.enums import SectionKind, UnitKind
from proposals.rendering import to_markdown
from proposals.wikipage import (
    Damage,
    Edit,
    Period,
    Piece,
    Remark,
    TimelineLine,
    WikiPage,
    WikiPageError,
    english,
    words,
)
from taskforce.core.text import clean, script_language
from taskforce.timeline.enums import Capability

Progress = Callable[[int, int], None]

_ENGLISH = "en"

# A phase keeps its slug when its dates are moved on the page, so that the import knows it again.
_SLUGS = {
    Capability.FEEDBACK: "feedback",
    Capability.APPLY: "recruitment",
    Capability.REVIEW: "review",
    Capability.WORK: "work",
}


@dataclass(frozen=True)
class PlannedUnit:
    """A unit as the page has it: `section` is the position of its section (None: before the first one)."""

    section: int | None
    kind: UnitKind
    depth: int
    ordered: bool
    number: int | None
    language: str
    text: str
    line: int
    # Where words alone tell English from the page's language: the other one of both.
    instead: str = ""


@dataclass(frozen=True)
class PlannedSection:
    """A section without its units."""

    position: int
    kind: SectionKind
    phases_after: int


@dataclass(frozen=True)
class PlannedPhase:
    """A phase from a timeline line; `capability` is None where no known word tells what it allows."""

    slug: str
    capability: Capability | None
    period: Period
    language: str
    title: str
    line: int


@dataclass(frozen=True)
class Plan:
    """Everything that an import writes, and what it has to report."""

    language: str
    edit: Edit
    sections: tuple[PlannedSection, ...]
    units: tuple[PlannedUnit, ...]
    phases: tuple[PlannedPhase, ...]
    damage: tuple[Damage, ...]
    unread: tuple[Piece, ...]
    remarks: tuple[Remark, ...]
    of_page: tuple[Remark, ...]
    said: tuple["Said", ...]

    @property
    def title(self) -> PlannedUnit:
        """The first unit."""
        return self.units[0]

    @property
    def notes(self) -> set[int]:
        """The numbers of the notes."""
        return {unit.number for unit in self.units if unit.kind is UnitKind.NOTE and unit.number}

    def with_units(self, units: Sequence[PlannedUnit]) -> "Plan":
        """The same units, some in the other language of both (`PlannedUnit.instead`), and what is told of them."""
        said = [one._replace(language=unit.language) for one, unit in zip(self.said, units, strict=False)]
        said += self.said[len(units) :]
        return replace(self, units=tuple(units), remarks=_remarks(self.of_page, said, self.language))

    def percent(self) -> dict[str, int]:
        """{language: share of the units that the page has in it, 0 to 100, rounded down}."""
        counts: dict[str, int] = {}
        for unit in self.units:
            counts[unit.language] = counts.get(unit.language, 0) + 1
        return {language: count * 100 // len(self.units) for language, count in counts.items()}


def plan_of(page: WikiPage, language: str | None = None, progress: Progress | None = None) -> Plan:
    """The plan for a page; `language` is the page's language, by default the one of its title's script.

    `progress` is called with (units done, units in all) after each unit. `WikiPageError` where the title's script is
    none of the portal's.
    """
    language = language or (None if _is_foreign(page.title.text) else script_language(page.title.text))
    if language is None:
        raise WikiPageError("the title's script does not tell its language: name it with --language", page.title.line)
    places = _places(page)
    units = []
    for done, (section, piece) in enumerate(places, start=1):
        units.append(_unit(section, piece, language))
        if progress:
            progress(done, len(places))
    sections = tuple(
        PlannedSection(position, part.kind, part.timeline_after) for position, part in enumerate(page.sections, start=1)
    )
    lines = [line for part in page.sections for line in part.timeline]
    phases = _phases(lines, language)
    said = [Said(piece.line, piece.text, unit.language) for (_, piece), unit in zip(places, units, strict=True)]
    said += [Said(phase.line, phase.title, phase.language) for phase in phases]
    return Plan(
        language=language,
        edit=page.edit,
        sections=sections,
        units=tuple(units),
        phases=phases,
        damage=page.damage,
        unread=page.unread,
        remarks=_remarks(page.remarks, said, language),
        of_page=tuple(page.remarks),
        said=tuple(said),
    )


def _remarks(of_page: Sequence[Remark], said: Sequence["Said"], language: str) -> tuple[Remark, ...]:
    return tuple(sorted((*of_page, *_on_languages(said, language)), key=lambda remark: remark.line))


def _places(page: WikiPage) -> list[tuple[int | None, Piece]]:
    """Every piece in reading order with the position of its section."""
    places: list[tuple[int | None, Piece]] = [(None, page.title)]
    places += [(None, piece) for piece in page.lead]
    for position, part in enumerate(page.sections, start=1):
        places += [(position, piece) for piece in (part.heading, *part.pieces)]
    return places


def _unit(section: int | None, piece: Piece, language: str) -> PlannedUnit:
    text = clean(piece.text)
    told = _language(text, language)
    is_of_words = english.is_told_by_words(language) and told in (language, _ENGLISH)
    return PlannedUnit(
        section=section,
        kind=piece.kind,
        depth=piece.depth,
        ordered=piece.ordered,
        number=piece.number,
        language=told,
        text=to_markdown(text),
        line=piece.line,
        instead=(language if told == _ENGLISH else _ENGLISH) if is_of_words else "",
    )


def _language(text: str, language: str) -> str:
    """The language of a text's script; the page's where the script tells none, or is none of the portal's. On a page in
    another language of Latin letters, what is surely English is English."""
    if english.is_english(text, language) and script_language(text, language) == language:
        return _ENGLISH
    return language if _is_foreign(text) else script_language(text, language) or language


def _is_foreign(text: str) -> bool:
    """Whether most letters are of a script that no language of the portal has."""
    letters = [character for character in text if character.isalpha()]
    return sum(map(_is_foreign_letter, letters)) * 2 > len(letters)


@lru_cache(maxsize=8192)
def _is_foreign_letter(letter: str) -> bool:
    return script_language(letter) is None


class Said(NamedTuple):
    """The text of a unit or of a phase, and the language that it was taken for."""

    line: int
    text: str
    language: str


def _on_languages(said: Sequence[Said], language: str) -> list[Remark]:
    """What was not taken as the page's language, or might better not have been; each remark with all of its lines."""
    foreign = [one.line for one in said if _is_foreign(one.text)]
    own = [one for one in said if one.language == language]
    other = [one.line for one in said if one.language == _ENGLISH != language]
    # What is surely English stays in the page's language where the text has it so.
    can_be = (english.is_english, english.could_be_english)
    doubtful = [one.line for one in own if any(is_so(one.text, language) for is_so in can_be)]
    # Where all else is surely the page's language, nobody need ask about a short heading.
    is_mixed = bool(other or doubtful)
    short = [one.line for one in own if is_mixed and english.says_nothing(one.text, language)]
    told = (
        (foreign, f"in a script that none of the portal's languages has, taken as {language}"),
        (other, f"taken as English, and so not as a text in {language}"),
        (doubtful, f"could be English, taken as {language}"),
        (short, f"no word tells English from {language}, taken as {language}"),
    )
    return [Remark.of(sorted(lines), text) for lines, text in told if lines]


def _phases(lines: Sequence[TimelineLine], language: str) -> tuple[PlannedPhase, ...]:
    phases: list[PlannedPhase] = []
    taken: set[str] = set()
    for line in lines:
        title = clean(line.text)
        capability = words.capability_of(title)
        slug = free_slug(_SLUGS[capability] if capability else f"phase-{line.period.first:%Y-%m}", taken)
        taken.add(slug)
        phases.append(PlannedPhase(slug, capability, line.period, _language(title, language), title, line.line))
    return tuple(phases)


def free_slug(wanted: str, taken: set[str]) -> str:
    """The slug, with the next free number where it is taken."""
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
