"""Who may do what with texts; reading what is published needs no rule."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.models import Proposal, UnitText
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.queries import grants_of, has
from taskforce.accounts.rights import Right, Table
from taskforce.core import languages
from taskforce.core.errors import Refused

EDITORS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})
VIEWERS = frozenset({*EDITORS, Role.OBSERVER})

WHO: Table = {
    "text.edit": Right(gettext_lazy("Change a text: its draft, and what is published of it"), EDITORS),
    "text.translate": Right(gettext_lazy("Translate texts"), frozenset({*EDITORS, Role.TRANSLATOR})),
    "text.review": Right(
        gettext_lazy("Review a translation that somebody else has made"), frozenset({*EDITORS, Role.TRANSLATOR})
    ),
    "goal.read": Right(gettext_lazy("Read which languages a text is wanted in, on the staff side"), VIEWERS),
    "goal.set": Right(gettext_lazy("Say in which languages a text is wanted, and how much of it"), EDITORS),
}


def may(user: Any, action: str, proposal: Proposal) -> tuple[bool, str]:
    """Whether the user may do `action` (a key of `WHO`) with a text, and if not, why."""
    if has(user, WHO[action], proposal.task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may change a text.")


def require(user: User, action: str, proposal: Proposal) -> None:
    """`Refused` with the reason, unless the user may do this: by their roles now, not by kept ones."""
    allowed, why = may(User.objects.filter(pk=user.pk).first(), action, proposal)
    if not allowed:
        raise Refused(why)


def may_translate(user: Any, proposal: Proposal, language: str) -> tuple[bool, str]:
    """Whether the user may translate the text into this language, and if not, why."""
    if has(user, WHO["text.translate"], proposal.task_force_id, language):
        return True, ""
    return False, _("This is for those who translate into this language, and for those who coordinate the task force.")


def translates_into(user: Any, proposal: Proposal) -> list[str]:
    """The languages into which the user may translate the text, in the portal's order."""
    right = WHO["text.translate"]
    held = [grant for grant in grants_of(user) if right.is_given_by(grant)]
    return [code for code in languages.CODES if any(grant.reaches(proposal.task_force_id, code) for grant in held)]


def may_review(user: Any, proposal: Proposal, text: UnitText) -> tuple[bool, str]:
    """Whether the user may review this translation, and if not, why; nobody reviews what they wrote."""
    if not has(user, WHO["text.review"], proposal.task_force_id, text.language):
        return False, _(
            "This is for those who translate into this language, and for those who coordinate the task force."
        )
    if text.author_id == user.pk:
        return False, _("You wrote this translation: somebody else must review it.")
    return True, ""


def may_set_goals(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may say in which languages the texts of a task force are wanted, and if not, why."""
    if has(user, WHO["goal.set"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may say in which languages a text is wanted.")
