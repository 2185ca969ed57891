"""The servers of a run, with the portal's tables and this process's Django joined to them."""

import os

import django

from tests.chaos.stack import Stack


def prepared() -> Stack:
    """Start the servers and migrate; from here on the portal's modules can be imported."""
    stack = Stack()
    try:
        os.environ.update(stack.env)
        os.environ.pop("DEMO", None)
        django.setup()
        _migrate()
    except BaseException:
        stack.close()
        raise
    return stack


def _migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up only now
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def fresh_database(stack: Stack) -> None:
    """A database that nobody has used, for the processes started from now on and for this one."""
    from django.db import connection  # noqa: PLC0415 - Django is set up only now

    connection.close()
    connection.settings_dict["NAME"] = stack.database()
