"""What is said, its line in the log and the count of whoever says it, stored in one statement: in the last minute
before a close very many come at once."""

import enum
from collections.abc import Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from feedback import blocks, comments
from feedback.models import FeedbackAnswer, FeedbackItem
from taskforce.audit import log
from taskforce.core import prepared
from taskforce.limits import services as limits
from taskforce.questions.forms import Answer

_SAID = ("question", "text", "choices")
_COLUMNS = tuple(field.attname for field in FeedbackItem._meta.concrete_fields if not field.primary_key)
# What a visitor's new text has nothing of, since it was said elsewhere or comes later. It stands in the statement as it
# is there: each value in a place takes its time to be read.
_NOTHING: dict[str, str] = {
    **dict.fromkeys(("state_reason", "rule", "spoke", "spoke_words", "place_url", "translated_text", "became"), "''"),
    **dict.fromkeys(("edits", "agreed", "replied"), "0"),
    **dict.fromkeys(("state_at", "moderator_id", "said_on", "consent_at", "entered_by_id", "edited_at"), "NULL"),
    **dict.fromkeys(("confirmed_at", "standing_id", "became_in"), "NULL"),
}
_GIVEN = tuple(name for name in _COLUMNS if name not in _NOTHING)


class Done(enum.Enum):
    """What has come of it: stored; nothing, since whoever posts is blocked; or nothing, since the limit is reached."""

    STORED = enum.auto()
    BLOCKED = enum.auto()
    FULL = enum.auto()


def plan(answers: int) -> None:
    """Have the statement planned that stores an item with so many answers, is counted and asks who is blocked: before
    the transaction."""
    prepared.prepare(_statement(limits.counting_sql(), answers, log.LINE, is_asked=True, is_new=True))


def insert(
    item: FeedbackItem,
    answers: Sequence[Answer],
    line: log.Line,
    unless: Sequence[Any] = (),
    counted: tuple[str, list[Any]] | None = None,
) -> Done:
    """Insert a new item with what it answers and its `line` in the log, and give it its id; `IntegrityError` where its
    form came before. `unless` are the places of `blocks.NOT_BLOCKED`, `counted` is what counts it (`limits.counting`).
    """
    is_new = not any(getattr(item, name) for name in _NOTHING)
    values = [getattr(item, name) for name in (_GIVEN if is_new else _COLUMNS)]
    said = [value for one in answers for value in (comments.stored(one.question_id), one.text, list(one.choices))]
    count, of_count = counted or ("", [])
    statement = _statement(count, len(answers), line.sql, is_asked=bool(unless), is_new=is_new)
    done, pk = run(statement, [*of_count, *values, *unless, *said, *line.values], counted)
    if pk is None:
        return done
    item.pk = pk
    item._state.adding, item._state.db = False, connection.alias
    return Done.STORED


@lru_cache(maxsize=64)
def _statement(count: str, answers: int, line: str, *, is_asked: bool, is_new: bool) -> str:
    """Only names of tables and columns, and places for values: what counts, the item, its answers, its line."""
    columns = ", ".join(map(connection.ops.quote_name, _COLUMNS))
    places = ", ".join(_NOTHING.get(name, "%s") if is_new else "%s" for name in _COLUMNS)
    only = f"WHERE {blocks.NOT_BLOCKED}" if is_asked else ""
    parts = [f"counted AS ({count})"] if count else []
    source = "FROM counted" if count else ""
    table = FeedbackItem._meta.db_table
    parts.append(f"item AS (INSERT INTO {table} ({columns}) SELECT {places} {source} {only} RETURNING id)")
    if answers:
        asked: list[Field[Any, Any]] = [FeedbackAnswer._meta.get_field(name) for name in _SAID]  # type: ignore[misc]
        row = f"({', '.join(f'%s::{field.db_type(connection)}' for field in asked)})"
        names = ", ".join(connection.ops.quote_name(str(field.column)) for field in asked)
        given = ", ".join([row] * answers)
        parts.append(
            f"said AS (INSERT INTO {FeedbackAnswer._meta.db_table} (item_id, {names})"  # noqa: S608
            f" SELECT item.id, given.* FROM item, (VALUES {given}) AS given)"
        )
    parts.append(f"line AS ({line})")
    return _asked(parts, is_counted=bool(count))


def _asked(parts: Sequence[str], *, is_counted: bool) -> str:
    """Whether it was counted, and the id of what was stored, if it was."""
    counted = "EXISTS (SELECT FROM counted)" if is_counted else "true"
    return f"WITH {', '.join(parts)} SELECT {counted}, (SELECT id FROM item)"  # noqa: S608


def insert_row(
    row: Model,
    line: log.Line,
    unless: Sequence[Any] = (),
    counted: tuple[str, list[Any]] | None = None,
    about: int | None = None,
) -> Done:
    """The same of a row of any other model, which its line in the log is about, or (`about`) another one's id."""
    fields = _fields(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    count, of_count = counted or ("", [])
    source = "FROM counted" if count else ""
    only = f"WHERE {blocks.NOT_BLOCKED}" if unless else ""
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    parts = [f"counted AS ({count})"] if count else []
    # Only names of tables and columns, and places for values.
    parts += [
        f"item AS (INSERT INTO {row._meta.db_table} ({columns}) SELECT {', '.join(['%s'] * len(fields))}"
        f" {source} {only} RETURNING id)",
        f"line AS ({line.sql})" if about is None else f"line AS ({line.of_another})",
    ]
    of_line = line.values if about is None else [*line.values, about]
    done, pk = run(_asked(parts, is_counted=bool(count)), [*of_count, *values, *unless, *of_line], counted)
    if pk is not None:
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias
    return done


def run(statement: str, values: Sequence[Any], counted: tuple[str, list[Any]] | None = None) -> tuple[Done, int | None]:
    """Ask a statement that says whether it was counted, and the id of what it has stored."""
    # Who waits for another post of the same sender is in line; else the limits of the connection say what is too long.
    with limits.in_line() if counted else nullcontext():
        is_counted, pk = prepared.row_within(statement, values) or (True, None)
    if pk is None:
        return (Done.BLOCKED if is_counted else Done.FULL), None
    return Done.STORED, pk


@lru_cache(maxsize=16)
def _fields(model: type[Model]) -> "tuple[Field[Any, Any], ...]":
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)
