"""The work page of a translation: which units there are to translate, how far it is, what changed since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from proposals import passing, queries
from proposals.addresses import text_url
from proposals.calling import Kin, first_words, said_of_kin
from proposals.differences.marked import marked
from proposals.differences.pieces import Budget, pieces
from proposals.enums import TranslationState, UnitKind
from proposals.forms import TranslationForm
from proposals.models import Proposal, TranslationDraft, TranslationGoal, Unit, UnitText
from proposals.reading import state_in
from proposals.rendering import on_another_page
from taskforce.accounts.models import User
from taskforce.core import languages, markdown

# So many units stand on a page, with their fields in one form: what is typed in all of them at once, each as long as a
# translation may be, is no more than the server takes.
PER_PAGE = 25


class Show(StrEnum):
    """Which units the page lists."""

    TODO = "todo"
    MISSING = "missing"
    OUTDATED = "outdated"
    WAITING = "waiting"
    KEPT = "kept"
    ALL = "all"


_STATES: dict[Show, frozenset[TranslationState]] = {
    Show.TODO: frozenset({TranslationState.MISSING, TranslationState.OUTDATED}),
    Show.MISSING: frozenset({TranslationState.MISSING}),
    Show.OUTDATED: frozenset({TranslationState.OUTDATED}),
    Show.WAITING: frozenset(),
    Show.KEPT: frozenset(),
    Show.ALL: frozenset(TranslationState),
}


class Place(NamedTuple):
    """A unit, its number in the text (from 1), how it stands in the language, whether a review is wanted, and whether
    its reader has kept something of it that is not saved."""

    number: int
    unit: Unit
    state: TranslationState
    is_waiting: bool = False
    is_kept: bool = False

    def is_in(self, show: Show) -> bool:
        """Whether a list of these has it."""
        if show is Show.KEPT:
            return self.is_kept
        return self.is_waiting if show is Show.WAITING else self.state in _STATES[show]


class Origin(NamedTuple):
    """Another unit from which words came, with what it said then and its translation of then ("": none); or
    (`is_target`) to which some went."""

    unit: int
    kin: Kin
    text: str = ""
    translation: str = ""
    is_target: bool = False


@dataclass
class WorkUnit:
    """A unit on the page: source beside translation. `since` is what changed in the source since the translation was
    made, `origins` the units with which it exchanged words since; a unit written in the language has no form. `kept` is
    what its reader has typed and not saved, `elsewhere` the same where it comes from another tab and would be
    overwritten; `beside` is what a reader of the language reads where they do not know the source's.
    `is_unsent` is what stands in the form and is neither saved nor kept; it `is_refused` where it was sent
    to be."""

    number: int
    id: int
    kind: str
    state: TranslationState
    source: UnitText | None
    own: UnitText | None
    since: SafeString | None
    form: TranslationForm | None
    is_overtaken: bool = False
    is_unsent: bool = False
    is_refused: bool = False
    is_waiting: bool = False
    kept: TranslationDraft | None = None
    elsewhere: TranslationDraft | None = None
    previous: int | None = None
    following: int | None = None
    text_url: str = ""
    beside: UnitText | None = None
    origins: list[Origin] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The id of its element."""
        return f"u{self.id}"

    @property
    def action(self) -> str:
        """The name of its buttons, which on the page of all units says whose they are."""
        return self.form.add_prefix("action") if self.form else ""

    @property
    def source_name(self) -> str:
        """What the source's language calls itself."""
        return languages.OWN_NAMES[self.source.language] if self.source else ""

    @property
    def source_html(self) -> SafeString:
        """The source as readers see it, but for links to notes: these do not stand on this page; other places of the
        text are found on its own."""
        return on_another_page(markdown.stored(self.source.html if self.source else ""), self.text_url)

    @property
    def beside_name(self) -> str:
        """What the language of the other translation calls itself."""
        return languages.OWN_NAMES[self.beside.language] if self.beside else ""

    @property
    def beside_html(self) -> SafeString:
        """The other translation, as `source_html`."""
        return on_another_page(markdown.stored(self.beside.html if self.beside else ""), self.text_url)

    @property
    def is_beside_outdated(self) -> bool:
        """Whether the other translation is of an earlier version of the source."""
        return bool(self.beside and self.source and (self.beside.source_version or 0) < self.source.version)

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
    gone: list[TranslationDraft] = field(default_factory=list)


@dataclass
class Standing:
    """Every unit in reading order and how it stands in a language, what is wanted there, and what the reader has kept:
    `drafts` by unit, `gone` of units that the text no longer has."""

    places: list[Place]
    goal: TranslationGoal | None
    drafts: dict[int, TranslationDraft]
    gone: list[TranslationDraft]

    @property
    def progress(self) -> Progress:
        """How far the translation is."""
        states = [place.state for place in self.places]
        outdated, missing = states.count(TranslationState.OUTDATED), states.count(TranslationState.MISSING)
        waiting = sum(place.is_waiting for place in self.places)
        return Progress(len(states), len(states) - outdated - missing, outdated, missing, waiting, self.goal)


def standing(proposal: Proposal, language: str, user: User) -> Standing:
    """How the text stands in the language, for one of its translators; five queries at most."""
    units, marks = queries.live_units(proposal), queries.marks(proposal)
    goal = queries.goals(proposal).get(language)
    is_asked = goal is not None and goal.wants_review
    reviewed = queries.reviewed(proposal, language) if is_asked else set()
    kept = {draft.unit_id: draft for draft in own_drafts(proposal, language, user)}
    places = []
    for number, unit in enumerate(units, start=1):
        state = state_in(language, unit.source_language, marks.get(unit.pk, {}))
        is_waiting = is_asked and state is TranslationState.TRANSLATED and unit.pk not in reviewed
        places.append(Place(number, unit, state, is_waiting, unit.pk in kept))
    there = {unit.pk for unit in units}
    return Standing(places, goal, kept, [draft for unit, draft in kept.items() if unit not in there])


def own_drafts(proposal: Proposal, language: str, user: User) -> list[TranslationDraft]:
    """What the user has typed of the text in this language and not saved."""
    return list(TranslationDraft.objects.filter(unit__proposal=proposal, language=language, user=user).order_by("unit"))


def following(found: Sequence[Place], unit_id: int, show: Show) -> int | None:
    """The next unit of a list behind this one, in reading order; from the end it goes on at the beginning."""
    number = next((place.number for place in found if place.unit.pk == unit_id), 0)
    wanted = [place for place in found if place.is_in(show) and not _is_fixed(place) and place.unit.pk != unit_id]
    later = [place for place in wanted if place.number > number]
    return next((place.unit.pk for place in [*later, *wanted]), None)


def _is_fixed(place: Place) -> bool:
    return place.state is TranslationState.SOURCE


def work(
    proposal: Proposal,
    language: str,
    user: User,
    show: Show,
    *,
    page: str | None = None,
    unit_id: int | None = None,
    only: Collection[int] = (),
) -> Work:
    """The page of the list that has the unit, else the page of this number, else a page of just these (`only`); eleven
    queries at most.

    The unit that is asked for stands there even where the list would not have it: it was just saved.
    """
    stands = standing(proposal, language, user)
    found = stands.places
    if only:
        listed = [place for place in found if place.unit.pk in only]
    else:
        listed = [place for place in found if place.is_in(show) or place.unit.pk == unit_id]
    paginator = Paginator(listed, max(PER_PAGE, len(only)))
    at = next((n for n, place in enumerate(listed) if place.unit.pk == unit_id), None)
    chosen = paginator.get_page(page if at is None else at // PER_PAGE + 1)
    counts = {each: sum(place.is_in(each) for place in found) for each in Show}
    made = Work(language, show, stands.progress, counts, chosen)
    made.units = _units(proposal, language, list(chosen), stands.drafts, in_list=True)
    made.gone = stands.gone
    return made


def one(
    proposal: Proposal, language: str, user: User, unit_id: int, *, in_list: bool = False
) -> tuple[WorkUnit | None, Standing]:
    """A single unit, as its own page shows it or that of all (None: the text does not have it), and how all of them
    stand."""
    stands = standing(proposal, language, user)
    found = stands.places
    at = next((n for n, place in enumerate(found) if place.unit.pk == unit_id), None)
    if at is None:
        return None, stands
    unit = _units(proposal, language, [found[at]], stands.drafts, in_list=in_list)[0]
    unit.previous = found[at - 1].unit.pk if at else None
    unit.following = found[at + 1].unit.pk if at + 1 < len(found) else None
    return unit, stands


def _units(
    proposal: Proposal,
    language: str,
    chosen: Sequence[Place],
    drafts: Mapping[int, TranslationDraft],
    *,
    in_list: bool,
) -> list[WorkUnit]:
    ids = [place.unit.pk for place in chosen]
    known = languages.chain(language)
    texts = queries.unit_texts(ids, {*known, language, *(place.unit.source_language for place in chosen)})
    made = []
    for place in chosen:
        source, own = (texts.get((place.unit.pk, code)) for code in (place.unit.source_language, language))
        kept = None if _is_fixed(place) else drafts.get(place.unit.pk)
        made.append(_unit(place, source, own, kept))
        made[-1].text_url = text_url(proposal)
        made[-1].beside = _beside(
            place.unit, source, [texts.get((place.unit.pk, code)) for code in known if code != language]
        )
        if not _is_fixed(place):
            made[-1].form = TranslationForm.for_unit(place.unit.pk, own, source, kept, in_list=in_list)
    for before, after in pairwise(made):
        before.following, after.previous = after.id, before.id
    _tell_what_changed(proposal, made, chosen)
    _tell_origins(proposal, language, made)
    return made


def _beside(unit: Unit, source: UnitText | None, others: Sequence[UnitText | None]) -> UnitText | None:
    """The first of these in another language than the original, for a translator who may not know that."""
    if source is None:
        return None
    return next((one for one in others if one and one.text and one.language != unit.source_language), None)


def _unit(place: Place, source: UnitText | None, own: UnitText | None, kept: TranslationDraft | None) -> WorkUnit:
    kind = capfirst(str(UnitKind(place.unit.kind).label))
    unit = WorkUnit(place.number, place.unit.pk, kind, place.state, source, own, None, None)
    unit.is_waiting, unit.kept = place.is_waiting, kept
    if kept and own:
        # Whoever takes up again what they kept sees what somebody else has saved meanwhile.
        unit.is_overtaken = own.version != kept.version and own.text != kept.text.strip()
    return unit


def _made_from(unit: WorkUnit) -> int:
    """The earlier version of the source that the text in the form was made from; 0 where it is that of now."""
    if unit.kept:
        version = unit.kept.source_version
        return version if unit.source and version < unit.source.version else 0
    return (unit.own.source_version or 0) if unit.is_outdated and unit.own else 0


def _tell_what_changed(proposal: Proposal, made: Sequence[WorkUnit], chosen: Sequence[Place]) -> None:
    """For each outdated unit, the difference of its source since the version that the translation was made from; for
    what was kept unfinished, since that."""
    wanted = [
        (unit.id, place.unit.source_language, version)
        for unit, place in zip(made, chosen, strict=True)
        if (version := _made_from(unit))
    ]
    before = queries.earlier_texts(proposal, wanted)
    budget = Budget()
    for unit in made:
        if unit.id in before and unit.source:
            unit.since = marked(pieces(before[unit.id], unit.source.text, budget))


def _tell_origins(proposal: Proposal, language: str, made: Sequence[WorkUnit]) -> None:
    """For each unit that is missing or outdated, the units that words came from or went to since its translation: what
    those said, and their translations of then to take words from."""
    units = {unit.id: unit for unit in made if unit.source and (unit.is_missing or unit.is_outdated)}
    found = passing.with_others(units)
    came = [one for one in found if _is_since(units.get(one.target_id), one.target_version)]
    went = [
        one
        for one in found
        if one.target.removed_in is None and _is_since(units.get(one.source_id), one.source_version)
    ]
    texts = passing.texts_before(
        proposal,
        [
            passing.Earlier(one.source_id, one.revision.number, code)
            for one in came
            for code in (one.source.source_language, language)
        ],
    )
    for one in came:
        said, translation = (
            texts.get(passing.Earlier(one.source_id, one.revision.number, code), "")
            for code in (one.source.source_language, language)
        )
        kin = _kin(one.kind, one.source, said, is_source=False)
        units[one.target_id].origins.append(Origin(one.source_id, kin, said, translation))
    names = queries.unit_texts([one.target_id for one in went], {one.target.source_language for one in went})
    for one in went:
        named = names.get((one.target_id, one.target.source_language))
        kin = _kin(one.kind, one.target, named.text if named else "", is_source=True)
        units[one.source_id].origins.append(Origin(one.target_id, kin, is_target=True))


def _is_since(unit: WorkUnit | None, version: int | None) -> bool:
    """Whether it is a unit of the page whose source got this version after the translation was made."""
    if unit is None:
        return False
    return version is not None and version > ((unit.own.source_version or 0) if unit.own else 0)


def _kin(kind: str, other: Unit, text: str, *, is_source: bool) -> Kin:
    return Kin(said_of_kin(kind, is_source=is_source), "", first_words(text, other.source_language))
