"""`manage.py demo_setup`: what `make run` calls; loads the model case where there is nothing yet."""

from typing import Any

from django.core.management.base import BaseCommand

from taskforce.portal.demo.only import demo_command
from taskforce.portal.scenarios import builder

FIRST = "feedback-open"


class Command(BaseCommand):
    """Safe to run at every start: what is there stays."""

    help = "Load the model case at its first moment, unless a task force is there already (demo only)."

    @demo_command
    def handle(self, *args: Any, **options: Any) -> None:
        """Load or keep, and say which."""
        try:
            builder.load(FIRST, reset=False)
        except builder.AlreadyThere:
            self.stdout.write("The demo's data is kept.")
        else:
            self.stdout.write(f"Loaded the model case ({FIRST}).")
