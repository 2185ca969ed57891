"""One mail a day for those who want it so: what happened since the last one, each thing once.

A day ends at six in the morning of the reader's own zone. Up to which of these instants a mailbox has been told is its
mark; mark and mail move in one transaction.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from taskforce.core.clock import stopwatch
from taskforce.limits import mailboxes
from taskforce.timeline import notices
from taskforce.timeline.models import DigestMark, Subscription
from taskforce.timeline.notices.digests import Reader, Told
from taskforce.timeline.queries import digests as queries

logger = logging.getLogger(__name__)
MORNING = time(6)
# An act of the last moment before six may be committed a little later; a worker's time limit is shorter.
SETTLED = timedelta(minutes=2)
BATCH = 200
# A pass ends well before the worker's own time limit; the next one goes on where it was.
PASS_SECONDS = 30.0


def begin_digest(mailbox: str, *, at: datetime) -> None:
    """Let the daily mails of a mailbox begin at this moment, unless it gets some already.

    For whoever changes to daily mails, in the same transaction.
    """
    DigestMark.objects.bulk_create([DigestMark(mailbox=mailbox, through=at)], ignore_conflicts=True)


def send_digests(at: datetime) -> int:
    """Write every daily mail that is due at the moment (of the portal's clock); returns how many.

    A mailbox that cannot be served is logged and holds up no other. Any number of passes may run at once.
    """
    _tend_marks(at)
    told = Told(queries.told_since_the_oldest_mark(at))
    end = stopwatch() + PASS_SECONDS
    sent = 0
    for boundary, zones in _mornings(at).items():
        after = ""
        while stopwatch() < end and (batch := queries.due_mailboxes(zones, boundary, after=after, limit=BATCH)):
            sent += _send(batch, told, at)
            after = batch[-1]
    return sent


def _tend_marks(at: datetime) -> None:
    """Who has come since without a mark begins now; who wants no daily mail any more leaves none."""
    fresh = [DigestMark(mailbox=mailbox, through=at) for mailbox in queries.without_mark()]
    DigestMark.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=1000)
    queries.marks_of_nobody().delete()


def _mornings(at: datetime) -> dict[datetime, list[str]]:
    """{the last morning that is settled: the zones in which it was this instant}, for all zones of readers."""
    found: dict[datetime, list[str]] = {}
    for zone in queries.daily_zones():
        found.setdefault(last_morning(zone, at), []).append(zone)
    return found


def last_morning(zone: str, at: datetime) -> datetime:
    """The last six o'clock in the zone, as an instant (UTC), that has been over for a while at `at`."""
    where = _known_zone(zone)
    moment = at - SETTLED
    local = moment.astimezone(where)
    morning = datetime.combine(local.date(), MORNING, tzinfo=where).astimezone(UTC)
    if morning <= moment:
        return morning
    return datetime.combine(local.date() - timedelta(days=1), MORNING, tzinfo=where).astimezone(UTC)


def _known_zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (LookupError, ValueError, OSError):  # unknown, or no name but a path
        return ZoneInfo("UTC")


def _send(batch: Sequence[str], told: Told, at: datetime) -> int:
    """One batch: the many with nothing to tell together, each of the others in a transaction of its own."""
    marks, wishes = queries.marks(batch), queries.daily_of(batch)
    quiet: dict[datetime, list[str]] = {}
    sent = 0
    for mailbox in batch:
        since, wanted = marks.get(mailbox), wishes[mailbox]
        if since is None or not wanted:
            continue
        until = last_morning(wanted[-1].zone, at)
        if any(told.between(one, since, until) for one in wanted):
            sent += _send_one(mailbox, told, at)
        else:
            quiet.setdefault(until, []).append(mailbox)
    for until, silent in quiet.items():
        DigestMark.objects.filter(mailbox__in=silent, through__lt=until).update(through=until)
    return sent


def _send_one(mailbox: str, told: Told, at: datetime) -> bool:
    try:
        return _write(mailbox, told, at)
    except Exception:
        logger.exception("daily mail cannot be written")
        return False


@transaction.atomic
def _write(mailbox: str, told: Told, at: datetime) -> bool:
    """Mark and mail of one mailbox, with what it wants as it now is; False where another pass was here."""
    mailboxes.hold(mailbox)
    mark = DigestMark.objects.select_for_update().filter(mailbox=mailbox).first()
    wanted: list[Subscription] = queries.daily_of([mailbox])[mailbox]
    if mark is None or not wanted:
        return False
    youngest = wanted[-1]
    since, until = mark.through, last_morning(youngest.zone, at)
    if since >= until:
        return False
    mark.through = until
    mark.save(update_fields=["through"])
    reader = Reader(mailbox, youngest.language, _known_zone(youngest.zone).key)
    return notices.digest(reader, wanted, told, since, until, at=at)
