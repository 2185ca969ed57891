#!/usr/bin/env python3
"""Make everything that `make run` or `make test` needs; done again only where something changed.

Runs with the system's Python and its standard library alone.
"""

import os
import sys


def _refuse_old_python() -> None:
    """This file must stay readable for old Pythons up to here; the modules below need not."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the very question here
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(f"Python 3.11 or newer is needed, this is {found}. Another one: make … PYTHON=python3.12")
    try:
        import ensurepip  # noqa: F401, PLC0415 - its absence is what is asked
        import venv  # noqa: F401, PLC0415 - likewise
    except ImportError:
        sys.exit("This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv")


_refuse_old_python()
# Run as a script, Python looks in deploy/ for modules; the project's folder is meant.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from deploy.errors import StackError
from deploy.preparation import prepare

if __name__ == "__main__":
    try:
        prepare((sys.argv[1:] or ["run"])[0])
    except StackError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
