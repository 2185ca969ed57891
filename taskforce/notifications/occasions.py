"""Whom each kind of mail goes to and when, in words for staff; beside their names in `admin.py`.

A kind is a plain code of a higher room: what staff read of it stands here, next to what shows it.
"""

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # a text for later, known to the stubs only


class Occasion(NamedTuple):
    """Who gets a mail, what makes the portal send it, and the topic that its reader can leave ("": none)."""

    to_whom: "_StrPromise"
    when: "_StrPromise"
    topic: str = ""


_APPLICANT = _("the applicant")
_ACCOUNT = _("the owner of the account")
_CALL_CHANGES = _("staff change the seats, the criteria, what scores mean or other words of a published call")
_DEADLINES = _("everybody who follows the deadlines of the task force")
_OWNER = _("the owner of the address")
_SENDER = _("whoever sent it, where their account is kept with it; of what was said elsewhere, who entered it")
_TESTER = _("the person of the staff who asks for it")

OCCASIONS: dict[str, Occasion] = {
    "account-address-added": Occasion(
        _("the owner of the account, at each address confirmed before"), _("another address is confirmed")
    ),
    "account-address-changed": Occasion(
        _("the owner of the account, at each confirmed address"), _("another address becomes the main one")
    ),
    "account-address-removed": Occasion(
        _("the owner of the account, at each confirmed address and the removed one"),
        _("an address is removed from the account"),
    ),
    "account-confirm-code": Occasion(_OWNER, _("somebody enters the address for an account")),
    "account-connect": Occasion(
        _OWNER, _("somebody comes from Wikimedia and signs up with an address that has an account")
    ),
    "account-connected": Occasion(_("the owner of the account"), _("a Wikimedia account is connected to it")),
    "account-disconnected": Occasion(_("the owner of the account"), _("a Wikimedia account is disconnected from it")),
    "account-exists": Occasion(_OWNER, _("somebody signs up with an address that has an account")),
    "account-factor-off": Occasion(_ACCOUNT, _("two-step sign-in is turned off")),
    "account-factor-on": Occasion(_ACCOUNT, _("two-step sign-in is turned on")),
    "account-lock-off": Occasion(
        _("the owner of the account, at each confirmed address"), _("whoever runs the server unlocks it")
    ),
    "account-lock-on": Occasion(
        _("the owner of the account, at each confirmed address"), _("whoever runs the server locks it")
    ),
    "account-locked": Occasion(
        _ACCOUNT, _("somebody tries to enter or to make an account with the address of one that is locked")
    ),
    "account-login-code": Occasion(_ACCOUNT, _("somebody signs in by a code")),
    "account-password-changed": Occasion(_ACCOUNT, _("the password is set, changed or replaced")),
    "account-password-reset": Occasion(_ACCOUNT, _("somebody asks for a new password")),
    "account-proof-code": Occasion(
        _("the owner of the account, who has neither password nor app"),
        _("a page asks once more who they are"),
    ),
    "account-recovery-code-used": Occasion(_ACCOUNT, _("somebody gets on with a recovery code")),
    "account-recovery-codes": Occasion(_ACCOUNT, _("new recovery codes are made")),
    "account-unknown": Occasion(_OWNER, _("somebody signs in with an address that has no account")),
    "announcement": Occasion(
        _("everybody who follows the announcements of the task force"),
        _("staff publish an announcement"),
        "announcements",
    ),
    "announcement-test": Occasion(_TESTER, _("an announcement is tested")),
    "application-call-changed": Occasion(
        _(
            "whoever has submitted an application, and while the call is open whoever has begun one and wants "
            "reminders; in place of the mail to those who follow the deadlines"
        ),
        _CALL_CHANGES,
    ),
    "application-receipt": Occasion(_APPLICANT, _("an application is submitted, each time")),
    "application-taken-back": Occasion(_APPLICANT, _("the withdrawal of an application is taken back")),
    "application-withdrawn": Occasion(_APPLICANT, _("an application is withdrawn")),
    "bulletin": Occasion(
        _("everybody who follows the topic that staff chose"),
        _("a second person of the staff sends the mail"),
        "updates",
    ),
    "bulletin-test": Occasion(_TESTER, _("a mail to followers is tested")),
    "call-changed": Occasion(_DEADLINES, _CALL_CHANGES, "deadlines"),
    "decision-accepted": Occasion(_APPLICANT, _("the decisions are released, and the applicant was chosen")),
    "decision-declined": Occasion(_APPLICANT, _("the decisions are released, and others were chosen")),
    "deletion-answered": Occasion(
        _("whoever asked for the deletion of their data"), _("a data officer answers the request")
    ),
    "deletion-asked": Occasion(_("the owner of the account"), _("somebody asks for the deletion of their data")),
    "deletion-waits": Occasion(
        _("everybody of the staff who may answer it, or where there is nobody, those who may appoint somebody"),
        _("somebody asks for the deletion of their data"),
    ),
    "digest": Occasion(
        _("whoever wants one mail a day"),
        _("every morning at six in the reader’s zone, if something happened"),
        "digest",
    ),
    "draft-reminder": Occasion(
        _APPLICANT,
        _(
            "seven days and 24 hours before a call closes, where something of an application is saved and not "
            "submitted; again when the end has moved"
        ),
    ),
    "feedback-answers": Occasion(
        _("everybody who follows the answers to feedback of the task force"),
        _("staff publish answers to what was said in a window; all of one act make one mail"),
        "answers",
    ),
    "feedback-confirm": Occasion(_OWNER, _("somebody enters the address to say something in a feedback window")),
    "feedback-answered": Occasion(
        _("whoever said it, where their account is kept with it"), _("coordinators or deputies answer what was said")
    ),
    "feedback-hidden": Occasion(_SENDER, _("moderators hide what was said")),
    "feedback-own-answers": Occasion(
        _SENDER, _("staff publish answers to what they sent; in place of the mail to those who follow the answers")
    ),
    "feedback-shown-again": Occasion(
        _SENDER, _("moderators publish again what was hidden, on their own or because its author appealed")
    ),
    "feedback-stays-hidden": Occasion(_SENDER, _("somebody decides that it stays hidden, after an appeal")),
    "feedback-decided": Occasion(_DEADLINES, _("staff decide what comes of a text after its feedback"), "deadlines"),
    "summary-due": Occasion(
        _("everybody of the staff who may write it"), _("the summary of a feedback window is due and not published")
    ),
    "summary-published": Occasion(_DEADLINES, _("the summary of a feedback window is published"), "deadlines"),
    "summary-outdated": Occasion(
        _("whoever translates into the language, but who made the change"),
        _("a change of the original makes a translation of a summary outdated; once until it is translated again"),
    ),
    "summary-to-translate": Occasion(
        _("whoever translates into the language, but who wrote it"),
        _("a summary is written and is not there in the language; once"),
    ),
    "phase-cancelled": Occasion(_DEADLINES, _("a phase is cancelled"), "deadlines"),
    "phase-closed": Occasion(_DEADLINES, _("a phase has closed and the last answers are in"), "deadlines"),
    "phase-closed-early": Occasion(_DEADLINES, _("a phase is closed before its end"), "deadlines"),
    "phase-closing-day": Occasion(_DEADLINES, _("24 hours are left"), "deadlines"),
    "phase-closing-week": Occasion(_DEADLINES, _("seven days are left"), "deadlines"),
    "phase-extended": Occasion(_DEADLINES, _("the end of a phase is moved to a later date"), "deadlines"),
    "phase-full": Occasion(_DEADLINES, _("a phase closes because enough have come in"), "deadlines"),
    "phase-opened": Occasion(_DEADLINES, _("a phase opens"), "deadlines"),
    "phase-shortened": Occasion(_DEADLINES, _("the end of a phase is moved to an earlier date"), "deadlines"),
    "role-given": Occasion(
        _ACCOUNT,
        _(
            "staff, or whoever runs the server, give a role to an address that has an account, or an invitation to one "
            "is accepted"
        ),
    ),
    "role-invitation": Occasion(_OWNER, _("staff give a role to an address that has no account")),
    "role-taken": Occasion(_("whoever held the role"), _("a role is taken away")),
    "subscription-confirm": Occasion(_OWNER, _("somebody enters the address to follow a task force")),
    "subscription-invitation": Occasion(_OWNER, _("staff bring the address in with a list")),
    "subscription-known": Occasion(_OWNER, _("somebody enters an address that follows already")),
    "translation-outdated": Occasion(
        _("whoever translates the text into the language, but who made the change"),
        _("a change of the original makes translations outdated; changes that follow quickly make one mail"),
    ),
}
