"""Rows of several tables in one statement: everybody who applies in the last minute before a close asks for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from recruitment.models import Application, Call
from taskforce.audit import log

_NEXT_NUMBER = "(SELECT coalesce(max(number), 0) + 1 FROM recruitment_application WHERE call_id = %s)"


def insert(application: Application, rows: Sequence[Model]) -> bool:
    """A new application, which gets the next number of its call, with the rows of its groups; all of them know their
    ids afterwards. False, and nothing is written, where its applicant has a live one already. Whoever calls it holds
    the lock of the call."""
    fields = [field for field in _fields(application) if field.name != "number"]
    values: list[Any] = [*_values(application, fields), application.call_id]
    names = _columns(fields)
    made = (
        f"made AS (INSERT INTO recruitment_application ({names}, number)"  # noqa: S608 - names of tables and columns
        f" VALUES ({_places(fields)}, {_NEXT_NUMBER})"
        " ON CONFLICT (call_id, applicant_id) WHERE state <> 'withdrawn' DO NOTHING RETURNING id, number)"
    )
    parts = [made]
    for number, row in enumerate(rows):
        own = [field for field in _fields(row) if field.name != "application"]
        values += _values(row, own)
        names = _columns(own)
        parts.append(
            f"row{number} AS (INSERT INTO {row._meta.db_table} ({names}, application_id)"  # noqa: S608 - as above
            f" SELECT {_places(own)}, made.id FROM made RETURNING id)"
        )
    ids = ", ".join(f"(SELECT id FROM row{number})" for number in range(len(rows)))  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT id, number, {ids} FROM made", values)  # noqa: S608 - as above
        found = cursor.fetchone()
    if found is None:
        return False
    application.pk, application.number, *others = found
    application._state.adding = False
    for row, pk in zip(rows, others, strict=True):
        row.pk = pk
        row._state.adding = False
    return True


def update(rows: Iterable[tuple[Model, Sequence[str]]], *, beside: Model | None = None) -> None:
    """These fields of these rows, as they stand in the objects, and a new row `beside` them, which knows its id
    afterwards."""
    parts: list[str] = []
    values: list[Any] = []
    if beside is not None:
        fields = _fields(beside)
        values += _values(beside, fields)
        into = f"{beside._meta.db_table} ({_columns(fields)})"
        parts.append(f"made AS (INSERT INTO {into} VALUES ({_places(fields)}) RETURNING id)")  # noqa: S608 - as above
    for number, (row, names) in enumerate(rows):
        fields = [field for field in _fields(row) if field.name in names]
        values += [*_values(row, fields), row.pk]
        said = ", ".join(f"{field.column} = %s" for field in fields)
        parts.append(f"row{number} AS (UPDATE {row._meta.db_table} SET {said} WHERE id = %s)")  # noqa: S608 - as above
    found = "NULL" if beside is None else "(SELECT id FROM made)"
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT {found}", values)
        (pk,) = cursor.fetchone()
    if beside is not None:
        beside.pk = pk
        beside._state.adding = False


def record(action: str, application: Application, call: Call, at: datetime, **details: Any) -> None:
    """The audit row of what applicants do with their application."""
    log.record(
        action,
        application,
        at=at,
        actor_id=application.applicant_id,
        task_force_id=call.phase.task_force_id,
        **details,
    )


def _columns(fields: Sequence["Field[Any, Any]"]) -> str:
    return ", ".join(str(field.column) for field in fields)


def _fields(row: Model) -> list["Field[Any, Any]"]:
    return [field for field in row._meta.concrete_fields if not field.primary_key]


def _values(row: Model, fields: Sequence["Field[Any, Any]"]) -> list[Any]:
    return [field.get_db_prep_save(field.value_from_object(row), connection) for field in fields]


def _places(fields: Sequence["Field[Any, Any]"]) -> str:
    """A place for each, with its type: in a SELECT the database would take a string for text."""
    return ", ".join(f"%s::{str(field.db_type(connection)).partition(' CHECK')[0]}" for field in fields)
