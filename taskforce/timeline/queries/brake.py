"""What stopping a mailing could still keep back."""

from datetime import datetime

from django.db.models.functions import Coalesce

from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline.models import DigestMark
from taskforce.timeline.queries import digests

_NOT_GONE = (MessageState.QUEUED, MessageState.SENDING)


def can_be_stopped(mailing: Mailing, at: datetime) -> bool:
    """Whether it is still being written or could be, a mail of it has not left, or a daily mail has it still to tell.

    `at` is on the portal's clock.
    """
    if mailing.state != MailingState.EXPANDED:
        return mailing.state in (MailingState.QUEUED, MailingState.FAILED)
    if mailing.messages.filter(state__in=_NOT_GONE).exists():
        return True
    told_in = {"groups": [{"entries": [{"mailing": mailing.pk}]}]}
    together = OutboxMessage.objects.filter(state__in=_NOT_GONE, mailing=None, context__contains=told_in)
    return together.exists() or _waits_for_a_morning(mailing, at)


def _waits_for_a_morning(mailing: Mailing, at: datetime) -> bool:
    """Whether somebody's next daily mail will tell it."""
    if not digests.tellable(at).filter(pk=mailing.pk).exists():
        return False
    behind = DigestMark.objects.annotate(begins=Coalesce("since", "through")).filter(begins__lte=mailing.created_at)
    followers = digests.daily().filter(task_force_id=mailing.task_force_id, topic=mailing.topic)
    return followers.filter(mailbox__in=behind.values("mailbox")).exists()
