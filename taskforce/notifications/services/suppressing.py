"""Mailboxes that refused mail for good."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core.errors import Conflict
from taskforce.notifications import rules
from taskforce.notifications.models import OutboxMessage, Suppression
from taskforce.notifications.services.resolving import checked_reason
from taskforce.notifications.services.rows import one_line


@transaction.atomic
def suppress(message: OutboxMessage, *, at: datetime, error: str) -> None:
    """No announcement goes to this mailbox any more; `error` is what the server said, at the portal's moment `at`."""
    values = {"words": one_line(error), "at": at, "lifted_at": None}
    row, _created = Suppression.objects.update_or_create(mailbox=message.mailbox.lower(), defaults=values)
    log.record("suppression.made", row, at=at, actor_id=None, task_force_id=message.task_force_id)


@transaction.atomic
def lift_suppression(
    suppression_id: int, *, reason: str, at: datetime, actor_id: int, allow: rules.Allow | None
) -> Suppression:
    """Staff know that the mailbox works again. `Invalid` without a reason, `Conflict` where it was lifted already."""
    reason = checked_reason(reason)
    row = Suppression.objects.select_for_update().get(pk=suppression_id)
    rules.ask(allow, row)
    if row.lifted_at is not None:
        raise Conflict(_("Somebody else has lifted this already."))
    row.lifted_at = at
    row.save(update_fields=["lifted_at"])
    log.record("suppression.lifted", row, at=at, actor_id=actor_id, reason=reason)
    return row
