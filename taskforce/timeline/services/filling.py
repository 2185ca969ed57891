"""The close of a phase in which enough have come in: nobody's act, in the transaction of the one that came last."""

from datetime import timedelta

from taskforce.timeline import gates, notices, plan
from taskforce.timeline.enums import Act
from taskforce.timeline.models import Extension
from taskforce.timeline.services.rows import change_end, hold, record

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
    end = plan.new_end(phase, Act.FULL, closes_at, None, None)
    extension = plan.extension(phase, Act.FULL, end, plan.Reason("", "en"), actor=None, at=passed.at)
    change_end(phase, extension)
    record(phase, "phase.full", at=passed.at, actor_id=None)
    notices.changed(extension, at=passed.at)
    return extension
