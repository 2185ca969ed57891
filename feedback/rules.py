"""Who may do what with feedback; saying something needs no rule but an open window."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.accounts.enums import Role
from taskforce.accounts.queries import roles_of

READERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.OBSERVER, Role.ADMINISTRATOR})
MODERATORS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.ADMINISTRATOR})

WHO = {"feedback.read": READERS, "feedback.moderate": MODERATORS}


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
    if roles_of(user, window.phase.task_force_id) & WHO[action]:
        return True, ""
    return False, _("This is for the people who coordinate or moderate this task force.")
