"""Calls: those that the public reads, those that a decider decides on, and their review phase."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404

from recruitment.enums import ApplicationState
from recruitment.models import Application, Call, Criterion
from recruitment.rules import WHO
from taskforce.accounts.queries import task_force_ids
from taskforce.timeline import windows
from taskforce.timeline.enums import Capability
from taskforce.timeline.models import Phase, TaskForce

# So many other calls are offered to whoever comes late to one.
MOST_OTHERS = 5


def published_calls() -> QuerySet[Call]:
    """Calls that the public may read, with their phase and task force, and whether that has no other."""
    published = Call.objects.filter(published_at__isnull=False, phase__published_at__isnull=False)
    others = published.filter(phase__task_force=OuterRef("phase__task_force")).exclude(pk=OuterRef("pk"))
    return published.annotate(is_alone=~Exists(others)).select_related("phase__task_force", "questions")


def in_phases() -> QuerySet[Call]:
    """The calls that visitors find, or will find once their phase is published."""
    return Call.objects.filter(published_at__isnull=False)


def current_call(task_force: TaskForce, at: datetime) -> Call | None:
    """The call that a visitor means: the one that opened last, else the one that opens next, else None.

    One that was cancelled is meant only where there is no other.
    """
    every = published_calls().filter(phase__task_force=task_force)
    for calls in (every.filter(phase__cancelled_at=None), every):
        opened = calls.filter(windows.begun_at(at, "phase__")).order_by("-phase__opens_at").first()
        found = opened or calls.order_by("phase__opens_at").first()
        if found is not None:
            return found
    return None


def other_open_calls(call: Call, at: datetime) -> list[Call]:
    """The other calls that are open now, in any task force, the one that closes first before the others."""
    going_on = published_calls().filter(windows.open_at(at, "phase__")).exclude(pk=call.pk)
    return list(going_on.order_by("phase__closes_at", "pk")[:MOST_OTHERS])


def call_of_phase(task_force: TaskForce, phase_id: int | None) -> Call | None:
    """The call that this phase of the task force is for; None where there is none that the public may read."""
    return published_calls().filter(phase__task_force=task_force, phase=phase_id).first()


def call_by_name(task_force: TaskForce, slug: str) -> Call:
    """The call that the phase of this short name is for; `Http404` where there is none that the public may read."""
    found = published_calls().filter(phase__task_force=task_force, phase__slug=slug).first()
    if found is None:
        raise Http404
    return found


def is_only_call(call: Call) -> bool:
    """Whether its task force has no other call that the public may read."""
    known: bool | None = call.__dict__.get("is_alone")
    if known is not None:
        return known
    return not published_calls().filter(phase__task_force=call.phase.task_force_id).exclude(pk=call.pk).exists()


def call_or_404(call_id: int) -> Call:
    """A published call by id; `Http404` if there is none."""
    found = published_calls().filter(pk=call_id).first()
    if found is None:
        raise Http404
    return found


def with_rubric() -> "Prefetch[str, QuerySet[Criterion], str]":
    """For `prefetch_related`: `criteria` of calls holds what is in force of the rubric, in order."""
    return Prefetch("criteria", Criterion.objects.filter(retired_at=None).order_by("position"))


def criteria(call: Call) -> Sequence[Criterion]:
    """The rubric in force, in order."""
    return list(call.criteria.filter(retired_at=None).order_by("position"))


def review_phase(task_force: TaskForce, at: datetime) -> Phase | None:
    """The review phase that is open, else the next, else the last; None if none was ever published."""
    phases = task_force.phases.filter(
        published_at__isnull=False,
        cancelled_at__isnull=True,
        capabilities__contains=[Capability.REVIEW],
    )
    coming = phases.filter(windows.open_at(at) | ~windows.begun_at(at)).order_by("opens_at").first()
    return coming or phases.order_by("-closes_at").first()


def visible_calls(user: Any) -> QuerySet[Call]:
    """The published calls on which the user may decide: not those that they have applied to."""
    everywhere, ids = task_force_ids(user, WHO["call.read"])
    calls = published_calls()
    scoped = calls if everywhere else calls.filter(phase__task_force_id__in=ids)
    own = Application.objects.filter(call=OuterRef("pk"), applicant=user).exclude(state=ApplicationState.WITHDRAWN)
    return scoped.filter(~Exists(own))


def decides_anything(user: Any) -> bool:
    """Whether the user decides on calls anywhere."""
    everywhere, ids = task_force_ids(user, WHO["call.read"])
    return everywhere or bool(ids)


def decidable_call_or_404(user: Any, call_id: int) -> Call:
    """A call on which the user may decide; `Http404` otherwise."""
    found = visible_calls(user).filter(pk=call_id).first()
    if found is None:
        raise Http404
    return found
