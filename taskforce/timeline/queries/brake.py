"""What stopping a mailing could still keep back."""

from datetime import datetime

from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from taskforce.timeline.queries import reach
from taskforce.timeline.queries.reach import Reach


def can_be_stopped(mailing: Mailing, at: datetime, known: Reach | None = None) -> bool:
    """Whether it is still being written or could be, a mail of it has not left, or a daily mail has it still to tell.

    `at` is on the portal's clock; `known` are its numbers where they are at hand.
    """
    if mailing.state != MailingState.EXPANDED:
        return mailing.state in (MailingState.QUEUED, MailingState.FAILED)
    return bool((known or reach.of(mailing, at)).waiting)
