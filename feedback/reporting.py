"""What readers report: what waits of it, by which rules, and what came of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from feedback.enums import BrokenRule, ItemState, ReportOutcome, Suspicion
from feedback.models import FeedbackItem, FeedbackReply, FeedbackReport
from taskforce.core import keyed

# So long after a decision it is kept who reported, and in which words: nobody reports the same again at once.
KEPT = timedelta(days=90)
# One that the trap has caught stays for the record and waits for nobody.
HEARD = ~Q(suspicion=Suspicion.TRAP)
_WAITING = HEARD & Q(outcome="")


def browser(secret: str, item_id: int) -> str:
    """A code of the browser (of the secret that its forms are sent with) for one item, so that nothing says what else
    was reported from it; "" without a secret."""
    return keyed.hexdigest("feedback.report", f"{item_id} {secret}") if secret else ""


def on_items() -> Exists:
    """Whether a report of an item itself waits."""
    return Exists(FeedbackReport.objects.filter(_WAITING, item=OuterRef("pk"), reply=None))


def on_replies() -> Exists:
    """Whether a report of a reply to an item waits that everybody reads."""
    return Exists(FeedbackReport.objects.filter(_WAITING, item=OuterRef("pk"), reply__state=ItemState.PUBLISHED))


@dataclass(frozen=True)
class Reported:
    """What waits of one item, or of one reply to it: how many reports, and how many for each rule, the most first."""

    count: int
    rules: Sequence[tuple[Any, int]]
    reply: FeedbackReply | None = None


def waiting(items: Collection[FeedbackItem]) -> dict[int, list[Reported]]:
    """{item: what waits of it, and of each reply to it that everybody reads}; two queries at most."""
    if not items:
        return {}
    rows = FeedbackReport.objects.filter(_WAITING, Q(reply=None) | Q(reply__state=ItemState.PUBLISHED), item__in=items)
    by_rule: dict[tuple[int, int | None], list[tuple[Any, int]]] = {}
    counted = rows.values_list("item", "reply", "rule").annotate(many=Count("pk")).order_by("item", "reply", "-many")
    for item, reply, rule, many in counted:
        by_rule.setdefault((item, reply), []).append((BrokenRule(rule).label, many))
    ids = [reply for _item, reply in by_rule if reply is not None]
    replies = FeedbackReply.objects.in_bulk(ids) if ids else {}
    found: dict[int, list[Reported]] = {}
    for (item, reply), rules in sorted(by_rule.items(), key=lambda one: (one[0][0], one[0][1] or 0)):
        about = replies[reply] if reply is not None else None
        found.setdefault(item, []).append(Reported(sum(many for _rule, many in rules), rules, about))
    return found


def of(item: FeedbackItem, reply: FeedbackReply | None = None) -> QuerySet[FeedbackReport]:
    """All reports of an item, or of a reply to it, but what the trap has caught; what waits first, then the newest."""
    return FeedbackReport.objects.filter(HEARD, item=item, reply=reply).order_by("-closed_at", "-id")


def open_of(item: FeedbackItem, reply: FeedbackReply | None = None) -> QuerySet[FeedbackReport]:
    """What of it waits."""
    return FeedbackReport.objects.filter(_WAITING, item=item, reply=reply)


def reported_by(user: Any, texts: Iterable[FeedbackItem | FeedbackReply]) -> set[tuple[int | None, int | None]]:
    """Which of these items and replies somebody has reported, as (item, None) and (None, reply); one query."""
    items = [one.pk for one in texts if isinstance(one, FeedbackItem)]
    replies = [one.pk for one in texts if isinstance(one, FeedbackReply)]
    if not (items or replies):
        return set()
    found = FeedbackReport.objects.filter(Q(item__in=items, reply=None) | Q(reply__in=replies), reporter=user.pk)
    return {(None, reply) if reply else (item, None) for item, reply in found.values_list("item", "reply")}


def has_reported(user: Any, text: FeedbackItem | FeedbackReply) -> bool:
    """Whether somebody has reported this item or reply."""
    return bool(reported_by(user, [text]))


def counted(window_id: int) -> dict[str, int]:
    """How many reports a window has, of replies in it too, by what came of them ("": nothing yet); one query."""
    rows = FeedbackReport.objects.filter(HEARD, item__window=window_id).order_by().values_list("outcome")
    return dict(rows.annotate(Count("pk")))


def outcome_of(state: str) -> str:
    """What comes of the reports of something whose state was changed; "" for one in which they go on waiting."""
    return {
        ItemState.HIDDEN: ReportOutcome.HIDDEN,
        ItemState.PUBLISHED: ReportOutcome.LEFT,
        ItemState.WITHDRAWN: ReportOutcome.GONE,
    }.get(ItemState(state), "")
