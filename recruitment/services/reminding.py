"""Reminders of unfinished applications: written by the sweep, once of each kind for each end of a call's phase."""

import logging
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from recruitment import queries
from recruitment.models import Call, NoReminders, RemindedOf
from recruitment.notices import reminding as notices
from recruitment.queries import ToRemind
from taskforce.audit import log

logger = logging.getLogger(__name__)


def remind(at: datetime) -> int:
    """Write every reminder that is due at the moment; returns how many mails. A call with which that fails is logged
    and holds up no other.

    What a mail says is asked anew when it goes: who has submitted or withdrawn meanwhile gets none, nor does anybody
    where the end has moved.
    """
    written = 0
    for due in queries.to_remind(at):
        try:
            written += _remind(due, at)
        except Exception:
            logger.exception("applicants cannot be reminded", extra={"call": due.call.pk, "kind": due.kind})
    return written


@transaction.atomic
def set_reminders(call: Call, applicant_id: int, *, wanted: bool, at: datetime) -> None:
    """Whether somebody wants reminders of their application to a call. Saying it twice changes nothing.

    What is queued already is not sent to who wants none: that is asked when it goes.
    """
    if wanted:
        changed = bool(NoReminders.objects.filter(call=call, applicant=applicant_id).delete()[0])
    else:
        changed = NoReminders.objects.get_or_create(call=call, applicant_id=applicant_id, defaults={"at": at})[1]
    if changed:
        task_force_id = call.phase.task_force_id
        log.record(
            "application.reminders", call, at=at, actor_id=applicant_id, task_force_id=task_force_id, wanted=wanted
        )


@transaction.atomic
def _remind(due: ToRemind, at: datetime) -> int:
    """All mails of one reminder; none where another sweep has written it, for which this one waits."""
    row = RemindedOf(call=due.call, kind=due.kind, ends_version=due.ends_version, at=at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "one_reminder_of_each_kind" not in str(error):
            raise
        return 0
    for found in queries.unfinished(due.call):
        notices.remind(due, found, at=at)
        row.count += len(found)
    row.save(update_fields=["count"])
    task_force_id = due.call.phase.task_force_id
    details: dict[str, Any] = {"kind": due.kind, "ends_version": due.ends_version, "count": row.count}
    log.record("application.reminded", due.call, at=at, actor_id=None, task_force_id=task_force_id, **details)
    return row.count
