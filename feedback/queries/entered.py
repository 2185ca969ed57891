"""What facilitators bring in from elsewhere."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q, QuerySet

from feedback.enums import LineFault
from feedback.models import FeedbackItem, FeedbackWindow, Sheet, SheetLine
from feedback.queries.of_windows import published
from proposals.models import Unit


def sheets_of(user: Any, window: FeedbackWindow) -> QuerySet[Sheet]:
    """The tables that somebody has pasted for a window, the newest first, each with how many lines it has, and how many
    of them were `entered` and `failed`."""
    found = Sheet.objects.filter(window=window, pasted_by=user).order_by("-id")
    return found.annotate(
        total=Count("lines"),
        entered=Count("lines", filter=Q(lines__item__isnull=False)),
        failed=Count("lines", filter=Q(lines__fault__in=LineFault.values)),
    )


def lines_failed(sheet: Sheet) -> list[SheetLine]:
    """The lines of a table that were not entered, in their order."""
    return list(sheet.lines.exclude(fault="").order_by("number"))


def lines_waiting(most: int) -> list[int]:
    """The next lines that wait, of whatever tables, the oldest first."""
    found = SheetLine.objects.filter(item=None, fault="").order_by("sheet", "number")
    return list(found.values_list("pk", flat=True)[:most])


def to_enter_in(task_force_ids: Collection[int | None]) -> list[FeedbackWindow]:
    """The published windows of these task forces (None: of all), the newest first: what was said elsewhere belongs to
    one of them. One query."""
    found = published().order_by("-phase__opens_at", "-id")
    return list(found if None in task_force_ids else found.filter(phase__task_force__in=task_force_ids))


def units_to_choose(proposal_id: int) -> list[int]:
    """The ids of the units that a text has, in its order."""
    found = Unit.objects.filter(proposal=proposal_id, removed_in=None).order_by("position")
    return list(found.values_list("pk", flat=True))


def entered_by(user: Any, window: FeedbackWindow) -> QuerySet[FeedbackItem]:
    """What somebody has entered in a window for those who spoke elsewhere, the newest first."""
    found = FeedbackItem.objects.filter(window=window, entered_by=user).prefetch_related("appeals")
    return found.order_by("-id")
