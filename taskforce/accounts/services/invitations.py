"""Inviting to a role by mail, and what becomes of it. Whoever has an account gets the role by the same act at once."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from taskforce.accounts import notices, places, queries, rules
from taskforce.accounts.enums import InvitationState, Role
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.accounts.services.roles import alone, grant_role, require_fits, require_may_give
from taskforce.accounts.transitions import INVITATION
from taskforce.audit import log
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, Refused, TooOften
from taskforce.limits import mailboxes as limits
from taskforce.limits import table
from taskforce.notifications import mailboxes
from taskforce.notifications import services as mail

WORKS_FOR = timedelta(days=14)
# A second mail about the same role goes to a mailbox after this at the earliest.
PAUSE = timedelta(hours=24)
# What has ended is forgotten with its mailbox: the log knows that somebody was invited, and not whom.
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def offer_role(address: str, wanted: Grant, *, mail_language: str, actor_id: int, at: datetime) -> None:
    """Give a role to the account that has confirmed this address; where there is none, invite the address by mail.

    The caller cannot tell which it was. Raises Invalid for an address, a place or a language that cannot be meant,
    Refused where the actor may not give this role, TooOften where the mailbox has had its mails of the day.
    """
    alone()
    mailbox, user = check_offer(address, wanted, mail_language=mail_language, actor_id=actor_id)
    if user is None:
        _invite(mailbox, wanted, mail_language, actor_id, at)
        return
    role = Role(wanted.role)
    grant_role(user, role, at=at, actor_id=actor_id, task_force_id=wanted.task_force_id, language=wanted.language)


@transaction.atomic
def invite_again(invitation_id: int, *, at: datetime, actor_id: int) -> None:
    """Offer once more, to the same address, what nobody answered in time. As `offer_role`, in all it does and raises.

    Conflict where the invitation has not ended in this way.
    """
    alone()
    invitation = _locked(invitation_id)
    require_may_give(actor_id, invitation.wanted, receiver_id=None)
    if invitation.state != InvitationState.OPEN or not invitation.is_over(at):
        raise Conflict(_("This invitation still works, or was answered or withdrawn."))
    language = invitation.mail_language
    offer_role(invitation.mailbox, invitation.wanted, mail_language=language, actor_id=actor_id, at=at)


def check_offer(address: str, wanted: Grant, *, mail_language: str, actor_id: int) -> tuple[str, User | None]:
    """The mailbox and its account, if what is offered can be meant and is the actor's to give; changes nothing.

    Raises Invalid and Refused as `offer_role` does. What it returns is for services: no page tells an account.
    """
    rules.checked_language(Role(wanted.role), wanted.language)
    if not places.name(wanted.task_force_id).text or not languages.is_offered(mail_language):
        raise Invalid(_("Please choose one of the answers given here."))
    try:
        mailbox = mailboxes.checked(address)
    except mailboxes.UnusableMailbox as error:
        raise Invalid(str(error)) from None
    user = queries.account_of(mailbox)
    require_may_give(actor_id, wanted, receiver_id=user.pk if user else None)
    if user is not None:
        require_fits(user, wanted)
    return mailbox, user


def _invite(mailbox: str, wanted: Grant, mail_language: str, actor_id: int, at: datetime) -> None:
    """Write the invitation and its mail; asked again within a day, the one that is there stands and nothing goes."""
    before = Invitation.objects.filter(mailbox=mailbox, **wanted._asdict())
    latest = before.order_by("-told_at").first()
    if latest is not None and latest.told_at > at - PAUSE:
        if latest.state != InvitationState.OPEN:
            raise Refused(
                _("This address was invited to this role less than a day ago. It gets no second mail so soon."),
                facts=[(_("Possible again"), latest.told_at + PAUSE)],
            )
        return
    if not queries.is_confirmed(mailbox) and not limits.admit(mailbox, to=table.MAILS_OF_STAFF):
        raise TooOften(
            _("This address has got as many mails of the portal as an unconfirmed one gets in a day. Try tomorrow."),
            retry_after=int(table.MAILS_OF_STAFF.within.total_seconds()),
        )
    values: dict[str, Any] = {
        "mail_language": mail_language, "inviter_id": actor_id, "told_at": at, "expires_at": _end_of(at),
    }  # fmt: skip
    made, _is_new = Invitation.objects.update_or_create(
        mailbox=mailbox,
        state=InvitationState.OPEN,
        **wanted._asdict(),
        defaults=values,
        create_defaults={**values, "made_at": at},
    )
    notices.invite(made, at=at)
    _record("invited", made, at=at, actor_id=actor_id)


def _end_of(at: datetime) -> datetime:
    """A whole minute, since a mail and a page name it; never earlier than promised."""
    end = at + WORKS_FOR
    whole = end.replace(second=0, microsecond=0)
    return whole if whole == end else whole + timedelta(minutes=1)


@transaction.atomic
def withdraw_invitation(invitation_id: int, *, at: datetime, actor_id: int) -> Invitation:
    """Take an invitation back, and its mail if it is still here. Whoever may give the role may do this.

    Raises Refused where the actor may not, Conflict where it was answered or withdrawn meanwhile.
    """
    alone()
    invitation = _locked(invitation_id)
    require_may_give(actor_id, invitation.wanted, receiver_id=None)
    _withdraw(invitation, at=at, actor_id=actor_id)
    return invitation


@transaction.atomic
def withdraw_all_of(inviter_id: int, *, at: datetime) -> int:
    """Take back whatever this account has offered and nobody has answered yet; how many.

    For the operator's acts, which nobody's rights are asked for.
    """
    alone()
    waiting = Invitation.objects.filter(inviter_id=inviter_id, state=InvitationState.OPEN, expires_at__gt=at)
    found = list(waiting.select_for_update().order_by("pk"))
    for invitation in found:
        _withdraw(invitation, at=at, actor_id=None)
    return len(found)


def _withdraw(invitation: Invitation, *, at: datetime, actor_id: int | None) -> None:
    _step(invitation, "withdraw", at=at, actor_id=actor_id)
    mail.take_back_singles(notices.invitation_key(invitation))


@transaction.atomic
def accept_invitation(invitation_id: int, *, user: User, at: datetime) -> RoleGrant:
    """Give the role to the person who was invited, if the inviter may still give it.

    Raises Refused where the time is over, the address is none of the person's confirmed ones, the inviter has lost the
    right or the person has a role beside which this one cannot stand, Conflict where the invitation was
    answered or withdrawn before.
    """
    alone()
    invitation = _locked(invitation_id)
    if invitation.is_over(at):
        raise Refused(_("The time of this invitation is over."), facts=[(_("It ended"), invitation.expires_at)])
    if not queries.is_invited(user, invitation):
        raise Refused(_of_another())
    require_fits(user, invitation.wanted)
    _step(invitation, "accept", at=at, actor_id=user.pk)
    role, task_force_id, language = invitation.wanted
    try:
        return grant_role(
            user, Role(role), at=at, actor_id=invitation.inviter_id, task_force_id=task_force_id, language=language
        )  # fmt: skip
    except Refused:
        raise Refused(
            _(
                "Whoever invited you may not give this role any more, so the invitation does not hold. Ask whoever "
                "coordinates or administers the task force for a new one."
            )
        ) from None


@transaction.atomic
def decline_invitation(invitation_id: int, *, actor_id: int | None, at: datetime) -> Invitation:
    """Say no; the link is all that this needs, signed out. Whoever is signed in must be the person who was invited.

    Raises Refused for somebody else, Conflict where it was answered or withdrawn before.
    """
    invitation = _locked(invitation_id)
    if actor_id is not None and not queries.is_invited(User.objects.get(pk=actor_id), invitation):
        raise Refused(_of_another())
    if not invitation.is_over(at):
        _step(invitation, "decline", at=at, actor_id=actor_id)
    return invitation


@transaction.atomic
def forget_invitations(at: datetime) -> int:
    """Delete what has ended long ago; how many."""
    limit = at - KEPT_FOR
    number, _each = Invitation.objects.filter(Q(expires_at__lte=limit) | Q(answered_at__lte=limit)).delete()
    return number


def _of_another() -> str:
    return _("This invitation is for another address. Sign in with the address that it went to.")


def _locked(invitation_id: int) -> Invitation:
    invitation = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
    if invitation is None:
        raise Conflict(_("This invitation is no longer there."))
    return invitation


def _step(invitation: Invitation, action: str, *, at: datetime, actor_id: int | None) -> None:
    """Move it through the transition table, and into the log."""
    state = INVITATION.get((invitation.state, action))
    if state is None:
        raise Conflict(_("This invitation was answered or withdrawn before."))
    invitation.state, invitation.answered_at = state, at
    invitation.save(update_fields=["state", "answered_at"])
    _record(state, invitation, at=at, actor_id=actor_id)


def _record(what: str, invitation: Invitation, *, at: datetime, actor_id: int | None) -> None:
    """A line without the mailbox: the log outlives it."""
    role, task_force_id, language = invitation.wanted
    log.record(
        f"invitation.{what}", invitation, at=at, actor_id=actor_id, task_force_id=task_force_id, role=role,
        language=language, inviter=invitation.inviter_id,
    )  # fmt: skip
