"""The staff side of the timeline."""

from taskforce.timeline.admin import phases, task_forces

__all__ = ["phases", "task_forces"]
