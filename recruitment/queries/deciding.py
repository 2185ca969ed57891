"""The deciders' side: candidates with their numbers, what is decided, what a release would tell."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import mean, median
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum

from recruitment.enums import ApplicationState, DecisionState, Outcome, ReviewState
from recruitment.models import Application, Call, Decision, Review
from recruitment.queries.calls import review_phase
from taskforce.core.text import digest
from taskforce.timeline import windows
from taskforce.timeline.enums import OVER, PhaseState
from taskforce.timeline.models import Phase


def candidates(call: Call) -> QuerySet[Application]:
    """All submitted applications of a call with their decision, by number."""
    return (
        Application.objects.filter(call=call, state=ApplicationState.SUBMITTED)
        .select_related("decision__decided_by")
        .order_by("number")
    )


def withdrawn(call: Call) -> QuerySet[Application]:
    """Those who were candidates of a call and took their application back."""
    return Application.objects.filter(call=call, state=ApplicationState.WITHDRAWN, submitted_at__isnull=False).order_by(
        "number"
    )


def decided_token(outcome: str, reason: str) -> str:
    """A decision's outcome and reason as a digest; "" where there is neither."""
    return digest([outcome, reason]) if outcome or reason else ""


def decision_token(decision: Decision | None) -> str:
    """What a page shows of a decision, as a digest: if it differs at the saving, somebody decided meanwhile."""
    return decided_token(decision.outcome, decision.reason) if decision is not None else ""


def held(call: Call) -> QuerySet[Decision]:
    """The decisions that a release would tell: held ones on applications that were not withdrawn since."""
    return (
        Decision.objects.filter(
            application__call=call,
            application__state=ApplicationState.SUBMITTED,
            state=DecisionState.HELD,
        )
        .select_related("application__applicant", "application__identity")
        .order_by("application__number")
    )


class Totals(NamedTuple):
    """Candidates of a call by what was decided, held and released together."""

    candidates: int
    accepted: int
    declined: int

    @property
    def undecided(self) -> int:
        """Those about whom nothing was decided."""
        return self.candidates - self.accepted - self.declined


def totals(call: Call) -> Totals:
    """How many candidates there are and what was decided about them, in one statement."""
    counted = candidates(call).aggregate(
        all=Count("pk"),
        accepted=Count("pk", filter=Q(decision__outcome=Outcome.ACCEPT)),
        declined=Count("pk", filter=Q(decision__outcome=Outcome.DECLINE)),
    )
    return Totals(counted["all"], counted["accepted"], counted["declined"])


class ReleaseCheck(NamedTuple):
    """What to know before a release. Reviews are counted for those whom it would tell; `accepted` is held and told.

    `phase` is the review phase if it has not closed, with its state in `review_state`; None and "" if it has.
    """

    seats: int
    accepted: int
    undecided: int
    unreviewed: int
    reviewed_once: int
    phase: Phase | None
    review_state: str

    @property
    def over(self) -> int:
        """How many more are accepted than there are seats."""
        return max(0, self.accepted - self.seats)

    @property
    def empty(self) -> int:
        """How many seats would stay empty."""
        return max(0, self.seats - self.accepted)

    @property
    def warnings(self) -> dict[str, int]:
        """{code: how many} of all that whoever releases should have read; too many accepted is no warning but a bar."""
        counted = {
            "empty_seats": self.empty,
            "undecided": self.undecided,
            "unreviewed": self.unreviewed,
            "reviewed_once": self.reviewed_once,
            "review_not_closed": int(bool(self.review_state)),
        }
        return {code: count for code, count in counted.items() if count}


def release_check(call: Call, decisions: Sequence[Decision], at: datetime) -> ReleaseCheck:
    """What stands against telling these held decisions of a call at the moment, in three statements."""
    counted = totals(call)
    ids = [decision.application_id for decision in decisions]
    written = Review.objects.filter(application__in=ids, state=ReviewState.SUBMITTED)
    reviews = Counter(written.values_list("application_id", flat=True))
    phase = review_phase(call.phase.task_force, at)
    state = windows.state(phase, at) if phase is not None else PhaseState.PAST
    is_past = state in OVER
    return ReleaseCheck(
        seats=call.seats,
        accepted=counted.accepted,
        undecided=counted.undecided,
        unreviewed=sum(not reviews[pk] for pk in ids),
        reviewed_once=sum(reviews[pk] == 1 for pk in ids),
        phase=None if is_past else phase,
        review_state="" if is_past else state.value,
    )


def release_token(decisions: Iterable[Decision], check: ReleaseCheck) -> str:
    """What a release page showed, its warnings included, as a digest: if it differs, the page is out of date."""
    shown = sorted([decision.application_id, decision.outcome] for decision in decisions)
    return digest([shown, check.seats, check.warnings, check.review_state])


class Stats(NamedTuple):
    """What the submitted reviews of one candidate say: how many, and their weighted scores (1 to 5)."""

    reviews: int
    mean: float
    median: float
    low: float
    high: float


def weighted(call: Call) -> dict[int, list[float]]:
    """{application id: the weighted score of each submitted review}, in one statement."""
    rows = (
        Review.objects.filter(application__call=call, state=ReviewState.SUBMITTED)
        .annotate(
            points=Sum(F("scores__value") * F("scores__criterion__weight")),
            weight=Sum("scores__criterion__weight"),
        )
        .values_list("application_id", "points", "weight")
    )
    found: dict[int, list[float]] = defaultdict(list)
    for application_id, points, weight in rows:
        if weight:
            found[application_id].append(points / weight)
    return found


def stats(call: Call) -> dict[int, Stats]:
    """{application id: numbers} for every candidate of the call with a submitted review."""
    return {
        application_id: Stats(len(values), mean(values), median(values), min(values), max(values))
        for application_id, values in weighted(call).items()
    }
