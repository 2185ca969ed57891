"""What there is to notice about a phase at a moment, and what comes of it; pure.

The key of an event is (phase, kind, version of the end): a moved end renews it, running again does not. What is due is
asked of the phase as it now is, however long ago it was due, so that nothing is lost while no sweep runs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from taskforce.timeline.enums import FOR_VISITORS, Act, EventKind, EventOutcome
from taskforce.timeline.models import Extension, Phase

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
# For so long it is news that a phase has closed.
AFTERWARDS = timedelta(days=3)
_CLOSING = (EventKind.CLOSING_WEEK, EventKind.CLOSING_DAY)
# Two that are due at one instant: an act before what follows from it, a close before the opening beside it.
_RANK = {kind: rank for rank, kind in enumerate((EventKind.CHANGED, EventKind.CLOSED, EventKind.OPENED, *_CLOSING))}


class Due(NamedTuple):
    """An event by its instant and the rest of its key; sorts in the order in which events are noticed."""

    due_at: datetime
    rank: int
    phase_id: int
    kind: EventKind
    ends_version: int


def due(phase: Phase, acts: Sequence[Extension], at: datetime) -> list[Due]:
    """Everything about a published phase that is due at the moment, noticed or not, in order.

    `acts` are all changes of its end. A cancelled phase has nothing more than these. The close is due when nothing can
    be sent any more, after the grace: only then is a count final.
    """
    instants = [(act.at, EventKind.CHANGED, act.ends_version) for act in acts]
    if phase.cancelled_at is None:
        instants += [(instant(phase, kind), kind, _version(phase, kind)) for kind in _kinds(phase)]
    return sorted(
        Due(due_at, _RANK[kind], phase.pk, kind, version) for due_at, kind, version in instants if due_at <= at
    )


def outcome(phase: Phase, acts: Sequence[Extension], kind: EventKind, at: datetime) -> EventOutcome:
    """What comes of an event of the phase's present end that is due and noticed at the moment."""
    if kind is EventKind.CHANGED:
        return EventOutcome.QUIET  # the act has told what there was to tell
    if _is_known(phase, acts, kind):
        return EventOutcome.QUIET
    if valid_until(phase, kind) <= at or _is_overtaken(phase, acts, kind, at):
        return EventOutcome.STALE
    return EventOutcome.TOLD


def instant(phase: Phase, kind: EventKind) -> datetime:
    """The instant of which an event of the phase's present end speaks."""
    return {
        EventKind.OPENED: phase.opens_at,
        EventKind.CLOSING_WEEK: phase.closes_at - WEEK,
        EventKind.CLOSING_DAY: phase.closes_at - DAY,
        EventKind.CLOSED: phase.hard_closes_at,
    }[kind]


def valid_until(phase: Phase, kind: EventKind) -> datetime:
    """From when on the event's mail is no longer true or of no use."""
    return {
        EventKind.OPENED: phase.closes_at,
        EventKind.CLOSING_WEEK: phase.closes_at - DAY,
        EventKind.CLOSING_DAY: phase.closes_at,
        EventKind.CLOSED: phase.hard_closes_at + AFTERWARDS,
    }[kind]


def planned(phase: Phase) -> list[tuple[EventKind, datetime]]:
    """What the followers of a phase, published and never changed, will be told of and when, in order."""
    found = [(kind, instant(phase, kind)) for kind in _kinds(phase)]
    told = [(kind, when) for kind, when in found if outcome(phase, [], kind, when) is EventOutcome.TOLD]
    return sorted(told, key=lambda one: one[1])


def _kinds(phase: Phase) -> tuple[EventKind, ...]:
    """A visitor is reminded of an end before which there is something to do."""
    reminders = _CLOSING if FOR_VISITORS & {*phase.capabilities} else ()
    return (EventKind.OPENED, *reminders, EventKind.CLOSED)


def _version(phase: Phase, kind: EventKind) -> int:
    """A phase opens once, whatever becomes of its end."""
    return 1 if kind is EventKind.OPENED else phase.ends_version


def _is_known(phase: Phase, acts: Sequence[Extension], kind: EventKind) -> bool:
    """Whether whoever follows the phase knows already, or need not be told what was before its publication."""
    due_at = instant(phase, kind)
    if phase.published_at is not None and due_at < phase.published_at:
        return True
    last = max(acts, key=lambda act: act.ends_version, default=None)
    if kind is EventKind.OPENED:
        return False
    if kind is EventKind.CLOSED:
        return last is not None and last.act in (Act.CLOSED, Act.FULL)
    told_at = last.at if last else phase.published_at
    return due_at <= phase.opens_at or (told_at is not None and due_at <= told_at)


def _is_overtaken(phase: Phase, acts: Sequence[Extension], kind: EventKind, at: datetime) -> bool:
    """Whether a later reminder is due too, which says all that this one could say."""
    if kind is not EventKind.OPENED:
        return False
    later = [one for one in _kinds(phase) if one in _CLOSING and instant(phase, one) <= at]
    return any(outcome(phase, acts, one, at) is EventOutcome.TOLD for one in later)
