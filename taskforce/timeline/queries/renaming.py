"""What task forces were called before, and where the addresses lead that they had then."""

from django.db.models import Q

from taskforce.timeline.models import Rename, TaskForce


def formerly_at(slug: str) -> TaskForce | None:
    """The task force that an address of earlier days leads to, under its newest name; None where nobody had it."""
    return TaskForce.objects.filter(renames__old_slug=slug).exclude(slug=slug).first()


def owner_of(slug: str) -> TaskForce | None:
    """The task force whose address this is or was."""
    return TaskForce.objects.filter(Q(slug=slug) | Q(renames__old_slug=slug)).first()


def renames(task_force: TaskForce) -> list[Rename]:
    """Its renamings, newest first."""
    return list(Rename.objects.filter(task_force=task_force).order_by("-id"))
