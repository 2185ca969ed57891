"""What staff may do with a mail as it stands now, and if not, why; whether they may at all is decided above."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from taskforce.notifications import kinds
from taskforce.notifications.enums import MailClass, MailingState, MessageState
from taskforce.notifications.kinds import UnknownKind
from taskforce.notifications.mailboxes import UnusableMailbox, wire_address
from taskforce.notifications.models import Mailing, OutboxMessage

RELEASE = "release"
REQUEUE = "requeue"
AS_SENT = "resolve-sent"
AS_FAILED = "resolve-failed"
# From which state each leads away.
FROM = {
    RELEASE: MessageState.QUEUED,
    REQUEUE: MessageState.FAILED,
    AS_SENT: MessageState.UNKNOWN,
    AS_FAILED: MessageState.UNKNOWN,
}


# Asked once the service holds the row that it is about to change, and given it: raises `Refused` where whoever acts may
# not (any more). Roles are known to higher rooms only; a service that has asked its own, and whoever acts in the
# operator's shell, say None: nobody leaves it out by mistake.
Allow = Callable[[Any], None]


def ask(allow: Allow | None, row: Any) -> None:
    """Ask whether it may be done to the row, where somebody is to be asked about."""
    if allow is not None:
        allow(row)


class Facts(NamedTuple):
    """What the answer depends on beside the row.

    The portal's moment, a hold, the kinds that it lets pass, the mailboxes (lower case) that refused, the mailings that
    others put right.
    """

    at: datetime
    is_held: bool
    passing: frozenset[str]
    refused: frozenset[str]
    corrected: frozenset[int]


def may(action: str, message: OutboxMessage, facts: Facts) -> tuple[bool, str]:
    """Whether the action can be done to this mail, and if not, why; unknown action: KeyError."""
    if message.state != FROM[action]:
        return False, _("Its state is now “%(state)s”.") % {"state": MessageState(message.state).label}
    reasons = {RELEASE: _against_release, REQUEUE: _against_requeue}.get(action, _nothing_against)
    why = next(iter(reasons(message, facts)), "")
    return not why, why


def may_requeue(mailing: Mailing, at: datetime) -> tuple[bool, str]:
    """Whether a mailing that could not be written can be tried again at the portal's moment `at`; if not, why."""
    if mailing.state != MailingState.FAILED:
        return False, _("Its state is now “%(state)s”.") % {"state": MailingState(mailing.state).label}
    if mailing.valid_until is not None and mailing.valid_until <= at:
        return False, _("Its time is over: what it says is no longer true.")
    try:
        kinds.get(mailing.kind)
    except UnknownKind:
        return False, _("The portal does not know this kind of mail any more.")
    if mailing.corrections.exclude(state__in=(MailingState.STOPPED, MailingState.SUPERSEDED)).exists():
        return False, _("It was corrected: it would say what is known to be wrong.")
    return True, ""


def _nothing_against(message: OutboxMessage, facts: Facts) -> Iterable[str]:
    return ()


def _against_release(message: OutboxMessage, facts: Facts) -> Iterable[str]:
    if not facts.is_held or message.kind in facts.passing:
        yield _("No mail is on hold: it goes by itself.")
    if message.released_at is not None:
        yield _("It was released already and goes with the next pass.")
    yield from _of_no_use(message, facts)


def _against_requeue(message: OutboxMessage, facts: Facts) -> Iterable[str]:
    yield from _of_no_use(message, facts)
    if message.mailing_id in facts.corrected:
        yield _("It was corrected: it would say what is known to be wrong.")
    try:
        wire_address(message.mailbox)
    except UnusableMailbox as error:
        yield str(error)
    try:
        names = kinds.get(message.kind).secrets
    except UnknownKind:
        yield _("The portal does not know this kind of mail any more.")
    else:
        if any(not message.context.get(name) for name in names):
            yield _("Its code, link or address was removed when it failed; the person has to ask for a new one.")
    if message.mail_class == MailClass.ANNOUNCEMENT and message.mailbox.lower() in facts.refused:
        yield _("The mailbox refuses mail. Lift that first, if you know that it works again.")


def _of_no_use(message: OutboxMessage, facts: Facts) -> Iterable[str]:
    mailing = message.mailing
    until = message.valid_until if mailing is None else mailing.valid_until
    is_void = mailing is not None and mailing.state == MailingState.SUPERSEDED
    if is_void or (until is not None and until <= facts.at):
        yield _("Its time is over: what it says is no longer true.")
    if mailing is not None and mailing.state == MailingState.STOPPED:
        yield _("Its mailing was stopped.")
