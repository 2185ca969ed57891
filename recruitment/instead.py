"""What whoever comes late to a call can still do; the same for everybody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from recruitment import links, queries
from recruitment.models import Call
from taskforce.timeline import describe, offers
from taskforce.timeline.models import Phase


def shown(call: Call, phases: Sequence[Phase], at: datetime) -> dict[str, Any]:
    """What is open in the same task force, and the other calls that are open now, anywhere; `phases` are its task
    force's."""
    found = offers.found(phases)
    rows = (describe.row(one, at, found.get(one.pk, ())) for one in phases if one.pk != call.phase_id)
    others = queries.other_open_calls(call, at)
    return {
        "open": [row for row in rows if row["for_visitors"]],
        "calls": [
            {"call": one, "url": links.call(one, is_only=False), "closes_rule": describe.closes_rule(one.phase)}
            for one in others
        ],
        # They bound for how long this is true.
        "phases": [one.phase for one in others],
    }
