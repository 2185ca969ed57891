"""Reading the outbox."""

from collections.abc import Iterable

from taskforce.core.clock import real_now
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage


def due_count() -> int:
    """How many mails could be sent at this moment."""
    return OutboxMessage.objects.filter(state=MessageState.QUEUED, not_before__lte=real_now()).count()


def anything_due() -> bool:
    """Whether a pass of delivery would find a mail to send."""
    return OutboxMessage.objects.filter(state=MessageState.QUEUED, not_before__lte=real_now()).exists()


def by_message_id(message_ids: Iterable[str]) -> dict[str, OutboxMessage]:
    """The rows of these Message-IDs, by Message-ID."""
    rows = OutboxMessage.objects.filter(message_id__in=list(message_ids))
    return {row.message_id: row for row in rows}
