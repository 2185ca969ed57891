"""Many mails to one person each, written at once: what a list of addresses brings."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from taskforce.notifications import kinds
from taskforce.notifications.kinds import Context, Recipient
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.services import rows

_AT_ONCE = 1000


class Single(NamedTuple):
    """One of these mails: its key, to whom, and what its text needs."""

    key: str
    recipient: Recipient
    context: Context


@transaction.atomic
def enqueue_all(
    kind: str,
    mails: Iterable[Single],
    *,
    at: datetime,
    valid_until: datetime | None = None,
    task_force_id: int | None = None,
) -> None:
    """As `enqueue` for each of the mails, a thousand in a statement; a key that is there already stays as it is."""
    known, terms = kinds.get(kind), rows.Terms(at, valid_until, task_force_id, "")
    made = [rows.new(known, mail.key, mail.recipient, mail.context, terms) for mail in mails]
    OutboxMessage.objects.bulk_create(made, batch_size=_AT_ONCE, ignore_conflicts=True)
