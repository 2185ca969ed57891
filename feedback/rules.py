"""Who may do what with feedback; saying something needs no rule but an open window."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.enums import FOR_EVERYBODY, AppealOutcome, ItemState, Visibility
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply, FeedbackWindow
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.models import User
from taskforce.accounts.queries import grants_of, has, roles_of
from taskforce.accounts.rights import Right, Table
from taskforce.core import languages

READERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.OBSERVER, Role.ADMINISTRATOR})
MODERATORS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.ADMINISTRATOR})
# Who looks at what is held because it is their task force.
MODERATORS_OF_THEIR_OWN = MODERATORS - {Role.ADMINISTRATOR}

# Who answers for the task force: the ones who lead it, and nobody from outside.
ANSWERING = frozenset({Role.COORDINATOR, Role.DEPUTY})
LEADERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})

TRANSLATORS = frozenset({*LEADERS, Role.TRANSLATOR, Role.FACILITATOR})
# Who speaks for those who run the process.
ANSWERERS = frozenset({Role.COORDINATOR, Role.DEPUTY})

TITLE_LENGTH = 300
INTRODUCTION_LENGTH = 5_000
TERMS_LENGTH = 2_000
THEME_LENGTH = 200
DESCRIPTION_LENGTH = 2_000
ANSWER_LENGTH = 5_000
STATEMENT_LENGTH = 1_000
SLUG_LENGTH = 50
REASON_LENGTH = 2_000
# What staff say of a decision about an item.
MODERATION_LENGTH = 1_000
# What an author says against it.
APPEAL_LENGTH = 2_000
REPLY_LENGTH = 5_000
# What a reader says beside the rule that they report.
REPORT_LENGTH = 1_000
SUMMARY_LENGTH = 50_000
# So many days after its close the summary of a window is expected, unless staff set others.
SUMMARY_DAYS = 14
MOST_SUMMARY_DAYS = 365

# A role in a few words ("a local board"), not a story.
SPOKE_LENGTH = 120
PLACE_LENGTH = 500
# Before a phase opens people speak of its text already: since it was announced, hardly a season before.
SAID_BEFORE = timedelta(days=90)
# Where a day begins first.
_FIRST_ZONE = timedelta(hours=14)

WHO: Table = {
    "feedback.read": Right(gettext_lazy("Read all feedback, also what is held or hidden"), READERS),
    "feedback.moderate": Right(gettext_lazy("Publish feedback that is held, and hide feedback"), MODERATORS),
    "feedback.block": Right(
        gettext_lazy("Block who posted something from posting more, and lift such a block"), MODERATORS
    ),
    "feedback.enter": Right(
        gettext_lazy("Enter what was said elsewhere, in the languages of one’s role"),
        frozenset({*LEADERS, Role.FACILITATOR}),
    ),
    "feedback.export": Right(
        gettext_lazy("Export all that was said in a feedback window, with what is held, hidden or for staff alone"),
        LEADERS,
    ),
    "feedback.translate": Right(
        gettext_lazy("Translate what was said, and summaries of it, into one’s language"), TRANSLATORS
    ),
    "feedback.answer": Right(gettext_lazy("Answer feedback in public, also after the close"), ANSWERERS),
    "summary.write": Right(gettext_lazy("Write and publish the summary of a feedback window"), LEADERS),
    "window.publish": Right(gettext_lazy("Publish a feedback window"), LEADERS),
    "text.call-final": Right(gettext_lazy("Call a text final, once what was said is answered"), ANSWERING),
    "answer.give": Right(gettext_lazy("Sort feedback by themes, and answer it in public"), ANSWERING),
}


def may(
    user: Any,
    action: str,
    obj: FeedbackItem | FeedbackWindow,
    at: datetime,
) -> tuple[bool, str]:
    """Whether the user may do `action` (a key of `WHO`) with an item or window, and why not.

    `at` decides nothing here: staff act before, while and after a window is open.
    """
    window = obj.window if isinstance(obj, FeedbackItem) else obj
    if has(user, WHO[action], window.phase.task_force_id):
        return True, ""
    return False, _("This is for the people who coordinate or moderate this task force.")


def may_appeal(state: str, before: FeedbackAppeal | None) -> tuple[bool, str]:
    """Whether whoever sent something can appeal for it in this state, after the appeal `before`, and if not, why."""
    if before is not None and before.outcome != AppealOutcome.PUT_BACK:
        return False, _("You have appealed before: that is possible once.")
    if state != ItemState.HIDDEN:
        return False, _("Your text is not hidden, so there is nothing to appeal against.")
    return True, ""


def may_moderate(user: Any, text: FeedbackItem | FeedbackReply, at: datetime) -> tuple[bool, str]:
    """Whether the user may decide whether an item or a reply stands, and if not, why: never about their own, as far as
    it is known whose it is."""
    item = text.item if isinstance(text, FeedbackReply) else text
    allowed, why_not = may(user, "feedback.moderate", item, at)
    senders = {text.author_id, None if isinstance(text, FeedbackReply) else text.entered_by_id}
    if allowed and user.pk in senders:
        return False, _("You have sent this text yourself: somebody else decides about it.")
    return allowed, why_not


def may_decide_appeal(
    user: Any, text: FeedbackItem | FeedbackReply, appeal: FeedbackAppeal | None, at: datetime, *, has_reported: bool
) -> tuple[bool, str]:
    """Whether the user may decide about an author's appeal, and if not, why: never who hid it, sent it or
    `has_reported` it themselves."""
    allowed, why_not = may_moderate(user, text, at)
    if allowed and appeal is not None and appeal.hidden_by_id == user.pk:
        return False, _("You have hidden this text yourself: somebody else decides about the appeal.")
    if allowed and has_reported:
        return False, _("You have reported this text yourself: somebody else decides about the appeal.")
    return allowed, why_not


def may_publish(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may publish feedback windows of a task force, and if not, why."""
    if has(user, WHO["window.publish"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators publish a feedback window.")


def may_export(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may take out all that was said in a window of a task force, and if not, why."""
    if has(user, WHO["feedback.export"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators export what was said.")


def enters_in(user: Any, task_force_id: int) -> list[str]:
    """The languages in which the user may enter what was said elsewhere, in the portal's order."""
    right = WHO["feedback.enter"]
    held = [grant for grant in grants_of(user) if right.is_given_by(grant)]
    return [code for code in languages.CODES if any(grant.reaches(task_force_id, code) for grant in held)]


def may_enter(user: Any, task_force_id: int, language: str) -> tuple[bool, str]:
    """Whether the user may enter what was said in a language, and if not, why."""
    if has(user, WHO["feedback.enter"], task_force_id, language):
        return True, ""
    # A language that the portal does not have is no role's: whoever enters something in any of its own may.
    if not languages.is_offered(language) and enters_in(user, task_force_id):
        return True, ""
    return False, not_to_enter()


def not_to_enter() -> str:
    """Why somebody may enter nothing in a language."""
    return _("This is for the facilitators of this language, and for those who coordinate the task force.")


def days(opens_at: datetime, at: datetime) -> tuple[date, date]:
    """The first and the last day on which something can have been said that is entered at a moment: not long before
    the phase opens, and nowhere on Earth in the future."""
    return (opens_at - SAID_BEFORE).date(), (at.astimezone(UTC) + _FIRST_ZONE).date()


def may_be_edited(item: FeedbackItem) -> tuple[bool, str]:
    """Whether whoever has the link of an item may change it while its window is open, and if not, why."""
    if item.state == ItemState.WITHDRAWN:
        return False, _("You have withdrawn this text, so it cannot be changed any more.")
    if item.state == ItemState.HIDDEN:
        return False, _("This text was hidden, so it cannot be changed any more. You can withdraw it.")
    return True, ""


def visibilities(item: FeedbackItem) -> list[str]:
    """Who may read an item once its author has changed it: what everybody could read once is not taken away from
    them by a change (it can be withdrawn), but a name always is."""
    stood_for_everybody = item.was_public and item.visibility in FOR_EVERYBODY
    return [code for code in Visibility.values if code in FOR_EVERYBODY or not stood_for_everybody]


def may_answer(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may sort and answer what was said in the windows of a task force, and if not, why."""
    if has(user, WHO["answer.give"], task_force_id):
        return True, ""
    return False, _("Only coordinators and their deputies answer what was said.")


def may_agree(user: User, item: FeedbackItem) -> tuple[bool, str]:
    """Whether a person may agree with an item while its window is open, and if not, why. Whose an item is, is known
    only where its window asks for an account."""
    if item.state != ItemState.PUBLISHED or item.visibility not in FOR_EVERYBODY:
        return False, _("This text does not stand where everybody can read it any more.")
    if item.author_id == user.pk:
        return False, _("This text is your own.")
    return True, ""


def may_reply_for_staff(user: Any, item: FeedbackItem) -> tuple[bool, str]:
    """Whether a reply of the user to an item is an answer of staff, and if not, why."""
    if has(user, WHO["feedback.answer"], item.window.phase.task_force_id):
        return True, ""
    return False, _("Only coordinators and their deputies answer for the people who run this.")


def may_be_replied_to(item: FeedbackItem) -> tuple[bool, str]:
    """Whether anybody may reply to an item, and if not, why."""
    if item.state != ItemState.PUBLISHED or item.visibility not in FOR_EVERYBODY:
        return False, _("This text does not stand where everybody can read it any more.")
    return True, ""


def may_be_reported(item: FeedbackItem, reply: FeedbackReply | None = None) -> tuple[bool, str]:
    """Whether an item, or a reply to it, can be reported, and if not, why: only what everybody can read."""
    stands = item.state == ItemState.PUBLISHED and item.visibility in FOR_EVERYBODY
    if not stands or (reply is not None and reply.state != ItemState.PUBLISHED):
        return False, _("This text does not stand where everybody can read it any more.")
    return True, ""


def may_translate(user: Any, task_force_id: int, language: str) -> tuple[bool, str]:
    """Whether the user may translate what was said in a task force into a language, and if not, why."""
    if has(user, WHO["feedback.translate"], task_force_id, language):
        return True, ""
    return False, _(
        "What was said is translated by the translators and facilitators of a language, and by those who coordinate. "
        "Choose the language at the top of the page in which you want to write."
    )


def translates_as(user: Any, task_force_id: int, language: str) -> str:
    """The role in which somebody who may do so translates into a language: the one given for it, if there is one."""
    roles = roles_of(user, task_force_id, language) & WHO["feedback.translate"].roles
    return min(roles, key=lambda role: (role not in SPOKEN_ROLES, role))


def may_summarize(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may write and publish the summaries of a task force, and if not, why."""
    if has(user, WHO["summary.write"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators write and publish a summary.")


def may_call_final(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may call a text of a task force final, and if not, why."""
    if has(user, WHO["text.call-final"], task_force_id):
        return True, ""
    return False, _("Only coordinators and their deputies call a text final.")
