"""What reviewers do: save and submit a review, pinned to the snapshot that was read."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from recruitment import queries, rules
from recruitment.enums import ReviewState
from recruitment.models import Application, Review, Score, Snapshot
from recruitment.transitions import REVIEW
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import clock, states
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability

SCORES = range(1, 6)


@transaction.atomic
def require_review_open(application_id: int, reviewer: User) -> None:
    """`Refused`, with the reason and the instants, if this candidate cannot be reviewed now."""
    _enter(queries.candidate_or_404(reviewer, application_id))


@transaction.atomic
def save_review(
    application_id: int,
    reviewer: User,
    scores: Mapping[int, int],
    note: str,
    submit: bool,
    *,
    snapshot_id: int | None = None,
    seen: str | None = None,
) -> Review:
    """Save a review as a draft or submit it; `scores` is {criterion id: 1 to 5}, complete only to submit.

    A submitted review is final: the same again changes nothing, another one is a `Conflict`. `snapshot_id` is
    what the reviewer read (None: the latest), `seen` the `queries.review_token` of their own review as their page
    showed it (None: whatever it is); another by now is a `Conflict`. Raises `Http404` for a candidate that is not
    the reviewer's to see, `Refused` outside a review phase.
    """
    candidate = queries.candidate_or_404(reviewer, application_id)
    passed = _enter(candidate)
    application = Application.objects.select_for_update().get(pk=candidate.pk)
    _refuse_unless_reviewable(application, reviewer, passed.at)
    snapshot = _read(application, snapshot_id)
    _check_scores(application, scores, complete=submit)
    review = queries.review_of(application, reviewer) or Review(application=application, reviewer=reviewer)
    if review.pk and _is_same(review, scores, note):
        if review.state == ReviewState.SUBMITTED or not submit:
            return review
    elif review.pk and seen is not None and seen != queries.review_token(review):
        raise Conflict(_("You have changed this review meanwhile, in another window."))
    review.state = states.step(REVIEW, ReviewState(review.state), "submit" if submit else "save")
    _store(review, snapshot, scores, note, passed.at)
    log.record(
        "review.submitted" if submit else "review.saved",
        review,
        at=passed.at,
        actor_id=reviewer.pk,
        task_force_id=passed.phase.task_force_id,
        snapshot=snapshot.number,
    )
    return review


def _enter(candidate: Application) -> gates.Pass:
    phase = queries.review_phase(candidate.call.phase.task_force, clock.app_now())
    if phase is None:
        raise Refused(_("No review phase has been published for this task force."))
    return gates.enter(phase.pk, Capability.REVIEW)


def _refuse_unless_reviewable(application: Application, reviewer: User, at: datetime) -> None:
    allowed, reason = rules.may(reviewer, "review.write", application, at)
    if not allowed:
        raise Refused(reason, facts=[(_("The call closes"), application.call.phase.closes_at)])
    decision = queries.told(application)
    if decision is not None:
        raise Refused(_("The outcome of this application has been told; reviews no longer change."))


def _read(application: Application, snapshot_id: int | None) -> Snapshot:
    """The snapshot that is reviewed; `Conflict` if the applicant has submitted a newer one since it was shown."""
    latest = queries.latest_snapshot(application)
    if latest is None or (snapshot_id is not None and latest.pk != snapshot_id):
        raise Conflict(_("The applicant has submitted a newer version. Read it, then review."))
    return latest


def _check_scores(application: Application, scores: Mapping[int, int], *, complete: bool) -> None:
    known = {criterion.pk for criterion in queries.criteria(application.call)}
    if not set(scores) <= known or not all(value in SCORES for value in scores.values()):
        raise Invalid(_("A score is a whole number from 1 to 5 on one of the criteria."))
    if complete and set(scores) != known:
        raise Invalid(_("Give a score on each criterion before you submit."))


def _is_same(review: Review, scores: Mapping[int, int], note: str) -> bool:
    stored = {score.criterion_id: score.value for score in review.scores.all()}
    return stored == dict(scores) and review.note == note


def _store(review: Review, snapshot: Snapshot, scores: Mapping[int, int], note: str, at: datetime) -> None:
    review.snapshot = snapshot
    review.note = note
    review.saved_at = at
    review.submitted_at = at if review.state == ReviewState.SUBMITTED else None
    review.save()
    review.scores.exclude(criterion_id__in=scores).delete()
    Score.objects.bulk_create(
        [Score(review=review, criterion_id=criterion, value=value) for criterion, value in scores.items()],
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["value"],
    )
