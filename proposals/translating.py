"""The work page of a translation: which units there are to translate, how far it is, what changed since."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from proposals import queries
from proposals.differences.marked import marked
from proposals.differences.pieces import Budget, pieces
from proposals.enums import TranslationState, UnitKind
from proposals.forms import TranslationForm
from proposals.models import Proposal, TranslationGoal, Unit, UnitText
from proposals.reading import state_in
from taskforce.core import languages, markdown

# So many units stand on a page: each has a form of its own.
PER_PAGE = 25


class Show(StrEnum):
    """Which units the page lists."""

    TODO = "todo"
    MISSING = "missing"
    OUTDATED = "outdated"
    WAITING = "waiting"
    ALL = "all"


_STATES: dict[Show, frozenset[TranslationState]] = {
    Show.TODO: frozenset({TranslationState.MISSING, TranslationState.OUTDATED}),
    Show.MISSING: frozenset({TranslationState.MISSING}),
    Show.OUTDATED: frozenset({TranslationState.OUTDATED}),
    Show.WAITING: frozenset(),
    Show.ALL: frozenset(TranslationState),
}


class Place(NamedTuple):
    """A unit, its number in the text (from 1), how it stands in the language, and whether a review is wanted."""

    number: int
    unit: Unit
    state: TranslationState
    is_waiting: bool = False

    def is_in(self, show: Show) -> bool:
        """Whether a list of these has it."""
        return self.is_waiting if show is Show.WAITING else self.state in _STATES[show]


@dataclass
class WorkUnit:
    """A unit on the page: source beside translation. `since` is what changed in the source since the translation was
    made, `theirs` the text of somebody else who was quicker; a unit written in the language has no form."""

    number: int
    id: int
    kind: str
    state: TranslationState
    source: UnitText | None
    own: UnitText | None
    since: SafeString | None
    form: TranslationForm | None
    is_overtaken: bool = False
    is_waiting: bool = False
    previous: int | None = None
    following: int | None = None

    @property
    def anchor(self) -> str:
        """The id of its element."""
        return f"u{self.id}"

    @property
    def source_name(self) -> str:
        """What the source's language calls itself."""
        return languages.OWN_NAMES[self.source.language] if self.source else ""

    @property
    def source_html(self) -> SafeString:
        """The source as readers see it."""
        return markdown.stored(self.source.html if self.source else "")

    @property
    def own_html(self) -> SafeString:
        """The translation as readers see it."""
        return markdown.stored(self.own.html if self.own else "")

    @property
    def is_missing(self) -> bool:
        """Whether it has no translation."""
        return self.state is TranslationState.MISSING

    @property
    def is_outdated(self) -> bool:
        """Whether the source has changed since."""
        return self.state is TranslationState.OUTDATED

    @property
    def is_source(self) -> bool:
        """Whether it is written in the language itself."""
        return self.state is TranslationState.SOURCE


class Progress(NamedTuple):
    """How many of the units are translated, outdated, missing; shares are rounded down, so that 100 is complete."""

    total: int
    current: int
    outdated: int
    missing: int
    waiting: int = 0
    goal: TranslationGoal | None = None

    @property
    def percent(self) -> int:
        """The share of the text that is in the language and up to date."""
        return self.current * 100 // self.total if self.total else 0

    @property
    def percent_reviewed(self) -> int:
        """The share that is up to date and waits for nobody."""
        return (self.current - self.waiting) * 100 // self.total if self.total else 0

    @property
    def percent_outdated(self) -> int:
        """The share whose source has changed since."""
        return self.outdated * 100 // self.total if self.total else 0


@dataclass
class Work:
    """The page."""

    language: str
    show: Show
    progress: Progress
    counts: dict[Show, int]
    page: "Page[Place]"
    units: list[WorkUnit] = field(default_factory=list)


@dataclass
class Standing:
    """Every unit in reading order and how it stands in a language, and what is wanted there."""

    places: list[Place]
    goal: TranslationGoal | None

    @property
    def progress(self) -> Progress:
        """How far the translation is."""
        states = [place.state for place in self.places]
        outdated, missing = states.count(TranslationState.OUTDATED), states.count(TranslationState.MISSING)
        waiting = sum(place.is_waiting for place in self.places)
        return Progress(len(states), len(states) - outdated - missing, outdated, missing, waiting, self.goal)


def standing(proposal: Proposal, language: str) -> Standing:
    """How the text stands in the language; four queries at most."""
    units, marks = queries.live_units(proposal), queries.marks(proposal)
    goal = queries.goals(proposal).get(language)
    is_asked = goal is not None and goal.wants_review
    reviewed = queries.reviewed(proposal, language) if is_asked else set()
    places = []
    for number, unit in enumerate(units, start=1):
        state = state_in(language, unit.source_language, marks.get(unit.pk, {}))
        is_waiting = is_asked and state is TranslationState.TRANSLATED and unit.pk not in reviewed
        places.append(Place(number, unit, state, is_waiting))
    return Standing(places, goal)


def following(found: Sequence[Place], unit_id: int, show: Show) -> int | None:
    """The next unit of a list behind this one, in reading order; from the end it goes on at the beginning."""
    number = next((place.number for place in found if place.unit.pk == unit_id), 0)
    wanted = [place for place in found if place.is_in(show) and not _is_fixed(place) and place.unit.pk != unit_id]
    later = [place for place in wanted if place.number > number]
    return next((place.unit.pk for place in [*later, *wanted]), None)


def _is_fixed(place: Place) -> bool:
    return place.state is TranslationState.SOURCE


def work(proposal: Proposal, language: str, show: Show, *, page: str | None = None, unit_id: int | None = None) -> Work:
    """The page of the list that has the unit, else the page of this number; seven queries at most.

    The unit that is asked for stands there even where the list would not have it: it was just saved.
    """
    stands = standing(proposal, language)
    found = stands.places
    listed = [place for place in found if place.is_in(show) or place.unit.pk == unit_id]
    paginator = Paginator(listed, PER_PAGE)
    at = next((n for n, place in enumerate(listed) if place.unit.pk == unit_id), None)
    chosen = paginator.get_page(page if at is None else at // PER_PAGE + 1)
    counts = {each: sum(place.is_in(each) for place in found) for each in Show}
    made = Work(language, show, stands.progress, counts, chosen)
    made.units = _units(proposal, language, list(chosen))
    return made


def one(proposal: Proposal, language: str, unit_id: int) -> tuple[WorkUnit | None, Standing]:
    """A single unit, as the page shows it (None: the text does not have it), and how all of them stand."""
    stands = standing(proposal, language)
    found = stands.places
    at = next((n for n, place in enumerate(found) if place.unit.pk == unit_id), None)
    if at is None:
        return None, stands
    unit = _units(proposal, language, [found[at]])[0]
    unit.previous = found[at - 1].unit.pk if at else None
    unit.following = found[at + 1].unit.pk if at + 1 < len(found) else None
    return unit, stands


def _units(proposal: Proposal, language: str, chosen: Sequence[Place]) -> list[WorkUnit]:
    ids = [place.unit.pk for place in chosen]
    texts = queries.unit_texts(ids, {language, *(place.unit.source_language for place in chosen)})
    made = [
        _unit(place, texts.get((place.unit.pk, place.unit.source_language)), texts.get((place.unit.pk, language)))
        for place in chosen
    ]
    for before, after in pairwise(made):
        before.following, after.previous = after.id, before.id
    _tell_what_changed(proposal, made, chosen)
    return made


def _unit(place: Place, source: UnitText | None, own: UnitText | None) -> WorkUnit:
    kind = capfirst(str(UnitKind(place.unit.kind).label))
    form = None if _is_fixed(place) else TranslationForm.for_unit(place.unit.pk, own, source)
    unit = WorkUnit(place.number, place.unit.pk, kind, place.state, source, own, None, form)
    unit.is_waiting = place.is_waiting
    return unit


def _tell_what_changed(proposal: Proposal, made: Sequence[WorkUnit], chosen: Sequence[Place]) -> None:
    """For each outdated unit, the difference of its source since the version that the translation was made from."""
    wanted = [
        (unit.id, place.unit.source_language, unit.own.source_version)
        for unit, place in zip(made, chosen, strict=True)
        if unit.is_outdated and unit.own and unit.own.source_version
    ]
    before = queries.earlier_texts(proposal, wanted)
    budget = Budget()
    for unit in made:
        if unit.id in before and unit.source:
            unit.since = marked(pieces(before[unit.id], unit.source.text, budget))
