"""The close of a phase in which enough have come in: nobody's act, in the transaction of the one that came last."""

from datetime import timedelta

from taskforce.timeline import gates, windows
from taskforce.timeline.enums import Act
from taskforce.timeline.models import Extension
from taskforce.timeline.services.rows import hold, record, write

# The one that filled the phase came while it was open: it closes in the next instant that the database can tell apart.
_NEXT = timedelta(microseconds=1)


def close_full(passed: gates.Pass) -> Extension | None:
    """Close the phase whose last place was taken by the act that `passed`; in that act's transaction, after its row.

    None where the phase has closed by itself: in its grace, or with this very act.
    """
    phase, closes_at = passed.phase, passed.at + _NEXT
    if closes_at >= phase.closes_at:
        return None
    hold(phase.task_force_id)
    local = closes_at.astimezone(windows.zone_of(phase.zone))
    extension = Extension(
        phase=phase,
        act=Act.FULL,
        old_closes_on=phase.closes_on,
        old_closes_time=phase.closes_time,
        old_closes_at=phase.closes_at,
        new_closes_on=local.date(),
        new_closes_time=local.time(),
        new_closes_at=closes_at,
        ends_version=phase.ends_version + 1,
        reason="",
        reason_language="en",
        at=passed.at,
    )
    phase.closes_on, phase.closes_time, phase.closes_at = local.date(), local.time(), closes_at
    phase.grace_seconds, phase.ends_version = 0, extension.ends_version
    write(phase, ["closes_on", "closes_time", "closes_at", "grace_seconds", "ends_version"])
    extension.save()
    record(phase, "phase.full", at=passed.at, actor_id=None)
    return extension
