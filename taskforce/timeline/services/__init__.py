"""The only writers of task forces, phases, changes of their ends, and subscriptions."""

from taskforce.timeline.services.changes import cancel_phase, close_early, extend, refusal_of, shorten
from taskforce.timeline.services.digests import begin_digest, send_digests
from taskforce.timeline.services.events import notice_due
from taskforce.timeline.services.filling import close_full
from taskforce.timeline.services.following import follow
from taskforce.timeline.services.phases import publish_phase
from taskforce.timeline.services.task_forces import change_state, create_task_force

__all__ = [
    "begin_digest",
    "cancel_phase",
    "change_state",
    "close_early",
    "close_full",
    "create_task_force",
    "extend",
    "follow",
    "notice_due",
    "publish_phase",
    "refusal_of",
    "send_digests",
    "shorten",
]
