"""What staff decide about an item: it stands, or it is hidden for a rule that it breaks."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from feedback import queries
from feedback.enums import AppealOutcome, BrokenRule, ItemState
from feedback.models import FeedbackAppeal, FeedbackItem
from feedback.notices import moderation as moderation_notices
from feedback.rules import may_appeal, may_moderate
from feedback.services import as_read, finality, steps
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline import windows as spans


@transaction.atomic
def moderate(
    item_id: int,
    action: str,
    *,
    reason: str,
    actor: User,
    at: datetime,
    rule: str = "",
    seen: str | None = None,
) -> FeedbackItem:
    """`publish` or `hide` an item, with a reason that its author will read; what is hidden breaks a `rule`.

    `seen` is the version of it that was read (`undecided.version`; None: by nobody, as by a command): `OtherWords`
    where it is another one now.

    What staff let stand may be more than the cap of the phase; one that takes its last place closes it.
    Raises `Refused` for those who may not, `Invalid` for hiding without a reason or rule, `Conflict` where the state
    has no such step.
    """
    passed = alone_where_places_count(item_id) if action == "publish" else None
    item = queries.locked(item_id)
    allowed, why_not = may_moderate(actor, item, at)
    if not allowed:
        raise Refused(why_not)
    as_read.check(item, seen)
    appeal = queries.appeal_of(item)
    why = checked(action, appeal, reason=reason, rule=rule, actor=actor, at=at)
    before = item.state
    require_another(FeedbackAppeal.objects.filter(item=item), action, actor, item.edited_at)
    steps.change(item, action, why)
    about: dict[str, Any] = {"rule": why.rule} if why.rule else {}
    log.record(
        f"feedback.{action}",
        item,
        at=at,
        actor_id=actor.pk,
        task_force_id=item.window.phase.task_force_id,
        reason=item.state_reason,
        before=before,
        **about,
    )
    tell(moderation_notices.of_item(item), item.state, before, appeal)
    if passed is not None:
        close_if_full(passed)
    return item


def checked(
    action: str, appeal: FeedbackAppeal | None, *, reason: str, rule: str, actor: User, at: datetime
) -> steps.Why:
    """What goes with a decision; `Invalid` for hiding without a reason or rule, `Conflict` while an appeal waits."""
    reason = clean_text(reason)
    if action not in ("publish", "hide") or (action == "hide" and not reason):
        raise Invalid(_("Please give a reason: the author will read it."))
    if action == "hide" and rule not in BrokenRule.values:
        raise Invalid(_("Please say which rule it breaks: everybody reads it in its place."))
    if appeal is not None and not appeal.outcome:
        raise Conflict(_("Its author has appealed: decide about that."))
    return steps.Why(at, reason, rule if action == "hide" else "", actor.pk)


def require_another(appeals: QuerySet[FeedbackAppeal], action: str, actor: User, edited_at: datetime | None) -> None:
    """`Refused` for whoever hides once more what an appeal has put back, and that they had hidden themselves; unless
    its author has changed it since (`edited_at`)."""
    if action != "hide":
        return
    lost = appeals.filter(outcome=AppealOutcome.PUT_BACK, hidden_by=actor)
    if (lost.filter(decided_at__gt=edited_at) if edited_at else lost).exists():
        raise Refused(_("An appeal has put back this text that you had hidden: somebody else decides about it."))


def tell(about: moderation_notices.About, state: str, before: str, appeal: FeedbackAppeal | None) -> None:
    """Its author hears that it is hidden, and that it stands again; who was told that it is held has a receipt.
    `appeal` is their last one."""
    if state == ItemState.HIDDEN:
        moderation_notices.hidden(about, has_appealed=not may_appeal(state, appeal)[0])
    elif before == ItemState.HIDDEN:
        moderation_notices.shown(about, is_appeal=False)


def alone_where_places_count(item_id: int) -> gates.Pass | None:
    """The item's phase, held so that nobody else takes a place in it; None where it has no cap."""
    phases = FeedbackItem.objects.filter(pk=item_id, window__phase__cap__isnull=False)
    phase_id = phases.values_list("window__phase_id", flat=True).first()
    passed = gates.enter_exclusively(phase_id) if phase_id is not None else None
    # Not while somebody calls the text final, who counts what is public and undecided.
    finality.hold_window_of(item_id)
    return passed


def close_if_full(passed: gates.Pass) -> None:
    """Close an open phase in which as many items stand as its cap allows; else its pages would invite to a refusal."""
    phase, at = passed.phase, passed.at
    if phase.cap is not None and spans.is_open(phase, at) and queries.taken(phase.pk) >= phase.cap:
        timeline.close_full(passed)
