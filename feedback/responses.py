"""How people respond to what was said: how many agree, and what they reply."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from feedback.enums import ItemState
from feedback.models import (
    RECEIVED_ON,
    FeedbackAgreement,
    FeedbackAppeal,
    FeedbackItem,
    FeedbackReply,
    FeedbackWindow,
)
from feedback.queries import NEAR
from feedback.rules import WHO
from taskforce.accounts.models import User
from taskforce.accounts.queries import task_force_ids
from taskforce.timeline import windows

REPLIES_PER_PAGE = 50
# Of a reply that everybody could read once its place stays, with word of what became of it.
_KNOWN = Q(state=ItemState.PUBLISHED) | Q(state__in=(ItemState.HIDDEN, ItemState.WITHDRAWN), was_public=True)
_NEAR_ANOTHER = """
SELECT 1 FROM feedback_feedbackreply AS reply JOIN feedback_feedbackitem AS item ON item.id = reply.item_id
WHERE item.window_id = %s AND reply.state <> %s AND reply.fingerprint && %s::bigint[]
    AND (SELECT count(*) FROM unnest(reply.fingerprint) AS mark WHERE mark = ANY(%s::bigint[])) >= %s
LIMIT 1
"""


def on_item(item: FeedbackItem, at: datetime, number: Any) -> dict[str, Any]:
    """What the public page of an item says of it, with this page of its replies: the same for everybody."""
    is_open = windows.is_open(item.window.phase, at)
    return {
        "agree_url": reverse("feedback:agree", args=address(item)) if is_open else "",
        "agreed_before": agreed_before(item),
        "reply_url": reverse("feedback:reply", args=address(item)) if is_open else "",
        "replies": replies(item, number),
    }


def address(item: FeedbackItem) -> list[str]:
    """What the addresses of an item and all below it have in them."""
    return [item.window.phase.task_force.slug, item.window.slug, item.reference]


def agreed_before(item: FeedbackItem) -> int:
    """How many agreed with an earlier wording of it, and not with this one; no query where nobody can have."""
    if not item.edits:
        return 0
    return FeedbackAgreement.objects.filter(item=item, edits__lt=item.edits).count()


def agreement(item: FeedbackItem, user: User) -> FeedbackAgreement | None:
    """Whether, and since when, a person agrees with an item."""
    return FeedbackAgreement.objects.filter(item=item, user=user).first()


# --- replies -------------------------------------------------------------------------------------------------------


def replies(item: FeedbackItem, number: Any) -> "Page[FeedbackReply]":
    """A page of what was said to an item: the first day first, and within a day, as in the list of items, by the
    references, which are random; one of those that everybody could read and that are gone keeps its place."""
    return Paginator(_in_order(item), REPLIES_PER_PAGE).get_page(number)


def _in_order(item: FeedbackItem) -> QuerySet[FeedbackReply]:
    return FeedbackReply.objects.filter(_KNOWN, item=item).order_by(RECEIVED_ON, "reference")


def page_of(reply: FeedbackReply) -> int:
    """On which page of the replies to its item one stands."""
    day = reply.received_at.astimezone(UTC).date()
    before = _in_order(reply.item).order_by().alias(day=RECEIVED_ON)
    return before.filter(Q(day__lt=day) | Q(day=day, reference__lt=reply.reference)).count() // REPLIES_PER_PAGE + 1


def reply_or_404(item: FeedbackItem, reference: str, *, author: User | None = None) -> FeedbackReply:
    """A reply that everybody may read, or what is left of it; one's own whatever became of it."""
    known = Q(author=author) if author is not None else _KNOWN
    found = FeedbackReply.objects.filter(known, item=item, reference=reference).first()
    if found is None:
        raise Http404
    found.item = item
    return found


def item_of_own_reply_or_404(window: FeedbackWindow, reference: str, author: User) -> FeedbackItem:
    """The item to which somebody has replied, whatever became of that."""
    found = FeedbackItem.objects.filter(window=window, reference=reference, replies__author=author).first()
    if found is None:
        raise Http404
    found.window = window
    return found


def reply_by_form(nonce: str) -> FeedbackReply | None:
    """The reply that came by this form, if it was sent before."""
    return FeedbackReply.objects.filter(form_key=nonce).order_by().select_related("item").first()


def is_near_another(window_id: int, fingerprint: list[int]) -> bool:
    """Whether a reply in the window that stands or waits shares as many marks with this fingerprint as nearly equal
    texts do. Not whether an item does: people quote what they reply to."""
    with connection.cursor() as cursor:
        cursor.execute(_NEAR_ANOTHER, [window_id, ItemState.WITHDRAWN, fingerprint, fingerprint, NEAR])
        return cursor.fetchone() is not None


def standing(items: Collection[FeedbackItem]) -> dict[int, list[FeedbackReply]]:
    """{id of an item: the replies to it that stand, in their order}; one query."""
    found: dict[int, list[FeedbackReply]] = {}
    rows = FeedbackReply.objects.filter(item__in=items, state=ItemState.PUBLISHED)
    for reply in rows.order_by(RECEIVED_ON, "reference"):
        found.setdefault(reply.item_id, []).append(reply)
    return found


def appeal_of(reply: FeedbackReply) -> FeedbackAppeal | None:
    """The last appeal of a reply's author, whatever came of it; one query."""
    appeal = FeedbackAppeal.objects.filter(reply=reply).order_by("-id").first()
    if appeal is not None:
        appeal.reply = reply
    return appeal


def all_of(items: Collection[FeedbackItem]) -> dict[int, list[FeedbackReply]]:
    """{id of an item: all replies to it, whatever became of them, as they came}, for staff; one query."""
    found: dict[int, list[FeedbackReply]] = {}
    for reply in FeedbackReply.objects.filter(item__in=[item.pk for item in items]).order_by("pk") if items else ():
        found.setdefault(reply.item_id, []).append(reply)
    return found


def said_by(user: User) -> QuerySet[FeedbackReply]:
    """What a person replied, the newest first."""
    return FeedbackReply.objects.filter(author=user).select_related("item__window__phase__task_force").order_by("-id")


def visible_to(user: Any) -> QuerySet[FeedbackReply]:
    """The replies that a staff member reads; everybody else none."""
    everywhere, ids = task_force_ids(user, WHO["feedback.read"])
    found = FeedbackReply.objects.select_related("item__window__phase__task_force")
    return found if everywhere else found.filter(item__window__phase__task_force_id__in=ids)


def held(user: Any) -> QuerySet[FeedbackReply]:
    """Those of them that wait for somebody to read them, the first first."""
    return visible_to(user).filter(state=ItemState.HELD).order_by("id")
