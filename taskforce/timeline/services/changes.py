"""Changes of published ends: public acts, each with its reason."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Refused
from taskforce.timeline import describe, gates, notices, rules
from taskforce.timeline.models import Extension, Phase
from taskforce.timeline.services.rows import hold, record, write


@transaction.atomic
def extend(
    phase_id: int,
    *,
    closes_on: date,
    closes_time: time | None = None,
    reason: str,
    reason_language: str = "en",
    actor: User,
    ends_version: int | None = None,
) -> Extension:
    """Move the end of a phase to a later day or time (in the phase's own zone), openly.

    `ends_version` is the end that the actor saw: another one meanwhile is a `Conflict`. Raises `Refused`
    without the role or once the phase has closed, `Invalid` for an earlier end or without a reason,
    `Conflict` for overlaps.
    """
    passed = gates.enter_exclusively(phase_id)
    phase, at = passed.phase, passed.at
    hold(phase.task_force_id)
    _check_extension(phase, actor, ends_version, at)
    extension = Extension(
        phase=phase,
        old_closes_on=phase.closes_on,
        old_closes_time=phase.closes_time,
        old_closes_at=phase.closes_at,
        new_closes_on=closes_on,
        new_closes_time=closes_time,
        new_closes_at=rules.later_end(phase, closes_on, closes_time),
        ends_version=phase.ends_version + 1,
        reason=rules.checked_reason(reason, reason_language),
        reason_language=reason_language,
        actor_id=actor.pk,
        actor_name=str(actor),
        at=at,
    )
    phase.closes_on, phase.closes_time, phase.closes_at = closes_on, closes_time, extension.new_closes_at
    phase.ends_version = extension.ends_version
    write(phase, ["closes_on", "closes_time", "closes_at", "ends_version"])
    extension.save()
    record(phase, "phase.extended", at=at, actor_id=actor.pk)
    notices.extended(extension, at=at)
    return extension


def _check_extension(phase: Phase, actor: User, ends_version: int | None, at: datetime) -> None:
    """Whether this actor may move this end at the moment, and has seen it as it is."""
    allowed, why = rules.may(actor, "phase.extend", phase, at)
    if not allowed:
        raise Refused(why, facts=describe.facts(phase, at))
    if ends_version not in (None, phase.ends_version):
        raise Conflict(
            _("Somebody has changed the end meanwhile. It closes now: %(rule)s.")
            % {"rule": describe.closes_rule(phase)},
            facts=describe.facts(phase, at),
        )
