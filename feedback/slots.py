"""What feedback adds to the pages of rooms below it; the same for everybody."""

from collections.abc import Collection
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy

from feedback import queries
from feedback.describe import when
from feedback.forms import FeedbackForm, Offered, WindowForm
from feedback.models import FeedbackWindow
from proposals.current import Page
from proposals.models import Proposal
from proposals.paragraphs import UnitPage
from taskforce.core import clock
from taskforce.core.labels import label
from taskforce.core.together import instances
from taskforce.questions.uses import Use
from taskforce.timeline import describe, windows
from taskforce.timeline.enums import OVER, Capability, PhaseState
from taskforce.timeline.offers import Offer

WINDOWS = "feedback.windows"
# So much of what was said about a paragraph stands on one page.
_ITEMS = 20
IN_PHASES = Offer(
    Capability.FEEDBACK,
    FeedbackWindow,
    queries.in_phases,
    gettext_lazy("No feedback window belongs to this phase: nobody finds a place to say anything."),
)


def on_proposal(page: Page, language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of a text: where to say something about it, or since when that is over."""
    phases = {phase.pk: phase for phase in page.phases}
    found: list[dict[str, Any]] = [
        {
            "window": window,
            "phase": phase,
            "task_force": page.proposal.task_force,
            "state": windows.state(phase, page.at).value,
            "opens_rule": describe.opens_rule(phase),
            "closes_rule": describe.closes_rule(phase),
        }
        for window in instances(FeedbackWindow, page.rows[WINDOWS])
        if (phase := phases.get(window.phase_id))
    ]
    # The first open one is the page's next step, of which there is one; a text that has ended invites nobody.
    opened = [said for said in found if said["state"] == PhaseState.CURRENT.value and not page.proposal.has_ended]
    step = next(iter(opened), None)
    rest = [said for said in found if said is not step]
    context = {"step": step, "windows": rest, "at": page.at, "language": language}
    return ("feedback/slot_proposal.html", context) if found else None


def on_paragraph(page: UnitPage, language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of a paragraph, whether the text still has it: what everybody may read of what was said about it, and
    where to say something while a window on the text is open and the text has not ended. Five queries at most."""
    phases = {phase.pk: phase for phase in page.phases}
    opened = [one for one in queries.windows_on(page.proposal) if _is_open(phases.get(one.phase_id), page)]
    said = Paginator(queries.said_about(page.unit), _ITEMS).get_page(page.number)
    if not opened and not said:
        return None
    answers = queries.answers_of(list(said))
    context = {
        "task_force": page.proposal.task_force,
        "unit": page.unit,
        "windows": opened,
        "page": said,
        "items": [{"item": item, "answers": answers.get(item.pk, []), "when": when(item)} for item in said],
    }
    return "feedback/slot_paragraph.html", context


def _is_open(phase: Any, page: UnitPage) -> bool:
    return phase is not None and windows.is_open(phase, page.at) and not page.proposal.has_ended


def on_ending(proposal: Proposal, language: str) -> tuple[str, dict[str, Any]] | None:
    """Beside the form that ends a text: which windows on it are open, or will be."""
    at = clock.app_now()
    found = [one for one in queries.windows_on(proposal) if windows.state(one.phase, at) not in OVER]
    return ("feedback/slot_ending.html", {"windows": found, "task_force": proposal.task_force}) if found else None


def uses_of_questions(versions: Collection[int]) -> list[Use]:
    """The windows that ask these versions of questions."""
    found = queries.in_phases().filter(questions_id__in=versions).select_related("phase__task_force").order_by("pk")
    return [
        Use(
            one.questions_id,
            label(one, "title"),
            reverse("feedback:window", args=[one.phase.task_force.slug, one.slug]),
        )
        for one in found
    ]


def labels(task_force: str, window: str) -> dict[str, Any]:
    """What the form of a window calls its fields, for a page that gives back what was typed there."""
    form = FeedbackForm(queries.door_or_404(task_force, window), language=get_language() or "en", at=clock.app_now())
    return {name: field.label for name, field in form.fields.items()}


def labels_of_a_new_window() -> dict[str, Any]:
    """The same of the page that publishes a window."""
    return {name: field.label for name, field in WindowForm(Offered([], [], [])).fields.items()}
