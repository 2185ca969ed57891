"""What staff decide about an item: it stands, or it is hidden for a rule that it breaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from feedback import moderation_notices, queries
from feedback.enums import BrokenRule, ItemState
from feedback.models import FeedbackItem
from feedback.rules import may
from feedback.services import finality, steps
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline import windows as spans

MOST_AT_ONCE = 50


@transaction.atomic
def moderate(item_id: int, action: str, *, reason: str, actor: User, at: datetime, rule: str = "") -> FeedbackItem:
    """`publish` or `hide` an item, with a reason that its author will read; what is hidden breaks a `rule`.

    What staff let stand may be more than the cap of the phase; one that takes its last place closes it.
    Raises `Refused` for those who may not, `Invalid` without a reason or rule, `Conflict` where the state has no such
    step.
    """
    passed = alone_where_places_count(item_id) if action == "publish" else None
    item = queries.locked(item_id)
    allowed, why_not = may(actor, "feedback.moderate", item, at)
    if not allowed:
        raise Refused(why_not)
    reason = clean_text(reason)
    if action not in ("publish", "hide") or not reason:
        raise Invalid(_("Please give a reason: the author will read it."))
    if action == "hide" and rule not in BrokenRule.values:
        raise Invalid(_("Please say which rule it breaks: everybody reads it in its place."))
    appeal = queries.appeal_of(item)
    if appeal is not None and not appeal.outcome:
        raise Conflict(_("Its author has appealed: decide about that."))
    before, broken = item.state, rule if action == "hide" else ""
    steps.change(item, action, steps.Why(at, reason, broken, actor.pk))
    about: dict[str, Any] = {"rule": broken} if broken else {}
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
    _tell(item, before, has_appealed=appeal is not None)
    if passed is not None:
        close_if_full(passed)
    return item


def _tell(item: FeedbackItem, before: str, *, has_appealed: bool) -> None:
    """Its author hears that it is hidden, and that it stands again; who was told that it is held has a receipt."""
    if item.state == ItemState.HIDDEN:
        moderation_notices.item_hidden(item, has_appealed=has_appealed)
    elif before == ItemState.HIDDEN:
        moderation_notices.item_shown(item, is_appeal=False)


@dataclass(frozen=True)
class Many:
    """How many items were decided about, and which were not, by their references, with the reason."""

    done: int
    left: list[tuple[str, str]]


def moderate_many(
    item_ids: Sequence[int], action: str, *, reason: str, actor: User, at: datetime, rule: str = ""
) -> Many:
    """As `moderate` for at most `MOST_AT_ONCE` items, each for itself, in the order in which they came.

    What somebody else has decided meanwhile, or is not this person's to decide, is left as it is. `Refused` for who
    may decide about none of them, `Invalid` for too many, and as `moderate`.
    """
    if len(item_ids) > MOST_AT_ONCE:
        raise Invalid(_("At most %(count)d texts are decided about at once.") % {"count": MOST_AT_ONCE})
    done, left = 0, []
    refused: list[Refused] = []
    for item_id in sorted(item_ids):
        try:
            moderate(item_id, action, reason=reason, actor=actor, at=at, rule=rule)
            done += 1
        except (Conflict, Refused) as error:
            reference = FeedbackItem.objects.values_list("reference", flat=True).get(pk=item_id)
            left.append((reference, str(error.message)))
            if isinstance(error, Refused):
                refused.append(error)
    if refused and len(refused) == len(item_ids):
        raise refused[0]
    return Many(done, left)


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
