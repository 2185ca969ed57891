"""What waits for a member of staff now, by call: reviews to write, decisions to make and to tell."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from recruitment.enums import ApplicationState, DecisionState, ReviewState
from recruitment.models import Application, Call, Decision, Review
from recruitment.queries.calls import published_calls, review_phase, visible_calls
from recruitment.queries.reviewing import to_review
from taskforce.timeline import windows
from taskforce.timeline.enums import PhaseState
from taskforce.timeline.models import Phase


class ToReview(NamedTuple):
    """Candidates of a call whose review is open: how many wait for the reader's review, of how many."""

    call: Call
    phase: Phase
    waiting: int
    total: int


class ToDecide(NamedTuple):
    """Candidates of a closed call about whom nothing is decided, and those whose decision is not told yet."""

    call: Call
    undecided: int
    untold: int


def to_review_now(user: Any, at: datetime) -> list[ToReview]:
    """The calls that the user can review at the moment; candidates who know their outcome do not wait."""
    mine = Review.objects.filter(application=OuterRef("pk"), reviewer=user, state=ReviewState.SUBMITTED)
    told = Decision.objects.filter(application=OuterRef("pk"), state=DecisionState.RELEASED)
    rows = to_review(user).annotate(mine=Exists(mine), told=Exists(told)).order_by().values("call")
    counts = {
        row["call"]: (row["waiting"], row["total"])
        for row in rows.annotate(total=Count("pk"), waiting=Count("pk", filter=Q(mine=False, told=False)))
    }
    found = []
    for call in published_calls().filter(pk__in=counts).order_by("pk"):
        phase = review_phase(call.phase.task_force, at)
        if phase is not None and windows.is_open(phase, at):
            found.append(ToReview(call, phase, *counts[call.pk]))
    return found


def to_decide_now(user: Any, at: datetime) -> list[ToDecide]:
    """The closed calls of the user on which something is left to decide or to tell."""
    over = visible_calls(user).filter(windows.over_at(at, "phase__"))
    # On what came to nothing there is nothing to decide.
    calls = {call.pk: call for call in over if windows.state(call.phase, at) is PhaseState.PAST}
    rows = (
        Application.objects.filter(call__in=calls, state=ApplicationState.SUBMITTED)
        .order_by("call")
        .values("call")
        .annotate(
            undecided=Count("pk", filter=Q(decision=None)),
            untold=Count("pk", filter=Q(decision__state=DecisionState.HELD)),
        )
    )
    found = [ToDecide(calls[row["call"]], row["undecided"], row["untold"]) for row in rows]
    return [one for one in found if one.undecided or one.untold]
