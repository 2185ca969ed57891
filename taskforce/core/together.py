"""Several lists in one statement: one way to the database, and all of them as they stood at the same moment.

A public page that is kept (`core/pagecache.py`) reads with it what it is made of, and asks with it first whether
anything of that has changed: a digest of each list, and the moment.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    BinaryField,
    BooleanField,
    DateField,
    DecimalField,
    DurationField,
    Expression,
    Field,
    Func,
    Model,
    QuerySet,
    TimeField,
)
from psycopg2.extensions import AsIs

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


class This(Expression):
    """What the statement is about: a column of the one row of its `base`, found once for all lists."""

    def __init__(self, column: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field)
        self.column = column

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A look into the base."""
        return f"(SELECT {connection.ops.quote_name(self.column)} FROM this)", ()  # noqa: S608 - a name in code


class IsOneOf(Func):
    """Whether a column is one of a given list."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class Found(NamedTuple):
    """The moment, the digests of the lists that have one, the rows of those that were read."""

    at: datetime
    digests: dict[str, str]
    rows: dict[str, list[Row]]


# By connection, as psycopg has it: the statements that it knows already.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
# Such a statement is not there, or is there already.
_NOT_OURS = ("26000", "42P05")


@dataclass(frozen=True)
class _Compiled:
    sql: str
    params: tuple[Any, ...]

    def asked(self, given: Mapping[str, Any]) -> Any:
        """The one row. Outside a transaction the statement is prepared: to plan it takes longer than to run it."""
        with connection.cursor() as cursor:
            if connection.in_atomic_block or not self._execute(cursor, given):
                values = [given[one.name] if isinstance(one, Given) else one for one in self.params]
                cursor.execute(self.sql, values)
            return cursor.fetchone()

    def _execute(self, cursor: CursorWrapper, given: Mapping[str, Any]) -> bool:
        """False where the server knows other statements than we think: a pool stands between."""
        known = _prepared.setdefault(connection.connection, set())
        names = sorted({one.name for one in self.params if isinstance(one, Given)})
        sql = f"EXECUTE {self._name} ({', '.join(['%s'] * len(names))})"
        values = [given[name] for name in names]
        if self._name not in known:
            known.add(self._name)
            place = {name: AsIs(f"${number}") for number, name in enumerate(names, start=1)}
            places = [place[one.name] if isinstance(one, Given) else one for one in self.params]
            # In one go: a statement that is only run has no turn of its own for this.
            sql, values = f"PREPARE {self._name} AS {self.sql}; {sql}", places + values
        try:
            cursor.execute(sql, values)
        except DatabaseError as error:
            if getattr(error.__cause__, "pgcode", None) not in _NOT_OURS:
                raise
            return False
        return True

    @cached_property
    def _name(self) -> str:
        constants = [one for one in self.params if not isinstance(one, Given)]
        return f"together_{hashlib.sha256(repr((self.sql, constants)).encode()).hexdigest()[:16]}"


class Together:
    """Lists by name about one thing, which `base` finds by what is `Given`, and to which they lead back by `This`.

    `small` lists have a digest; `large` ones have none, so some small one must tell whether they have changed.
    Each is a function that makes its queryset. `light` ones are read with the digests, where the rest is not.
    """

    def __init__(
        self, base: Part, *, small: Mapping[str, Part], large: Mapping[str, Part], light: Mapping[str, Part]
    ) -> None:
        self._base, self._small, self._large, self._light = base, small, large, light
        self._statements: dict[bool, _Compiled] = {}

    def look(self, **given: Any) -> Found:
        """The moment, the digests, and the light lists; one statement."""
        at, found = self._ask(given, whole=False)
        count = len(self._small)
        rows = {name: json.loads(one) for name, one in zip(self._light, found[count:], strict=True)}
        return Found(at, dict(zip(self._small, found[:count], strict=True)), rows)

    def read(self, **given: Any) -> Found:
        """The moment, the digests, and the small and large lists; one statement."""
        at, found = self._ask(given, whole=True)
        named = dict(zip([*self._small, *self._large], found, strict=True))
        rows = {name: json.loads(one) for name, one in named.items()}
        return Found(at, {name: digest(named[name]) for name in self._small}, rows)

    def _ask(self, given: Mapping[str, Any], *, whole: bool) -> tuple[datetime, list[str]]:
        if whole not in self._statements:
            self._statements[whole] = self._compile(whole=whole)
        at, *found = self._statements[whole].asked(given)
        return at.astimezone(UTC), found

    def _compile(self, *, whole: bool) -> _Compiled:
        base = _Compiled(*self._base().query.sql_with_params())
        small = [_compiled(part, _LIST if whole else f"md5({_LIST})") for part in self._small.values()]
        others = [_compiled(part, _LIST) for part in (self._large if whole else self._light).values()]
        asked = ", ".join(["app_now()", *(one.sql for one in (*small, *others))])
        params = tuple(param for one in (base, *small, *others) for param in one.params)
        return _Compiled(f"WITH this AS MATERIALIZED ({base.sql}) SELECT {asked}", params)


_LIST = "coalesce(json_agg(part)::text, '[]')"
NOTHING = "[]"


def digest(found: str) -> str:
    """As the database's own `md5` of the same list."""
    return hashlib.md5(found.encode(), usedforsecurity=False).hexdigest()


def _compiled(part: Part, wanted: str) -> _Compiled:
    sql, params = part().query.sql_with_params()
    return _Compiled(f"(SELECT {wanted} FROM ({sql}) AS part)", params)  # noqa: S608 - put together from what Django has compiled


# What JSON has no form of; the rest is in it as the model has it.
_WRITTEN = (DateField, TimeField, DurationField, DecimalField, BinaryField)


class _Columns(NamedTuple):
    """Of a model: its fields by column, their names, and the columns that JSON has no form of."""

    fields: "dict[str, Field[Any, Any]]"
    names: list[str]
    written: list[str]


@lru_cache(maxsize=100)
def _columns(model: type[Model]) -> _Columns:
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    written = [column for column, field in fields.items() if isinstance(field, _WRITTEN)]
    return _Columns(fields, [field.attname for field in fields.values()], written)


def instances(model: type[_Model], rows: Sequence[Row]) -> list[_Model]:
    """The rows as objects of a model, whole rows of which they are; what they have besides becomes attributes."""
    made = []
    fields, names, written = _columns(model)
    for row in rows:
        read = row | {column: fields[column].to_python(row[column]) for column in written}
        one = model.from_db(connection.alias, names, [read[column] for column in fields])
        for name in row.keys() - fields.keys():
            setattr(one, name, row[name])
        made.append(one)
    return made
