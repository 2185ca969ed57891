"""What every writer of the timeline's rows shares: the locked task force, the saved phase, the audit row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core.errors import Conflict, Invalid
from taskforce.core.text import clean_text
from taskforce.timeline import describe, queries, rules
from taskforce.timeline.enums import AT_ONCE, Act, Capability
from taskforce.timeline.models import Extension, Phase, TaskForce

_NO_OVERLAP = tuple(f"no_overlap_{capability}" for capability in Capability.values)


def check_labels(slug: str, texts: dict[str, str]) -> None:
    """`Invalid` for a slug that cannot stand in an address, or without any text."""
    try:
        validate_slug(slug)
        MaxLengthValidator(rules.SLUG_LENGTH)(slug)
    except ValidationError:
        raise Invalid(_("“%(slug)s” cannot stand in an address.") % {"slug": slug}) from None
    if not any(map(clean_text, texts.values())):
        raise Invalid(_("A title is missing."))


def hold(task_force_id: int) -> TaskForce:
    """The task force's row, locked to the end of the transaction against other changes of its dates or state.

    Without it two changes could each wait for the other inside the constraint against overlaps. Rows that only
    point to the task force do not wait (`no_key`).
    """
    return TaskForce.objects.select_for_update(no_key=True).get(pk=task_force_id)


def write(phase: Phase, update_fields: Sequence[str] | None = None) -> None:
    """Save in a savepoint: what the database refuses as an overlap becomes a reason that people can read.

    The task force must be held.
    """
    try:
        with transaction.atomic():
            phase.save(update_fields=update_fields)
    except IntegrityError as error:
        if not any(name in str(error) for name in _NO_OVERLAP):
            raise
        raise overlap(phase) from error


def change_end(phase: Phase, extension: Extension) -> None:
    """Write an act: its row, and the phase as the row says. What ends a phase at once leaves no grace.

    The phase must be held exclusively, its task force too. `Conflict` for an overlap.
    """
    phase.closes_on, phase.closes_time = extension.new_closes_on, extension.new_closes_time
    phase.closes_at, phase.ends_version = extension.new_closes_at, extension.ends_version
    if extension.act in AT_ONCE:
        phase.grace_seconds = 0
    if extension.act == Act.CANCELLED:
        phase.cancelled_at = extension.at
    write(phase, ["closes_on", "closes_time", "closes_at", "ends_version", "grace_seconds", "cancelled_at"])
    extension.save()


def overlap(phase: Phase, closes_at: datetime | None = None) -> Conflict:
    """The refusal of dates that overlap another phase, named where it can be found; by default the phase's own."""
    other = queries.clash(phase, phase.opens_at, closes_at or phase.closes_at)
    if other is None:
        return Conflict(_("These dates overlap another phase that allows the same."))
    return Conflict(
        describe.clash(other), facts=describe.facts(other, phase.opens_at)[:2], title=_("Overlapping dates")
    )


def record(phase: Phase, action: str, *, at: datetime, actor_id: int | None, **details: Any) -> None:
    """The audit row of an act on a phase, with its dates as they now are."""
    log.record(
        action,
        phase,
        at=at,
        actor_id=actor_id,
        task_force_id=phase.task_force_id,
        opens_at=phase.opens_at.isoformat(),
        closes_at=phase.closes_at.isoformat(),
        ends_version=phase.ends_version,
        **details,
    )
