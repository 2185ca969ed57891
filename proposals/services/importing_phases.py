"""The timeline lines of an imported page as published phases; what is published already stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from proposals.plan import PlannedPhase
from taskforce.core import labels
from taskforce.core.errors import Conflict, PortalError
from taskforce.timeline import queries, services
from taskforce.timeline.models import Phase, TaskForce


@dataclass
class Result:
    """The slugs of the phases that are new, and lines about those that are there and differ."""

    published: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def publish(task_force: TaskForce, planned: Sequence[PlannedPhase], *, at: datetime, actor_id: int | None) -> Result:
    """Publish what is not there. A published date changes only by an extension, never by an import."""
    result = Result()
    free = list(queries.phases(task_force))
    for phase in planned:
        known = _known(phase, free, planned)
        if known is not None:
            free.remove(known)
            result.differences += _differences(phase, known)
            continue
        _publish(task_force, phase, at=at, actor_id=actor_id)
        result.published.append(phase.slug)
    return result


def _publish(task_force: TaskForce, phase: PlannedPhase, *, at: datetime, actor_id: int | None) -> None:
    """As the timeline's service; a refusal names the line of the page."""
    try:
        services.publish_phase(
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


def _known(planned: PlannedPhase, phases: Sequence[Phase], all_planned: Sequence[PlannedPhase]) -> Phase | None:
    """The published phase that a line is about: by its slug, else by what it allows."""
    by_slug = next((phase for phase in phases if phase.slug == planned.slug), None)
    if by_slug is not None:
        return by_slug
    if planned.capability is None:
        return None
    same = [phase for phase in phases if planned.capability in phase.capabilities]
    same_days = [phase for phase in same if _days(phase) == (planned.period.first, planned.period.last)]
    if same_days:
        return same_days[0]
    is_only_one = len(same) == 1 and sum(other.capability is planned.capability for other in all_planned) == 1
    return same[0] if is_only_one else None


def _days(phase: Phase) -> tuple[object, object]:
    return phase.opens_on, phase.closes_on


def _differences(planned: PlannedPhase, known: Phase) -> list[str]:
    lines = []
    if _days(known) != (planned.period.first, planned.period.last):
        lines.append(
            f"phase {known.slug}: published as {known.opens_on} to {known.closes_on}, line {planned.line} says "
            f"{planned.period.first} to {planned.period.last}: not changed (published dates change by extension only)"
        )
    title = labels.label(known, "title", planned.language)
    if (title.language, title.text) != (planned.language, planned.title):
        lines.append(f"phase {known.slug}: line {planned.line} has another title in {planned.language}: not changed")
    return lines
