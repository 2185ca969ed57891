"""The only writers of task forces, phases, changes of their ends, and subscriptions."""

from taskforce.timeline.services.changes import extend
from taskforce.timeline.services.following import follow
from taskforce.timeline.services.phases import publish_phase
from taskforce.timeline.services.task_forces import change_state, create_task_force

__all__ = ["change_state", "create_task_force", "extend", "follow", "publish_phase"]
