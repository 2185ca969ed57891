"""Several lists in one statement: one way to the database, and all of them as they stood at the same moment.

A public page that is kept (`core/pagecache.py`) reads with it what it is made of, and asks with it first whether
anything of that has changed: a digest of each list, and the moment.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import BooleanField, Expression, Field, Func, Model, QuerySet

Part = Callable[[], "QuerySet[Any, Any]"]
Row = dict[str, Any]
_Model = TypeVar("_Model", bound=Model)


class Given(Expression):
    """A value that each statement gets under this name, in a queryset that is compiled once."""

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A place for the value; the parameter is this object, which `Together` replaces."""
        return "%s", (self,)


class IsOneOf(Func):
    """Whether a column is one of a given list."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class Found(NamedTuple):
    """The moment, the digests of the lists that have one, the rows of those that were read."""

    at: datetime
    digests: tuple[str, ...]
    rows: dict[str, list[Row]]


@dataclass(frozen=True)
class _Compiled:
    sql: str
    params: tuple[Any, ...]

    def filled(self, given: Mapping[str, Any]) -> list[Any]:
        return [given[one.name] if isinstance(one, Given) else one for one in self.params]


class Together:
    """Lists by name: `small` ones have a digest, `large` ones are only read, `always` ones are always read.

    Each is a function that makes its queryset, which names what it depends on by `Given`. Of a `large` list some
    small one must tell whether it has changed.
    """

    def __init__(self, *, small: Mapping[str, Part], large: Mapping[str, Part], always: Mapping[str, Part]) -> None:
        self._small, self._large, self._always = small, large, always
        self._statements: dict[bool, tuple[list[str], _Compiled]] = {}

    def look(self, **given: Any) -> Found:
        """The moment, the digests, and what is always read; one statement."""
        return self._ask(given, whole=False)

    def read(self, **given: Any) -> Found:
        """All of it; one statement."""
        return self._ask(given, whole=True)

    def _ask(self, given: Mapping[str, Any], *, whole: bool) -> Found:
        if whole not in self._statements:
            self._statements[whole] = self._compile(whole=whole)
        names, compiled = self._statements[whole]
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, compiled.filled(given))
            at, digests, *lists = cursor.fetchone()
        rows = {name: json.loads(found) for name, found in zip(names, lists, strict=True)}
        return Found(at.astimezone(UTC), tuple(digests), rows)

    def _compile(self, *, whole: bool) -> tuple[list[str], _Compiled]:
        digests = [_compiled(part, "coalesce(md5(json_agg(part)::text), '')") for part in self._small.values()]
        parts = {**self._always, **(self._small if whole else {}), **(self._large if whole else {})}
        lists = [_compiled(part, "coalesce(json_agg(part)::text, '[]')") for part in parts.values()]
        asked = ["app_now()", f"ARRAY[{', '.join(one.sql for one in digests)}]::text[]", *(one.sql for one in lists)]
        params = tuple(param for one in (*digests, *lists) for param in one.params)
        return list(parts), _Compiled(f"SELECT {', '.join(asked)}", params)


def _compiled(part: Part, wanted: str) -> _Compiled:
    sql, params = part().query.sql_with_params()
    return _Compiled(f"(SELECT {wanted} FROM ({sql}) AS part)", params)  # noqa: S608 - put together from what Django has compiled


def instances(model: type[_Model], rows: Sequence[Row]) -> list[_Model]:
    """The rows as objects of a model, whole rows of which they are; what they have besides becomes attributes."""
    made = []
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    for row in rows:
        values = [field.to_python(row[column]) for column, field in fields.items()]
        one = model.from_db(connection.alias, [field.attname for field in fields.values()], values)
        for name in row.keys() - fields.keys():
            setattr(one, name, row[name])
        made.append(one)
    return made
