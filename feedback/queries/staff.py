"""What staff see and may ask."""

from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from feedback.models import FeedbackItem, FeedbackWindow
from feedback.rules import WHO
from proposals.enums import ProposalState
from proposals.models import Proposal
from taskforce.accounts.queries import task_force_ids
from taskforce.timeline.enums import ENDED, Capability
from taskforce.timeline.models import Phase


def visible_windows(user: Any) -> QuerySet[FeedbackWindow]:
    """The windows of the task forces whose feedback a staff member reads, with the number `received`."""
    everywhere, ids = task_force_ids(user, WHO["feedback.read"])
    found = FeedbackWindow.objects.select_related("phase__task_force", "proposal")
    found = found.annotate(received=Count("items"))
    return found if everywhere else found.filter(phase__task_force_id__in=ids)


def phases_to_ask_in(user: Any, at: datetime) -> list[Phase]:
    """The published phases for feedback, not over at the moment, for which the user may publish a window; none of a
    task force that has ended.
    """
    everywhere, ids = task_force_ids(user, WHO["window.publish"])
    found = Phase.objects.filter(
        capabilities__contains=[Capability.FEEDBACK], published_at__isnull=False, cancelled_at=None, closes_at__gt=at
    )
    found = found.exclude(task_force__state__in=ENDED)
    found = found.select_related("task_force").order_by("task_force_id", "opens_at", "id")
    return list(found if everywhere else found.filter(task_force_id__in=ids))


def texts_to_ask_about(user: Any) -> list[Proposal]:
    """The published texts that have not ended, for which the user may publish a window."""
    everywhere, ids = task_force_ids(user, WHO["window.publish"])
    found = Proposal.objects.filter(state=ProposalState.PUBLISHED).select_related("task_force")
    found = found.order_by("task_force_id", "id")
    return list(found if everywhere else found.filter(task_force_id__in=ids))


def visible_to(user: Any) -> QuerySet[FeedbackItem]:
    """The items that a staff member reads; everybody else none."""
    everywhere, ids = task_force_ids(user, WHO["feedback.read"])
    found = FeedbackItem.objects.select_related("window__phase__task_force", "revision", "unit", "entered_by")
    return found if everywhere else found.filter(window__phase__task_force_id__in=ids)
