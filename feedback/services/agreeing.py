"""Agreeing with what somebody else said: each person once, while the window is open."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from feedback import blocks, queries
from feedback.models import FeedbackAgreement, FeedbackItem
from feedback.rules import may_agree
from feedback.services import blocking, storing
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Conflict, Refused
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability

# The count of whoever agrees, the number of the item, the row (anew, where it was of an earlier wording), the log line.
_AGREED = f"""
WITH counted AS ({{count}}), item AS (
    UPDATE {FeedbackItem._meta.db_table} SET agreed = agreed + 1 FROM counted WHERE id = %s AND {blocks.NOT_BLOCKED}
    RETURNING id
), agreement AS (
    INSERT INTO {FeedbackAgreement._meta.db_table} (item_id, user_id, edits, at)
    SELECT item.id, %s, %s, %s::timestamptz FROM item
    ON CONFLICT (item_id, user_id) DO UPDATE SET edits = EXCLUDED.edits, at = EXCLUDED.at
), line AS ({{line}})
SELECT EXISTS (SELECT FROM counted), (SELECT id FROM item)
"""  # noqa: S608 - names of tables


def agree(item_id: int, *, user: User) -> bool:
    """Let a person agree with an item as it stands; whether that is new: a second time changes nothing, unless its
    author has changed it since the first.

    Raises `Refused` where the window is not open, the item is not one that everybody may read or is their own,
    `Blocked` for whoever is, and `TooOften` (`AGREEMENT`).
    """
    # Which never changes, so it is asked for before the gate.
    found = FeedbackItem.objects.values_list("window__phase_id", "window__phase__task_force_id").get(pk=item_id)
    return _agree(item_id, *found, user=user)


@transaction.atomic
def _agree(item_id: int, phase_id: int, task_force_id: int, *, user: User) -> bool:
    passed = gates.enter(phase_id, Capability.FEEDBACK)
    # Whoever agrees with the same item waits here, so the number is that of the rows.
    item = queries.locked(item_id)
    allowed, why_not = may_agree(user, item)
    if not allowed:
        raise Refused(why_not)
    if FeedbackAgreement.objects.filter(item=item, user=user, edits=item.edits).exists():
        return False
    who = blocks.poster(user.pk)
    counted = limits.counting(table.AGREEMENT, str(user.pk))
    line = log.record_with(
        "feedback.agreed",
        FeedbackItem,
        at=passed.at,
        actor_id=None,
        task_force_id=task_force_id,
        window=item.window_id,
    )
    statement = _AGREED.format(count=counted[0], line=line.sql)
    unless = blocks.places(task_force_id, who, passed.at)
    values = [*counted[1], item.pk, *unless, user.pk, item.edits, passed.at, *line.values]
    done, _pk = storing.run(statement, values, counted)
    if done is not storing.Done.STORED:
        blocking.require_free(task_force_id, who, passed.at)
        limits.hit(table.AGREEMENT, str(user.pk))
        raise Conflict(_("Somebody has changed this meanwhile. Please send it again."))
    return True


@transaction.atomic
def disagree(item_id: int, *, user: User, at: datetime) -> bool:
    """A person does not agree any more: at any time, as one withdraws one's own text; whether they did until now."""
    item = queries.locked(item_id)
    agreement = FeedbackAgreement.objects.filter(item=item, user=user).first()
    if agreement is None:
        return False
    agreement.delete()
    # Who agreed with an earlier wording is not counted any more.
    if agreement.edits == item.edits:
        _count(item, -1)
    _record("feedback.agreement-taken-back", item, at)
    return True


def _count(item: FeedbackItem, more: int) -> None:
    FeedbackItem.objects.filter(pk=item.pk).update(agreed=F("agreed") + more)


def _record(action: str, item: FeedbackItem, at: datetime) -> None:
    """Without whoever it is: what people think stands in a row that goes with them, and in no log."""
    log.record(action, item, at=at, actor_id=None, task_force_id=item.window.phase.task_force_id, window=item.window_id)
