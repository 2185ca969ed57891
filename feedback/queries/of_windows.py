"""The windows: as visitors find them, as a text has them, and by their addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils.translation import get_language

from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import FeedbackWindow, Release, Summary
from feedback.queries.items import for_everybody
from proposals import queries as texts
from proposals.enums import ProposalState
from proposals.models import Proposal
from taskforce.core.labels import Label
from taskforce.core.together import This
from taskforce.timeline import windows as spans
from taskforce.timeline.enums import PhaseState
from taskforce.timeline.models import Phase, TaskForce


@dataclass(frozen=True)
class WindowAt:
    """A window, where it stands at a moment, and how many items of it everybody may read."""

    window: FeedbackWindow
    phase: Phase
    state: PhaseState
    items: int


def published() -> QuerySet[FeedbackWindow]:
    """The windows that everybody may see, with their phases, texts and task forces."""
    return FeedbackWindow.objects.filter(published_at__isnull=False, phase__published_at__isnull=False).select_related(
        "phase__task_force", "proposal__task_force"
    )


def in_phases() -> QuerySet[FeedbackWindow]:
    """The windows that visitors find, or will find once their phase is published."""
    return FeedbackWindow.objects.filter(published_at__isnull=False)


def asked_in_phases() -> QuerySet[FeedbackWindow]:
    """The same windows, each with the number of its `text` and whether that `goes_on` (`timeline.subjects`)."""
    goes_on = ExpressionWrapper(Q(proposal__state=ProposalState.PUBLISHED), BooleanField())
    return in_phases().annotate(text=F("proposal_id"), goes_on=goes_on)


def window_or_404(
    task_force: str,
    slug: str,
    also: Callable[[QuerySet[FeedbackWindow]], QuerySet[FeedbackWindow]] = lambda found: found,
) -> FeedbackWindow:
    """The published window of an address, with its phase, task force and proposal, in one statement; `also` adds to
    what that reads."""
    window = also(published()).filter(phase__task_force__slug=task_force, slug=slug).first()
    if window is None:
        raise Http404
    return window


def window_numbered(window_id: int) -> FeedbackWindow:
    """A published window, with its phase, task force and proposal."""
    return published().get(pk=window_id)


def windows(task_force: TaskForce, at: datetime) -> list[WindowAt]:
    """All windows of a task force in the order in which they open, in one statement."""
    # What else was received is printed nowhere: who takes this number from that one would have the rest.
    is_readable = Q(items__state=ItemState.PUBLISHED, items__visibility__in=sorted(FOR_EVERYBODY))
    found = with_results(published().filter(phase__task_force=task_force))
    counted = found.annotate(readable=Count("items", filter=is_readable))
    return [
        WindowAt(window, window.phase, spans.state(window.phase, at), window.readable)
        for window in counted.order_by("phase__opens_at", "id")
    ]


def windows_on(proposal: Proposal) -> QuerySet[FeedbackWindow]:
    """The published windows on one text, in the order in which they open."""
    return published().filter(proposal=proposal).order_by("phase__opens_at", "id")


def windows_of(task_force: TaskForce) -> QuerySet[FeedbackWindow]:
    """All published windows of a task force."""
    return published().filter(phase__task_force=task_force)


def on_text() -> QuerySet[FeedbackWindow]:
    """The published windows on the text of a page (`proposals/current.py`), in the order in which they open, each with
    `has_items`: whether there is something to read. How much would draw the page anew with each text that comes.
    Each knows its results (`with_results`)."""
    found = FeedbackWindow.objects.filter(
        published_at__isnull=False,
        phase__published_at__isnull=False,
        proposal=This("proposal_id"),
    )
    said = for_everybody().order_by().filter(window=OuterRef("pk"))
    return with_results(found.annotate(has_items=Exists(said))).order_by("phase__opens_at", "id")


def with_results(found: QuerySet[FeedbackWindow]) -> QuerySet[FeedbackWindow]:
    """Windows, each with `has_answers`, whether answers to what was said in it are published, and `summary_at`, when
    the newest version of its summary was (None: there is none)."""
    of_window = {"window": OuterRef("pk")}
    newest = Summary.objects.filter(**of_window).order_by("-number").values("at")[:1]
    return found.annotate(has_answers=Exists(Release.objects.filter(**of_window)), summary_at=Subquery(newest))


def counts(window: FeedbackWindow) -> dict[str, int]:
    """How many items a window has: `total`, and one number per state."""
    by_state = dict(window.items.order_by().values_list("state").annotate(Count("id")))
    return {"total": sum(by_state.values()), **{state: by_state.get(state, 0) for state in ItemState.values}}


def title_of(proposal: Proposal) -> Label:
    """The title of a text for a reader of the active language, by the chain; empty where it has none."""
    return texts.title_of(proposal, get_language() or "en")


def windows_in(phase: Phase) -> list[FeedbackWindow]:
    """The published windows of a phase, in the order in which they were made."""
    return list(published().filter(phase=phase).order_by("id"))


def window_called(task_force_id: int, slug: str) -> FeedbackWindow | None:
    """The window of a task force that has this address."""
    return FeedbackWindow.objects.filter(phase__task_force=task_force_id, slug=slug).first()
