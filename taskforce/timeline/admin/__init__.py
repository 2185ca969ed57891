"""The staff side of the timeline."""

from taskforce.timeline.admin import bulletins, phases, task_forces

__all__ = ["bulletins", "phases", "task_forces"]
