"""Who may do what with feedback; saying something needs no rule but an open window."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.accounts.enums import Role
from taskforce.accounts.queries import has
from taskforce.accounts.rights import Right, Table

READERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.OBSERVER, Role.ADMINISTRATOR})
MODERATORS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.ADMINISTRATOR})

WHO: Table = {
    "feedback.read": Right(gettext_lazy("Read all feedback, also what is held or hidden"), READERS),
    "feedback.moderate": Right(gettext_lazy("Publish feedback that is held, and hide feedback"), MODERATORS),
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
