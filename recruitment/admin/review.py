"""The review page: what the candidate submitted beside the rubric, pinned to the snapshot that is shown."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from recruitment import queries, rules, services, shown
from recruitment.enums import ReviewState
from recruitment.forms.reviewing import ReviewForm, score_name
from recruitment.models import Application, Criterion, Review, Snapshot
from taskforce.audit.watching import note_row
from taskforce.core import clock
from taskforce.core.errors import PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.timeline import describe, windows

TEMPLATE = "admin/recruitment/application/review.html"


class Visit(NamedTuple):
    """Who reads which candidate, and what every admin page needs."""

    request: HttpRequest
    user: Any
    candidate: Application
    chrome: dict[str, Any]


def candidate_name(application: Application) -> str:
    """What a candidate is called until the outcome is told."""
    return _("Candidate %(number)s") % {"number": application.number}


def page(request: HttpRequest, application_id: int, chrome: dict[str, Any]) -> HttpResponse:
    """Show the candidate; POST saves a draft of the review or submits it. 404 for whom the user may not see, `Refused`
    as long as nobody may read what they wrote, and to whoever has applied to the same call."""
    candidate = queries.candidate_or_404(request.user, application_id)
    visit = Visit(request, request.user, candidate, chrome)
    return _save(visit) if request.method == "POST" else _show(visit)


def _save(visit: Visit) -> HttpResponse:
    posted, candidate = visit.request.POST, visit.candidate
    action = posted.get("action", "")
    is_submit = action in ("submit", "submit-next")
    form = ReviewForm(queries.criteria(candidate.call), posted, draft=not is_submit)
    try:
        if not form.is_valid():
            services.require_review_open(candidate.pk, visit.user)
            return _show(visit, form=form)
        services.save_review(
            candidate.pk,
            visit.user,
            form.scores(),
            form.cleaned_data["note"],
            submit=is_submit,
            snapshot_id=form.cleaned_data["snapshot"],
            seen=form.cleaned_data["seen"],
        )
    except PortalError as error:
        return _show(visit, form=form, error=error)
    done = _("Your review has been submitted.") if is_submit else _("Your draft has been saved.")
    messages.success(visit.request, done)
    following = queries.next_to_review(visit.user, candidate) if action == "submit-next" else None
    return SeeOther(_address(following or candidate))


def _show(visit: Visit, *, form: ReviewForm | None = None, error: PortalError | None = None) -> HttpResponse:
    """The page; `form` is what came in and could not be stored, for the reason in it or in `error`."""
    candidate, call = visit.candidate, visit.candidate.call
    may_read, why_not = rules.may(visit.user, "application.read", candidate, clock.app_now())
    if not may_read and form is None:
        raise Refused(why_not, facts=[(_("The call closes"), call.phase.closes_at)])
    own = queries.review_of(candidate, visit.user)
    is_submitted = own is not None and own.state == ReviewState.SUBMITTED
    snapshot = own.snapshot if own is not None and is_submitted else queries.latest_snapshot(candidate)
    if snapshot is None:
        raise Http404
    note_row(visit.request, "application", candidate, call.phase.task_force_id)
    can_review = queries.reviews_candidates(visit.user, call.phase.task_force_id)
    criteria = queries.criteria(call)
    context = {
        **visit.chrome,
        **_reading(candidate, snapshot, may_read=may_read),
        **_phase(candidate, error),
        "error": error,
        "identity_url": _identity_address(visit),
        "own": own,
        "own_scores": _scores(own, criteria) if own is not None else [],
        "is_submitted": is_submitted,
        "can_review": can_review,
        "others": [(one, _scores(one, criteria)) for one in queries.others_reviews(candidate, visit.user) if may_read],
    }
    if can_review:
        following = queries.next_to_review(visit.user, candidate) if context["is_going_on"] else None
        context["following_url"] = _address(following) if following else ""
        context["progress"] = progress = queries.my_progress(visit.user)
        context["is_all_done"] = is_submitted and progress.done == progress.total
    if can_review and (form is not None or (context["is_open"] and not is_submitted)):
        context["form"] = form or ReviewForm(criteria, initial=_stored(own))
        context["seen"] = queries.review_token(own)
    status = error.status if error is not None else 200
    return TemplateResponse(visit.request, TEMPLATE, context, status=status)


def _reading(candidate: Application, snapshot: Snapshot, *, may_read: bool) -> dict[str, Any]:
    """The left side: answers as they were submitted, without a word about who. Where they may not be read (yet), the
    page only gives back what was typed beside them."""
    seen = shown.to_reviewers(candidate.call, snapshot) if may_read else None
    return {
        "title": candidate_name(candidate),
        "candidate": candidate,
        "snapshot": snapshot,
        "reading": seen,
    }


def _phase(candidate: Application, error: PortalError | None) -> dict[str, Any]:
    """Until when reviews can be written, or why not now; `is_open` for this candidate, `is_going_on` for others."""
    at = clock.app_now()
    phase = queries.review_phase(candidate.call.phase.task_force, at)
    if phase is None:
        reason = _("No review phase has been published.")
        return {"phase": None, "is_open": False, "is_going_on": False, "reason": reason}
    is_going_on = windows.is_open(phase, at)
    reason = "" if is_going_on else describe.closed_reason(phase, at)
    is_told = queries.told(candidate) is not None
    if is_told:
        reason = _("The outcome of this application has been told; reviews no longer change.")
    return {
        "phase": phase,
        "is_open": is_going_on and not is_told and not isinstance(error, Refused),
        "is_going_on": is_going_on,
        "reason": reason,
        "closes_rule": describe.closes_rule(phase),
    }


def _scores(review: Review, criteria: Sequence[Criterion]) -> list[tuple[Criterion, int | None]]:
    given = {score.criterion_id: score.value for score in review.scores.all()}
    return [(criterion, given.get(criterion.pk)) for criterion in criteria]


def _stored(own: Review | None) -> dict[str, Any]:
    """The reader's own draft as initial values of the form."""
    if own is None:
        return {}
    scores = {score_name(score.criterion_id): score.value for score in own.scores.all()}
    return {"note": own.note, **scores}


def _address(application: Application) -> str:
    return reverse("admin:recruitment_application_review", args=[application.pk])


def _identity_address(visit: Visit) -> str:
    """Where it says who this is; "" for whoever may not know (yet)."""
    allowed, _why = rules.may(visit.user, "identity.read", visit.candidate.call, clock.app_now())
    return reverse("admin:recruitment_application_identity", args=[visit.candidate.pk]) if allowed else ""
