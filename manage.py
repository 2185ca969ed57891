#!/usr/bin/env python
"""Django's commands. Without any setting they reach the demo that runs here."""

import os
import sys
from pathlib import Path

from deploy.places import DEMO_DATA
from deploy.runfile import running_env


def _find_settings() -> bool:
    """Take the running demo's settings unless the environment has its own; False if none runs."""
    if os.environ.get("DATABASE_URL") or os.environ.get("SECRET_KEY"):
        return True
    env = running_env(Path(os.environ.get("DEMO_DATA") or DEMO_DATA))
    if env is None:
        # Who has set something of a portal's is told what is missing or in contradiction.
        return any(os.environ.get(name) for name in ("DEMO", "SITE_URL", "ALLOWED_HOSTS", "REDIS_URL", "EMAIL_URL"))
    os.environ.update({name: value for name, value in env.items() if not os.environ.get(name)})
    return True


# What PostgreSQL's errors say when a server that was there goes (Appendix A of its manual); None: it was not there.
_GONE = ("08", "57P")


def _is_gone(error: Exception) -> bool:
    """Whether an error of the database says that there is none to speak to."""
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or code.startswith(_GONE)


def main() -> None:
    """Run one command; what cannot be done for want of a portal or a database ends with one line and status 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taskforce.settings")
    if not _find_settings():
        sys.exit(
            "No portal is running here. Start one with: make run - or set the variables of your own "
            "(README.md, Settings; docs/operation.md)."
        )
    # Importing Django takes a while, and the line above should not have to wait for it.
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import InterfaceError, OperationalError  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except (InterfaceError, OperationalError) as error:
        if not _is_gone(error):
            raise
        why = " ".join(str(error).split())
        sys.exit(
            f"The database cannot be reached: {why} "
            "See that PostgreSQL runs and that DATABASE_URL leads to it, then run this command again."
        )


if __name__ == "__main__":
    main()
