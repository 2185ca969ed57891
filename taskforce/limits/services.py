"""Counting, atomically: one statement, so that parallel requests never get past a limit together.

The instants themselves are kept, so a limit holds in every span of its length: there is no edge between two windows at
which twice as many pass. An error here is nobody's permission: it reaches whoever asked, and nothing is done.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from taskforce.core import keyed
from taskforce.core.clock import real_now
from taskforce.core.errors import TooOften
from taskforce.limits.clients import wider
from taskforce.limits.models import Counter
from taskforce.limits.table import WIDER, Limit, Per

# Whoever waits for the row's lock judges what stands there afterwards.
_HIT = """
INSERT INTO limits_counter AS counter (what, key, hits, until) VALUES (%(what)s, %(key)s, ARRAY[%(now)s], %(until)s)
ON CONFLICT (what, key) DO UPDATE SET
    hits = ARRAY(SELECT hit FROM unnest(counter.hits) AS hit WHERE hit > %(since)s ORDER BY hit) || excluded.hits,
    until = GREATEST(counter.until, excluded.until)
WHERE (SELECT count(*) FROM unnest(counter.hits) AS hit WHERE hit > %(since)s) < %(most)s
RETURNING cardinality(hits)
"""
_TYPES = {**dict.fromkeys(("now", "until", "since"), "timestamptz"), "what": "text", "key": "text", "most": "bigint"}
_PLACE = re.compile(r"%\((\w+)\)s")


def _in_order(statement: str) -> tuple[str, list[str]]:
    """The same with places in their order, which say of what type they are, and what stands in them."""
    return _PLACE.sub(lambda place: f"%s::{_TYPES[place[1]]}", statement), _PLACE.findall(statement)


_HIT_IN_ORDER, _IN_ORDER = _in_order(_HIT)

# What the database says of a statement, and of a lock, for which somebody has waited too long.
_WAITED = frozenset({"57014", "55P03"})
# Seconds after which those are gone for whom one waited (settings: the limits of a connection).
_SOON = 10


@contextmanager
def in_line() -> Iterator[None]:
    """Where many who are counted together come at once, each waits for the one before: too long is too often.

    Raises `TooOften` in place of the database's error, and leaves the transaction to whoever began it.
    """
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) not in _WAITED:
            raise
        raise TooOften(_very_often(), retry_after=_SOON) from error


def _very_often() -> str:
    return _("You have sent this very often in a short time. Please try again later.")


def key_of(subject: str) -> str:
    """The keyed hash under which a subject is counted: nobody can read addresses out of the counters."""
    return keyed.hexdigest("taskforce.limits", subject)


def hit(limit: Limit, subject: str, *, mailbox: str = "") -> int:
    """Count one act by `subject` (an address, mailbox or account; stored as a keyed hash only).

    `mailbox`: for which one, where each address counts for each. Of an address in IPv6 its wider network counts too.
    Returns how many there are with it within the limit's span; raises `TooOften` (429, with the seconds to wait), and
    counts nothing, where the span is used up. Stands and falls with the caller's transaction, if there is one.
    """
    around = wider(subject) if limit.per in (Per.ADDRESS, Per.ADDRESS_AND_MAILBOX) else None
    if around is None:
        return _hit(limit, _of(subject, mailbox))
    with transaction.atomic():
        _hit(limit._replace(what=f"{limit.what}-wider", most=limit.most * WIDER), _of(around, mailbox))
        return _hit(limit, _of(subject, mailbox))


def _of(subject: str, mailbox: str) -> str:
    return f"{subject} {mailbox}" if mailbox else subject


def _hit(limit: Limit, subject: str) -> int:
    now = real_now()
    counted = _counted(limit, subject, now)
    if counted is None:
        raise _too_often(limit, subject, now)
    return counted


def fits(limit: Limit, subject: str) -> bool:
    """As `hit`, for what is not refused but done otherwise beyond the limit: False, and nothing counted."""
    return _counted(limit, subject, real_now()) is not None


def has_room(limit: Limit, subject: str) -> bool:
    """Whether `fits` would say yes now, as far as is committed; counts nothing and waits for nobody."""
    return len(_recent(limit, subject, real_now())) < limit.most


def counting(limit: Limit, subject: str) -> tuple[str, list[Any]]:
    """What `fits` asks, and its values in the order of their places, as a part of a statement that does what is
    counted: where it has no row, the limit is reached. Whoever asks it does so `in_line`."""
    values = _values(limit, subject, real_now())
    return counting_sql(), [values[name] for name in _IN_ORDER]


def counting_sql() -> str:
    """The statement of `counting`, whose places say of what type they are."""
    return _HIT_IN_ORDER


def _values(limit: Limit, subject: str, now: datetime) -> dict[str, Any]:
    return {
        "what": limit.what,
        "key": key_of(subject),
        "now": now,
        "until": now + limit.within,
        "since": now - limit.within,
        "most": limit.most,
    }


def _counted(limit: Limit, subject: str, now: datetime) -> int | None:
    """How many there are with this one; None beyond the limit. Whoever counts the same waits for this transaction."""
    if limit.most < 1:
        # The first one finds no row that could be full.
        return None
    with in_line(), connection.cursor() as cursor:
        cursor.execute(_HIT, _values(limit, subject, now))
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def require_room(limit: Limit, subject: str) -> None:
    """Raise `TooOften` as `hit` would now, and count nothing."""
    now = real_now()
    if len(_recent(limit, subject, now)) >= limit.most:
        raise _too_often(limit, subject, now)


def forget_old() -> int:
    """Drop the counters in which nothing counts any more; returns how many."""
    return Counter.objects.filter(until__lte=real_now()).delete()[0]


def _recent(limit: Limit, subject: str, now: datetime) -> list[datetime]:
    """What counts at this moment, oldest first."""
    counter = Counter.objects.filter(what=limit.what, key=key_of(subject)).first()
    return sorted(one for one in counter.hits if one > now - limit.within) if counter else []


def _too_often(limit: Limit, subject: str, now: datetime) -> TooOften:
    """The refusal, with the seconds until enough of what counts no longer does."""
    recent = _recent(limit, subject, now)
    frees = recent[-limit.most] + limit.within if len(recent) >= limit.most else now
    wait = max(1, math.ceil((frees - now).total_seconds()))
    return TooOften(_very_often(), retry_after=wait)
