#!/usr/bin/env python3
"""Servers and processes of the portal on one machine: run, with-servers, reset."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# Run as a script, Python looks in deploy/ for modules; the project's folder is meant.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from deploy import portal
from deploy.errors import StackError
from deploy.places import DEMO_DATA
from deploy.servers import with_servers


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stack.py", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True)
    run = commands.add_parser("run", help="run the whole portal in the foreground")
    run.add_argument("--port", type=int, default=8000)
    reset = commands.add_parser("reset", help="throw the demo data away")
    for parser_with_data in (run, reset):
        parser_with_data.add_argument("--data", type=Path, default=DEMO_DATA, metavar="FOLDER")
    around = commands.add_parser("with-servers", help="run a command with throw-away servers")
    around.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code is the shell's."""
    chosen = _arguments(argv)
    if chosen.name == "run":
        return portal.run(chosen.port, chosen.data, os.environ)
    if chosen.name == "reset":
        return portal.reset(chosen.data)
    words = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
    if not words:
        raise StackError("with-servers needs a command: stack.py with-servers -- COMMAND …")
    return with_servers(words, os.environ)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
