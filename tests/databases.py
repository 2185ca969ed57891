"""The run's databases: one is made while the tests are collected, and each worker of pytest-xdist has a copy of it.

Without workers pytest-django makes the database, as everywhere, and `tests/conftest.py` the pieces of set-up in it.
What a test has committed is emptied out after it.
"""

import contextlib
import secrets
import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from tests import rows

_HANDED_DOWN = "migrated_database"
_ONE_AT_A_TIME = 5_417
# What migrating writes, and no test changes.
_KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def pytest_configure(config: pytest.Config) -> None:
    """A part for each kind of process; called by `tests/conftest.py`."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]
    blocker = config.stash[blocking_manager_key]
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Copy(config.workerinput, blocker))
    elif config.getoption("dist", "no") != "no":
        config.pluginmanager.register(Original(blocker))


class Original:
    """In the process that hands the tests out: migrates, as long as the workers collect."""

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self.name = f"test_migrated_{secrets.token_hex(4)}"
        self._blocker = blocker
        self._migration = threading.Thread(target=self._migrate)

    def pytest_sessionstart(self) -> None:
        """Begin."""
        self._migration.start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell each worker what the database is called."""
        node.workerinput[_HANDED_DOWN] = self.name

    def pytest_sessionfinish(self) -> None:
        """The workers' copies are gone by now."""
        self._migration.join()
        with self._blocker.unblock(), _alone() as cursor:
            _drop(cursor, self.name)

    def _migrate(self) -> None:
        # Whatever is wrong, the first worker finds the same, and tells it.
        with contextlib.suppress(Exception), self._blocker.unblock(), _alone() as cursor:
            _ensure(cursor, self.name)


class Copy:
    """In a worker."""

    def __init__(self, given: dict[str, Any], blocker: DjangoDbBlocker) -> None:
        self._migrated = given[_HANDED_DOWN]
        self._own = f"{self._migrated}_{given['workerid']}"
        self._blocker = blocker

    @pytest.fixture(scope="session")
    def django_db_setup(self, django_test_environment: None) -> Iterator[None]:
        """A database of this process."""
        with self._blocker.unblock(), _alone() as cursor:
            _ensure(cursor, self._migrated)
            _drop(cursor, self._own)
            cursor.execute(f'CREATE DATABASE "{self._own}" TEMPLATE "{self._migrated}"')
            _use(self._own)
        yield
        with self._blocker.unblock(), _alone() as cursor:
            _drop(cursor, self._own)


@contextlib.contextmanager
def _alone() -> Iterator[CursorWrapper]:
    """A cursor outside all of these databases, for one process at a time."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        yield cursor


def _ensure(cursor: CursorWrapper, name: str) -> None:
    """Migrate, unless somebody has. Under its name a database is whole."""
    cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
    if cursor.fetchone() is not None:
        return
    former = connection.settings_dict["NAME"]
    growing = f"{name}_growing"
    cursor.execute(f'CREATE DATABASE "{growing}"')
    _use(growing)
    call_command("migrate", verbosity=0, interactive=False)
    made_for_tests()
    _use(former)
    cursor.execute(f'ALTER DATABASE "{growing}" RENAME TO "{name}"')


def made_for_tests() -> None:
    """Store the pieces of set-up; not loaded earlier, since they need the models."""
    rows.store(import_module("tests.pieces").pieces())


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name


@contextlib.contextmanager
def another() -> Iterator[None]:
    """In place of the tests' database a copy of it, whose tables may be changed; gone afterwards."""
    former = str(connection.settings_dict["NAME"])
    own = f"{former}_another"
    with _alone() as cursor:
        _drop(cursor, own)
        cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE "{former}"')
    _use(own)
    try:
        yield
    finally:
        _use(former)
        with _alone() as cursor:
            _drop(cursor, own)


def _drop(cursor: CursorWrapper, name: str) -> None:
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def log_unguarded(cursor: CursorWrapper) -> Iterator[None]:
    """Lift the triggers of the audit log, as only the owner of its table can, in a transaction that puts them back."""
    with transaction.atomic():
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        yield
        for trigger in ("audit_entry_append_only", "audit_entry_not_emptied"):
            cursor.execute(f"ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER {trigger}")


def _empty(_case: TransactionTestCase) -> None:
    """After a test that commits: only tables with rows.

    Django itself empties all of them, and then writes the types and permissions again that nobody has changed.
    """
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in _KEPT]
        asked = (f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in tables)  # noqa: S608 - our own tables
        cursor.execute(" UNION ALL ".join(asked))
        if filled := ", ".join(f'"{name}"' for (name,) in cursor.fetchall()):
            # Those that refer to them are empty, or among them.
            with log_unguarded(cursor):
                cursor.execute(f"TRUNCATE {filled} CASCADE")
