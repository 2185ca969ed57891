"""What the timeline adds to the pages of rooms below it."""

from typing import Any

from taskforce.accounts.models import User
from taskforce.accounts.queries import confirmed_mailboxes
from taskforce.timeline import queries
from taskforce.timeline.models import TaskForce


def on_account(user: User, language: str) -> tuple[str, dict[str, Any]]:
    """On the page of somebody's account: the task forces that they follow, and where to choose what they get."""
    rows = queries.subscriptions_of(confirmed_mailboxes(user))
    followed: dict[int, TaskForce] = {row.task_force_id: row.task_force for row in rows}
    return "timeline/slot_account.html", {"task_forces": list(followed.values()), "language": language}
