"""What was decided after feedback."""

from taskforce.timeline.models import Phase, TaskForce, Verdict


def verdicts(task_force: TaskForce) -> list[Verdict]:
    """Every decision of a task force with its phase, newest first; those that a later one replaced too."""
    return list(Verdict.objects.filter(phase__task_force=task_force).select_related("phase").order_by("-id"))


def last(phase: Phase) -> Verdict | None:
    """The decision that holds."""
    return Verdict.objects.filter(phase=phase).order_by("-number").first()
