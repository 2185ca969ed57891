"""Task forces: made, and the acts of their life."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core import labels, locks, states
from taskforce.core.errors import Conflict
from taskforce.timeline import notices, subjects
from taskforce.timeline.enums import ENDED, TaskForceState
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.queries import renaming as queries
from taskforce.timeline.services.naming import slug_is_anothers
from taskforce.timeline.services.rows import check_labels, hold
from taskforce.timeline.transitions import TASK_FORCE


@transaction.atomic
def create_task_force(
    slug: str,
    names: dict[str, str],
    *,
    at: datetime,
    actor_id: int | None = None,
    purposes: dict[str, str] | None = None,
) -> TaskForce:
    """A new task force, proposed; `Conflict` for a slug that is taken, `Invalid` for a bad one or no name."""
    check_labels(slug, names)
    if TaskForce.objects.filter(slug=slug).exists():
        raise Conflict(_("There is already a task force with the address “%(slug)s”.") % {"slug": slug})
    if queries.owner_of(slug) is not None:
        raise Conflict(slug_is_anothers(slug))
    fields = {**labels.columns("name", names), **labels.columns("purpose", purposes or {})}
    task_force = TaskForce.objects.create(slug=slug, created_at=at, **fields)
    log.record("task-force.created", task_force, at=at, actor_id=actor_id, task_force_id=task_force.pk, slug=slug)
    return task_force


@transaction.atomic
def change_state(task_force_id: int, action: str, *, at: datetime, actor_id: int | None, reason: str = "") -> TaskForce:
    """One act of a task force's life (`announce`, `end`, `cancel`); `Conflict` if the table has no such step.

    Holds every phase exclusively, so that no submission passes a gate while the task force ends. How much of what was
    said is not answered then, its page says, whether somebody has decided or not. Mails that wait to ask somebody
    whether they want to follow it are taken back once it has.
    """
    for phase_id in Phase.objects.filter(task_force_id=task_force_id).order_by("id").values_list("id", flat=True):
        locks.take(locks.Kind.PHASE, phase_id)
    task_force = hold(task_force_id)
    before = task_force.state
    task_force.state = states.step(TASK_FORCE, TaskForceState(before), action)
    if (before in ENDED) != (task_force.state in ENDED):
        task_force.ended_at = at if task_force.state in ENDED else None
        # Behind the phases and the task force, as whoever publishes or answers something takes them.
        task_force.unanswered = subjects.unanswered_in(task_force_id, hold=True) if task_force.has_ended else None
        task_force.turns += 1
        task_force.turned_at = max(at, task_force.turned_at or at)
    task_force.save(update_fields=["state", "ended_at", "unanswered", "turns", "turned_at"])
    if task_force.has_ended:
        notices.take_back_questions(task_force_id)
    details: dict[str, Any] = {"before": before, "after": task_force.state}
    if task_force.unanswered:
        details["unanswered"] = task_force.unanswered
    log.record(
        f"task-force.{action}",
        task_force,
        at=at,
        actor_id=actor_id,
        task_force_id=task_force_id,
        reason=reason,
        **details,
    )
    return task_force
