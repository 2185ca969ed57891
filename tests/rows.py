"""What a piece of set-up has written, to be written again in a few statements instead of through the services.

The pieces are made before the first test, in the database that the workers' are copies of, and stand beside its tables
in a schema of their own: no test can be in their way, nor in that of the next one.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db import connection, transaction

from taskforce.portal.demo import clock

# What migrating writes, and no set-up changes.
_KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
_WRITE = 'INSERT INTO "{table}" SELECT * FROM jsonb_populate_recordset(NULL::"{table}", %s)'
# A sequence gives no id twice, but for one that begins anew: so it is where a demonstration is thrown away.
_COUNT_FROM = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s)
    FROM pg_sequences WHERE schemaname = 'public'
"""

_STORE = """
    CREATE SCHEMA tests;
    CREATE TABLE tests.piece (name text PRIMARY KEY, tables jsonb NOT NULL)
"""

State = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Piece:
    """A piece of set-up: what writes it through the services, at which moment, after which others."""

    name: str
    write: Callable[[], object]
    moment: datetime
    after: tuple[str, ...] = ()


class Rows:
    """The rows that the services write for a piece of set-up; the way through them takes ten times as long.

    They come back under the ids that they had, which nothing else gets: each piece counts from a million of its own.
    """

    def __init__(self, tables: dict[str, list[Any]]) -> None:
        self.tables = tables
        self._statements = ""

    @classmethod
    def of(cls, write: Callable[[], object], number: int) -> Self:
        """What `write` adds to the database, with ids from the `number`th million; what was there stays as it is."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_FROM, [number * 1_000_000])
        before = _everything()
        write()
        after = _everything()
        tables: dict[str, list[Any]] = {}
        for table, rows in after.items():
            known = before.get(table, {})
            changed = [key for key, row in known.items() if rows.get(key) != row]
            assert not changed, f"the set-up changes what was there: {table} {changed}"
            if new := [json.loads(row) for key, row in rows.items() if key not in known]:
                tables[table] = new
        return cls(tables)

    def ids(self, table: str) -> list[int]:
        """Of the rows in a table, as they were made."""
        return sorted(row["id"] for row in self.tables[table])

    def write(self) -> None:
        """Write them again, all or none. Who refers to whom is looked at when all are there, as the constraints allow;
        what belongs to a revision comes after it.

        In one go: without a transaction around it, what is sent together is one.
        """
        with connection.cursor() as cursor:
            if not self._statements:
                known = [model._meta.db_table for model in apps.get_models() if model._meta.db_table in self.tables]
                names = dict.fromkeys([*known, *self.tables])
                each = (cursor.mogrify(_WRITE.format(table=name), [json.dumps(self.tables[name])]) for name in names)
                self._statements = b";".join(each).decode()
            cursor.execute(self._statements)


def store(pieces: Iterable[Piece]) -> None:
    """Make them, each on what it comes after, in a migrated database with nothing in it; only the store stays."""
    made: dict[str, Rows] = {}
    for number, piece in enumerate(pieces, start=1):
        with transaction.atomic():
            clock.set_to(piece.moment, back=True)
            for name in piece.after:
                made[name].write()
            made[piece.name] = Rows.of(piece.write, number)
            transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute(_STORE)
        for name, rows in made.items():
            cursor.execute("INSERT INTO tests.piece VALUES (%s, %s)", [name, json.dumps(rows.tables)])


def stored() -> dict[str, Rows]:
    """All of them by name; none where nobody has made them yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('tests.piece') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return {}
        cursor.execute("SELECT name, tables::text FROM tests.piece")
        return {name: Rows(json.loads(tables)) for name, tables in cursor.fetchall()}


def _everything() -> State:
    """Every row of every table, by its primary key, or by itself where a table has none."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in _KEPT]
        asked = (
            f"(SELECT '{name}', coalesce(to_jsonb(t) ->> 'id', to_jsonb(t)::text), to_jsonb(t)::text FROM \"{name}\" t)"  # noqa: S608 - our own tables
            for name in tables
        )
        cursor.execute(" UNION ALL ".join(asked))
        found: State = {}
        for table, key, row in cursor.fetchall():
            found.setdefault(table, {})[key] = row
    return found
