"""Calls as those who make them read them: drafts too, with the marks by which a form knows what it was shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from recruitment.enums import ChangeKind, DecisionState, ReviewState
from recruitment.models import Call, Clarification, Criterion, Decision, Review, ScoreMeaning
from recruitment.plan import FIELDS, Line
from recruitment.queries.saying import clarifications
from recruitment.rules import WHO
from taskforce.accounts.queries import task_force_ids
from taskforce.core import labels
from taskforce.core.text import digest
from taskforce.timeline import windows
from taskforce.timeline.enums import ENDED, Capability
from taskforce.timeline.models import Phase, TaskForce


def writable_calls(user: Any) -> QuerySet[Call]:
    """The calls that the user may write, change and check, drafts too; the newest phase first."""
    everywhere, ids = task_force_ids(user, WHO["call.write"])
    calls = Call.objects.select_related("phase__task_force", "questions__question_set").order_by("-phase__opens_at")
    if everywhere:
        return calls
    return calls.filter(phase__task_force_id__in=ids) if ids else calls.none()


def writes_calls(user: Any) -> bool:
    """Whether the user may write calls anywhere."""
    everywhere, ids = task_force_ids(user, WHO["call.write"])
    return everywhere or bool(ids)


def phases_to_call_in(user: Any, at: datetime) -> list[Phase]:
    """The phases without a call in which people apply, drafts too, not over at the moment, for which the user may write
    one; none of a task force that has ended."""
    everywhere, ids = task_force_ids(user, WHO["call.write"])
    found = Phase.objects.filter(
        capabilities__contains=[Capability.APPLY], cancelled_at=None, closes_at__gt=at, call__isnull=True
    ).exclude(task_force__state__in=ENDED)
    found = found.select_related("task_force").order_by("task_force_id", "opens_at", "id")
    return list(found if everywhere else found.filter(task_force_id__in=ids))


def to_publish_now(user: Any, at: datetime) -> list[Call]:
    """The drafts of calls that the user may publish, whose phase is not over; the first to open first."""
    drafts = writable_calls(user).filter(published_at=None, phase__cancelled_at=None, phase__closes_at__gt=at)
    return list(drafts.exclude(phase__task_force__state__in=ENDED).order_by("phase__opens_at", "pk"))


def writable_call_or_404(user: Any, call_id: int) -> Call:
    """A call that the user may write, draft or not; `Http404` otherwise."""
    found = writable_calls(user).filter(pk=call_id).first()
    if found is None:
        raise Http404
    return found


def meant_call(task_force: TaskForce, at: datetime) -> tuple[Call | None, int]:
    """Of all calls of a task force, drafts too, the one that runs, else the next to open, else the last; and how many
    there are. One whose phase was cancelled is meant only where there is no other."""
    every = Call.objects.filter(phase__task_force=task_force).select_related("phase__task_force", "questions")
    count = every.count()
    for calls in (every.filter(phase__cancelled_at=None), every):
        running = calls.filter(windows.open_at(at, "phase__")).order_by("-phase__opens_at").first()
        coming = calls.filter(~windows.begun_at(at, "phase__")).order_by("phase__opens_at").first()
        found = running or coming or calls.order_by("-phase__opens_at").first()
        if found is not None:
            return found, count
    return None, count


def seats_at_first(call: Call) -> int:
    """How many seats the call was published with."""
    first = call.changes.filter(kind=ChangeKind.SEATS).order_by("number").first()
    return first.old_seats if first is not None and first.old_seats is not None else call.seats


def meanings(call: Call) -> dict[int, dict[int, ScoreMeaning]]:
    """{criterion id: {score: what it means}} of the rubric in force, in one query."""
    found: dict[int, dict[int, ScoreMeaning]] = {}
    for one in ScoreMeaning.objects.filter(criterion__call=call, criterion__retired_at=None).order_by("score"):
        found.setdefault(one.criterion_id, {})[one.score] = one
    return found


def rubric(call: Call) -> list[Line]:
    """The rubric in force as values; two queries."""
    means = meanings(call)
    return [
        Line(
            labels.stored(one, "label"),
            one.weight,
            labels.stored(one, "help_text"),
            {score: labels.stored(meaning, "text") for score, meaning in means.get(one.pk, {}).items()},
            one.pk,
        )
        for one in call.criteria.filter(retired_at=None).order_by("position")
    ]


def kept(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """A rubric as an act keeps it."""
    return [
        {
            "criterion": one.criterion_id,
            "labels": dict(one.labels),
            "help_texts": dict(one.help_texts),
            "weight": one.weight,
            "meanings": {str(score): dict(texts) for score, texts in sorted(one.meanings.items())},
        }
        for one in lines
    ]


def is_released(call: Call) -> bool:
    """Whether anything that was decided about its candidates has been told."""
    return Decision.objects.filter(application__call=call, state=DecisionState.RELEASED).exists()


def is_reviewed(call: Call) -> bool:
    """Whether a review of it was submitted."""
    return Review.objects.filter(application__call=call, state=ReviewState.SUBMITTED).exists()


# --- what a form was shown --------------------------------------------------------------------------------------------


def details_seen(call: Call) -> str:
    """Another one as soon as a text or number of the call, or its questions, are others."""
    words = {name: labels.stored(call, name) for name in FIELDS}
    return digest([words, call.seats, call.panel_size, call.languages, call.questions_id])


def words_seen(row: Call | Criterion | ScoreMeaning | Clarification) -> str:
    """Another one as soon as the row says something else in any language."""
    return digest([row._meta.label_lower, row.pk, {name: labels.stored(row, name) for name in words_of(row)}])


def words_of(row: Call | Criterion | ScoreMeaning | Clarification) -> tuple[str, ...]:
    """Its translated fields, in the order in which they are read."""
    return {
        Call: FIELDS,
        Criterion: ("label", "help_text"),
        ScoreMeaning: ("text",),
        Clarification: ("question", "answer"),
    }[type(row)]


def criterion_seen(criterion: Criterion) -> str:
    """Another one as soon as the criterion, its weight or the meaning of a score is another one."""
    means = {one.score: labels.stored(one, "text") for one in criterion.meanings.all()}
    return digest([words_seen(criterion), criterion.weight, sorted(means.items())])


def clarification_seen(clarification: Clarification) -> str:
    """Another one as soon as the question or its answer is another one."""
    return words_seen(clarification)


def rubric_seen(call: Call) -> str:
    """Another one as soon as anything of the rubric is another one."""
    return digest(kept(rubric(call)))


def order_seen(call: Call) -> str:
    """Another one as soon as criteria or questions and answers come, go or stand in another order."""
    return digest(
        [
            list(call.criteria.filter(retired_at=None).order_by("position").values_list("pk", flat=True)),
            list(call.clarifications.order_by("position").values_list("pk", flat=True)),
        ]
    )


def dates_seen(call: Call) -> str:
    """Another one as soon as it opens or closes at another instant, or by the clocks of another zone."""
    phase = call.phase
    return digest([phase.opens_at.isoformat(), phase.closes_at.isoformat(), phase.zone])


def whole_seen(call: Call) -> str:
    """Another one as soon as anything that the call would say is another one."""
    return digest([details_seen(call), rubric_seen(call), [words_seen(one) for one in clarifications(call)]])
