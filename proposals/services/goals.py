"""In which languages a text is wanted: set and taken back by those who coordinate."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from proposals.models import Proposal, TranslationGoal
from proposals.rules import as_of_now, may_set_goals
from proposals.services.revisions import held, log_act
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Invalid, Refused
from taskforce.core.text import clean_text

LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Wanted:
    """A goal as somebody sets it."""

    language: str
    percent: int
    reason: str
    wants_review: bool = False
    refuses: bool = False


@transaction.atomic
def set_goal(proposal_id: int, wanted: Wanted, *, actor: User, at: datetime) -> TranslationGoal:
    """Set the goal of a language, a new one or anew; `Refused` for who may not, `Invalid` for what is no goal."""
    proposal = _held(proposal_id, actor)
    reason = clean_text(wanted.reason, most=LONGEST_REASON)
    if not languages.is_offered(wanted.language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": wanted.language})
    if not 1 <= wanted.percent <= 100:
        raise Invalid(_("The share wanted is a number from 1 to 100."))
    if not reason:
        raise Invalid(_("Say why the text is wanted in this language."))
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": LONGEST_REASON})
    fields = {
        "percent": wanted.percent,
        "reason": reason,
        "wants_review": wanted.wants_review,
        "refuses": wanted.refuses,
    }
    goal, _made = TranslationGoal.objects.update_or_create(proposal=proposal, language=wanted.language, defaults=fields)
    log_act(
        proposal,
        "proposal.goal-set",
        at=at,
        actor_id=actor.pk,
        reason=reason,
        language=wanted.language,
        percent=wanted.percent,
        wants_review=wanted.wants_review,
        refuses=wanted.refuses,
    )
    return goal


@transaction.atomic
def drop_goal(proposal_id: int, language: str, *, actor: User, at: datetime) -> None:
    """Take a goal back; where there is none, nothing changes."""
    proposal = _held(proposal_id, actor)
    gone, _rows = TranslationGoal.objects.filter(proposal=proposal, language=language).delete()
    if gone:
        log_act(proposal, "proposal.goal-dropped", at=at, actor_id=actor.pk, language=language)


def _held(proposal_id: int, actor: User) -> Proposal:
    proposal = held(proposal_id)
    allowed, why = may_set_goals(as_of_now(actor), proposal.task_force_id)
    if not allowed:
        raise Refused(why)
    return proposal
