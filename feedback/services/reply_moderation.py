"""What staff decide about a reply, and its author's appeal against that: as with items (`moderation`, `appeals`)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from feedback import reporting as reporting_of
from feedback import responses, rules
from feedback.enums import AppealOutcome
from feedback.models import FeedbackAppeal, FeedbackReply
from feedback.notices import moderation as moderation_notices
from feedback.services import appeals, as_read, moderation, reporting
from feedback.services.replying import change, locked, record
from feedback.services.steps import Why
from taskforce.accounts.models import User
from taskforce.core.errors import Refused


@transaction.atomic
def moderate_reply(
    reply_id: int, action: str, *, reason: str, actor: User, at: datetime, rule: str = "", seen: str | None = None
) -> FeedbackReply:
    """`publish` or `hide` a reply, as `moderate` does it with an item."""
    found = locked(reply_id)
    allowed, why_not = rules.may_moderate(actor, found, at)
    if not allowed:
        raise Refused(why_not)
    as_read.check(found, seen)
    appeal = responses.appeal_of(found)
    why = moderation.checked(action, appeal, reason=reason, rule=rule, actor=actor, at=at)
    before = found.state
    moderation.require_another(FeedbackAppeal.objects.filter(reply=found), action, actor, None)
    change(found, action, why)
    reporting.end_with_reply(found, at, actor.pk)
    about: dict[str, Any] = {"rule": why.rule} if why.rule else {}
    record(f"feedback.reply-{action}", found, at, actor_id=actor.pk, reason=why.reason, before=before, **about)
    told = moderation_notices.of_reply(found)
    moderation.tell(told, found.state, before, appeal)
    return found


@transaction.atomic
def appeal_reply(reply_id: int, *, words: str, author: User, at: datetime) -> FeedbackAppeal:
    """Say against the hiding of one's reply what there is to say, once and at any time. `Refused` for anybody else's;
    else as `appeal`."""
    found = locked(reply_id)
    if found.author_id != author.pk:
        raise Refused(_("This reply is not yours."))
    words = appeals.checked_words(words)
    appeals.check(responses.appeal_of(found), found.state)
    made = FeedbackAppeal.objects.create(
        reply=found, words=words, made_at=at, rule=found.rule, hidden_by_id=found.moderator_id
    )
    record("feedback.reply-appealed", found, at, actor_id=None)
    return made


@transaction.atomic
def decide_reply_appeal(reply_id: int, outcome: str, *, reason: str, actor: User, at: datetime) -> FeedbackAppeal:
    """Let a reply stay hidden or publish it again, as `decide_appeal` does it with an item."""
    found = locked(reply_id)
    appeal = responses.appeal_of(found)
    about = reporting_of.has_reported(actor, found)
    allowed, why_not = rules.may_decide_appeal(actor, found, appeal, at, has_reported=about)
    if not allowed:
        raise Refused(why_not)
    made = appeals.decide(appeal, outcome, reason=reason, actor=actor, at=at)
    if outcome == AppealOutcome.PUT_BACK:
        change(found, "publish", Why(at, made.reason, moderator_id=actor.pk))
        moderation_notices.shown(moderation_notices.of_reply(found), is_appeal=True)
    else:
        moderation_notices.upheld(moderation_notices.of_reply(found), reason=made.reason, at=at)
    record(f"feedback.reply-appeal-{outcome}", found, at, actor_id=actor.pk, reason=made.reason)
    return made
