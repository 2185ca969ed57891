"""Blocks: the one writer of them, and the door that whoever posts passes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from feedback import blocks, queries, rules
from feedback.enums import BlockKind, BrokenRule, Participation
from feedback.models import FeedbackBlock, FeedbackItem, FeedbackReply, FeedbackWindow
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import locks
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.timeline import gates


@transaction.atomic
def block(
    item_id: int, *, rule: str, reason: str, days: int, actor: User, at: datetime, reply_id: int | None = None
) -> FeedbackBlock:
    """Keep whoever posted an item, or a reply to it, from posting more in its task force, for so many days (0: until it
    is lifted). When it returns, nothing of theirs is under way any more.

    What was posted stays as it is. Raises `Refused` for those who may not, `Invalid` without a rule, a reason or an end
    that can be, `Conflict` where nothing is known any more by which they could be told apart.
    """
    _hold_all_of(item_id)
    item = queries.locked(item_id)
    allowed, why_not = rules.may(actor, "feedback.block", item, at)
    if not allowed:
        raise Refused(why_not)
    reply = FeedbackReply.objects.get(pk=reply_id, item=item) if reply_id else None
    kind = blocks.kind_of(item, reply)
    if kind is None:
        raise Conflict(_("Nothing is kept any more by which whoever posted this could be told apart."))
    reason = clean_text(reason, most=rules.MODERATION_LENGTH)
    if rule not in BrokenRule.values or not reason or len(reason) > rules.MODERATION_LENGTH:
        raise Invalid(_("Please say which rule was broken, and why: whoever is blocked reads it."))
    is_account = kind == BlockKind.ACCOUNT
    made = FeedbackBlock.objects.create(
        task_force_id=item.window.phase.task_force_id,
        kind=kind,
        user_id=(reply.author_id if reply else item.author_id) if is_account else None,
        code="" if is_account else item.poster,
        item=item,
        reply=reply,
        rule=rule,
        reason=reason,
        made_by=actor,
        made_at=at,
        until=_until(kind, days, at),
    )
    _record("feedback.blocked", made, at, actor, reason, days=days)
    return made


def _until(kind: BlockKind, days: int, at: datetime) -> datetime | None:
    if days not in (blocks.NO_END, *blocks.DAYS):
        raise Invalid(_("Please choose one of the list."))
    most = blocks.LONGEST_OF_A_NETWORK.days
    if kind == BlockKind.NETWORK and not blocks.NO_END < days <= most:
        raise Invalid(_("A network is many people’s: it is blocked for %(count)d days at most.") % {"count": most})
    return None if days == blocks.NO_END else at.replace(second=0, microsecond=0) + timedelta(days=days)


@transaction.atomic
def lift(block_id: int, *, reason: str, actor: User, at: datetime) -> FeedbackBlock:
    """Let somebody post again. Raises `Refused` for those who may not, `Invalid` without a reason, `Conflict` for a
    block that does not hold any more."""
    rows = FeedbackBlock.objects.select_for_update(of=("self",)).select_related("item__window__phase", "reply")
    found = rows.get(pk=block_id)
    allowed, why_not = rules.may(actor, "feedback.block", found.item, at)
    if not allowed:
        raise Refused(why_not)
    reason = clean_text(reason, most=rules.MODERATION_LENGTH)
    if not reason or len(reason) > rules.MODERATION_LENGTH:
        raise Invalid(_("Please give a reason."))
    if found.lifted_at is not None or (found.until is not None and found.until <= at):
        raise Conflict(_("This block does not hold any more."))
    found.lifted_at, found.lifted_by = at, actor
    found.save(update_fields=["lifted_at", "lifted_by"])
    _record("feedback.block-lifted", found, at, actor, reason)
    return found


def _hold_all_of(item_id: int) -> None:
    """Every phase of the task force in which something can be posted: whoever is posting is done then, and whoever
    comes finds the block."""
    home = FeedbackItem.objects.filter(pk=item_id).values("window__phase__task_force")
    phases = FeedbackWindow.objects.filter(
        phase__task_force__in=home, published_at__isnull=False, phase__published_at__isnull=False
    )
    for phase_id in sorted(set(phases.values_list("phase", flat=True))):
        gates.enter_exclusively(phase_id)


def hold(phase_id: int) -> None:
    """For what is posted past the gate, at any time: nobody is blocked from here to the end of the transaction."""
    locks.share(locks.Kind.PHASE, phase_id)


def require_free(task_force_id: int, who: blocks.Poster, at: datetime) -> None:
    """Raise `Blocked` for who is; behind the gate, or `hold`."""
    found = blocks.of(task_force_id, who, at)
    if found is not None:
        raise blocks.Blocked(found)


def forget_posters(at: datetime) -> int:
    """Forget by what those who posted are told apart where it can be of no use any more: with items a few days after
    they came, with blocks a while after their end; returns of how many."""
    known = FeedbackItem.objects.exclude(poster="").order_by()
    by_mail = Q(window__participation=Participation.MAIL)
    networks = known.exclude(by_mail).filter(received_at__lte=at - blocks.KEPT[BlockKind.NETWORK])
    mailboxes = known.filter(by_mail, received_at__lte=at - blocks.KEPT[BlockKind.MAILBOX])
    long_ago = at - blocks.KEPT_AFTER
    over = FeedbackBlock.objects.filter(Q(until__lte=long_ago) | Q(lifted_at__lte=long_ago))
    told = over.exclude(user=None, code="")
    return networks.update(poster="") + mailboxes.update(poster="") + told.update(user=None, code="")


def _record(action: str, made: FeedbackBlock, at: datetime, actor: User, reason: str, **details: int) -> None:
    """Of what was posted, never of whose it was."""
    log.record(
        action,
        made.reply or made.item,
        at=at,
        actor_id=actor.pk,
        task_force_id=made.task_force_id,
        reason=reason,
        rule=made.rule,
        **details,
    )
