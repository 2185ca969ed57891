"""The reviewers' side: candidates without a name, one's own review, what is left to do."""

from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from recruitment.enums import ApplicationState, DecisionState, ReviewState
from recruitment.models import Application, Decision, Review, Snapshot
from recruitment.queries.calls import visible_calls
from recruitment.rules import WHO
from taskforce.accounts.queries import task_force_ids
from taskforce.core import clock
from taskforce.core.text import digest
from taskforce.timeline import windows


class Progress(NamedTuple):
    """Reviews that one reviewer has submitted, and candidates that they have."""

    done: int
    total: int


def visible_to(user: Any) -> QuerySet[Application]:
    """The submitted applications that a staff member may meet, as candidates; never their own.

    Who has applied to a call is no longer among those who decide on it: see `visible_calls`.
    """
    everywhere, ids = task_force_ids(user, WHO["review.write"])
    to_review = Q() if everywhere else Q(call__phase__task_force_id__in=ids)
    to_decide = Q(call__in=visible_calls(user).values("pk"))
    return (
        Application.objects.filter(to_review | to_decide, state=ApplicationState.SUBMITTED)
        .exclude(applicant=user)
        .select_related("call__phase__task_force")
    )


def with_progress(applications: QuerySet[Application], user: Any) -> QuerySet[Application]:
    """The same applications with `my_review` (a review state, or None), `reviews_done` (submitted ones) and `in_grace`
    (whether what was submitted last came after the close)."""
    mine = Review.objects.filter(application=OuterRef("pk"), reviewer=user).values("state")
    done = (
        Review.objects.filter(application=OuterRef("pk"), state=ReviewState.SUBMITTED)
        .order_by()
        .values("application")
        .annotate(number=Count("pk"))
        .values("number")
    )
    latest = Snapshot.objects.filter(application=OuterRef("pk")).order_by("-number").values("in_grace")[:1]
    return applications.annotate(my_review=Subquery(mine), reviews_done=Subquery(done), in_grace=Subquery(latest))


def candidate_or_404(user: Any, application_id: int) -> Application:
    """A candidate for this staff member; what they may not see is not there."""
    found = visible_to(user).filter(pk=application_id).first()
    if found is None:
        raise Http404
    return found


def reviews_candidates(user: Any, task_force_id: int) -> bool:
    """Whether the user is a reviewer of this task force."""
    everywhere, ids = task_force_ids(user, WHO["review.write"])
    return everywhere or task_force_id in ids


def reviews_anything(user: Any) -> bool:
    """Whether the user is a reviewer anywhere."""
    everywhere, ids = task_force_ids(user, WHO["review.write"])
    return everywhere or bool(ids)


def to_review(user: Any) -> QuerySet[Application]:
    """The candidates whom the user reviews, once their call has closed: a decider who is no reviewer has none, and
    whoever has applied reviews nobody of the same call."""
    everywhere, ids = task_force_ids(user, WHO["review.write"])
    own = Application.objects.filter(call=OuterRef("call"), applicant=user).exclude(state=ApplicationState.WITHDRAWN)
    over = windows.over_at(clock.app_now(), "call__phase__")
    found = visible_to(user).filter(~Exists(own), over)
    return found if everywhere else found.filter(call__phase__task_force_id__in=ids)


def my_progress(user: Any) -> Progress:
    """How many reviews the user has submitted, of how many candidates."""
    mine = Q(reviews__reviewer=user, reviews__state=ReviewState.SUBMITTED)
    counted = to_review(user).aggregate(done=Count("pk", filter=mine, distinct=True), total=Count("pk", distinct=True))
    return Progress(counted["done"], counted["total"])


def meets_candidates(user: Any) -> bool:
    """Whether the user has any role that reads applications."""
    everywhere, ids = task_force_ids(user, WHO["application.read"])
    return everywhere or bool(ids)


def next_to_review(user: Any, after: Application) -> Application | None:
    """The next candidate of the same call whom the user has not reviewed: by number, then from the start.

    Nobody whose outcome was told is among them: their reviews no longer change.
    """
    submitted = Review.objects.filter(application=OuterRef("pk"), reviewer=user, state=ReviewState.SUBMITTED)
    told = Decision.objects.filter(application=OuterRef("pk"), state=DecisionState.RELEASED)
    waiting = to_review(user).filter(~Exists(submitted), ~Exists(told), call=after.call).exclude(pk=after.pk)
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
