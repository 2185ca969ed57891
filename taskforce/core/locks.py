"""PostgreSQL advisory locks, the only locks that the portal takes by name.

Transaction-level ones end with the transaction, session-level ones with the connection: none outlives a killed
process. The first key says what kind of thing is locked, the second which one.
"""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error, connection

from taskforce.core import prepared

# A statement and its values, and what it finds.
Then = tuple[str, list[Any]]
Row = tuple[Any, ...]


class Kind(enum.IntEnum):
    """First keys; a number is never reused."""

    PHASE = 1
    REVISION = 2
    DEMO = 5
    ANNOUNCEMENT = 6
    CALL = 7
    SWEEP = 8
    MAILBOX = 9
    MAILINGS = 10
    ROLES = 11
    FEW_WORDS = 12


def share(
    kind: Kind,
    key: int,
    *,
    hurry: int | None = None,
    then: Then | None = None,
    first: Then | None = None,
    is_planned: bool = False,
) -> Row | None:
    """Wait for the shared transaction lock: held together with other sharers, never with an exclusive holder.

    `hurry`: from then on no statement of this transaction may take longer (milliseconds), since others wait for it;
    a process whose statements have no limit at all keeps that. `then`: a statement and its values, whose first row is
    returned; it goes to the database together with the lock, and sees what was committed while that waited. `first`: a
    statement that is asked on the same way before the lock, so that nobody waits for it; `then` reads its one value as
    `FOUND`.
    `is_planned`: as `plan_share` has planned it, where it has; raises `prepared.Lost`.
    """
    return _run(_SHARE, kind, key, hurry, then, first, is_planned=is_planned)


def plan_share(then: str) -> None:
    """Have both statements planned of a `share` in a `hurry`: before the transaction."""
    prepared.prepare(_sql(_SHARE, is_hurried=True))
    prepared.prepare(then)


def plan_first(first: str) -> None:
    """Have planned what a `share` asks `first`: before the transaction. Raises the database's error."""
    prepared.prepare(_kept(first))


def take(
    kind: Kind, key: int, *, hurry: int | None = None, then: Then | None = None, first: Then | None = None
) -> Row | None:
    """Wait for the exclusive transaction lock; `hurry`, `then` and `first` as `share`."""
    return _run("pg_advisory_xact_lock", kind, key, hurry, then, first)


# Of several statements that go in one go the last one alone answers; so it reads what the first one found, which the
# transaction keeps for it.
_FOUND = "portal.found"
FOUND = f"NULLIF(current_setting('{_FOUND}', true), '')"


def _kept(sql: str) -> str:
    return f"SELECT set_config('{_FOUND}', COALESCE(({sql})::text, ''), true)"


_SHARE = "pg_advisory_xact_lock_shared"
_LIMIT = "CASE WHEN current_setting('statement_timeout') <> '0' THEN set_config('statement_timeout', %s, true) END"


def _sql(function: str, *, is_hurried: bool) -> str:
    return f"SELECT {function}(%s, %s){f', {_LIMIT}' if is_hurried else ''}"


def _run(
    function: str,
    kind: Kind,
    key: int,
    hurry: int | None = None,
    then: Then | None = None,
    first: Then | None = None,
    *,
    is_planned: bool = False,
) -> Row | None:
    if not connection.in_atomic_block:
        raise RuntimeError("a transaction lock outside a transaction would be gone at once")
    # Ids are 64 bit and the second key 32: two ids that share the low bits only wait for each other needlessly.
    folded = (key & 0xFFFFFFFF) - (0x100000000 if key & 0x80000000 else 0)
    most = [] if hurry is None else [str(hurry)]
    lock: Then = _sql(function, is_hurried=hurry is not None), [int(kind), folded, *most]
    # Two statements in one go are two for the database: the second one looks anew.
    asked = [lock] if then is None else [lock, then]
    if first is not None:
        asked.insert(0, (_kept(first[0]), first[1]))
    if is_planned:
        return prepared.last_row_within(*asked)
    with connection.cursor() as cursor:
        cursor.execute("; ".join(sql for sql, _values in asked), [value for _sql, given in asked for value in given])
        row: Row | None = cursor.fetchone()
    return row


def try_take(kind: Kind, key: int) -> bool:
    """The exclusive transaction lock if nobody holds it; False, and no waiting, if somebody does."""
    row = _run("pg_try_advisory_xact_lock", kind, key)
    return bool(row and row[0])


@contextmanager
def alone(kind: Kind, key: int) -> Iterator[bool]:
    """The session lock for a block: True if it is ours, False, and no waiting, if another session has it.

    For work of several transactions; ends with the block, or with the connection of a killed process.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [int(kind), key])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            _let_go(kind, key)


def _let_go(kind: Kind, key: int) -> None:
    """Where the session cannot be asked any more, it is ended, and the lock with it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [int(kind), key])
    except Error:
        connection.close()
