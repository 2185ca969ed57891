"""What the pages of a text say once it has ended: since when, why, and which text has taken its place."""

from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString

from proposals.enums import ProposalState
from proposals.models import Proposal
from proposals.queries import Listed
from taskforce.core import labels
from taskforce.timeline.describe import in_language, told_in


class Ended(NamedTuple):
    """How a text has ended; `reason` may be empty where another one has taken its place, which `url` leads to.
    `unanswered` is how much of what was said on it was not answered then."""

    is_withdrawn: bool
    at: datetime
    reason: SafeString | str
    unanswered: int
    title: SafeString | str
    url: str


def ended(proposal: Proposal, successor: Listed | None) -> Ended | None:
    """What is to be said of a text that has ended; None of any other."""
    if not proposal.has_ended or proposal.ended_at is None:
        return None
    reason = told_in(*labels.chosen(proposal.ended_reasons)) if proposal.ended_reasons else ""
    is_withdrawn = proposal.state == ProposalState.WITHDRAWN
    left = proposal.unanswered or 0
    if successor is None:
        return Ended(is_withdrawn, proposal.ended_at, reason, left, "", "")
    names = {"task_force": proposal.task_force.slug, "proposal": successor.proposal.slug}
    title = in_language(successor.title.text or successor.proposal.slug, successor.title.language)
    return Ended(is_withdrawn, proposal.ended_at, reason, left, title, reverse("proposals:text", kwargs=names))
