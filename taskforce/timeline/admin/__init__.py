"""The staff side of the timeline."""

from taskforce.timeline.admin import bulletins, followers, phases, task_forces

__all__ = ["bulletins", "followers", "phases", "task_forces"]
