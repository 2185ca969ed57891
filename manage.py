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


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taskforce.settings")
    if not _find_settings():
        print("No portal is running here. Start one with: make run", file=sys.stderr)
        sys.exit(1)
    # Importing Django takes a while, and the line above should not have to wait for it.
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
