"""`celery -A tests.chaos.naive.look_back worker`: the sweep tells of what closed within the last hour.

Nothing is noted down of what was told, so that an outage loses what is older and the next pass tells the same again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import django

from taskforce.celery import app as app

django.setup()

from taskforce.notifications.services import publish_mailing
from taskforce.timeline import services
from taskforce.timeline.enums import EventKind, EventOutcome, Topic
from taskforce.timeline.models import Phase, PhaseEvent
from taskforce.timeline.notices.events import CLOSED

HOUR = timedelta(hours=1)


def _look_back(at: datetime, count: Callable[[Phase], int | None]) -> int:
    recent = Phase.objects.filter(closes_at__gt=at - HOUR, closes_at__lte=at)
    for phase in recent:
        _tell(phase, at)
    return len(recent)


def _tell(phase: Phase, at: datetime) -> None:
    about = {"due_at": phase.closes_at, "noticed_at": at, "outcome": EventOutcome.TOLD}
    # Only for what the mail says: whether it is there already is not asked.
    event, _ = PhaseEvent.objects.get_or_create(
        phase=phase, kind=EventKind.CLOSED, ends_version=phase.ends_version, defaults=about
    )
    publish_mailing(
        CLOSED,
        key=f"closed:{phase.pk}:{at.isoformat()}",
        params={"event": event.pk, "task_force": phase.task_force_id},
        at=at,
        task_force_id=phase.task_force_id,
        topic=Topic.DEADLINES,
    )


services.notice_due = _look_back
