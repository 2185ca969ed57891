"""On which texts a phase asked for feedback, as a decision afterwards names them."""

from feedback.models import FeedbackWindow
from proposals.enums import ProposalKind, UnitKind
from proposals.models import Proposal, UnitText
from proposals.rendering import plain_text
from taskforce.timeline.models import Phase
from taskforce.timeline.subjects import Subject


def asked_about(phase: Phase) -> list[Subject]:
    """The texts of the phase's published windows; two queries."""
    windows = FeedbackWindow.objects.filter(phase=phase, published_at__isnull=False)
    found = Proposal.objects.filter(pk__in=windows.values("proposal"))
    titles: dict[int, dict[str, str]] = {text.pk: {} for text in found}
    for text_id, language, html in (
        UnitText.objects.filter(unit__proposal__in=titles, unit__kind=UnitKind.TITLE, unit__removed_in=None)
        .exclude(text="")
        .values_list("unit__proposal_id", "language", "html")
    ):
        titles[text_id][language] = plain_text(html)
    return [Subject(text.pk, text.kind == ProposalKind.PROPOSAL, titles[text.pk]) for text in found]
