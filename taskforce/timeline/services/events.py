"""What the sweep notices about phases: each event once, in order, however many sweeps run and whenever they come."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from taskforce.audit import log
from taskforce.core import locks
from taskforce.timeline import notices, reminders
from taskforce.timeline.enums import ENDED, EventKind, EventOutcome
from taskforce.timeline.models import Phase, PhaseEvent
from taskforce.timeline.queries import events as queries
from taskforce.timeline.reminders import Due

logger = logging.getLogger(__name__)
Count = Callable[[Phase], int | None]


def notice_due(at: datetime, count: Count) -> int:
    """Notice everything that is due at the moment (of the portal's clock), the oldest first; returns how much.

    `count(phase)` is how many submissions a closed phase has, None where none can be made; asked under the phase's
    exclusive lock after its hard close. A phase that cannot be handled is logged and holds up no other.
    """
    noticed = 0
    for due in sorted(_to_notice(at)):
        try:
            noticed += _notice(due, count, at)
        except Exception:
            logger.exception("event cannot be noticed", extra={"kind": due.kind, "phase": due.phase_id})
    return noticed


def _to_notice(at: datetime) -> Iterator[Due]:
    for phase in queries.unfinished_phases():
        known = {(event.kind, event.ends_version) for event in phase.events.all()}
        for due in reminders.due(phase, list(phase.extensions.all()), at):
            if (due.kind, due.ends_version) not in known:
                yield due


@transaction.atomic
def _notice(due: Due, count: Count, at: datetime) -> bool:
    """One event with its mailing; False where it is noticed already, or its instant has moved meanwhile.

    The lock keeps acts on the phase away until the event is committed, so that an act takes back every mail of the end
    that it changes.
    """
    closes = due.kind is EventKind.CLOSED
    (locks.take if closes else locks.share)(locks.Kind.PHASE, due.phase_id)
    phase = queries.with_acts(due.phase_id)
    acts = list(phase.extensions.all())
    if due not in reminders.due(phase, acts, at):
        return False
    outcome = reminders.outcome(phase, acts, due.kind, at)
    if outcome is EventOutcome.TOLD and due.kind is not EventKind.CHANGED and phase.task_force.state in ENDED:
        outcome = EventOutcome.QUIET  # the end of the task force was told, and there is nothing to do any more
    event = PhaseEvent(
        phase=phase,
        kind=due.kind,
        ends_version=due.ends_version,
        due_at=due.due_at,
        noticed_at=at,
        outcome=outcome,
        count=count(phase) if closes else None,
    )
    if not _is_first(event):
        return False
    if outcome is EventOutcome.TOLD:
        notices.noticed(event, at=at)
    details: dict[str, Any] = {
        "kind": due.kind,
        "ends_version": due.ends_version,
        "outcome": outcome,
        "count": event.count,
    }
    log.record("phase.noticed", phase, at=at, actor_id=None, task_force_id=phase.task_force_id, **details)
    return True


def _is_first(event: PhaseEvent) -> bool:
    """Insert; False where another sweep has noticed the same, which the unique key tells once that one is committed."""
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError as error:
        if "one_event" not in str(error):
            raise
        return False
    return True
