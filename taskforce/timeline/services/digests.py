"""One mail a day for those who want it so: what happened since the last one, each thing once.

A day ends at six in the morning of the reader's own zone. Up to which of these instants a mailbox has been told is its
mark; mark and mail move in one transaction.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from taskforce.core.clock import stopwatch
from taskforce.limits import mailboxes
from taskforce.notifications import services as outbox
from taskforce.timeline import notices
from taskforce.timeline.models import DigestMark, Subscription
from taskforce.timeline.notices.digests import PATIENCE, USEFUL, Reader, Told
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


def turn_daily(one: Subscription, *, at: datetime) -> None:
    """A topic that came at once comes once a day: what is on its way and not sent yet stands in the next daily mail.

    `one` as it is from now on. For whoever changes it, in the same transaction.
    """
    outbox.take_back(one.mailbox, task_force_id=one.task_force_id, topic=one.topic, instead="comes once a day instead")
    begin_digest(one.mailbox, at=at)
    # A mailing whose act is being committed at this moment is not seen yet; what was told alone is not told again.
    back = at - SETTLED
    since = min(back, queries.oldest_taken_back(one, at - USEFUL) or back)
    later = Q(since=None, through__gt=since) | Q(since__gt=since)
    DigestMark.objects.filter(later, mailbox=one.mailbox).update(since=since)


def turn_immediate(one: Subscription, *, at: datetime) -> None:
    """A topic that came once a day comes at once: what the next daily mail would have told of it is told now.

    `one` as it is from now on. For whoever changes it, in the same transaction. No mailing may come in between: one
    that only the second look sees would be told twice, one that comes after both and is expanded at once never.
    """
    outbox.hold_mailings()
    outbox.take_back(one.mailbox, task_force_id=one.task_force_id, topic=one.topic, instead="told in a daily mail")
    mark = DigestMark.objects.select_for_update().filter(mailbox=one.mailbox).first()
    since = (mark.since or mark.through) if mark else at
    mine = queries.tellable(at).filter(task_force_id=one.task_force_id, topic=one.topic, created_at__gte=since)
    mailings = list(mine)
    # To the end of what was taken back, which may be of this very moment.
    until = max([at, *(each.created_at for each in mailings)]) + timedelta(microseconds=1)
    notices.digest(_reader(one), [one], Told(mailings), since, until, at=at)


def send_digests(at: datetime) -> int:
    """Write every daily mail that is due at the moment (of the portal's clock); returns how many.

    A mailbox that cannot be served is logged and holds up no other. Any number of passes may run at once.
    """
    _tend_marks(at)
    oldest = queries.oldest_mark()
    told = Told(queries.tellable(at).filter(created_at__gte=oldest) if oldest else [], oldest)
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
        mark, wanted = marks.get(mailbox), wishes[mailbox]
        if mark is None or not wanted:
            continue
        until = last_morning(wanted[-1].zone, at)
        if mark.since or any(told.between(one, mark.through, until) for one in wanted):
            sent += _send_one(mark, wanted, told, at)
        else:
            quiet.setdefault(until, []).append(mailbox)
    for until, silent in quiet.items():
        DigestMark.objects.filter(mailbox__in=silent, through__lt=until).update(through=until)
    return sent


def _work_out(mark: DigestMark, wanted: Sequence[Subscription], told: Told, at: datetime) -> None:
    """Make what will be told before anything is held: that is the slow part, and `told` remembers it."""
    reader, until = _reader(wanted[-1]), last_morning(wanted[-1].zone, at)
    for one in wanted:
        for mailing in told.between(one, mark.since or mark.through, until):
            told.entry(mailing, reader)


def _send_one(mark: DigestMark, wanted: Sequence[Subscription], told: Told, at: datetime) -> bool:
    try:
        _work_out(mark, wanted, told, at)
        return _write(mark.mailbox, told, at)
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
    since, until = mark.since or mark.through, last_morning(wanted[-1].zone, at)
    if mark.through >= until or (told.since is not None and since < told.since):
        return False
    done = notices.digest(_reader(wanted[-1]), wanted, told, since, until, at=at)
    again = [each.created_at for each in done.missed if each.created_at >= until - PATIENCE]
    mark.through, mark.since = until, min(again, default=None)
    mark.save(update_fields=["through", "since"])
    return done.is_written


def _reader(one: Subscription) -> Reader:
    return Reader(one.mailbox, one.language, _known_zone(one.zone).key)
