"""Builds a scenario: the stages of the model case in order, each at its own moment, through the services.

One transaction: whoever reads meanwhile sees the old demo or the new one, never half of it.
"""

from datetime import datetime

from django.apps import apps
from django.db import OperationalError, connection, transaction
from psycopg2.errors import DeadlockDetected

from taskforce.core import locks
from taskforce.portal.demo import clock
from taskforce.portal.demo.moments import MOMENTS
from taskforce.portal.scenarios import stages
from taskforce.timeline.models import TaskForce

MOST_TRIES = 4
_KEPT = {"django_migrations", "django_content_type", "auth_permission"}


class AlreadyThere(Exception):
    """There is a task force, and nobody asked to replace it."""


def names() -> list[str]:
    """The scenarios that can be loaded, in the order of their moments."""
    return [moment.scenario for moment in MOMENTS]


def load(name: str, *, reset: bool) -> None:
    """Build the scenario `name` and let the demo's clock stand at its moment.

    With `reset` all data of the demo is replaced and the clock may go back; without it `AlreadyThere` is raised
    where a task force exists. A worker that is in the middle of something may hold what is to be emptied and want what
    is emptied already: then PostgreSQL ends one of both, and we begin anew.
    """
    for left in reversed(range(MOST_TRIES)):
        try:
            _load(name, reset=reset)
            break
        except OperationalError as error:
            if not (left and isinstance(error.__cause__, DeadlockDetected)):
                raise


@transaction.atomic
def _load(name: str, *, reset: bool) -> None:
    locks.take(locks.Kind.DEMO, 1)
    final = next(moment.at for moment in MOMENTS if moment.scenario == name)
    if reset:
        _wipe()
    elif TaskForce.objects.exists():
        raise AlreadyThere
    _live_until(final)
    clock.set_to(final, back=True)


def _live_until(final: datetime) -> None:
    clock.set_to(stages.BEGINNING, back=True)
    world = stages.beginning(stages.BEGINNING)
    for stage in stages.STAGES:
        if stage.at > final:
            break
        clock.set_to(stage.at)
        stage.run(world, stage.at)


def _wipe() -> None:
    """Empty every table but Django's own bookkeeping. TRUNCATE is no row's update, so append-only tables allow it.

    The audit log does not; it is the demo's, who owns the table and lifts the trigger meanwhile.
    """
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {"cache_default"}
    quoted = ", ".join(connection.ops.quote_name(table) for table in sorted(tables - _KEPT))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table with a check still to come can be truncated
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_not_emptied")
        cursor.execute(f"TRUNCATE {quoted} RESTART IDENTITY CASCADE")
        cursor.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_not_emptied")
        # What is lived anew is lived as it was: acts are two rows, which are compared at the end.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
