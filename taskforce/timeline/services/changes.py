"""Changes of published ends: public acts, each with its reason."""

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, PortalError, Refused
from taskforce.timeline import describe, gates, notices, plan, queries, rules, windows
from taskforce.timeline.enums import Act, PhaseState
from taskforce.timeline.models import Extension, Phase
from taskforce.timeline.services.rows import change_end, hold, overlap, record


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
    why = plan.Reason(reason, reason_language)
    return _act(phase_id, Act.EXTENDED, why, actor, ends_version, closes_on, closes_time)


@transaction.atomic
def shorten(
    phase_id: int,
    *,
    closes_on: date,
    closes_time: time | None = None,
    reason: str,
    reason_language: str = "en",
    actor: User,
    ends_version: int | None = None,
) -> Extension:
    """Move the end of a phase to an earlier day or time that keeps `NOTICE_PERIOD`, openly.

    `Invalid` for an end that is not earlier, not after the start, or too soon: that one names the earliest
    possible end. Else as `extend`.
    """
    why = plan.Reason(reason, reason_language)
    return _act(phase_id, Act.SHORTENED, why, actor, ends_version, closes_on, closes_time)


@transaction.atomic
def close_early(
    phase_id: int, *, reason: str, reason_language: str = "en", actor: User, ends_version: int | None = None
) -> Extension:
    """End an open phase at once, at the moment of the gate, without notice and without grace; openly.

    `Refused` without the role or where it is not open; `Conflict` and `Invalid` as `extend`.
    """
    return _act(phase_id, Act.CLOSED, plan.Reason(reason, reason_language), actor, ends_version)


@transaction.atomic
def cancel_phase(
    phase_id: int, *, reason: str, reason_language: str = "en", actor: User, ends_version: int | None = None
) -> Extension:
    """Cancel a phase before or while it is open: its dates stay to be read, and nothing is taken any more.

    `Refused` without the role or where it has closed or was cancelled; `Conflict` and `Invalid` as `extend`.
    """
    return _act(phase_id, Act.CANCELLED, plan.Reason(reason, reason_language), actor, ends_version)


def _act(
    phase_id: int,
    act: Act,
    reason: plan.Reason,
    actor: User,
    ends_version: int | None,
    closes_on: date | None = None,
    closes_time: time | None = None,
) -> Extension:
    """One act on an end, behind the exclusive lock: whoever is inside is done, whoever comes sees the new end."""
    passed = gates.enter_exclusively(phase_id)
    phase, at = passed.phase, passed.at
    hold(phase.task_force_id)
    _check(phase, act, actor, ends_version, at)
    text = rules.checked_reason(reason.text, reason.language)
    end = plan.new_end(phase, act, at, closes_on, closes_time)
    extension = plan.extension(phase, act, end, plan.Reason(text, reason.language), actor=actor, at=at)
    change_end(phase, extension)
    record(phase, f"phase.{act.value}", at=at, actor_id=actor.pk)
    notices.changed(extension, at=at)
    return extension


def refusal_of(extension: Extension, *, actor: User, ends_version: int | None) -> PortalError | None:
    """Why an act that is only planned would be refused as things stand, for its preview; None where it would count.

    No lock is taken: what counts is asked once more by the act.
    """
    phase = extension.phase
    try:
        _check(phase, Act(extension.act), actor, ends_version, extension.at)
    except PortalError as refusal:
        return refusal
    if queries.clash(phase, phase.opens_at, extension.new_closes_at) is None:
        return None
    return overlap(phase, extension.new_closes_at)


def _check(phase: Phase, act: Act, actor: User, ends_version: int | None, at: datetime) -> None:
    """Whether this actor may do this to the end at the moment, and has seen it as it is."""
    action = plan.ACTIONS[act]
    entitled, why = rules.entitled(actor, action, phase)
    if not entitled:
        raise Refused(why, facts=describe.facts(phase, at))
    if ends_version not in (None, phase.ends_version):
        raise Conflict(_changed_meanwhile(phase, at), facts=describe.facts(phase, at))
    allowed, why = rules.may(actor, action, phase, at)
    if not allowed:
        raise Refused(why, facts=describe.facts(phase, at))


def _changed_meanwhile(phase: Phase, at: datetime) -> str:
    """What somebody else has made of the end."""
    rule = {"rule": describe.closes_rule(phase)}
    state = windows.state(phase, at)
    if state is PhaseState.CANCELLED:
        return _("Somebody has cancelled this phase meanwhile. It would have closed: %(rule)s.") % rule
    if state is PhaseState.DROPPED:
        return (
            _("The task force has ended meanwhile, so this phase is not pursued. It would have closed: %(rule)s.")
            % rule
        )
    if state is PhaseState.PAST:
        return _("Somebody has changed the end meanwhile. It closed: %(rule)s.") % rule
    return _("Somebody has changed the end meanwhile. It closes now: %(rule)s.") % rule
