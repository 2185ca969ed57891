"""The outbox in words: what staff read instead of codes.

Who may see which rows, and what a mailing is called, is registered by a higher room: there is known what it is about.
"""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.core.staff_columns import Column, describe, machine_text
from taskforce.notifications.enums import MailClass, MessageState
from taskforce.notifications.models import Hold, Mailing, OutboxMessage, Suppression

# A mail's kind is a plain code of a higher room; its name for staff stands here, next to what shows it.
KINDS = {
    "account-address-added": gettext_lazy("Notice: one more address"),
    "account-address-changed": gettext_lazy("Notice: another main address"),
    "account-address-removed": gettext_lazy("Notice: an address was removed"),
    "account-confirm-code": gettext_lazy("Code to confirm an e-mail address"),
    "account-connect": gettext_lazy("Sign-up from Wikimedia for an account that exists"),
    "account-connected": gettext_lazy("A Wikimedia account was connected"),
    "account-disconnected": gettext_lazy("A Wikimedia account was disconnected"),
    "account-exists": gettext_lazy("Sign-up for an account that exists"),
    "account-factor-off": gettext_lazy("Notice: two-step sign-in is off"),
    "account-factor-on": gettext_lazy("Notice: two-step sign-in is on"),
    "account-lock-off": gettext_lazy("Notice: the account is unlocked"),
    "account-lock-on": gettext_lazy("Notice: the account was locked"),
    "account-locked": gettext_lazy("Answer to a try with a locked account"),
    "account-login-code": gettext_lazy("Code to sign in"),
    "account-password-changed": gettext_lazy("Notice: another password"),
    "account-password-reset": gettext_lazy("Link to a new password"),
    "account-proof-code": gettext_lazy("Code to go on"),
    "account-recovery-code-used": gettext_lazy("Notice: a recovery code was used"),
    "account-recovery-codes": gettext_lazy("Notice: new recovery codes"),
    "account-unknown": gettext_lazy("Sign-in without an account"),
    "announcement": gettext_lazy("Announcement"),
    "announcement-test": gettext_lazy("Test of an announcement"),
    "application-call-changed": gettext_lazy("Word to applicants of a changed call"),
    "application-receipt": gettext_lazy("Receipt for an application"),
    "application-taken-back": gettext_lazy("Word that an application counts again"),
    "application-withdrawn": gettext_lazy("Word that an application is withdrawn"),
    "bulletin": gettext_lazy("Mail to followers"),
    "bulletin-test": gettext_lazy("Test of a mail to followers"),
    "call-changed": gettext_lazy("Word of a changed call"),
    "decision-accepted": gettext_lazy("Decision: accepted"),
    "decision-declined": gettext_lazy("Decision: declined"),
    "deletion-answered": gettext_lazy("Answer to a request for deletion"),
    "deletion-asked": gettext_lazy("Receipt for a request for deletion"),
    "deletion-waits": gettext_lazy("Word of a request for deletion"),
    "digest": gettext_lazy("Daily mail"),
    "draft-reminder": gettext_lazy("Reminder of an unfinished application"),
    "phase-cancelled": gettext_lazy("Phase cancelled"),
    "phase-closed": gettext_lazy("Phase has closed"),
    "phase-closed-early": gettext_lazy("Phase closed early"),
    "phase-closing-day": gettext_lazy("Phase closes within 24 hours"),
    "phase-closing-week": gettext_lazy("Phase closes within a week"),
    "phase-extended": gettext_lazy("Phase extended"),
    "phase-full": gettext_lazy("Phase closed because it is full"),
    "phase-opened": gettext_lazy("Phase is open"),
    "feedback-answers": gettext_lazy("Answers to feedback"),
    "feedback-confirm": gettext_lazy("Question whether somebody has said something"),
    "feedback-answered": gettext_lazy("Word of an answer to feedback"),
    "feedback-decided": gettext_lazy("Decision after feedback"),
    "feedback-hidden": gettext_lazy("Word that feedback was hidden"),
    "feedback-own-answers": gettext_lazy("Answers to what somebody said"),
    "feedback-shown-again": gettext_lazy("Word that hidden feedback stands again"),
    "feedback-stays-hidden": gettext_lazy("Word that feedback stays hidden after an appeal"),
    "summary-due": gettext_lazy("Summary is due"),
    "summary-outdated": gettext_lazy("Word that the original of a summary has changed"),
    "summary-published": gettext_lazy("Summary of feedback"),
    "summary-to-translate": gettext_lazy("Word of a summary to translate"),
    "phase-shortened": gettext_lazy("Phase shortened"),
    "role-given": gettext_lazy("Word of a new role"),
    "role-invitation": gettext_lazy("Invitation to a role"),
    "role-taken": gettext_lazy("Word that a role has ended"),
    "subscription-confirm": gettext_lazy("Question whether somebody wants to follow"),
    "subscription-invitation": gettext_lazy("Invitation to follow"),
    "subscription-known": gettext_lazy("Word that somebody follows already"),
    "translation-outdated": gettext_lazy("Word of outdated translations"),
}


def kind_name(code: str) -> str:
    """What staff call a kind of mail; the code itself for one without a name."""
    return str(KINDS.get(code, code))


def _class_name(code: str) -> str:
    return str(MailClass(code).label)


def _state_name(code: str) -> str:
    """The state's label; what is queued says so when nothing is sent at all (`MAIL_HOLD`)."""
    if code == MessageState.QUEUED and settings.MAIL_HOLD:
        return _("queued, held back by MAIL_HOLD")
    return str(MessageState(code).label)


describe(
    OutboxMessage,
    kind=Column(gettext_lazy("Kind"), kind_name),
    mail_class=Column(gettext_lazy("Class"), _class_name),
    mailbox=Column(gettext_lazy("Mailbox"), machine_text),
    language=Column(gettext_lazy("Language")),
    zone=Column(gettext_lazy("Time zone"), machine_text),
    state=Column(gettext_lazy("State"), _state_name),
    attempts=Column(gettext_lazy("Attempts")),
    error=Column(gettext_lazy("Error"), machine_text),
    message_id=Column(gettext_lazy("Message-ID"), machine_text),
    created_at=Column(gettext_lazy("Created")),
    valid_until=Column(gettext_lazy("Valid until")),
    sent_at=Column(gettext_lazy("Sent")),
    released_at=Column(gettext_lazy("Released from the hold")),
    mailing=Column(gettext_lazy("Mailing")),
)
describe(
    Mailing,
    kind=Column(gettext_lazy("Kind"), kind_name),
    key=Column(gettext_lazy("Key"), machine_text),
    state=Column(gettext_lazy("State")),
    created_at=Column(gettext_lazy("Created")),
    valid_until=Column(gettext_lazy("Valid until")),
    stopped_at=Column(gettext_lazy("Stopped")),
    failures=Column(gettext_lazy("Failed attempts")),
    error=Column(gettext_lazy("Error"), machine_text),
)
describe(
    Suppression,
    name=lambda row: row.mailbox,
    mailbox=Column(gettext_lazy("Mailbox"), machine_text),
    words=Column(gettext_lazy("What its server said"), machine_text),
    at=Column(gettext_lazy("Refused")),
    lifted_at=Column(gettext_lazy("Lifted")),
)
describe(
    Hold,
    name=lambda row: _("hold %(number)s") % {"number": row.pk},
    at=Column(gettext_lazy("Since")),
    actor_name=Column(gettext_lazy("By")),
    reason=Column(gettext_lazy("Reason")),
    lifted_at=Column(gettext_lazy("Until")),
)
