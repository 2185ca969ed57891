"""Who may do what with texts; reading what is published needs no rule."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.enums import ProposalState
from proposals.models import Proposal, UnitText
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.queries import grants_of, has
from taskforce.accounts.rights import Right, Table
from taskforce.core import languages
from taskforce.core.errors import Refused
from taskforce.timeline.models import TaskForce

EDITORS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})
VIEWERS = frozenset({*EDITORS, Role.OBSERVER})

WHO: Table = {
    "text.edit": Right(gettext_lazy("Change a text: its draft, and what is published of it"), EDITORS),
    "text.begin": Right(gettext_lazy("Begin a text"), EDITORS),
    "text.end": Right(
        gettext_lazy("End a text: withdraw it, or say which other one has taken its place; take it up again"), EDITORS
    ),
    "text.translate": Right(gettext_lazy("Translate texts"), frozenset({*EDITORS, Role.TRANSLATOR})),
    "text.review": Right(
        gettext_lazy("Review a translation that somebody else has made"), frozenset({*EDITORS, Role.TRANSLATOR})
    ),
    "goal.read": Right(gettext_lazy("Read which languages a text is wanted in, on the staff side"), VIEWERS),
    "goal.set": Right(gettext_lazy("Say in which languages a text is wanted, and how much of it"), EDITORS),
}


def may(user: Any, action: str, proposal: Proposal) -> tuple[bool, str]:
    """Whether the user may do `action` (a key of `WHO`) with a text, by their roles, and if not, why."""
    return may_in(user, action, proposal.task_force_id)


def may_in(user: Any, action: str, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may do `action` with the texts of a task force, and if not, why."""
    if has(user, WHO[action], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may change a text.")


def require(user: User, action: str, proposal: Proposal) -> None:
    """`Refused` with the reason, unless the user may do this: by their roles now, not by kept ones.

    What a text says changes no more once it has ended, whoever asks.
    """
    _require(user, action, proposal.task_force_id)
    if action == "text.edit" and proposal.has_ended:
        raise Refused(over(proposal))


def require_in(user: User, action: str, task_force: TaskForce) -> None:
    """As `require`, for what is done to no text yet."""
    _require(user, action, task_force.pk)


def _require(user: User, action: str, task_force_id: int) -> None:
    allowed, why = may_in(as_of_now(user), action, task_force_id)
    if not allowed:
        raise Refused(why)


def as_of_now(user: User) -> User | None:
    """The account as it is stored, without roles that were kept for a page; for what changes something."""
    return User.objects.filter(pk=user.pk).first()


def over(proposal: Proposal) -> str:
    """Why a text is changed and translated no more; "" where it has not ended."""
    return {
        ProposalState.WITHDRAWN: _("This text was withdrawn: it is changed and translated no more."),
        ProposalState.SUPERSEDED: _(
            "Another text has taken the place of this one: it is changed and translated no more."
        ),
    }.get(ProposalState(proposal.state), "")


def may_translate(user: Any, proposal: Proposal, language: str) -> tuple[bool, str]:
    """Whether the user may translate the text into this language, and if not, why."""
    if has(user, WHO["text.translate"], proposal.task_force_id, language):
        return not proposal.has_ended, over(proposal)
    return False, _("This is for those who translate into this language, and for those who coordinate the task force.")


def translated_until_it_ended(user: Any, proposal: Proposal, language: str) -> bool:
    """Whether the text has ended, which alone keeps the user from translating it into this language."""
    return proposal.has_ended and has(user, WHO["text.translate"], proposal.task_force_id, language)


def translates_into(user: Any, proposal: Proposal) -> list[str]:
    """The languages into which the user may translate the text, in the portal's order; none once it has ended."""
    if proposal.has_ended:
        return []
    right = WHO["text.translate"]
    held = [grant for grant in grants_of(user) if right.is_given_by(grant)]
    return [code for code in languages.CODES if any(grant.reaches(proposal.task_force_id, code) for grant in held)]


def may_review(user: Any, proposal: Proposal, text: UnitText) -> tuple[bool, str]:
    """Whether the user may review this translation, and if not, why; nobody reviews what they wrote, or what they
    have confirmed themselves since its source changed."""
    if not has(user, WHO["text.review"], proposal.task_force_id, text.language):
        return False, _(
            "This is for those who translate into this language, and for those who coordinate the task force."
        )
    if proposal.has_ended:
        return False, over(proposal)
    if user.pk in text.writers:
        return False, _("You wrote this translation: somebody else must review it.")
    if user.pk == text.confirmer_id:
        return False, _("You said that this translation is up to date: somebody else must review it.")
    return True, ""


def may_set_goals(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may say in which languages the texts of a task force are wanted, and if not, why."""
    if has(user, WHO["goal.set"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may say in which languages a text is wanted.")
