"""The page of a text as it is now: everything that it is made of, in one statement, and a key of it.

The same statement gives the content and the digests that name it, so a page is never kept under a key of another
content, however much changes while it is drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Case, Count, F, Q, Sum, When

from proposals.enums import PUBLIC, UnitKind
from proposals.models import Proposal, Revision, Section, Unit, UnitText
from proposals.queries import Listed, title_in
from proposals.reading import Mark, Reading, SectionRow, UnitRow, assemble, choices, wanted
from taskforce.core import dates, languages, markdown, slots
from taskforce.core.together import NOTHING, Found, Given, IsOneOf, Row, This, Together, digest, instances
from taskforce.timeline import offers
from taskforce.timeline import queries as timeline
from taskforce.timeline.models import Phase, TaskForce, Verdict
from taskforce.timeline.queries import verdicts

SLOT = "proposal.page"
_OF_SPANS = ("opens_at", "closes_at", "grace_seconds", "cancelled_at")
_OF_THE_TEXT = ("revision", "sections", "versions")
_NO_TEXT = digest(NOTHING)


@dataclass
class Span:
    """A published phase, as far as the moment matters."""

    opens_at: datetime
    closes_at: datetime
    hard_closes_at: datetime
    cancelled_at: datetime | None

    def at(self, at: datetime) -> tuple[object, ...]:
        """All that a page says differently as time goes by: which of its instants have come, and what is left."""
        ends = (self.opens_at, self.closes_at, self.hard_closes_at, self.cancelled_at)
        come = tuple(end is not None and at >= end for end in ends)
        return *come, *(tuple(dates.left(end, at)) for end in ends[:2] if at < end)


@dataclass
class State:
    """What the page is made of: the moment, digests of what is shown, the phases' instants."""

    at: datetime
    digests: dict[str, str]
    spans: tuple[Span, ...]

    def key(self) -> tuple[object, ...]:
        """The same as long as the page says the same."""
        return tuple(self.digests.items()), self._moment

    @cached_property
    def around(self) -> tuple[object, ...]:
        """The same as long as all says the same that stands around the text."""
        return tuple(one for one in self.digests.items() if one[0] not in _OF_THE_TEXT), self._moment

    @cached_property
    def _moment(self) -> tuple[object, ...]:
        return tuple(span.at(self.at) for span in self.spans)


@dataclass
class Page:
    """The text with all that stands around it; `rows` are the lists of the page and of the slot's fillers.

    What was drawn before and says the same needs no phases, so they are made where somebody asks for them.
    """

    now: State
    proposal: Proposal
    revision: Revision | None
    reading: Reading
    successor: Listed | None
    rows: dict[str, list[Row]]

    @property
    def at(self) -> datetime:
        """The moment for which the page is drawn."""
        return self.now.at

    @property
    def has_phases(self) -> bool:
        """Whether the task force has published any."""
        return bool(self.rows["phases"])

    @cached_property
    def phases(self) -> list[Phase]:
        """The published ones in order of time, each with its extensions."""
        found = timeline.with_extensions(instances(Phase, self.rows["phases"]), self.rows["extensions"])
        for phase in found:
            phase.task_force = self.proposal.task_force
        return found

    @cached_property
    def verdict(self) -> Verdict | None:
        """What was decided about the text last, after feedback."""
        return next((verdicts.told(row, self.phases) for row in self.rows["verdict"]), None)


@lru_cache(maxsize=1)
def _together() -> Together:
    """Made once the apps have filled their slots."""
    return Together(
        lambda: Proposal.objects.filter(
            task_force__slug=Given("task_force"), slug=Given("proposal"), state__in=PUBLIC
        ).values("task_force_id", proposal_id=F("id")),
        small={
            "task_force": lambda: TaskForce.objects.filter(pk=This("task_force_id")),
            "proposal": lambda: Proposal.objects.filter(pk=This("proposal_id")),
            "revision": lambda: Revision.objects.filter(proposal=This("proposal_id")).order_by("-number")[:1],
            "sections": lambda: Section.objects.filter(proposal=This("proposal_id")),
            "versions": _versions,
            "successor": _successor,
            "phases": lambda: timeline.phases_of(This("task_force_id")).annotate(**offers.columns()),
            "verdict": lambda: verdicts.last_about(This("task_force_id"), This("proposal_id")),
            "extensions": lambda: timeline.extensions_of(This("task_force_id")),
            **slots.reads(SLOT),
        },
        large={"units": _units, "texts": _texts},
        light={"phases": lambda: timeline.phases_of(This("task_force_id")).values(*_OF_SPANS)},
    )


def _versions() -> Any:
    """What changes with every change of a text, also where no revision says so."""
    texts = UnitText.objects.filter(unit__proposal=This("proposal_id")).order_by()
    return texts.values("unit__proposal").annotate(texts=Count("pk"), now=Sum("version"), source=Sum("source_version"))


def _successor() -> Any:
    """The titles of the text that has taken the place of this one, with its address."""
    return (
        UnitText.objects.filter(
            unit__proposal__predecessors=This("proposal_id"), unit__kind=UnitKind.TITLE, unit__removed_in=None
        )
        .exclude(text="")
        .order_by("language")
        .values("language", "html", slug=F("unit__proposal__slug"), source=F("unit__source_language"))
    )


def _units() -> Any:
    return (
        Unit.objects.filter(proposal=This("proposal_id"), removed_in=None)
        .order_by("position")
        .values(
            "id",
            "kind",
            "depth",
            "ordered",
            "number",
            "source_language",
            at=F("section__position"),
            section_kind=F("section__kind"),
            phases_after=F("section__phases_after"),
            was_at=F("section__was_at"),
        )
    )


def _texts() -> Any:
    """Which texts there are; the HTML of those in the reader's chain and of the sources."""
    in_chain = Q(IsOneOf(F("language"), Given("chain")))
    shown = Case(When(in_chain | Q(language=F("unit__source_language")), then=F("html")))
    return (
        UnitText.objects.filter(unit__proposal=This("proposal_id"), unit__removed_in=None)
        .exclude(text="")
        .values("unit_id", "language", "version", "source_version", shown=shown)
    )


def look(task_force: str, proposal: str) -> State | None:
    """What the page would be made of now; None where the text is not there."""
    return _state(_together().look(task_force=task_force, proposal=proposal))


def read(task_force: str, proposal: str, language: str) -> Page | None:
    """The page for a reader of `language`; None where the text is not there."""
    chain = list(languages.chain(language))
    found = _together().read(task_force=task_force, proposal=proposal, chain=chain)
    state = _state(found)
    if state is None:
        return None
    rows = found.rows
    made = instances(Proposal, rows["proposal"])[0]
    made.task_force = instances(TaskForce, rows["task_force"])[0]
    revision = next(iter(instances(Revision, rows["revision"])), None)
    reading = _reading(rows["units"], rows["texts"], language)
    return Page(state, made, revision, reading, _listed(made, rows["successor"], language), rows)


def _listed(proposal: Proposal, rows: list[Row], language: str) -> Listed | None:
    if not rows:
        return None
    title = title_in({row["language"]: row["html"] for row in rows}, language, source=rows[0]["source"])
    return Listed(Proposal(slug=rows[0]["slug"], task_force=proposal.task_force), title)


def _state(found: Found) -> State | None:
    if found.digests["proposal"] == _NO_TEXT:
        return None
    return State(found.at, found.digests, tuple(map(_span, found.rows["phases"])))


def _span(row: Row) -> Span:
    opens_at, closes_at = map(datetime.fromisoformat, (row["opens_at"], row["closes_at"]))
    cancelled_at = datetime.fromisoformat(row["cancelled_at"]) if row["cancelled_at"] else None
    return Span(opens_at, closes_at, closes_at + timedelta(seconds=row["grace_seconds"]), cancelled_at)


def _reading(units: Iterable[Row], texts: Iterable[Row], language: str) -> Reading:
    rows: list[UnitRow] = []
    sections: dict[int, SectionRow] = {}
    for unit in units:
        rows.append(
            UnitRow(
                unit["id"],
                unit["at"],
                unit["kind"],
                unit["depth"],
                unit["ordered"],
                unit["number"],
                unit["source_language"],
            )
        )
        if unit["at"] is not None:
            sections[unit["at"]] = SectionRow(unit["at"], unit["section_kind"], unit["phases_after"], unit["was_at"])
    marks: dict[int, dict[str, Mark]] = {}
    htmls: dict[tuple[int, str], str | None] = {}
    for text in texts:
        marks.setdefault(text["unit_id"], {})[text["language"]] = Mark(text["version"], text["source_version"])
        htmls[text["unit_id"], text["language"]] = text["shown"]
    chosen = choices(rows, marks, language)
    needed = list(wanted(rows, chosen))
    _fetch_others({text for text in needed if htmls[text] is None}, htmls)
    shown = {text: markdown.stored(htmls[text] or "") for text in needed}
    return assemble(language, [section for _, section in sorted(sections.items())], rows, marks, chosen, shown)


def _fetch_others(missing: set[tuple[int, str]], htmls: dict[tuple[int, str], str | None]) -> None:
    """What stands for a unit that has neither a text of the chain nor its source: hardly ever any."""
    if missing:
        found = UnitText.objects.filter(unit__in={unit for unit, _ in missing})
        htmls |= {(unit, code): html for unit, code, html in found.values_list("unit_id", "language", "html")}
