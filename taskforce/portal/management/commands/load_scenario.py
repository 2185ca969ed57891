"""`manage.py load_scenario NAME [--reset]`: build a named moment of the model case through the services."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from taskforce.core.clock import app_now
from taskforce.portal.demo.moments import LATER
from taskforce.portal.demo.only import demo_command
from taskforce.portal.scenarios import builder


class Command(BaseCommand):
    """Builds in one transaction: nothing half made; what it replaces is seen until it is whole."""

    help = "Load a named moment of the model case (demo only)."

    def add_arguments(self, parser: CommandParser) -> None:
        """The scenario's name, and whether to replace what is there."""
        parser.add_argument("name", metavar="NAME", help=", ".join(builder.names()))
        parser.add_argument("--reset", action="store_true", help="replace all data of the demo")

    @demo_command
    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse in one line what cannot be loaded; otherwise load and print where the clock stands."""
        name = options["name"]
        if name in LATER:
            part, title = LATER[name]
            raise CommandError(f"The scenario “{name}” comes with part {part} (“{title}”) and is not there yet.")
        if name not in builder.names():
            raise CommandError(f"There is no scenario “{name}”. There are: {', '.join(builder.names())}.")
        try:
            builder.load(name, reset=options["reset"])
        except builder.AlreadyThere:
            raise CommandError(
                "The model case is already there. --reset replaces all data of the demo by the scenario."
            ) from None
        self.stdout.write(f"Loaded {name}; the demo's clock stands at {app_now():%Y-%m-%dT%H:%MZ}.")
