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
# Who looks at what is held because it is their task force.
MODERATORS_OF_THEIR_OWN = MODERATORS - {Role.ADMINISTRATOR}

LEADERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})

TITLE_LENGTH = 300
INTRODUCTION_LENGTH = 5_000
SLUG_LENGTH = 50
REASON_LENGTH = 2_000

WHO: Table = {
    "feedback.read": Right(gettext_lazy("Read all feedback, also what is held or hidden"), READERS),
    "feedback.moderate": Right(gettext_lazy("Publish feedback that is held, and hide feedback"), MODERATORS),
    "window.publish": Right(gettext_lazy("Publish a feedback window"), LEADERS),
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


def may_publish(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may publish feedback windows of a task force, and if not, why."""
    if has(user, WHO["window.publish"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators publish a feedback window.")
