"""Who may announce; nothing becomes public, and no mail goes out, by one person's act."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.enums import Role
from taskforce.accounts.queries import has
from taskforce.accounts.rights import Right, Table
from taskforce.announcements.enums import AnnouncementState
from taskforce.announcements.models import Announcement

ANNOUNCERS = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR})
VIEWERS = frozenset({*ANNOUNCERS, Role.OBSERVER})

WHO: Table = {
    "announcement.read": Right(gettext_lazy("Read announcements on the staff side, drafts too"), VIEWERS),
    "announcement.edit": Right(gettext_lazy("Write an announcement"), ANNOUNCERS),
    "announcement.test": Right(gettext_lazy("Test the mail of an announcement"), ANNOUNCERS),
    "announcement.publish": Right(gettext_lazy("Publish an announcement as its second person"), ANNOUNCERS),
    "announcement.correct": Right(gettext_lazy("Write the correction of an announcement"), ANNOUNCERS),
}


def may_write(user: Any, task_force_id: int) -> tuple[bool, str]:
    """Whether the user may write announcements of this task force, and if not, why."""
    if has(user, WHO["announcement.edit"], task_force_id):
        return True, ""
    return False, _("Only coordinators, their deputies and administrators may announce.")


def may(user: Any, action: str, obj: Announcement, at: datetime) -> tuple[bool, str]:
    """Whether the user may do this to the announcement, and if not, why; unknown action: KeyError.

    `at` decides nothing: what is announced follows from acts of people, not from the calendar.
    """
    if not has(user, WHO[action], obj.task_force_id):
        return False, _("Only coordinators, their deputies and administrators may announce.")
    if action == "announcement.correct":
        is_out = obj.state == AnnouncementState.PUBLISHED
        return is_out, "" if is_out else _("This is a draft: it is changed, not corrected.")
    if obj.state != AnnouncementState.DRAFT:
        return False, _("This announcement is published; it can no longer be changed.")
    # Whoever has put a sentence in does not let it out, even if another one was the last to save.
    if action == "announcement.publish" and user.pk in (obj.author_id, obj.editor_id, *obj.editors):
        return False, _(
            "You wrote this announcement or have saved its text. Somebody else must read and publish it: "
            "another coordinator, deputy or administrator of the task force."
        )
    return True, ""
