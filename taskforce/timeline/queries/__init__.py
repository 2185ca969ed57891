"""What there is to read of task forces and their phases."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from taskforce.accounts.queries import task_force_ids
from taskforce.accounts.rights import Right
from taskforce.core import labels
from taskforce.core.together import Row, instances
from taskforce.timeline.enums import ENDED
from taskforce.timeline.models import Extension, Phase, TaskForce
from taskforce.timeline.queries.followers import DIGEST as DIGEST
from taskforce.timeline.queries.followers import asked_for as asked_for
from taskforce.timeline.queries.followers import counts as counts
from taskforce.timeline.queries.followers import counts_by_language as counts_by_language
from taskforce.timeline.queries.followers import followers_count as followers_count
from taskforce.timeline.queries.followers import follows as follows
from taskforce.timeline.queries.followers import follows_anything as follows_anything
from taskforce.timeline.queries.followers import language_of as language_of
from taskforce.timeline.queries.followers import left_by as left_by
from taskforce.timeline.queries.followers import readers_among as readers_among
from taskforce.timeline.queries.followers import subscribers as subscribers
from taskforce.timeline.queries.followers import subscriptions_of as subscriptions_of
from taskforce.timeline.queries.followers import visible_subscriptions as visible_subscriptions
from taskforce.timeline.queries.verdicts import column
from taskforce.timeline.rules import WHO


def task_force_or_404(slug: str) -> TaskForce:
    """The task force of an address; `Http404` if there is none."""
    found = TaskForce.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _published() -> QuerySet[Phase]:
    return Phase.objects.filter(published_at__isnull=False)


def task_forces() -> QuerySet[TaskForce]:
    """All task forces, newest first, each with its published phases under `published_phases`.

    The phases have their extensions, and as `decided` what was decided after them (`verdicts.standing`).
    """
    return TaskForce.objects.prefetch_related(
        Prefetch(
            "phases",
            queryset=_published().annotate(decided=column()).prefetch_related("extensions").order_by("opens_at", "id"),
            to_attr="published_phases",
        )
    ).order_by("-id")


def to_follow() -> QuerySet[TaskForce]:
    """The task forces that somebody can begin to follow, newest first."""
    return TaskForce.objects.exclude(state__in=ENDED).order_by("-id")


def phases(task_force: TaskForce) -> QuerySet[Phase]:
    """The published phases in order of time, each with its extensions, newest first."""
    # By the task force's own manager: each phase knows the task force that it is asked for.
    own = task_force.phases.filter(published_at__isnull=False)
    return own.prefetch_related("extensions").order_by("opens_at", "id")


def extensions(task_force: TaskForce) -> QuerySet[Extension]:
    """Every changed end of this task force's phases, newest first."""
    return Extension.objects.filter(phase__task_force=task_force).select_related("phase").order_by("-at", "-id")


def phases_of(pk: Any) -> QuerySet[Phase]:
    """As `phases`, by the task force's id or a place for it, without the extensions (`with_extensions`)."""
    return _published().filter(task_force=pk).order_by("opens_at", "id")


def extensions_of(pk: Any) -> QuerySet[Extension]:
    """Every changed end of the published phases of a task force, by its id or a place for it."""
    return Extension.objects.filter(phase__task_force=pk, phase__published_at__isnull=False).order_by("-id")


def with_extensions(found: Sequence[Phase], rows: Sequence[Row]) -> list[Phase]:
    """The phases, each with its extensions, newest first, as if they had been prefetched; asks nothing."""
    by_phase: dict[int, list[Extension]] = {}
    for extension in instances(Extension, rows):
        by_phase.setdefault(extension.phase_id, []).append(extension)
    for phase in found:
        own = phase.extensions.all()
        own._result_cache = by_phase.get(phase.pk, [])
        own._prefetch_done = True  # type: ignore[attr-defined]  # as Django's own prefetching does
        for extension in own._result_cache:
            extension.phase = phase
        phase._prefetched_objects_cache = {"extensions": own}  # type: ignore[attr-defined]  # as above
    return list(found)


def clash(phase: Phase, opens_at: datetime, closes_at: datetime) -> Phase | None:
    """Another published phase of the task force that shares a capability and overlaps; cancelled ones do not."""
    return (
        _published()
        .filter(cancelled_at__isnull=True)
        .filter(task_force_id=phase.task_force_id, capabilities__overlap=phase.capabilities)
        .filter(opens_at__lt=closes_at, closes_at__gt=opens_at)
        .exclude(pk=phase.pk)
        .first()
    )


def beside(phase: Phase, since: datetime, until: datetime) -> list[Phase]:
    """The published phases of the task force that run between the two and allow nothing that this one allows, in order.

    Those that share a capability never overlap: that is refused (`clash`). Cancelled ones do not run.
    """
    others = _published().filter(task_force_id=phase.task_force_id, cancelled_at__isnull=True).exclude(pk=phase.pk)
    running = others.filter(opens_at__lt=until, closes_at__gt=since)
    return list(running.exclude(capabilities__overlap=phase.capabilities).order_by("opens_at", "id"))


def names(ids: Collection[int]) -> dict[int, labels.Label]:
    """What task forces are called in the active language, or the next of the chain."""
    return {one.pk: labels.label(one, "name") for one in TaskForce.objects.filter(pk__in=ids)}


def ids() -> list[int]:
    """The numbers of all task forces."""
    return list(TaskForce.objects.order_by("pk").values_list("pk", flat=True))


def is_for_some(user: Any, right: Right) -> bool:
    """Whether there is a task force for which the user's roles give them this right.

    Each part of a staff page asks: one that a role names is there, and the database is asked for roles for all only.
    """
    everywhere, ids = task_force_ids(user, right)
    return bool(ids) or (everywhere and TaskForce.objects.exists())


def visible_task_forces(user: Any) -> QuerySet[TaskForce]:
    """The task forces whose timeline a staff member works with."""
    everywhere, ids = task_force_ids(user, WHO["phase.read"])
    return TaskForce.objects.all() if everywhere else TaskForce.objects.filter(pk__in=ids)


def changeable_task_forces(user: Any) -> QuerySet[TaskForce]:
    """The task forces whose dates the user may plan and change."""
    everywhere, ids = task_force_ids(user, WHO["phase.edit"])
    return TaskForce.objects.all() if everywhere else TaskForce.objects.filter(pk__in=ids)


def visible_phases(user: Any) -> QuerySet[Phase]:
    """The phases that a staff member works with."""
    everywhere, ids = task_force_ids(user, WHO["phase.read"])
    found = Phase.objects.select_related("task_force").prefetch_related("extensions")
    return found if everywhere else found.filter(task_force_id__in=ids)
