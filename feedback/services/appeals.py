"""An author's appeal against the hiding of their item: once for each hiding that holds, and decided by somebody else
than who hid it."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from feedback import queries
from feedback.enums import AppealOutcome
from feedback.models import FeedbackAppeal, FeedbackItem
from feedback.notices import moderation as moderation_notices
from feedback.reporting import has_reported
from feedback.rules import APPEAL_LENGTH, may_appeal, may_decide_appeal
from feedback.services import moderation, steps
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text

_BY_STAFF = (AppealOutcome.UPHELD, AppealOutcome.PUT_BACK)


@transaction.atomic
def appeal(item_id: int, *, words: str, at: datetime) -> FeedbackAppeal:
    """Say against the hiding of one's item what there is to say, at any time, window open or not.

    `Refused` for what was said elsewhere (`entered.appeal_entered`), `Conflict` for what is not hidden or was appealed
    against before, `Invalid` for words that are none or too long.
    """
    item = queries.locked(item_id)
    if item.is_from_elsewhere:
        raise Refused(_("Only who entered a text can appeal for it."))
    return made_for(item, words, at=at)


def made_for(item: FeedbackItem, words: str, *, at: datetime) -> FeedbackAppeal:
    """Write down the appeal for a locked item, by somebody whose it is."""
    words = checked_words(words)
    check(queries.appeal_of(item), item.state)
    made = FeedbackAppeal.objects.create(
        item=item, words=words, made_at=at, rule=item.rule, hidden_by_id=item.moderator_id
    )
    _record("feedback.appealed", item, at)
    return made


@transaction.atomic
def decide_appeal(item_id: int, outcome: str, *, reason: str, actor: User, at: datetime) -> FeedbackAppeal:
    """Let an item stay hidden (`upheld`) or publish it again (`put-back`), with a reason that its author reads.

    Raises `Refused` for those who may not (who hid it never may), `Invalid` for another outcome or no reason,
    `Conflict` where nothing waits any more.
    """
    passed = moderation.alone_where_places_count(item_id) if outcome == AppealOutcome.PUT_BACK else None
    item = queries.locked(item_id)
    found = queries.appeal_of(item)
    allowed, why_not = may_decide_appeal(actor, item, found, at, has_reported=has_reported(actor, item))
    if not allowed:
        raise Refused(why_not)
    made = decide(found, outcome, reason=reason, actor=actor, at=at)
    reason = made.reason
    if outcome == AppealOutcome.PUT_BACK:
        steps.change(item, "publish", steps.Why(at, reason, moderator_id=actor.pk))
        moderation_notices.shown(moderation_notices.of_item(item), is_appeal=True)
    else:
        moderation_notices.upheld(moderation_notices.of_item(item), reason=reason, at=at)
    _record(f"feedback.appeal-{outcome}", item, at, actor, reason)
    if passed is not None:
        moderation.close_if_full(passed)
    return made


def checked_words(words: str) -> str:
    """What an author says against it, as it is kept; `Invalid` for none, and for too many."""
    ready = clean_text(words, most=APPEAL_LENGTH)
    if not ready or len(ready) > APPEAL_LENGTH:
        raise Invalid(
            _("Please say why your text should stand, in at most %(count)d characters.") % {"count": APPEAL_LENGTH}
        )
    return ready


def check(before: FeedbackAppeal | None, state: str) -> None:
    """Raise `Conflict` for what was appealed for before, and for what is not hidden."""
    allowed, why_not = may_appeal(state, before)
    if not allowed:
        raise Conflict(why_not)


def decide(found: FeedbackAppeal | None, outcome: str, *, reason: str, actor: User, at: datetime) -> FeedbackAppeal:
    """Write down what comes of an appeal whose item or reply is locked, by somebody who may."""
    if found is None or found.outcome:
        raise Conflict(_("Nothing waits here any more: somebody has decided, or the text was withdrawn."))
    reason = clean_text(reason)
    if outcome not in _BY_STAFF or not reason:
        raise Invalid(_("Please give a reason: the author will read it."))
    found.outcome, found.reason, found.decided_by, found.decided_at = outcome, reason, actor, at
    found.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    return found


def end_with(item: FeedbackItem, at: datetime) -> None:
    """The words of an appeal go with the item that its author withdraws; what waits is over."""
    end(FeedbackAppeal.objects.filter(item=item), at)


def end(found: QuerySet[FeedbackAppeal], at: datetime) -> None:
    """The same of the appeal for whatever was withdrawn."""
    found.update(words="")
    found.filter(outcome="").update(outcome=AppealOutcome.WITHDRAWN, decided_at=at)


def _record(action: str, item: FeedbackItem, at: datetime, actor: User | None = None, reason: str = "") -> None:
    log.record(
        action,
        item,
        at=at,
        actor_id=actor.pk if actor else None,
        task_force_id=item.window.phase.task_force_id,
        reason=reason,
    )
