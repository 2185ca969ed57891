"""Requests for deletion: asked, taken back, answered. What is then deleted is done by hand, along the data map."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from taskforce.accounts import deletions, queries, rules
from taskforce.accounts.enums import DeletionState
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.transitions import DELETION
from taskforce.audit import log
from taskforce.core.errors import Invalid, Refused
from taskforce.core.states import step
from taskforce.core.text import clean_text


def ask_for_deletion(user: User, reason: str, *, at: datetime, receipts: str = "") -> DeletionRequest:
    """The person's open request: a new one with its mails (to them, to those who answer), or the one that is open.

    `receipts` are references of what nothing else would lead to, in the person's own words. However often it is sent,
    and at once: the database lets one be open.
    """
    reason, receipts = (clean_text(words)[: rules.LONGEST_REASON] for words in (reason, receipts))
    try:
        return _ask(user, reason, receipts, at)
    except IntegrityError:
        return DeletionRequest.objects.get(user=user, state=DeletionState.OPEN)


@transaction.atomic
def _ask(user: User, reason: str, receipts: str, at: datetime) -> DeletionRequest:
    request = DeletionRequest.objects.create(
        user=user,
        mailbox=user.email,
        language=user.language,
        zone=user.zone,
        reason=reason,
        receipts=receipts,
        asked_at=at,
    )
    log.record("deletion.asked", request, at=at, actor_id=user.pk)
    deletions.asked(request, user, at=at)
    deletions.waits(request, at=at)
    return request


@transaction.atomic
def take_back_deletion(user: User, *, at: datetime) -> DeletionRequest:
    """Take one's open request back. `Http404` where there is none."""
    request = DeletionRequest.objects.select_for_update().filter(user=user, state=DeletionState.OPEN).first()
    if request is None:
        raise Http404
    _end(request, "withdraw", at)
    log.record("deletion.withdrawn", request, at=at, actor_id=user.pk)
    return request


@transaction.atomic
def answer_deletion(request_id: int, action: str, answer: str, *, actor: User, at: datetime) -> DeletionRequest:
    """`do`, do in `part` or `refuse` a request, with the answer that its person gets by mail.

    `do` says that everything has been done by hand. The answer is in the active language, as far as its script does
    not tell another.
    Raises `Refused` for whoever is no data officer for all task forces and for one's own request, `Invalid` without an
    answer, `Conflict` where it was ended meanwhile.
    """
    request = DeletionRequest.objects.select_for_update(of=("self",)).select_related("user").get(pk=request_id)
    if not queries.has(User.objects.get(pk=actor.pk), rules.WHO["deletion.answer"]):
        raise Refused(_("Only data officers for all task forces answer requests for deletion."))
    if request.user_id == actor.pk:
        raise Refused(_("Nobody answers their own request. Ask another data officer."))
    answer = clean_text(answer)[: rules.LONGEST_REASON]
    if action not in deletions.ANSWERS or not answer:
        raise Invalid(_("Please say what was done, or why not: the person gets it by mail."))
    request.answer, request.officer_id = answer, actor.pk
    mailbox = request.user.email if request.user is not None else request.mailbox
    request.state = step(DELETION, DeletionState(request.state), action)
    deletions.answered(request, request.user, at=at)
    _end(request, "", at)
    log.record(f"deletion.{action}", request, at=at, actor_id=actor.pk, mailed=bool(mailbox))
    return request


def _end(request: DeletionRequest, action: str, at: datetime) -> None:
    """Save it as ended; nobody needs to know any more where and how an answer would go, and what was to be found."""
    if action:
        request.state = step(DELETION, DeletionState(request.state), action)
    request.ended_at, request.mailbox, request.language, request.zone, request.receipts = at, "", "", "", ""
    request.save()
    deletions.over(request)
