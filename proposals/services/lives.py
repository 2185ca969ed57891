"""The life of a text: begun as a draft, thrown away before anybody has read it, ended, taken up again.

Its first publication is that of its draft (`services/publishing.py`).
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from proposals import notices, rules, working
from proposals.drafting import copies
from proposals.enums import ProposalKind, ProposalState
from proposals.models import Draft, Proposal
from proposals.rendering import shows_nothing
from proposals.services.revisions import held, hold, log_act
from proposals.services.texts import create
from proposals.transitions import PROPOSAL
from taskforce.accounts.models import User
from taskforce.core import languages, states
from taskforce.core.errors import Conflict, Invalid
from taskforce.core.text import clean_text
from taskforce.timeline import subjects
from taskforce.timeline.models import TaskForce

LONGEST_SLUG = 50
LONGEST_TITLE = 300
LONGEST_REASON = 2_000


@transaction.atomic
def begin(
    task_force: TaskForce, *, slug: str, kind: str, title: str, language: str, editor: User, at: datetime
) -> Proposal:
    """A new text with a draft that has its title, written in `language`; readers see nothing of it.

    `Conflict` where the task force has a text with this short name in its address, `Invalid` for what cannot be one.
    """
    rules.require_in(editor, "text.begin", task_force)
    title, slug = clean_text(title, most=LONGEST_TITLE), _checked_slug(slug)
    if kind not in ProposalKind.values:
        raise Invalid(_("Please choose one of the list."))
    if not title:
        raise Invalid(_("A text is missing."))
    if len(title) > LONGEST_TITLE:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": LONGEST_TITLE})
    if shows_nothing(title):
        raise Invalid(_("Readers would see nothing of this text, only blanks or links without words. Write something."))
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    made = create(task_force, slug=slug, kind=kind, at=at, actor_id=editor.pk)
    content = copies.to_json(copies.begun(title, language))
    Draft.objects.create(proposal=made, content=content, editor_id=editor.pk, saved_at=at)
    return made


def _checked_slug(slug: str) -> str:
    slug = clean_text(slug, most=LONGEST_SLUG).lower()
    try:
        validate_slug(slug)
        MaxLengthValidator(LONGEST_SLUG)(slug)
    except ValidationError:
        raise Invalid(_("“%(slug)s” cannot stand in an address.") % {"slug": slug[:LONGEST_SLUG]}) from None
    return slug


@transaction.atomic
def throw_away(proposal_id: int, *, expected: str, editor: User, at: datetime) -> None:
    """A text that was never published goes, with its draft; `Conflict` where the draft is not the one that was shown,
    or somebody has published it."""
    proposal = _held(proposal_id, editor)
    if proposal.state != ProposalState.DRAFT or proposal.revisions.exists():
        raise Conflict(_("This text was published meanwhile. Nothing was thrown away."))
    if working.working(proposal).copy.token != expected:
        raise Conflict(_("The draft has been changed since you opened this page. Nothing was discarded."))
    log_act(proposal, "proposal.thrown-away", at=at, actor_id=editor.pk)
    Draft.objects.filter(proposal=proposal).delete()
    proposal.goals.all().delete()
    proposal.delete()


@transaction.atomic
def withdraw(proposal_id: int, *, reasons: dict[str, str], editor: User, at: datetime) -> Proposal:
    """The text counts no more, and its page says why: `reasons` are {language: text}, one at least.

    It stays where it is, with its revisions and what was said about it. `Conflict` where it has ended already.
    """
    proposal = _held(proposal_id, editor, "text.end")
    proposal.ended_reasons = _checked_reasons(reasons)
    proposal.unanswered = subjects.unanswered(proposal.pk, hold=True)
    if not proposal.ended_reasons:
        raise Invalid(_("Say why the text is withdrawn; everybody will read it."))
    return _end(proposal, "withdraw", editor=editor, at=at)


@transaction.atomic
def supersede(proposal_id: int, *, successor_id: int, reasons: dict[str, str], editor: User, at: datetime) -> Proposal:
    """Another published text of the task force has taken the place of this one: its page leads there.

    A reason may be said, and has to be while something that was said on it is not answered: how much, everybody reads
    beside it. `Invalid` for a text that cannot take its place.
    """
    # Both, in one order: no two texts take the place of each other.
    for pk in sorted({proposal_id, successor_id}):
        hold(pk)
    proposal = _held(proposal_id, editor, "text.end")
    others = Proposal.objects.filter(task_force=proposal.task_force_id, state=ProposalState.PUBLISHED)
    proposal.successor = others.exclude(pk=proposal.pk).filter(pk=successor_id).first()
    if proposal.successor is None:
        raise Invalid(_("Choose another published text of this task force."))
    proposal.ended_reasons = _checked_reasons(reasons)
    proposal.unanswered = subjects.unanswered(proposal.pk, hold=True)
    if proposal.unanswered and not proposal.ended_reasons:
        raise Invalid(_("Say in public why so much is not answered, in one language at least."))
    return _end(proposal, "supersede", editor=editor, at=at)


@transaction.atomic
def resume(proposal_id: int, *, editor: User, at: datetime) -> Proposal:
    """A text that has ended is taken up again, as it was; the log keeps both. `Conflict` where it has not ended."""
    proposal = _held(proposal_id, editor, "text.end")
    proposal.ended_at, proposal.ended_reasons, proposal.successor, proposal.unanswered = None, {}, None, None
    return _step(proposal, "resume", "proposal.resumed", editor=editor, at=at)


def _held(proposal_id: int, editor: User, action: str = "text.edit") -> Proposal:
    proposal = held(proposal_id)
    rules.require(editor, action, proposal)
    return proposal


def _end(proposal: Proposal, action: str, *, editor: User, at: datetime) -> Proposal:
    proposal.ended_at = at
    done = {"withdraw": "proposal.withdrawn", "supersede": "proposal.superseded"}[action]
    ended = _step(proposal, action, done, editor=editor, at=at)
    # Nothing in it is to be translated any more, and nobody hears that it is.
    notices.recount(ended)
    return ended


def _step(proposal: Proposal, action: str, done: str, *, editor: User, at: datetime) -> Proposal:
    proposal.state = states.step(PROPOSAL, ProposalState(proposal.state), action)
    proposal.save(update_fields=["state", "ended_at", "ended_reasons", "unanswered", "successor"])
    details: dict[str, Any] = {"successor": proposal.successor.slug} if proposal.successor else {}
    if proposal.unanswered:
        details["unanswered"] = proposal.unanswered
    reason = next(iter(proposal.ended_reasons.values()), "")
    log_act(proposal, done, at=at, actor_id=editor.pk, reason=reason, **details)
    return proposal


def _checked_reasons(reasons: dict[str, str]) -> dict[str, str]:
    ready = {code: clean_text(text, most=LONGEST_REASON) for code, text in reasons.items()}
    kept = {code: text for code, text in ready.items() if text}
    for code, text in kept.items():
        if not languages.is_offered(code):
            raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": code})
        if len(text) > LONGEST_REASON:
            raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": LONGEST_REASON})
    return kept
