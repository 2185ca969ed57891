"""Who writes questions. Those of a task force are its own affair; those for all belong to whoever leads all of them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.enums import Role
from taskforce.accounts.queries import has
from taskforce.accounts.rights import Right, Table
from taskforce.core.errors import Refused
from taskforce.questions.models import QuestionSet

EDITORS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})

WHO: Table = {
    "questions.edit": Right(gettext_lazy("Write and publish questions"), EDITORS),
}


def may_write(user: Any, task_force_id: int | None) -> tuple[bool, str]:
    """Whether the user may write questions of this task force (None: for all of them), and if not, why."""
    if has(user, WHO["questions.edit"], task_force_id):
        return True, ""
    if task_force_id is None:
        return False, _(
            "These questions are for all task forces: only whoever leads all of them changes them. You can begin a "
            "set of your own task force with them."
        )
    return False, _("Only coordinators, their deputies and administrators write questions.")


def may(user: Any, action: str, obj: QuestionSet, at: datetime) -> tuple[bool, str]:
    """Whether the user may do this to the set, and if not, why; unknown action: KeyError.

    `at` decides nothing: questions are written before there is anything to ask about.
    """
    assert action in WHO  # noqa: S101 - a slip of whoever calls this
    return may_write(user, obj.task_force_id)


def require(user: Any, task_force_id: int | None) -> None:
    """Raise `Refused` with the reason where the user may not write questions there."""
    allowed, why = may_write(user, task_force_id)
    if not allowed:
        raise Refused(why)
