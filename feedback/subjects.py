"""On which texts a phase asked for feedback, as a decision afterwards names them."""

from collections.abc import Sequence

from feedback.models import FeedbackWindow
from proposals.enums import ProposalKind, UnitKind
from proposals.models import Proposal, UnitText
from proposals.rendering import plain_text
from taskforce.timeline.models import Phase, Verdict
from taskforce.timeline.subjects import Subject


def asked_about(phase: Phase) -> list[Subject]:
    """The texts of the phase's published windows; three queries."""
    windows = FeedbackWindow.objects.filter(phase=phase, published_at__isnull=False).select_related("proposal")
    found = list({window.proposal_id: window.proposal for window in windows.order_by("id")}.values())
    main = _main(phase, found)
    titles: dict[int, dict[str, str]] = {text.pk: {} for text in found}
    for text_id, language, html in (
        UnitText.objects.filter(unit__proposal__in=titles, unit__kind=UnitKind.TITLE, unit__removed_in=None)
        .exclude(text="")
        .values_list("unit__proposal_id", "language", "html")
    ):
        titles[text_id][language] = plain_text(html)
    return [Subject(text.pk, text.pk == main, titles[text.pk]) for text in found]


def _main(phase: Phase, texts: Sequence[Proposal]) -> int | None:
    """The one text with which the task force stands or falls, of those that the phase asked about: what has been
    decided about as that stays it; else the proposal that was asked about first and has not ended."""
    decided = Verdict.objects.filter(phase=phase, is_main=True, text_id__isnull=False).order_by("number")
    known = decided.values_list("text_id", flat=True).first()
    if known is not None:
        return known
    proposals = [text for text in texts if text.kind == ProposalKind.PROPOSAL]
    first = next((text for text in proposals if not text.has_ended), next(iter(proposals), None))
    return first.pk if first else None
