"""The hold switch: nothing goes out but what staff release."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _

from taskforce.audit import log
from taskforce.core.errors import Conflict
from taskforce.notifications import rules
from taskforce.notifications.enums import MAY_STILL_GO
from taskforce.notifications.models import Hold, OutboxMessage
from taskforce.notifications.services.resolving import checked_reason


@transaction.atomic
def hold(reason: str, *, at: datetime, actor_id: int, actor_name: str, allow: rules.Allow | None) -> Hold:
    """Keep all mail queued from now on, in every process; what a sender has claimed already still goes.

    What was released from an earlier hold, and has not left yet, is kept by this one too. `at` is on the portal's
    clock. `Invalid` without a reason, `Conflict` where mail is on hold already.
    """
    try:
        with transaction.atomic():
            row = Hold.objects.create(reason=checked_reason(reason), actor_id=actor_id, actor_name=actor_name, at=at)
    except IntegrityError:
        raise Conflict(_("All mail is on hold already.")) from None
    rules.ask(allow, row)
    _released().update(released_at=None)
    log.record("mail.held", row, at=at, actor_id=actor_id, reason=row.reason)
    return row


@transaction.atomic
def lift(reason: str, *, at: datetime, actor_id: int, hold_id: int | None = None, allow: rules.Allow | None) -> Hold:
    """Let mail go again; with `hold_id` only if it is that hold that is in force. With it end its releases.

    `Invalid` without a reason, `Conflict` where nothing is on hold (any more).
    """
    row = Hold.objects.select_for_update().filter(lifted_at=None).first()
    if row is None or hold_id not in (None, row.pk):
        raise Conflict(_("No mail is on hold any more."))
    rules.ask(allow, row)
    reason = checked_reason(reason)
    row.lifted_at, row.lifted_by_id = at, actor_id
    row.save(update_fields=["lifted_at", "lifted_by_id"])
    if not settings.MAIL_HOLD:
        _released().update(released_at=None)
    log.record("mail.hold-lifted", row, at=at, actor_id=actor_id, reason=reason)
    return row


@transaction.atomic
def end_releases() -> None:
    """Where nothing is on hold, end what was released from a hold that is over.

    For a hold of the environment nobody says when it ends: the first pass of delivery after it does. Whether staff hold
    mail is asked in the same statement, so that a hold of this moment keeps its releases.
    """
    if not settings.MAIL_HOLD:
        _released().filter(~Exists(Hold.objects.filter(lifted_at=None))).update(released_at=None)


def _released() -> QuerySet[OutboxMessage]:
    """A release is from one hold: what has not left by its end must not slip through the next one."""
    return OutboxMessage.objects.filter(released_at__isnull=False, state__in=MAY_STILL_GO)
