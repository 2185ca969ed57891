"""What there is to read of calls and applications, each list for the person who reads it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import mean, median
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import Http404

from recruitment.enums import ApplicationState, DecisionState, Outcome, ReviewState
from recruitment.models import Application, Call, Criterion, Decision, Review, Snapshot
from recruitment.rules import DECIDERS, READERS, REVIEWERS
from taskforce.accounts.queries import task_force_ids
from taskforce.core.text import digest
from taskforce.questions.models import Choice, Question
from taskforce.questions.queries import questions
from taskforce.timeline.enums import Capability
from taskforce.timeline.models import Phase, TaskForce

Content = list[dict[str, Any]]


def published_calls() -> QuerySet[Call]:
    """Calls that the public may read, with their phase and task force."""
    return Call.objects.filter(published_at__isnull=False, phase__published_at__isnull=False).select_related(
        "phase__task_force", "questions"
    )


def current_call(task_force: TaskForce, at: datetime) -> Call | None:
    """The call that a visitor means: the one that opened last, else the one that opens next, else None."""
    calls = published_calls().filter(phase__task_force=task_force)
    opened = calls.filter(phase__opens_at__lte=at).order_by("-phase__opens_at").first()
    return opened or calls.order_by("phase__opens_at").first()


def call_or_404(call_id: int) -> Call:
    """A published call by id; `Http404` if there is none."""
    found = published_calls().filter(pk=call_id).first()
    if found is None:
        raise Http404
    return found


def criteria(call: Call) -> Sequence[Criterion]:
    """The rubric in order."""
    return list(call.criteria.order_by("position"))


# --- the applicant's side -------------------------------------------------------------------------------------------


def own_application(call: Call, user: Any) -> Application | None:
    """The user's application to this call: the live one, else the one withdrawn last, else None."""
    mine = Application.objects.filter(call=call, applicant=user).select_related("identity")
    live = mine.exclude(state=ApplicationState.WITHDRAWN).first()
    return live or mine.order_by("-pk").first()


def live(call: Call, user: Any) -> QuerySet[Application]:
    """The user's live application to this call (the database allows one at most)."""
    return Application.objects.filter(call=call, applicant=user).exclude(state=ApplicationState.WITHDRAWN)


def latest_snapshot(application: Application) -> Snapshot | None:
    """What counts of the application: what was submitted last."""
    return application.snapshots.order_by("-number").first()


def told(application: Application) -> Decision | None:
    """The released decision, or None: a held one is no answer to anything an applicant's page asks (DESIGN 2.7)."""
    return Decision.objects.filter(application=application, state=DecisionState.RELEASED).first()


def draft_content(application: Application) -> Content:
    """The draft's answers in the form that a snapshot keeps: one entry per question that was answered."""
    rows = application.answers.order_by("question__position").values_list("question_id", "text", "choice")
    return content(rows)


def content(answers: Iterable[tuple[int, str, str]]) -> Content:
    """Answers as plain JSON, without those left open, so that equal answers compare equal."""
    return [
        {"question": question, "text": text, "choice": choice} for question, text, choice in answers if text or choice
    ]


def content_digest(number: int, language: str, answers: Content) -> str:
    """The SHA-256 (hex) of a snapshot: its number, its language and every answer."""
    return digest({"number": number, "language": language, "answers": answers})


class Answered(NamedTuple):
    """A question beside its answer, for reading: the chosen `choice` or the `text`; both empty if left open."""

    question: Question
    text: str
    choice: Choice | None


def answered(call: Call, answers: Content) -> list[Answered]:
    """Every question of the call with its answer, in order, in two statements."""
    by_question: Mapping[int, dict[str, Any]] = {answer["question"]: answer for answer in answers}
    made = []
    for question in questions(call.questions_id):
        given = by_question.get(question.pk, {"text": "", "choice": ""})
        choice = next((one for one in question.choices.all() if one.code == given["choice"]), None)
        made.append(Answered(question, given["text"], choice))
    return made


# --- the reviewers' side --------------------------------------------------------------------------------------------


class Progress(NamedTuple):
    """Reviews that one reviewer has submitted, and candidates that they have."""

    done: int
    total: int


def visible_to(user: Any) -> QuerySet[Application]:
    """The submitted applications that a staff member may meet, as candidates; never their own.

    Who has applied to a call is no longer among those who decide on it: see `visible_calls`.
    """
    everywhere, ids = task_force_ids(user, REVIEWERS)
    to_review = Q() if everywhere else Q(call__phase__task_force_id__in=ids)
    to_decide = Q(call__in=visible_calls(user).values("pk"))
    return (
        Application.objects.filter(to_review | to_decide, state=ApplicationState.SUBMITTED)
        .exclude(applicant=user)
        .select_related("call__phase__task_force")
    )


def with_progress(applications: QuerySet[Application], user: Any) -> QuerySet[Application]:
    """The same applications with `my_review` (a review state, or None) and `reviews_done` (submitted ones)."""
    mine = Review.objects.filter(application=OuterRef("pk"), reviewer=user).values("state")
    done = (
        Review.objects.filter(application=OuterRef("pk"), state=ReviewState.SUBMITTED)
        .order_by()
        .values("application")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return applications.annotate(my_review=Subquery(mine), reviews_done=Subquery(done))


def candidate_or_404(user: Any, application_id: int) -> Application:
    """A candidate for this staff member; what they may not see is not there."""
    found = visible_to(user).filter(pk=application_id).first()
    if found is None:
        raise Http404
    return found


def reviews_candidates(user: Any, task_force_id: int) -> bool:
    """Whether the user is a reviewer of this task force."""
    everywhere, ids = task_force_ids(user, REVIEWERS)
    return everywhere or task_force_id in ids


def reviews_anything(user: Any) -> bool:
    """Whether the user is a reviewer anywhere."""
    everywhere, ids = task_force_ids(user, REVIEWERS)
    return everywhere or bool(ids)


def to_review(user: Any) -> QuerySet[Application]:
    """The candidates whom the user reviews: a decider who is no reviewer has none."""
    everywhere, ids = task_force_ids(user, REVIEWERS)
    found = visible_to(user)
    return found if everywhere else found.filter(call__phase__task_force_id__in=ids)


def my_progress(user: Any) -> Progress:
    """How many reviews the user has submitted, of how many candidates."""
    mine = Q(reviews__reviewer=user, reviews__state=ReviewState.SUBMITTED)
    counted = to_review(user).aggregate(done=Count("pk", filter=mine, distinct=True), total=Count("pk", distinct=True))
    return Progress(counted["done"], counted["total"])


def meets_candidates(user: Any) -> bool:
    """Whether the user has any role that reads applications."""
    everywhere, ids = task_force_ids(user, READERS)
    return everywhere or bool(ids)


def next_to_review(user: Any, after: Application) -> Application | None:
    """The next candidate of the same call whom the user has not reviewed: by number, then from the start."""
    submitted = Review.objects.filter(application=OuterRef("pk"), reviewer=user, state=ReviewState.SUBMITTED)
    waiting = to_review(user).filter(~Exists(submitted), call=after.call).exclude(pk=after.pk)
    return waiting.filter(number__gt=after.number).order_by("number").first() or waiting.order_by("number").first()


def review_of(application: Application, reviewer: Any) -> Review | None:
    """This reviewer's review, with its snapshot and scores."""
    return (
        Review.objects.filter(application=application, reviewer=reviewer)
        .select_related("snapshot")
        .prefetch_related("scores")
        .first()
    )


def review_token(review: Review | None) -> str:
    """What a review page showed of one's own review, as a digest: "" where there was none."""
    if review is None:
        return ""
    scores = sorted([score.criterion_id, score.value] for score in review.scores.all())
    return digest([review.state, review.note, scores])


def others_reviews(application: Application, reader: Any) -> QuerySet[Review]:
    """Submitted reviews by others. A reviewer gets none before their own is submitted; notes are never shown."""
    found = (
        Review.objects.filter(application=application, state=ReviewState.SUBMITTED)
        .exclude(reviewer=reader)
        .select_related("reviewer", "snapshot")
        .prefetch_related("scores")
        .order_by("submitted_at", "pk")
    )
    if not reviews_candidates(reader, application.call.phase.task_force_id):
        return found
    own = Review.objects.filter(application=application, reviewer=reader, state=ReviewState.SUBMITTED)
    return found if own.exists() else found.none()


def review_phase(task_force: TaskForce, at: datetime) -> Phase | None:
    """The review phase that is open, else the next, else the last; None if none was ever published."""
    phases = Phase.objects.filter(
        task_force=task_force, published_at__isnull=False, capabilities__contains=[Capability.REVIEW]
    )
    coming = phases.filter(closes_at__gt=at).order_by("opens_at").first()
    return coming or phases.order_by("-closes_at").first()


# --- the deciders' side ---------------------------------------------------------------------------------------------


def visible_calls(user: Any) -> QuerySet[Call]:
    """The published calls on which the user may decide: not those that they have applied to."""
    everywhere, ids = task_force_ids(user, DECIDERS)
    calls = published_calls()
    scoped = calls if everywhere else calls.filter(phase__task_force_id__in=ids)
    own = Application.objects.filter(call=OuterRef("pk"), applicant=user).exclude(state=ApplicationState.WITHDRAWN)
    return scoped.filter(~Exists(own))


def decides_anything(user: Any) -> bool:
    """Whether the user decides on calls anywhere."""
    everywhere, ids = task_force_ids(user, DECIDERS)
    return everywhere or bool(ids)


def decidable_call_or_404(user: Any, call_id: int) -> Call:
    """A call on which the user may decide; `Http404` otherwise."""
    found = visible_calls(user).filter(pk=call_id).first()
    if found is None:
        raise Http404
    return found


def candidates(call: Call) -> QuerySet[Application]:
    """All submitted applications of a call with their decision, by number."""
    return (
        Application.objects.filter(call=call, state=ApplicationState.SUBMITTED)
        .select_related("decision")
        .order_by("number")
    )


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


def release_token(decisions: Iterable[Decision]) -> str:
    """What a release page showed, as a digest: if it differs at the confirmation, somebody decided meanwhile."""
    return digest(sorted([decision.application_id, decision.outcome] for decision in decisions))


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
