"""An item and its answers, stored in one statement: in the last minute before a close very many come at once."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Field

from feedback import blocks
from feedback.models import FeedbackAnswer, FeedbackItem
from taskforce.questions.forms import Answer

_SAID = ("question", "text", "choices")


def insert(item: FeedbackItem, answers: Sequence[Answer], unless: Sequence[Any] = ()) -> bool:
    """Insert a new item with what it answers, and give it its id; `IntegrityError` where its form came before.

    `unless` are the places of `blocks.NOT_BLOCKED`: False, and nothing stored, where that says no.
    """
    fields = [field for field in FeedbackItem._meta.concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(field.pre_save(item, add=True), connection) for field in fields]
    asked: list[Field[Any, Any]] = [FeedbackAnswer._meta.get_field(name) for name in _SAID]  # type: ignore[misc]
    said = [
        field.get_db_prep_save(value, connection)
        for answer in answers
        for field, value in zip(asked, (answer.question_id, answer.text, list(answer.choices)), strict=True)
    ]
    row = f"({', '.join(f'%s::{field.db_type(connection)}' for field in asked)})"
    # Only names of tables and columns, and places for values.
    statement = f"""
        INSERT INTO {FeedbackItem._meta.db_table} ({_columns(fields)})
        SELECT {", ".join("%s" for _ in fields)} {f"WHERE {blocks.NOT_BLOCKED}" if unless else ""} RETURNING id
    """
    if answers:
        statement = f"""
            WITH item AS ({statement}), said AS (
                INSERT INTO {FeedbackAnswer._meta.db_table} (item_id, {_columns(asked)})
                SELECT item.id, given.* FROM item, (VALUES {", ".join(row for _ in answers)}) AS given
            )
            SELECT id FROM item
        """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *unless, *said])
        row = cursor.fetchone()
    if row is None:
        return False
    (item.pk,) = row
    item._state.adding, item._state.db = False, connection.alias
    return True


def _columns(fields: "Sequence[Field[Any, Any]]") -> str:
    return ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
