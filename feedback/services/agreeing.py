"""Agreeing with what somebody else said: each person once, while the window is open."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from feedback import blocks, queries
from feedback.models import FeedbackAgreement, FeedbackItem
from feedback.rules import may_agree
from feedback.services import blocking
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Refused
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability


@transaction.atomic
def agree(item_id: int, *, user: User) -> bool:
    """Let a person agree with an item; whether that is new: a second time changes nothing.

    Raises `Refused` where the window is not open, the item is not one that everybody may read or is their own,
    `Blocked` for whoever is, and `TooOften` (`AGREEMENT`).
    """
    phase_id = FeedbackItem.objects.values_list("window__phase_id", flat=True).get(pk=item_id)
    passed = gates.enter(phase_id, Capability.FEEDBACK)
    # Whoever agrees with the same item waits here, so the number is that of the rows.
    item = queries.locked(item_id)
    allowed, why_not = may_agree(user, item)
    if not allowed:
        raise Refused(why_not)
    if FeedbackAgreement.objects.filter(item=item, user=user).exists():
        return False
    blocking.require_free(item.window.phase.task_force_id, blocks.poster(user.pk), passed.at)
    limits.hit(table.AGREEMENT, str(user.pk))
    FeedbackAgreement.objects.create(item=item, user=user, edits=item.edits, at=passed.at)
    _count(item, 1)
    _record("feedback.agreed", item, passed.at)
    return True


@transaction.atomic
def disagree(item_id: int, *, user: User, at: datetime) -> bool:
    """A person does not agree any more: at any time, as one withdraws one's own text; whether they did until now."""
    item = queries.locked(item_id)
    gone, _by_model = FeedbackAgreement.objects.filter(item=item, user=user).delete()
    if gone:
        _count(item, -1)
        _record("feedback.agreement-taken-back", item, at)
    return bool(gone)


def _count(item: FeedbackItem, more: int) -> None:
    FeedbackItem.objects.filter(pk=item.pk).update(agreed=F("agreed") + more)


def _record(action: str, item: FeedbackItem, at: datetime) -> None:
    """Without whoever it is: what people think stands in a row that goes with them, and in no log."""
    log.record(action, item, at=at, actor_id=None, task_force_id=item.window.phase.task_force_id, window=item.window_id)
