"""The timeline lines of an imported page as published phases; what is published already stays as it is, but for a title
in a language in which it has none yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from proposals.plan import PlannedPhase, free_slug
from proposals.services.importing_words import Told
from taskforce.core import labels
from taskforce.core.errors import Conflict, PortalError
from taskforce.timeline import queries
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import ENDED
from taskforce.timeline.models import Phase, TaskForce


@dataclass
class Result:
    """The slugs of the phases that are new, and what is told of those that got a title, of those that differ, and of
    those that could not be published; `lines` are those of the page with the slugs that their phases have."""

    lines: list[PlannedPhase] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    titled: list[Told] = field(default_factory=list)
    differences: list[Told] = field(default_factory=list)
    refused: list[Told] = field(default_factory=list)


def publish(task_force: TaskForce, planned: Sequence[PlannedPhase], *, at: datetime, actor_id: int | None) -> Result:
    """Publish what is not there, but nothing new where the task force has ended: that is reported. A published date
    changes only by an extension, never by an import.
    """
    result = Result()
    published = list(queries.phases(task_force))
    known = _known(planned, published)
    # A line that is new may have the slug that one before it got.
    taken = {phase.slug for phase in published} | {line.slug for line in planned if line.slug not in known}
    for phase in planned:
        found = known.get(phase.slug)
        if found is None and task_force.state in ENDED:
            result.refused.append(_refused(phase))
            continue
        if found is None:
            is_taken = any(one.slug == phase.slug for one in published)
            line = replace(phase, slug=free_slug(phase.slug, taken)) if is_taken else phase
            taken.add(line.slug)
            _publish(task_force, line, at=at, actor_id=actor_id)
            result.lines.append(line)
            result.published.append(line.slug)
            continue
        result.lines.append(replace(phase, slug=found.slug))
        result.differences += _differences(phase, found)
        if not labels.stored(found, "title").get(phase.language):
            timeline.translate_title(found, language=phase.language, title=phase.title, at=at, actor_id=actor_id)
            said = f"its title in {phase.language} "
            is_now, will_be = f"is that of line {phase.line} now", f"would be that of line {phase.line}"
            result.titled.append(Told.of(f"phase {found.slug}", said, is_now, will_be))
    return result


def _refused(line: PlannedPhase) -> Told:
    """What becomes of a line that would begin a phase in a task force that has ended."""
    why = f"published, the task force has ended; line {line.line} says {line.title}"
    return Told(f"phase {line.slug}: not {why}", f"phase {line.slug}: would not be {why}")


def _publish(task_force: TaskForce, phase: PlannedPhase, *, at: datetime, actor_id: int | None) -> None:
    """As the timeline's service; a refusal names the line of the page."""
    try:
        timeline.publish_phase(
            task_force,
            slug=phase.slug,
            titles={phase.language: phase.title},
            capabilities=[phase.capability.value] if phase.capability else [],
            opens_on=phase.period.first,
            closes_on=phase.period.last,
            at=at,
            actor_id=actor_id,
        )
    except PortalError as refusal:
        raise Conflict(f"line {phase.line}: {refusal.message}") from None


def _known(planned: Sequence[PlannedPhase], phases: Iterable[Phase]) -> dict[str, Phase]:
    """{slug of a line: the published phase that it is about}.

    Each way is tried for all lines before the next one, so that no line takes what another one surely is about.
    """
    found: dict[str, Phase] = {}
    free = list(phases)
    for way in (_by_title, _by_slug, _by_capability, _by_place):
        left = [line for line in planned if line.slug not in found]
        for line, phase in way(left, tuple(free)):
            if phase in free:
                free.remove(phase)
                found[line.slug] = phase
    return found


_Pairs = Iterable[tuple[PlannedPhase, Phase]]


def _by_title(lines: Sequence[PlannedPhase], phases: Sequence[Phase]) -> _Pairs:
    """What has the title, on its days; else where no other line and no other phase has it."""
    for line in lines:
        same = [phase for phase in phases if labels.stored(phase, "title").get(line.language) == line.title]
        same_days = [phase for phase in same if _days(phase) == _days_of(line)]
        is_only_one = len(same) == 1 and sum(other.title == line.title for other in lines) == 1
        if same_days or is_only_one:
            yield line, (same_days or same)[0]


def _by_slug(lines: Sequence[PlannedPhase], phases: Sequence[Phase]) -> _Pairs:
    slugs = {phase.slug: phase for phase in phases}
    return [(line, slugs[line.slug]) for line in lines if line.slug in slugs]


def _by_capability(lines: Sequence[PlannedPhase], phases: Sequence[Phase]) -> _Pairs:
    """What allows the same, on its days; else where no other line and no other phase does."""
    for line in lines:
        same = [phase for phase in phases if line.capability in phase.capabilities]
        same_days = [phase for phase in same if _days(phase) == _days_of(line)]
        is_only_one = len(same) == 1 and sum(other.capability is line.capability for other in lines) == 1
        if same_days or is_only_one:
            yield line, (same_days or same)[0]


def _by_place(lines: Sequence[PlannedPhase], phases: Sequence[Phase]) -> _Pairs:
    """Where nobody knows what a line allows and it has another language: the phases that are left in their order, if
    there are as many. One that has another title in the line's language is another phase."""
    unknown = [line for line in lines if line.capability is None]
    nothing = [phase for phase in phases if not phase.capabilities]
    if len(unknown) != len(nothing):
        return []
    pairs = zip(unknown, nothing, strict=True)
    return [(line, phase) for line, phase in pairs if not labels.stored(phase, "title").get(line.language)]


def _days_of(line: PlannedPhase) -> tuple[object, object]:
    return line.period.first, line.period.last


def _days(phase: Phase) -> tuple[object, object]:
    return phase.opens_on, phase.closes_on


def _differences(planned: PlannedPhase, known: Phase) -> list[Told]:
    found = []
    place = f"phase {known.slug}"
    not_changed = ("not changed", "would not be changed")
    if _days(known) != _days_of(planned):
        said = (
            f"published as {known.opens_on} to {known.closes_on}, line {planned.line} says "
            f"{planned.period.first} to {planned.period.last}: "
        )
        why = " (published dates change by extension only)"
        found.append(Told.of(place, said, *(each + why for each in not_changed)))
    title = labels.stored(known, "title").get(planned.language)
    if title and title != planned.title:
        said = f"line {planned.line} has another title in {planned.language}: "
        found.append(Told.of(place, said, *not_changed))
    return found
