"""The log's only writer: acts in the transaction of the change, looks at personal data before the page is shown."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models

from taskforce.audit.models import Entry


def record(
    action: str,
    target: models.Model | None = None,
    *,
    at: datetime,
    actor_id: int | None,
    task_force_id: int | None = None,
    reason: str = "",
    **details: Any,
) -> Entry:
    """Append one row, in the transaction of the change it tells of.

    `action` is a code such as `phase.extended`; `at` the portal's moment (UTC) of the act; `actor_id` None for the
    portal itself or for a visitor without account; `details` plain JSON without texts that people wrote.
    """
    return _append(
        action, target, at=at, actor_id=actor_id, task_force_id=task_force_id, reason=reason, details=details
    )


def record_read(
    action: str,
    target: models.Model | None = None,
    *,
    at: datetime,
    actor_id: int | None,
    task_force_id: int | None = None,
    reason: str = "",
    **details: Any,
) -> Entry:
    """Append one row for one look at personal data: at a person's row (`target`), or at a list.

    Of a list `details` say how many rows were shown (`count`) and by which fields it was asked (`asked`); never what
    was typed into a search, of which only the length is kept. Called before the page is made: where this fails, there
    is no page. Otherwise as `record`.
    """
    return _append(
        action,
        target,
        at=at,
        actor_id=actor_id,
        task_force_id=task_force_id,
        reason=reason,
        details=details,
        is_read=True,
    )


class Line(NamedTuple):
    """A row of the log as a part of the statement that makes its target: `sql` takes the id from a row `item`."""

    sql: str
    values: list[Any]

    @property
    def of_another(self) -> str:
        """The same about a row whose id is given behind the other values: where there is an `item`, it is written."""
        return self.sql.replace(_OF_ITEM, _OF_GIVEN)


_OF_ITEM, _OF_GIVEN = "FROM item", "FROM item AS stored, (SELECT %s::bigint AS id) AS item"
# What `record_with` asks.
LINE = f"""
INSERT INTO {Entry._meta.db_table}
    (at, actor_id, action, task_force_id, target_type, target_id, reason, details, is_read)
SELECT %s::timestamptz, %s::bigint, %s::text, %s::bigint, %s::text, item.id, '', %s::jsonb, false FROM item
"""  # noqa: S608 - the name of a table


def record_with(
    action: str,
    target: type[models.Model],
    *,
    at: datetime,
    actor_id: int | None,
    task_force_id: int | None = None,
    **details: Any,
) -> Line:
    """As `record`, of a row that the same statement inserts: where very many are stored at once, a statement of its own
    is a good part of what one costs."""
    said = json.dumps(details)
    return Line(LINE, [at, actor_id, action, task_force_id, target._meta.label_lower, said])


def _append(action: str, target: models.Model | None, **columns: Any) -> Entry:
    return Entry.objects.create(
        action=action,
        target_type=target._meta.label_lower if target else "",
        target_id=target.pk if target else None,
        **columns,
    )
