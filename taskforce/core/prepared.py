"""Statements that are planned once for each connection: to plan a short one takes longer than to run it.

They are prepared outside a transaction, where one that the server does not know does no harm: a pool may stand between.
What is asked within one is prepared before, and whoever asks it is told (`Lost`) to begin anew where it is not there.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from psycopg2.extensions import AsIs

# By connection, as psycopg has it: the statements that it knows already.
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
# Such a statement is not there, or is there already.
_NOT_OURS = ("26000", "42P05")


def row(sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement with these values in its places `%s`, which say of what type they are. It only
    looks: where a request begins with it and the connection that was kept is gone, it is asked again by a new one."""
    # Each look at `connection` looks for it.
    own: Any = connections[DEFAULT_DB_ALIAS]
    # Django asks before the first statement of a request whether the server is there still. Whoever only looks sees
    # that by what is asked anyway, and goes one way to the database less.
    is_unproven = own.connection is not None and own.health_check_enabled and not own.health_check_done
    own.health_check_done = True
    try:
        return _row(own, sql, values)
    except (DatabaseError, InterfaceError):
        if not is_unproven or own.in_atomic_block or not own.connection.closed:
            raise
    own.close()
    return _row(own, sql, values)


def _row(own: Any, sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    with own.cursor() as cursor:
        if own.in_atomic_block or not _is_run(own.connection, cursor, sql, values):
            cursor.execute(sql, values)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def _is_run(line: Any, cursor: Any, sql: str, values: Sequence[Any]) -> bool:
    """False where the server knows other statements than we think."""
    known = _known.setdefault(line, set())
    name = _name(sql)
    run = _run(sql, len(values))
    given = list(values)
    if name not in known:
        # In one go; the places are numbered as their values are.
        run = f"PREPARE {name} AS {sql}; {run}"
        given = [*(AsIs(f"${number}") for number in range(1, len(values) + 1)), *values]
    try:
        cursor.execute(run, given)
    except DatabaseError as error:
        known.discard(name)
        if getattr(error.__cause__, "pgcode", None) not in _NOT_OURS:
            raise
        return False
    known.add(name)
    return True


@lru_cache(maxsize=256)
def _name(sql: str) -> str:
    return f"row_{hashlib.sha256(sql.encode()).hexdigest()[:16]}"


class Lost(Exception):
    """Within a transaction, which is over by that: the server does not know what was prepared. Begun anew, it is asked
    as it stands."""


# A statement and its values.
Asked = tuple[str, Sequence[Any]]


def prepare(sql: str) -> None:
    """Have a statement planned that `row_within` asks in the transaction which comes; nothing within one."""
    own = connections[DEFAULT_DB_ALIAS]
    if own.in_atomic_block:
        return
    own.ensure_connection()
    known = _known.setdefault(own.connection, set())
    if _name(sql) in known:
        return
    with own.cursor() as cursor:
        places = [AsIs(f"${number}") for number in range(1, sql.count("%s") + 1)]
        try:
            cursor.execute(f"PREPARE {_name(sql)} AS {sql}", places)
        except DatabaseError as error:
            if getattr(error.__cause__, "pgcode", None) not in _NOT_OURS:
                raise
            return
        known.add(_name(sql))


def row_within(sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """As `row`, within a transaction: what `prepare` has planned, else the statement as it stands. Raises `Lost`."""
    return last_row_within((sql, values))


def last_row_within(*asked: Asked) -> tuple[Any, ...] | None:
    """The same of several statements in one go, each of which looks anew: the row of the last one."""
    values = [value for _sql, given in asked for value in given]
    own = connections[DEFAULT_DB_ALIAS]
    with own.cursor() as cursor:
        known = _known.get(own.connection, set())
        is_known = all(_name(sql) in known for sql, _given in asked)
        try:
            cursor.execute("; ".join(_run(sql, len(given)) if is_known else sql for sql, given in asked), values)
        except DatabaseError as error:
            if not is_known or getattr(error.__cause__, "pgcode", None) not in _NOT_OURS:
                raise
            # It is another server, which knows none of them.
            known.clear()
            raise Lost from error
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


@lru_cache(maxsize=256)
def _run(sql: str, number: int) -> str:
    return f"EXECUTE {_name(sql)} ({', '.join(['%s'] * number)})" if number else f"EXECUTE {_name(sql)}"
