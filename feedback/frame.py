"""All that the list of what was said has around it: the window, what it asks, its themes, the moment; one statement,
compiled once. What the list costs is then its items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import F, QuerySet
from django.http import Http404

from feedback.answering import Offered, is_public
from feedback.models import FeedbackWindow, Release, Theme
from proposals.models import Proposal
from taskforce.core.together import Given, Row, This, Together, instances
from taskforce.questions.models import Choice, Question
from taskforce.timeline.models import Phase, TaskForce


@dataclass(frozen=True)
class Frame:
    """A published window with its phase, task force and text; its questions in order with their choices; what its list
    can be narrowed by; the moment for which all of this is true."""

    window: FeedbackWindow
    questions: Sequence[Question]
    offered: Offered
    at: datetime


@lru_cache(maxsize=1)
def _together() -> Together:
    return Together(
        _base,
        small={},
        large={
            "window": lambda: FeedbackWindow.objects.filter(pk=This("window_id")),
            "phase": lambda: Phase.objects.filter(pk=This("phase_id")),
            "proposal": lambda: Proposal.objects.filter(pk=This("proposal_id")),
            "task_force": lambda: TaskForce.objects.filter(pk=This("task_force_id")),
            "questions": lambda: Question.objects.filter(version=This("questions_id")).order_by("position"),
            "choices": lambda: Choice.objects.filter(question__version=This("questions_id")).order_by("position"),
            "themes": lambda: Theme.objects.filter(is_public(), window=This("window_id")).order_by("position"),
            "releases": lambda: Release.objects.filter(window=This("window_id")).order_by("pk").values("pk")[:1],
        },
        light={},
    )


def _base() -> QuerySet[FeedbackWindow, Any]:
    found = FeedbackWindow.objects.filter(published_at__isnull=False, phase__published_at__isnull=False)
    found = found.filter(phase__task_force__slug=Given("task_force"), slug=Given("window"))
    task_force = F("phase__task_force_id")
    return found.values("phase_id", "proposal_id", "questions_id", window_id=F("pk"), task_force_id=task_force)


def frame_or_404(task_force: str, window: str) -> Frame:
    """The frame of the published window of an address; one query."""
    found = _together().read(task_force=task_force, window=window)
    rows = found.rows
    if not rows["window"]:
        raise Http404
    (one,) = instances(FeedbackWindow, rows["window"])
    (one.phase,) = instances(Phase, rows["phase"])
    (one.proposal,) = instances(Proposal, rows["proposal"])
    (one.phase.task_force,) = instances(TaskForce, rows["task_force"])
    if one.proposal.task_force_id == one.phase.task_force_id:
        one.proposal.task_force = one.phase.task_force
    offered = Offered(instances(Theme, rows["themes"]), bool(rows["releases"]))
    return Frame(one, _with_choices(instances(Question, rows["questions"]), rows["choices"]), offered, found.at)


def _with_choices(questions: Sequence[Question], rows: Iterable[Row]) -> Sequence[Question]:
    """The questions as if their choices had been prefetched."""
    of: dict[int, list[Choice]] = {question.pk: [] for question in questions}
    for choice in instances(Choice, list(rows)):
        of[choice.question_id].append(choice)
    for question in questions:
        choices = question.choices.all()
        choices._result_cache, choices._prefetch_done = of[question.pk], True  # type: ignore[attr-defined]
        question._prefetched_objects_cache = {"choices": choices}  # type: ignore[attr-defined]
    return questions
