"""What staff call each act and each look in the log: a code of a lower room, in words next to what shows it."""

from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "account.address-added": _("E-mail address added to an account"),
    "account.address-confirmed": _("E-mail address of an account confirmed"),
    "account.address-primary": _("Main e-mail address of an account changed"),
    "account.address-removed": _("E-mail address taken from an account"),
    "account.connected": _("Wikimedia account connected"),
    "account.created": _("Account made"),
    "account.data-taken": _("Own data downloaded"),
    "account.disconnected": _("Wikimedia account disconnected"),
    "account.forgotten": _("Account that nobody confirmed forgotten"),
    "account.language": _("Language of an account changed"),
    "account.name": _("Name of an account changed"),
    "account.password-changed": _("Password changed"),
    "account.password-forgotten": _("Unconfirmed password made useless"),
    "account.password-reset": _("Forgotten password replaced"),
    "account.password-set": _("Password chosen for the first time"),
    "account.read": _("Looked for: an account, by its address"),
    "account.sessions-ended": _("Signed out in other browsers"),
    "account.zone": _("Time zone of an account changed"),
    "address.read": _("Looked whether an address has an account"),
    "announcement.drafted": _("Announcement drafted"),
    "announcement.edited": _("Announcement edited"),
    "announcement.published": _("Announcement published"),
    "announcement.tested": _("Announcement tested"),
    "application.listed": _("Looked at: candidates"),
    "application.opened": _("Application begun"),
    "application.read": _("Looked at: an application"),
    "application.saved": _("Application saved"),
    "application.reminded": _("Reminders of applications written"),
    "application.reminders": _("Said whether they want reminders of their application"),
    "application.submitted": _("Application submitted"),
    "application.taken-back": _("Withdrawal of an application taken back"),
    "application.withdrawn": _("Application withdrawn"),
    "audit.listed": _("Looked at: this log"),
    "bulletin.drafted": _("Mail to followers drafted"),
    "bulletin.dropped": _("Draft of a mail to followers dropped"),
    "bulletin.edited": _("Mail to followers edited"),
    "bulletin.offered": _("Mail to followers offered to a second person"),
    "bulletin.sent": _("Mail to followers sent"),
    "bulletin.stopped": _("Mail to followers stopped"),
    "bulletin.taken-back": _("Mail to followers taken back into draft"),
    "bulletin.tested": _("Mail to followers tested"),
    "call.clarified": _("Question about a call answered"),
    "call.criteria-changed": _("Criteria or weights of a call changed"),
    "call.words-changed": _("Words of a published call changed"),
    "call.discarded": _("Draft of a call discarded"),
    "call.drafted": _("Call for members planned"),
    "call.edited": _("Draft of a call changed"),
    "call.published": _("Call for members published"),
    "call.questions-chosen": _("Questions of a call chosen"),
    "call.released": _("Decisions of a call released"),
    "call.rubric-edited": _("Criteria in the draft of a call changed"),
    "call.seats-changed": _("Number of seats of a call changed"),
    "decision.held": _("Decision made, not told yet"),
    "decision.listed": _("Looked at: decisions of a call"),
    "decision.released": _("Decision told"),
    "deletion.asked": _("Asked for the deletion of their data"),
    "deletion.carried-out": _("What is kept about a person deleted from the database"),
    "deletion.do": _("Request for deletion: done"),
    "deletion.listed": _("Looked at: requests for deletion"),
    "deletion.read": _("Looked at: a request for deletion"),
    "deletion.part": _("Request for deletion: partly done"),
    "deletion.refuse": _("Request for deletion: refused"),
    "deletion.withdrawn": _("Request for deletion taken back"),
    "feedback.appeal-put-back": _("Appeal: the feedback is published again"),
    "feedback.appeal-upheld": _("Appeal: the feedback stays hidden"),
    "feedback.appealed": _("Appeal of an author against the hiding of their feedback"),
    "feedback.block-lifted": _("Block lifted of who posted feedback"),
    "feedback.blocked": _("Blocked: who posted feedback"),
    "feedback-block.listed": _("Looked at: list of blocks"),
    "feedback-block.read": _("Looked at: a block, or the form of one"),
    "feedback.corrected": _("Feedback corrected by who had entered it"),
    "feedback.edited": _("Feedback changed by its author"),
    "feedback.entered": _("Feedback entered that was given elsewhere"),
    "feedback.answer-discarded": _("Draft of an answer to feedback thrown away"),
    "feedback.answer-drafted": _("Answer to feedback drafted"),
    "feedback.answer-looked-at": _("Drafts of answers to feedback looked at again: what they are about had changed"),
    "feedback.answers-released": _("Answers to feedback published"),
    "feedback.exported": _("Feedback exported"),
    "feedback.answered": _("Feedback answered by staff"),
    "feedback.reported": _("Feedback reported by a reader"),
    "feedback.reports-left": _("Feedback left as it is that readers had reported"),
    "feedback-report.read": _("Looked at: reports of feedback"),
    "feedback.replied": _("Reply to feedback"),
    "feedback.reply-hide": _("Reply to feedback hidden"),
    "feedback.reply-appeal-put-back": _("Appeal: the reply to feedback is published again"),
    "feedback.reply-appeal-upheld": _("Appeal: the reply to feedback stays hidden"),
    "feedback.reply-appealed": _("Appeal of an author against the hiding of their reply"),
    "feedback.reply-publish": _("Reply to feedback published"),
    "feedback.reply-withdrawn": _("Reply to feedback withdrawn"),
    "feedback-reply.listed": _("Looked at: list of replies to feedback"),
    "feedback-reply.read": _("Looked at: a reply to feedback with its name"),
    "feedback.translated": _("Feedback translated"),
    "feedback.translation-removed": _("Translation of feedback taken off"),
    "feedback.agreed": _("Somebody agreed with feedback"),
    "feedback.agreement-taken-back": _("Somebody took back that they agree with feedback"),
    "feedback.held-together": _("Feedback held: very much like a machine’s came at once"),
    "feedback.hide": _("Feedback hidden"),
    "feedback.listed": _("Looked at: list of feedback"),
    "feedback.publish": _("Feedback published"),
    "feedback.read": _("Looked at: feedback with its name"),
    "feedback.sorted": _("Feedback put in a theme, or taken out of one"),
    "feedback.submitted": _("Feedback given"),
    "feedback.table-pasted": _("Table of feedback pasted that was given elsewhere"),
    "feedback.taken-back": _("Feedback taken back by who had entered it"),
    "feedback.text-final": _("Text called final"),
    "feedback.theme-added": _("Theme of feedback made"),
    "feedback.theme-changed": _("Theme of feedback changed"),
    "feedback.theme-moved": _("Theme of feedback moved up"),
    "feedback.unconfirmed": _("Feedback sent that waits for its author’s mail"),
    "feedback.window-published": _("Feedback window published"),
    "feedback.withdrawn": _("Feedback withdrawn"),
    "follower.listed": _("Looked at: followers"),
    "follower.read": _("Looked at: a follower"),
    "followers.added": _("Followers brought in with a list"),
    "identity.read": _("Looked at: names of candidates"),
    "invitation.accepted": _("Invitation to a role accepted"),
    "invitation.declined": _("Invitation to a role declined"),
    "invitation.invited": _("Invited to a role"),
    "invitation.withdrawn": _("Invitation to a role taken back"),
    "invitation.listed": _("Looked at: invitations to roles"),
    "invitation.read": _("Looked at: an invitation to a role"),
    "label.of-a-call": _("Words of a call put right"),
    "label.corrected": _("Former name in a label corrected"),
    "label.of-a-window": _("Title or introduction of a feedback window put right"),
    "lock.lifted": _("Account unlocked"),
    "lock.set": _("Account locked"),
    "mail.held": _("All mail put on hold"),
    "mail.hold-lifted": _("Hold of mail lifted"),
    "mail.listed": _("Looked at: list of mails"),
    "mail.read": _("Looked at: a mail’s address"),
    "mail.release": _("Mail released from the hold"),
    "mail.requeue": _("Mail sent again"),
    "mail.resolve-failed": _("Mail settled as failed"),
    "mail.resolve-sent": _("Mail settled as sent"),
    "mailing.expanded": _("Mails of a mailing written"),
    "mailing.published": _("Mailing to followers begun"),
    "mailing.requeue": _("Mailing tried again"),
    "mailing.stopped": _("Mailing stopped"),
    "member.added": _("Member added"),
    "member.listed": _("Looked at: names of new members"),
    "phase.cancelled": _("Phase cancelled"),
    "phase.closed": _("Phase closed early"),
    "phase.discarded": _("Draft of a phase discarded"),
    "phase.drafted": _("Phase drafted"),
    "phase.edited": _("Draft of a phase edited"),
    "phase.extended": _("Phase extended"),
    "phase.full": _("Phase closed because it was full"),
    "phase.noticed": _("Date of a phase reached"),
    "phase.published": _("Phase published"),
    "summary.published": _("Summary published"),
    "summary.reminded": _("Reminded of a summary"),
    "summary.reviewed": _("Translation of a summary reviewed"),
    "summary.saved": _("Draft of a summary kept"),
    "summary.translated": _("Summary translated"),
    "phase.decided": _("Decided after feedback"),
    "phase.shortened": _("Phase shortened"),
    "phase.translated": _("Title of a phase translated"),
    "proposal.created": _("Text begun"),
    "proposal.draft-begun": _("Draft of a text begun"),
    "proposal.draft-discarded": _("Draft of a text discarded"),
    "proposal.goal-dropped": _("Language no longer wanted"),
    "proposal.goal-set": _("Language wanted"),
    "proposal.imported": _("Text brought in from a page"),
    "proposal.published": _("Text published"),
    "proposal.resumed": _("Text taken up again"),
    "proposal.reviewed": _("Translation reviewed"),
    "proposal.revised": _("Revision of a text published"),
    "proposal.superseded": _("Text replaced by another one"),
    "proposal.thrown-away": _("Text thrown away before anybody had read it"),
    "proposal.translated": _("Text translated"),
    "proposal.withdrawn": _("Text withdrawn"),
    "questions.created": _("Questions published"),
    "questions.draft-begun": _("Draft of questions begun"),
    "questions.draft-discarded": _("Draft of questions discarded"),
    "review.saved": _("Review saved"),
    "review.submitted": _("Review submitted"),
    "role.granted": _("Role granted"),
    "role.listed": _("Looked at: who has which role"),
    "role.read": _("Looked at: a role of somebody"),
    "role.removed": _("Role taken away"),
    "second-factor.activated": _("Two-step sign-in switched on"),
    "second-factor.recovery-code-used": _("Signed in with a recovery code"),
    "second-factor.recovery-codes": _("New recovery codes made"),
    "second-factor.removed": _("Two-step sign-in switched off"),
    "subscription.asked": _("Asked whether somebody wants to follow"),
    "subscription.changed": _("What somebody follows changed"),
    "subscription.confirmed": _("Followed"),
    "subscription.left": _("Stopped following"),
    "suppression.lifted": _("Refused mailbox: mail goes there again"),
    "suppression.listed": _("Looked at: refused mailboxes"),
    "suppression.made": _("Mailbox refused mail"),
    "suppression.read": _("Looked at: a refused mailbox"),
    "task-force.announce": _("Members of a task force announced"),
    "task-force.cancel": _("Task force cancelled"),
    "task-force.created": _("Task force made"),
    "task-force.end": _("Task force ended"),
    "task-force.old-word-added": _("Old word to look for added"),
    "task-force.old-word-dropped": _("Old word to look for taken off"),
    "task-force.resume": _("Task force taken up again"),
    "task-force.text-looked-at-again": _("Text that was to stay as it is taken back into the list"),
    "task-force.text-stays": _("Text with a former name stays as it is"),
    "task-force.renamed": _("Task force renamed"),
}
# What rows are called whose models have no pages on the staff side, and so no words of their own.
KINDS = {
    "accounts.user": _("Account"),
    "feedback.sheet": _("Pasted table"),
    "feedback.summary": _("Summary"),
    "feedback.summarydraft": _("Draft of a summary"),
    "proposals.proposal": _("Text"),
    "questions.choice": _("Choice"),
    "questions.question": _("Question"),
    "questions.questionsetversion": _("Questions"),
    "recruitment.decision": _("Decision"),
    "recruitment.review": _("Review"),
}
# What people do on their own account: only a data officer reads who it was. Who answered a request for deletion did so
# by office, and is named.
OWN_AFFAIRS = ("account.", "application.", "deletion.asked", "deletion.withdrawn", "second-factor.", "subscription.")
# At these stands who acted or which candidate it was, never both: reviews are blind.
BLIND = "application."
# What is done on the staff side, by the person themselves or by the operator's commands: without an actor it was these.
BY_COMMANDS = frozenset({"lock.lifted", "lock.set", "role.granted", "role.removed", "second-factor.removed"})
# Whose particulars stand on pages of their own, which know who may see them when.
CLOSED = ("decision.", "review.", "identity.")


def action(code: str) -> str:
    """What an action is called; its code where nobody has named it."""
    return str(ACTIONS.get(code, code))


def kind(label: str) -> str:
    """What a row of this model (`app.model`) is called."""
    if label in KINDS:
        return str(KINDS[label])
    try:
        return str(capfirst(apps.get_model(label)._meta.verbose_name))
    except (LookupError, ValueError):
        return label


def is_own_affair(code: str) -> bool:
    """Whether the action is one of a person's own, not of their office; a look of staff at it is none."""
    return code.startswith(OWN_AFFAIRS) and not code.endswith((".read", ".listed"))


def is_blind(code: str) -> bool:
    """Whether the action joins a person with the number under which they are reviewed."""
    return code.startswith(BLIND) and is_own_affair(code)


def nobody(code: str) -> str:
    """Who has done what stands in the log without an account."""
    return str(_("the operator, by a command") if code in BY_COMMANDS else _("the portal, or a visitor"))


def is_closed(code: str) -> bool:
    """Whether the particulars of the action stand on pages of their own only."""
    return code.startswith(CLOSED)


def particulars(code: str, details: dict[str, Any]) -> dict[str, Any]:
    """What else the log says of an entry."""
    return {} if is_closed(code) else details
