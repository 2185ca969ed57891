"""What the next release would make public. Part of the room `answering`."""

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from feedback.answering.standing import whole
from feedback.enums import ItemState, Outcome
from feedback.models import (
    Disposition,
    FeedbackItem,
    FeedbackWindow,
)
from proposals.models import Revision
from taskforce.core.text import digest


def drafts(window: FeedbackWindow | int) -> QuerySet[Disposition]:
    """What would be made public now: drafts about themes, and about items that are published still."""
    of_items = Q(item__window=window, item__state=ItemState.PUBLISHED)
    return whole().filter(Q(theme__window=window) | of_items, release=None).order_by("pk")


class Ready(NamedTuple):
    """What a release would make public: how many answers, how many of them correct an earlier one, how many items they
    are about and of these how many had none; `seen` is another one as soon as any of that changes."""

    answers: int
    corrections: int
    items: int
    outcomes: dict[str, int]
    seen: str


def ready(window: FeedbackWindow | int) -> Ready:
    """What a release would do now; four queries."""
    rows = list(drafts(window).values_list("pk", "item", "theme", "outcome"))
    items = list(to_release(window, rows=rows).values_list("pk", "edits"))
    own, about = _drafted_about(rows)
    corrected = Disposition.objects.filter(Q(item__in=own) | Q(theme__in=about), stands=True)
    outcomes = Counter(row[3] for row in rows)
    return Ready(
        len(rows),
        corrected.count(),
        len(items),
        {code: outcomes[code] for code in Outcome.values if outcomes[code]},
        digest([[row[0] for row in rows], [list(row) for row in items], _newest(window)]),
    )


def _newest(window: FeedbackWindow | int) -> list[int]:
    """The id of the newest revision that an answer may be about."""
    pk = window.pk if isinstance(window, FeedbackWindow) else window
    found = Revision.objects.filter(proposal__feedback_windows=pk).order_by("-number")
    return list(found.values_list("pk", flat=True)[:1])


def to_release(window: FeedbackWindow | int, rows: Collection[Any] | None = None) -> QuerySet[FeedbackItem]:
    """The items that would be answered now, by their ids; `rows` are the drafts, where they are at hand."""
    own, about = _drafted_about(drafts(window).values_list("pk", "item", "theme") if rows is None else rows)
    own_answer = Disposition.objects.filter(item=OuterRef("pk"), stands=True)
    own_answer = own_answer.filter(Q(joins=None) | ~Q(joins=OuterRef("themed__theme")))
    is_shared = Q(themed__theme__in=about) & ~Q(Exists(own_answer))
    found = FeedbackItem.objects.filter(Q(pk__in=own) | is_shared, window=window, state=ItemState.PUBLISHED)
    return found.order_by("pk")


def _drafted_about(rows: Collection[Any]) -> tuple[list[int], list[int]]:
    """The items and the themes that these drafts are about."""
    return [row[1] for row in rows if row[1]], [row[2] for row in rows if row[2]]
