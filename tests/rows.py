"""What a piece of set-up has written, to be written again in a few statements instead of through the services."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from django.db import connection, transaction

# What migrating writes, and no set-up changes.
_KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
_WRITE = 'INSERT INTO "{table}" SELECT * FROM jsonb_populate_recordset(NULL::"{table}", %s)'
# A sequence gives no id twice, but for one that begins anew: so it is where a demonstration is thrown away.
_COUNT_FROM = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s)
    FROM pg_sequences WHERE schemaname = 'public'
"""

State = dict[str, dict[str, str]]


class Rows:
    """The rows that the services write for a piece of set-up; the way through them takes ten times as long.

    They come back under the ids that they had, which nothing else gets: each piece counts from a million of its own.
    """

    _pieces = count(1)

    def __init__(self, write: Callable[[], object]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_FROM, [next(self._pieces) * 1_000_000])
        before = _everything()
        write()
        after = _everything()
        self.tables: dict[str, list[Any]] = {}
        for table, rows in after.items():
            known = before.get(table, {})
            changed = [key for key, row in known.items() if rows.get(key) != row]
            assert not changed, f"the set-up changes what was there: {table} {changed}"
            if new := [json.loads(row) for key, row in rows.items() if key not in known]:
                self.tables[table] = new

    def ids(self, table: str) -> list[int]:
        """Of the rows in a table, as they were made."""
        return sorted(row["id"] for row in self.tables[table])

    def write(self) -> None:
        """Write them again. Who refers to whom is looked at when all are there, as the constraints allow."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in self.tables.items():
                cursor.execute(_WRITE.format(table=table), [json.dumps(rows)])


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
