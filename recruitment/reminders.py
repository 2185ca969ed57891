"""When an unfinished application is reminded of, and when that is too late; pure.

What is due is asked of the phase as it now is: a moved end has reminders of its own, whatever was sent of
the former one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from recruitment.enums import Reminding
from taskforce.timeline import windows
from taskforce.timeline.models import Extension, Phase

_BEFORE = {Reminding.WEEK: timedelta(days=7), Reminding.DAY: timedelta(days=1)}
# So shortly before the next one, the first reminder would only be a mail more.
_NO_USE = {Reminding.WEEK: timedelta(days=2), Reminding.DAY: timedelta(0)}


def due(phase: Phase, acts: Sequence[Extension], at: datetime) -> list[Reminding]:
    """The reminders of the phase's present end that are due at the moment, written or not; `acts` changed its end.

    None before the opening or at it, when nobody has written anything. An end that was set when its reminder should
    have gone is reminded of at once: whoever writes an application need not follow the dates of the task force, and
    nothing else tells them.
    """
    if not windows.is_open(phase, at):
        return []
    set_at = max((act.at for act in acts), default=phase.opens_at)
    return [
        kind for kind in Reminding if phase.opens_at < _instant(phase, kind, set_at) <= at < useful_until(phase, kind)
    ]


def useful_until(phase: Phase, kind: Reminding) -> datetime:
    """From when on the reminder is no longer sent."""
    return phase.closes_at - _NO_USE[kind]


def _instant(phase: Phase, kind: Reminding, set_at: datetime) -> datetime:
    return max(phase.closes_at - _BEFORE[kind], set_at)
