"""Whether a text is called final, and of what windows it then is. Part of the room `answering`."""

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from feedback import queries
from feedback.answering.standing import decided
from feedback.models import (
    FeedbackWindow,
    FinalCall,
)
from proposals.models import Proposal
from taskforce.core.together import This


def final_on_text() -> QuerySet[FinalCall]:
    """That the text of a page (`proposals/current.py`) was called final, the last time, with the number of the
    revision and how much of what everybody may read is not answered `now`; an empty list where it was not."""
    readable = queries.for_everybody().order_by().filter(~decided(), window__proposal=OuterRef("proposal"))
    now = readable.values("window__proposal").annotate(many=Count("pk")).values("many")
    found = FinalCall.objects.filter(proposal=This("proposal_id"))
    found = found.annotate(revision_number=F("revision__number"), now=Coalesce(Subquery(now), Value(0)))
    return found.order_by("-number")[:1]


def windows_on(proposal: Proposal) -> list[FeedbackWindow]:
    """The published windows on a text, with their phases."""
    return list(queries.windows_on(proposal))


def last_final_call(proposal: Proposal) -> FinalCall | None:
    """The one that holds; None where the text was never called final."""
    return FinalCall.objects.filter(proposal=proposal).select_related("revision").order_by("-number").first()
