"""`manage.py demo_clock [INSTANT|+DURATION|real]`: show or set the demo's clock."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid
from taskforce.portal.demo import clock
from taskforce.portal.demo.only import demo_command


class Command(BaseCommand):
    """Without argument prints the moment; forward only."""

    help = "Show the demo's clock, or set it forward: an ISO 8601 instant, +DURATION (+P1D), or real."

    def add_arguments(self, parser: CommandParser) -> None:
        """The moment to set."""
        parser.add_argument("moment", nargs="?", help="2022-03-01T12:00Z, +P1D, real")

    @demo_command
    def handle(self, *args: Any, **options: Any) -> None:
        """Set, then print."""
        if options["moment"]:
            try:
                clock.set_to(clock.parse(options["moment"], app_now()))
            except Invalid as refusal:
                raise CommandError(str(refusal.message)) from None
        self.stdout.write(f"{app_now():%Y-%m-%dT%H:%M:%SZ}")
