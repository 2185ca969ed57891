"""What is left to be decided, and who decides it. Part of the room `answering`."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404

from feedback.answering.standing import decided
from feedback.earlier import confirmable_until
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import (
    FeedbackItem,
    FeedbackUnconfirmed,
    FeedbackWindow,
    SheetLine,
)
from feedback.rules import WHO
from taskforce.accounts.queries import task_force_ids
from taskforce.timeline.enums import ENDED


class Left(NamedTuple):
    """How many published items there are, how many of them are undecided, how many are held, of which nobody knows yet
    whether they are to be answered, how many of the undecided ones everybody may read, and how many more may come: what
    waits for the mail of its author, and lines of tables that wait for their turn."""

    items: int
    undecided: int
    held: int
    readable: int
    coming: int = 0

    @property
    def to_say(self) -> int:
        """All of which nobody has said yet what becomes of it: what is to be known before a text is called final."""
        return self.undecided + self.held + self.coming


def left(windows: Iterable[FeedbackWindow | int]) -> Left:
    """What is left to be decided in windows; one query."""
    found = FeedbackItem.objects.filter(window__in=list(windows)).order_by()
    stands = Q(state=ItemState.PUBLISHED)
    is_left = stands & ~decided()
    counted = found.aggregate(
        items=Count("pk", filter=stands),
        undecided=Count("pk", filter=is_left),
        held=Count("pk", filter=Q(state=ItemState.HELD)),
        readable=Count("pk", filter=is_left & Q(visibility__in=sorted(FOR_EVERYBODY))),
    )
    return Left(**counted)


def left_with_coming(windows: Collection[FeedbackWindow], at: datetime) -> Left:
    """The same of windows with their phases, with what may still come after a moment; three queries."""
    confirmable = [one.pk for one in windows if at < confirmable_until(one)]
    waits = FeedbackUnconfirmed.objects.filter(window__in=confirmable).count() if confirmable else 0
    lines = SheetLine.objects.filter(sheet__window__in=list(windows), item=None, fault="").count()
    return left(windows)._replace(coming=waits + lines)


def waiting_for(user: Any) -> list[FeedbackWindow]:
    """The windows of which the user answers what was said, with the number `many` of what is undecided, the newest
    first: while they are open, too, since much can be answered before the close. One query, or none."""
    everywhere, ids = task_force_ids(user, WHO["answer.give"])
    if not (everywhere or ids):
        return []
    rows = FeedbackItem.objects.filter(~decided(), window=OuterRef("pk"), state=ItemState.PUBLISHED).order_by()
    many = Subquery(rows.values("window").annotate(many=Count("pk")).values("many"))
    found = FeedbackWindow.objects.filter(published_at__isnull=False).exclude(phase__task_force__state__in=ENDED)
    found = found if everywhere else found.filter(phase__task_force_id__in=ids)
    return list(found.annotate(many=many).filter(many__gt=0).order_by("-phase__opens_at", "-id"))


def window_to_answer_or_404(user: Any, pk: int) -> FeedbackWindow:
    """A window whose items the user sorts and answers."""
    everywhere, ids = task_force_ids(user, WHO["answer.give"])
    found = FeedbackWindow.objects.select_related("phase__task_force", "proposal__task_force")
    found = found if everywhere else found.filter(phase__task_force_id__in=ids)
    window = found.filter(pk=pk, published_at__isnull=False).first() if pk < 2**63 else None
    if window is None:
        raise Http404
    return window
